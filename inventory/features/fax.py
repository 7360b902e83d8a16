"""Conference lines, faxes that come as mail, mails that go as fax."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from inventory.features.base import SET, Feature, Step, SwitchFeature, clean_email, refusal
from portal.providers.capabilities.features import (
    ConferenceList,
    Conferencing,
    FaxByEmail,
    FaxList,
    FaxNotifications,
    FaxSending,
)
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome
from portal.providers.dto.features import PIN_LENGTH
from portal.tn import TN

SHORTEST_PIN = 4


class ConferenceFeature(Feature):
    """The number answers with a conference that callers enter by a PIN."""

    name, label, panel = "conference", "Conference line", "fax"
    capability, widget, is_secret = "conferencing", "pin", True
    read_capability, list_capability = "conferencing", "conference_list"
    clear_label = "Switch the conference off"
    help = f"A PIN of {SHORTEST_PIN} to {PIN_LENGTH} digits. It is not shown again."
    max_length = PIN_LENGTH

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the digits of the PIN."""
        pin = text.strip()
        if not re.fullmatch(rf"[0-9]{{{SHORTEST_PIN},{PIN_LENGTH}}}", pin, re.ASCII):
            raise ValueError(f"A PIN has {SHORTEST_PIN} to {PIN_LENGTH} digits.")
        return pin

    def shown(self, value: str | None, account: object = None) -> str:
        """Return on or off; the PIN is never told."""
        return "not told" if value is None else ("On, with a PIN" if value else "Off")

    def set(self, provider: Conferencing, step: Step) -> ItemOutcome:
        """Switch it on."""
        return provider.set_conference_line(step.tn, pin=step.value)

    def clear(self, provider: Conferencing, step: Step) -> ItemOutcome:
        """Switch it off."""
        return provider.remove_conference_line(step.tn)

    def read(self, provider: Conferencing, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask whether it is on; the PIN that comes along is dropped here."""
        return SET if provider.conference_line(tn).is_on else ""

    def listed(self, provider: ConferenceList) -> Iterator[tuple[TN, str]]:
        """List the lines; their PINs are dropped here."""
        return ((one.tn, SET if one.is_on else "") for one in provider.list_conference_lines())


class FaxToEmailFeature(Feature):
    """Faxes to the number are mailed."""

    name, label, panel = "fax_email", "Fax to e-mail", "fax"
    capability, widget = "fax_by_email", "email"
    read_capability, list_capability = "fax_by_email", "fax_list"
    clear_label = "Take no more faxes"
    help = "Faxes to the number are mailed there. The number then takes faxes only."
    max_length = 150
    for_customers = True

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the address."""
        return clean_email(text)

    def set(self, provider: FaxByEmail, step: Step) -> ItemOutcome:
        """Set or replace the address."""
        return provider.set_fax_to_email(step.tn, email=step.value)

    def clear(self, provider: FaxByEmail, step: Step) -> ItemOutcome:
        """Take no more faxes."""
        return provider.remove_fax_to_email(step.tn)

    def read(self, provider: FaxByEmail, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask for the addresses."""
        return ", ".join(provider.fax_to_email(tn).emails)

    def listed(self, provider: FaxList) -> Iterator[tuple[TN, str]]:
        """List who takes faxes."""
        return ((one.tn, ", ".join(one.emails)) for one in provider.list_fax_to_email())


class FaxNoticesFeature(SwitchFeature):
    """The fax address is told of faxes that failed."""

    name, label, panel = "fax_notices", "Fax notices", "fax"
    capability = "fax_notifications"
    help = "Whether the fax address is told of failed and finished faxes. It needs fax to e-mail."

    def set(self, provider: FaxNotifications, step: Step) -> ItemOutcome:
        """Switch them."""
        return provider.set_fax_notifications(step.tn, is_on=step.value == "true")


class FaxSendingFeature(Feature):
    """Who may send faxes from the number by writing a mail."""

    name, label, panel = "email_to_fax", "E-mail to fax", "fax"
    capability, widget = "fax_sending", "text"
    read_capability = "fax_sending"
    clear_label = "Let nobody send faxes"
    help = "Mail addresses divided by commas. Whoever stands here may send faxes from the number."
    warning = (
        "Taking an address off may take it off every number of the provider account: "
        "the provider does not say for which number it forgets one."
    )
    max_length = 800

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the addresses in order, each once."""
        found = {clean_email(entry) for entry in re.split(r"[,;\s]+", text.strip()) if entry}
        if not found:
            raise ValueError("Write at least one mail address.")
        return self.told(TN(""), ", ".join(found))

    def told(self, tn: TN, text: str) -> str:
        """Return the addresses in order."""
        return ", ".join(sorted(filter(None, re.split(r"[,;\s]+", text))))

    def set(self, provider: FaxSending, step: Step) -> ItemOutcome:
        """Add who is missing and take off who is not wanted; the first refusal ends it.

        `values` then holds who is allowed by that time.
        """
        wanted = set(filter(None, step.value.split(", ")))
        allowed = set(provider.email_to_fax(step.tn).emails)
        outcome = ItemOutcome(tn=step.tn, outcome=Outcome.SUCCEEDED)
        changes: list[tuple[str, Callable[..., ItemOutcome], bool]] = [
            *((email, provider.add_email_to_fax, True) for email in sorted(wanted - allowed)),
            *((email, provider.remove_email_to_fax, False) for email in sorted(allowed - wanted)),
        ]
        for email, change, is_added in changes:
            try:
                outcome = change(step.tn, email=email)
            except ValueError as error:
                outcome = refusal(step.tn, f"{email} cannot be sent: {error}.")
            if outcome.outcome is not Outcome.SUCCEEDED:
                break
            allowed = allowed | {email} if is_added else allowed - {email}
        return replace(outcome, values={self.name: ", ".join(sorted(allowed))})

    def clear(self, provider: FaxSending, step: Step) -> ItemOutcome:
        """Take everybody off."""
        return self.set(provider, step)

    def read(self, provider: FaxSending, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask who may."""
        return ", ".join(sorted(provider.email_to_fax(tn).emails))
