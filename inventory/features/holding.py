"""Where a number lies and how it is kept: group, port-out PIN, messages, account, and leaving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inventory.features.base import Feature, Step, choice_words, clean_email, refusal
from inventory.models import NumberGroup, Route
from portal import providers
from portal.models import ProviderAccount
from portal.providers.capabilities.holdings import (
    InternationalNumbers,
    NumberGroups,
    NumberRemoval,
    NumberTransfer,
)
from portal.providers.capabilities.messaging import MessageRouting, MessagingList
from portal.providers.capabilities.porting import PortOutPin
from portal.providers.dto import ItemOutcome, NumberStatus
from portal.providers.dto.messaging import DestinationKind, MessageDestination
from portal.sealed import Unreadable, seal, unseal
from portal.tn import TN, InvalidTN


class GroupFeature(Feature):
    """The group that a number is in at the provider."""

    name, label, panel = "group_ref", "Group", "keeping"
    capability, widget = "number_groups", "choice"
    read_capability = "number_groups"
    clear_label = "Take it out of its group"
    read_at = "“Refresh” under Groups"
    help = "A number is in one group at most."
    max_length = 64

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the group's reference."""
        if not text.strip():
            raise ValueError("Choose a group.")
        return text.strip()

    def choices(self, account: ProviderAccount) -> list[tuple[str, str]]:
        """Return the groups of the account."""
        rows = NumberGroup.objects.filter(account=account, missing_since=None)
        return [(row.provider_ref, str(row)) for row in rows]

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return the group's name."""
        return choice_words(value, dict(self.choices(account)) if account and value else {})

    def set(self, provider: NumberGroups, step: Step) -> ItemOutcome:
        """Put the number into the group."""
        return provider.set_group(step.tn, group_ref=step.value)

    def clear(self, provider: NumberGroups, step: Step) -> ItemOutcome:
        """Take it out."""
        return provider.remove_from_group(step.tn)

    def read(self, provider: NumberGroups, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask for the group."""
        group = provider.group_of(tn)
        return group.ref if group else ""


class PortOutPinFeature(Feature):
    """The PIN that a carrier must name who wants to take the number over."""

    name, label, panel = "port_out_pin", "Port-out PIN", "keeping"
    capability, widget, is_secret = "port_out_pin", "pin", True
    no_clear = "A port-out PIN can be replaced, and not taken off."
    help = "Four digits. A carrier that wants the number must name them. They are not shown again."
    max_length = 4

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the four digits."""
        pin = text.strip()
        if not re.fullmatch(r"[0-9]{4}", pin, re.ASCII):
            raise ValueError("A port-out PIN has four digits.")
        return pin

    def set(self, provider: PortOutPin, step: Step) -> ItemOutcome:
        """Set the PIN."""
        return provider.set_port_out_pin(step.tn, pin=step.value)


_MARK = " token:"  # between a web address, which has no blanks, and its sealed token

KIND_WORDS = {
    "email": "Mail",
    "webhook": "Web address (POST)",
    "webhook_get": "Web address (GET)",
    "sip": "SIP",
    "forward": "Another number",
    "script": "Script",
}


class MessageFeature(Feature):
    """Where incoming messages go: a kind and a target, as ``email:desk@example.net``.

    A token for a web address follows it, sealed, in the value that is sent. Only the job that sent
    it keeps it like that; no page shows it, and no provider tells it again.
    """

    name, label, panel = "message_destination", "SMS destination", "keeping"
    capability, widget = "message_routing", "destination"
    read_capability, list_capability = "message_routing", "messaging_list"
    lists_all = False  # a number that cannot have messages is left out
    clear_label = "Take no more messages"
    help = "What incoming messages are handed to."
    max_length = 300
    token_length = 200

    def kinds(self, slug: str) -> list[tuple[str, str]]:
        """Return the kinds that a provider offers, with their words."""
        offered = getattr(providers.provider_class(slug), "message_destinations", ())
        return [(kind.value, KIND_WORDS[kind]) for kind in offered if kind.value in KIND_WORDS]

    def takes_token(self, slug: str, kind: str = "") -> bool:
        """Return whether a provider sends a token along with messages, to targets of this kind."""
        kinds = {one.value for one in getattr(providers.provider_class(slug), "message_tokens", ())}
        return kind in kinds if kind else bool(kinds)

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return kind and target, and the sealed token; the target is checked by its kind."""
        text, _, sealed = text.strip().partition(_MARK)
        kind, _, target = text.partition(":")
        target = target.strip()
        if kind not in KIND_WORDS or (slug and kind not in dict(self.kinds(slug))):
            raise ValueError("Choose what messages are handed to.")
        if not target:
            raise ValueError("Say where messages go.")
        if kind == "email":
            target = ";".join(clean_email(one) for one in re.split(r"[;,\s]+", target) if one)
        elif kind == "forward":
            try:
                target = TN.parse(target)
            except InvalidTN as error:
                raise ValueError(str(error)) from error
        elif kind.startswith("webhook") and not re.fullmatch(r"https://[^\s\"<>]+", target):
            raise ValueError("A web address begins with https://.")
        if sealed and slug and not self.takes_token(slug, kind):
            name = providers.provider_class(slug).name
            raise ValueError(f"{name} sends no token along to a target of this kind.")
        if sealed:
            try:
                unseal(sealed)
            except Unreadable as error:
                raise ValueError("A web address has no blanks, and no token in it.") from error
        return f"{kind}:{target}{_MARK if sealed else ''}{sealed}"

    def with_token(self, value: str, token: str) -> str:
        """Return a value together with the token that is sent along."""
        return f"{value}{_MARK}{seal(token)}"

    def stored(self, value: str) -> str:
        """Return kind and target alone."""
        return value.partition(_MARK)[0]

    def can_tell(self, value: str, before: str | None) -> bool:
        """Return whether the target tells: a new token for the old target shows nowhere."""
        return not (_MARK in value and self.stored(value) == before)

    def is_partly_kept(self, slug: str, value: str) -> bool:
        """Return whether a token may have gone along."""
        return bool(value) and self.takes_token(slug, value.partition(":")[0])

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return kind and target in words."""
        if not value:
            return super().shown(value, account)
        value, _, sealed = value.partition(_MARK)
        kind, _, target = value.partition(":")
        target = TN(target).pretty if kind == "forward" else target
        return f"{KIND_WORDS.get(kind, kind)}: {target}{', with a token' if sealed else ''}"

    def set(self, provider: MessageRouting, step: Step) -> ItemOutcome:
        """Set or replace it."""
        value, _, sealed = step.value.partition(_MARK)
        kind, _, target = value.partition(":")
        destination = MessageDestination(
            kind=DestinationKind(kind), target=target, auth_token=unseal(sealed) if sealed else ""
        )
        return provider.set_message_destination(step.tn, destination=destination)

    def clear(self, provider: MessageRouting, step: Step) -> ItemOutcome:
        """Take no more messages."""
        return provider.remove_message_destination(step.tn)

    def read(self, provider: MessageRouting, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask where messages go."""
        return _destination(provider.message_destination(tn))

    def has_list(self, slug: str) -> bool:
        """Return whether a list tells destinations; some tell how campaigns stand, and no more."""
        tells = getattr(providers.provider_class(slug), "lists_destinations", False)
        return tells and super().has_list(slug)

    def listed(self, provider: MessagingList) -> Iterator[tuple[TN, str]]:
        """List where messages go, of the whole account."""
        return ((one.tn, _destination(one.destination)) for one in provider.list_messaging(()))


def _destination(found: MessageDestination | None) -> str:
    return f"{found.kind.value}:{found.target}" if found else ""


# -- leaving ----------------------------------------------------------------------------------


class LeavingFeature(Feature):
    """Something that takes a number away; its value is where to, or a word that it shall be done."""

    panel, is_action, widget = "leaving", True, "none"
    no_clear = "It is done once."

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the word."""
        return text.strip() or "true"

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return whether it was done."""
        return value if value and value != "true" else "done" if value else "no"


class RemovalFeature(LeavingFeature):
    """Take a number off the account without giving it back to the network."""

    name, label, verb = "removal", "Remove from the account", "Remove"
    capability = "number_removal"
    no_undo = "A number that was removed cannot be fetched back."
    help = "The number leaves the account, and is not given back to the network."

    def set(self, provider: NumberRemoval, step: Step) -> ItemOutcome:
        """Remove it."""
        return provider.remove_tn(step.tn)


class InternationalReleaseFeature(LeavingFeature):
    """Give a number outside North America back."""

    name, label, verb = "international_release", "Give back abroad", "Give back"
    capability = "international_numbers"
    no_undo = "A number that was given back is gone."
    help = "The number is given back to the provider in its country."

    def why_not_number(self, tn: TN) -> str:
        """Return why a North American number goes another way."""
        return "It is for numbers outside North America." if tn.is_nanp else ""

    def set(self, provider: InternationalNumbers, step: Step) -> ItemOutcome:
        """Give it back."""
        return provider.release_international(step.tn)


class TransferFeature(LeavingFeature):
    """Move a number to another account of ours at the same provider.

    The value names our account, its number at the provider, and a route there, divided by colons.
    """

    name, label, verb = "transfer", "Move to another provider account", "Move"
    capability = "number_transfer"
    no_undo = "It can be moved back from the other account only."
    help = "The number moves with its customer, onto a route of the other account."
    warning = (
        "Everything else that it does stays behind. Set forward, fax, messages and the 911 address "
        "anew as soon as it has moved."
    )

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the three parts."""
        parts = [part.strip() for part in text.split(":")]
        if len(parts) != 3 or not all(parts) or not re.fullmatch(r"[0-9]{1,9}", parts[0]):
            raise ValueError("Say which account, its number at the provider, and a route there.")
        return ":".join(parts)

    def why_not_at(self, account: ProviderAccount) -> str:
        """Return that there is nowhere to move it to."""
        if self.choices(account):
            return ""
        return f"No other account at {account.provider_name} stands under Providers."

    def choices(self, account: ProviderAccount) -> list[tuple[str, str]]:
        """Return our other accounts at the same provider."""
        others = ProviderAccount.objects.filter(slug=account.slug, is_enabled=True)
        return [(str(other.pk), other.name) for other in others.exclude(pk=account.pk)]

    def routes(self, account: ProviderAccount) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the routes of those accounts, by account."""
        ids = [int(pk) for pk, _ in self.choices(account)]
        found: dict[str, list[tuple[str, str]]] = {}
        for route in Route.objects.filter(account__in=ids).choosable().select_related("account"):
            found.setdefault(route.account.name, []).append((route.provider_ref, str(route)))
        return list(found.items())

    def shown(self, value: str | None, account: ProviderAccount | None = None) -> str:
        """Return the other account's name."""
        if not value or account is None:
            return value or "no"
        other = ProviderAccount.objects.filter(pk=int(value.partition(":")[0])).first()
        return other.name if other else value

    def set(self, provider: NumberTransfer, step: Step) -> ItemOutcome:
        """Move it."""
        _, _, rest = step.value.partition(":")
        account_ref, _, route_ref = rest.partition(":")
        if not route_ref:
            return refusal(step.tn, "No route of the other account was named. Nothing was sent.")
        return provider.transfer_tn(step.tn, account_ref=account_ref, route_ref=route_ref)


def is_gone(status: NumberStatus) -> bool:
    """Return whether an answer says that the account does not hold the number."""
    gone: Any = {"available", "foreign", "not_found", "not_ours"}
    return status.ownership.value in gone
