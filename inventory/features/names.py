"""Caller names: looking up those who call, and what the other side may see of us."""

from __future__ import annotations

import re
from typing import Any

from inventory.features.base import TOLL_FREE_HAS_NONE, Feature, Step, SwitchFeature
from inventory.models import CarrierNumber
from portal import providers
from portal.providers.capabilities.features import (
    CallerName,
    CallerNameLookup,
    CallerNameRead,
    CallerNameRemoval,
)
from portal.providers.dto import ItemOutcome, NumberStatus
from portal.providers.dto.features import NAME_LENGTH
from portal.tn import TN

_NAME = re.compile(r"[A-Za-z0-9 ]+")


class InboundNameFeature(SwitchFeature):
    """The provider looks up the name of each caller."""

    name, label, panel = "inbound_cnam", "Inbound lookup", "names"
    capability = "caller_name_lookup"
    help = "The name of each caller is looked up and passed on. Providers usually charge each one."
    for_customers = True

    def set(self, provider: CallerNameLookup, step: Step) -> ItemOutcome:
        """Switch it."""
        return provider.set_caller_name_lookup(step.tn, is_on=step.value == "true")


class OutboundNameFeature(Feature):
    """The name that called people may see: stored at the provider, pushed to the LIDB."""

    name, label, panel = "cnam_name", "Caller name", "names"
    capability, clear_capability = "caller_name", "caller_name_removal"
    read_capability = "caller_name_read"
    status_name = "cnam_status"
    judged_by = ("cnam_storage",)
    clear_label = "Remove the name"
    widget, max_length = "name", NAME_LENGTH
    help = (
        f"At most {NAME_LENGTH} letters, digits and blanks, at least two of them letters. "
        "It takes days until all carriers show it."
    )
    for_customers = True

    def why_not_number(self, tn: TN) -> str:
        """Return why a toll-free number has no caller name."""
        return TOLL_FREE_HAS_NONE if tn.is_toll_free else super().why_not_number(tn)

    def why_not_told(self, mirror: CarrierNumber | None) -> str:
        """Return why the carrier under the provider stores no name for the number."""
        if mirror is None or mirror.values.get("cnam_storage") != "false":
            return ""
        return "The carrier of this number stores no caller names."

    def clean(self, text: str, *, slug: str = "") -> str:
        """Return the name in capitals, blanks made single."""
        name = " ".join(text.split()).upper()
        if len(name) > NAME_LENGTH:
            raise ValueError(f"This has {len(name)} characters; a name has at most {NAME_LENGTH}.")
        if not _NAME.fullmatch(name):
            raise ValueError("Only letters, digits and blanks are allowed.")
        if sum(c.isalpha() for c in name) < 2:
            raise ValueError("A name has at least two letters.")
        return name

    def told(self, tn: TN, text: str) -> str:
        """Return the name in capitals, without the padding that some answers have."""
        return " ".join(text.split()).upper()

    def set(self, provider: CallerName, step: Step) -> ItemOutcome:
        """Store the name."""
        return provider.set_caller_name(step.tn, name=step.value, reference=step.reference)

    def clear(self, provider: CallerNameRemoval, step: Step) -> ItemOutcome:
        """Remove the name."""
        return provider.remove_caller_name(step.tn)

    def read(self, provider: Any, tn: TN, status: NumberStatus | None) -> str | None:
        """Ask for the name, where the provider tells it."""
        if isinstance(provider, CallerNameRead):
            return self.told(tn, provider.caller_name(tn))
        return super().read(provider, tn, status)

    def why_no_undo(self, slug: str, before: str | None) -> str:
        """Return why the former name cannot come back."""
        if before is None and providers.why_not(slug, "caller_name_read"):
            return providers.why_not(slug, "caller_name_read")
        return super().why_no_undo(slug, before)
