"""What a feature of a number is: its name, its rule, and how a provider is told of it.

Values are texts. "" means that nothing is set, None that nobody told; a switch is "true" or
"false". The value of a secret never leaves the step that sends it: rows and pages hold `SET`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from inventory.models import CarrierNumber
from portal import providers
from portal.models import ProviderAccount
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome
from portal.tn import TN, InvalidTN

SET = "set"  # stands for a secret that is set
SWITCH = {"true": "On", "false": "Off"}
TOLL_FREE_HAS_NONE = "Toll-free numbers have none."

Widget = Literal["tn", "text", "name", "choice", "switch", "email", "pin", "destination", "none"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One number and the value that it shall have; "" takes the feature off.

    `route_ref` is where its calls go without the feature, as far as that is known.
    """

    tn: TN
    value: str
    route_ref: str = ""
    reference: str = ""


class Feature:
    """One feature; stateless. `name` is that of the value in the mirror and among the wanted ones."""

    name: ClassVar[str]
    label: ClassVar[str]
    panel: ClassVar[str]
    capability: ClassVar[str]
    clear_capability: ClassVar[str] = ""  # where taking it off is a capability of its own
    no_clear: ClassVar[str] = ""  # why nobody can take it off
    read_capability: ClassVar[str] = ""  # where the value has a question of its own
    list_capability: ClassVar[str] = ""  # where one list tells it for the whole account
    lists_all: ClassVar[bool] = True  # whether a number that the list leaves out has none
    clear_label: ClassVar[str] = "Remove it"
    widget: ClassVar[Widget] = "text"
    help: ClassVar[str] = ""
    read_at: ClassVar[str] = ""  # where what can be chosen is read from the provider
    warning: ClassVar[str] = ""
    max_length: ClassVar[int] = 100
    status_name: ClassVar[str] = ""  # in the mirror: what others said of a value that is stored
    is_batch: ClassVar[bool] = False  # one request may carry several numbers
    is_secret: ClassVar[bool] = False
    is_action: ClassVar[bool] = False  # something that is done to the number, not a value of it
    verb: ClassVar[str] = "Change"
    no_undo: ClassVar[str] = ""  # why nobody can take a change back
    for_customers: ClassVar[bool] = False  # whether a customer is shown the value

    judged_by: ClassVar[tuple[str, ...]] = ()  # names in the mirror that `why_not_told` looks at

    # -- what can be done -------------------------------------------------------------------

    def why_not(self, slug: str, tn: str) -> str:
        """Return the sentence why this number cannot have it at this provider; "" where it can."""
        return providers.why_not(slug, self.capability) or self.why_not_number(TN(tn))

    def why_not_number(self, tn: TN) -> str:
        """Return why no provider could do it for a number of this kind; "" where it could."""
        return "" if tn.is_nanp else "It is not offered for numbers outside North America."

    def why_not_at(self, account: ProviderAccount) -> str:
        """Return why nothing can be done with it at an account of ours; "" where it can."""
        return ""

    def why_not_told(self, mirror: CarrierNumber | None) -> str:
        """Return why the number cannot have it by what its provider told of it; "" where it can."""
        return ""

    def has_question(self, slug: str) -> bool:
        """Return whether a provider tells the value by a question of its own."""
        return bool(self.read_capability) and providers.offers(slug, self.read_capability)

    def has_list(self, slug: str) -> bool:
        """Return whether a provider tells the value of all numbers in one list."""
        return bool(self.list_capability) and providers.offers(slug, self.list_capability)

    def why_not_clear(self, slug: str) -> str:
        """Return the sentence why it cannot be taken off; "" where it can."""
        if self.no_clear or not self.clear_capability:
            return self.no_clear
        return providers.why_not(slug, self.clear_capability)

    def why_no_undo(self, slug: str, before: str | None) -> str:
        """Return why a change cannot be taken back to `before`; "" where it can."""
        if self.no_undo:
            return self.no_undo
        if before is None:
            return "What held before is not known."
        if before == SET and self.is_secret:
            return f"The former {self.label.lower()} is not kept."
        return self.why_not_clear(slug) if before == "" else ""

    # -- values -----------------------------------------------------------------------------

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the value that a person or a file wrote, as it is sent.

        Raises ValueError with a sentence for what the provider would not take.
        """
        return text.strip()

    def choices(self, account: ProviderAccount) -> list[tuple[str, str]]:
        """Return what can be chosen at an account: value and words; [] for a free text."""
        return []

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return a value in words."""
        if value is None:
            return "not told"
        if self.is_secret and value:
            return "set"
        if self.widget == "switch" and value in SWITCH:
            return SWITCH[value]
        return value or "none"

    def stored(self, value: str) -> str:
        """Return what our rows keep of a value that was set: nothing of a secret but that it is."""
        return SET if self.is_secret and value else value

    def can_tell(self, value: str, before: str | None) -> bool:
        """Return whether reading the number back tells that it was changed to `value`.

        That some PIN is set does not tell whether it is the new one.
        """
        return not (self.is_secret and value and before != "")

    def lasts(self, value: str, account: ProviderAccount) -> bool:
        """Return whether the provider keeps the value, so that it can be compared later."""
        return True

    def is_partly_kept(self, slug: str, value: str) -> bool:
        """Return whether a stored value may lack a part that was sent along with it."""
        return False

    def told(self, tn: TN, text: str) -> str:
        """Return a value in the spelling of ours that a provider confirmed or listed."""
        return text

    def present(self, mirror: CarrierNumber | None) -> str | None:
        """Return what the provider last told, None where it told nothing."""
        if mirror is None or self.name not in mirror.values:
            return None
        value = mirror.values[self.name]
        if isinstance(value, bool):
            value = str(value).lower()
        return self.told(TN(mirror.tn), str(value))

    # -- the provider -----------------------------------------------------------------------

    def carry_out(self, provider: Any, steps: Sequence[Step]) -> Iterator[ItemOutcome]:
        """Yield one outcome per step as it becomes known; raises what the capability raises."""
        for step in steps:
            try:
                outcome = self.set(provider, step) if step.value else self.clear(provider, step)
            except ValueError as error:
                outcome = refusal(step.tn, f"It cannot be sent: {error}. Nothing was changed.")
            yield outcome

    def set(self, provider: Any, step: Step) -> ItemOutcome:
        """Give one number the value."""
        raise TypeError(f"{type(self).__name__} cannot be set")

    def clear(self, provider: Any, step: Step) -> ItemOutcome:
        """Take it off one number."""
        raise TypeError(f"{type(self).__name__} cannot be taken off")

    def read(self, provider: Any, tn: TN, status: NumberStatus | None) -> str | None:
        """Return what holds at the provider, None where it does not tell.

        `status` is a fresh answer about the number, where there is one.
        """
        owned = status.owned if status else None
        if owned is None or self.name not in owned.values:
            return None
        return self.told(tn, owned.values[self.name])

    def listed(self, provider: Any) -> Iterator[tuple[TN, str]]:
        """Yield the numbers of the provider's list with their values, as a stream."""
        raise TypeError(f"{type(self).__name__} has no list")

    def confirmed(self, step: Step, values: Mapping[str, str]) -> str:
        """Return what holds after a change: what the provider confirmed, or what was sent."""
        if self.is_secret or self.name not in values:
            return self.stored(step.value)
        return self.told(step.tn, values[self.name])


def refusal(tn: TN, message: str) -> ItemOutcome:
    """Return the outcome of a number for which nothing was sent."""
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="not_sent", message=message)


class TargetFeature(Feature):
    """A feature whose value is another number."""

    widget = "tn"
    max_length = 40
    for_customers = True

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the number in E.164; only North American ones travel to the providers."""
        try:
            tn = TN.parse(text)
        except InvalidTN as error:
            raise ValueError(str(error)) from error
        if not tn.is_nanp:
            raise ValueError(f"{tn} is outside North America; providers take ten digits only.")
        return tn

    def told(self, tn: TN, text: str) -> str:
        """Return the number in E.164, whatever way the provider spells it."""
        try:
            return TN.parse(text) if text else ""
        except InvalidTN:
            return text

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return the number as people read it."""
        return TN(value).pretty if value else super().shown(value, account)


class SwitchFeature(Feature):
    """A feature that is on or off."""

    widget = "switch"
    no_clear = "It is switched on or off."

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return "true" or "false" for the usual words."""
        word = text.strip().lower()
        if word in {"true", "on", "yes", "1"}:
            return "true"
        if word in {"false", "off", "no", "0"}:
            return "false"
        raise ValueError("Say on or off.")

    def told(self, tn: TN, text: str) -> str:
        """Return "true" or "false"."""
        return str(text).lower()


_EMAIL = re.compile(
    r"[^@\s,;<>\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)


def clean_email(text: str) -> str:
    """Return a mail address; raises ValueError with a sentence for a text that is none."""
    address = text.strip()
    if not _EMAIL.fullmatch(address) or len(address) > 150:
        raise ValueError(f"“{address[:60]}” is not a mail address.")
    return address


def choice_words(value: str | None, rows: Mapping[str, str], *, nothing: str = "none") -> str:
    """Return the words of a chosen row: its name, or its reference where it is not known here."""
    if value is None:
        return "not told"
    return rows.get(value, value) if value else nothing
