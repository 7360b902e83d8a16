"""What can be looked up of any telephone number: three kinds, their words and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inventory.models import Lookup
from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.providers.dto.porting import Portability
from portal.tn import TN

YES_NO: Final = {"true": "Yes", "false": "No"}


@dataclass(frozen=True, kw_only=True)
class LookupKind:
    """One kind of lookup.

    `rate` is its name among the rates of `AccountProfile`; without one the lookup is free and may
    be repeated. `columns` are the fields of an answer with their labels, the most telling first.
    """

    name: str
    operation: str
    capability: str
    rate: str
    columns: tuple[tuple[str, str], ...]
    nothing: str  # what an answer without its first field means

    @property
    def label(self) -> str:
        """What people call it."""
        return str(Lookup.Kind(self.name).label)

    @property
    def is_billed(self) -> bool:
        """Whether the provider charges for each."""
        return bool(self.rate)

    def shown(self, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return an answer's fields in words, with their labels; what was not told is left out."""
        told = [(label, _words(field, answer.get(field, ""))) for field, label in self.columns]
        return [(label, words) for label, words in told if words]

    def summary(self, answer: Mapping[str, Any]) -> str:
        """Return the answer in a few words."""
        field, _ = self.columns[0]
        return _words(field, answer.get(field, "")) or self.nothing


KINDS: Final[dict[str, LookupKind]] = {
    kind.name: kind
    for kind in (
        LookupKind(
            name=Lookup.Kind.CNAM,
            operation="inventory.look_up_names",
            capability="name_lookups",
            rate="cnam",
            columns=(("name", "Name"),),
            nothing="No name is stored",
        ),
        LookupKind(
            name=Lookup.Kind.LRN,
            operation="inventory.look_up_routing",
            capability="routing_lookups",
            rate="lrn",
            columns=(
                ("carrier", "Carrier"),
                ("lrn", "Routing number (LRN)"),
                ("ocn", "OCN"),
                ("carrier_kind", "Kind"),
                ("rate_center", "Rate center"),
                ("region", "US state"),
                ("lata", "LATA"),
                ("caller", "Called from"),
                ("is_interstate", "Interstate"),
                ("is_local", "Local call"),
            ),
            nothing="No carrier was told",
        ),
        LookupKind(
            name=Lookup.Kind.PORTABLE,
            operation="inventory.check_portability",
            capability="portability_check",
            rate="",
            columns=(
                ("is_portable", "Can be ported in"),
                ("carrier", "Losing carrier"),
                ("lrn", "Routing number (LRN)"),
                ("tier", "Tier"),
                ("reason", "Reason"),
            ),
            nothing="Not told",
        ),
    )
}


def name_answer(found: NameLookup) -> dict[str, str]:
    """Return what is kept of a caller name."""
    return {"name": found.name}


def routing_answer(found: RoutingLookup) -> dict[str, str]:
    """Return what is kept of a routing lookup; what was not told is left out."""
    return _told(
        lrn=found.routing_number,
        carrier=found.carrier,
        carrier_kind=found.carrier_kind,
        ocn=found.ocn,
        lata=found.lata,
        region=found.state,
        rate_center=found.rate_center,
        caller=found.caller,
        is_interstate=_truth(found.is_interstate) or found.jurisdiction_word,
        is_local=_truth(found.is_local) or found.local_word,
    )


def portability_answer(found: Portability) -> dict[str, str]:
    """Return what is kept of a portability check; what was not told is left out."""
    return _told(
        is_portable=_truth(found.is_portable),
        carrier=found.losing_carrier,
        lrn=found.routing_number.digits10 if found.routing_number else "",
        tier=found.tier,
        reason=found.reason,
    )


def _told(**fields: str) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items() if value}


def _truth(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _words(field: str, value: Any) -> str:
    text = str(value or "")
    if field.startswith("is_"):
        return YES_NO.get(text, text)
    return TN(text).pretty if field == "caller" else text
