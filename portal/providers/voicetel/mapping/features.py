"""Wire ⇄ DTO: what a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from portal.providers.dto.features import FaxToEmail
from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import flag, lata_of, read_tn, state_of
from portal.providers.voicetel.methods import features as methods
from portal.providers.voicetel.methods.core import Method
from portal.providers.voicetel.methods.inventory import GET_NUMBER
from portal.tn import TN

_ROUTING_NUMBER = re.compile(r"1?([2-9][0-9]{9})")
# INTRASTATE and Y are [assumed] (8).
_JURISDICTIONS: Final = {"INTERSTATE": True, "INTRASTATE": False}
_YES_NO: Final = {"Y": True, "N": False}


def confirmed(content: Record, name: str, tn: TN, method: Method) -> str:
    """Return what a reply says to hold now, "" where it does not tell; booleans as true and false.

    Raises `ProviderProtocolError` for an answer about another number.
    """
    _require_same(content.get("number"), tn, method)
    value = content.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(value)


def is_same(told: str, wanted: str) -> bool:
    """Return whether a reply confirms what was sent, in whatever spelling."""
    tn = read_tn(wanted)
    return told.casefold() == wanted.casefold() or (tn is not None and read_tn(told) == tn)


def forward_of(record: Record, tn: TN) -> TN | None:
    """Return where a number's calls are forwarded, None where they are not."""
    method = GET_NUMBER
    _require_same(record.get("number"), tn, method)
    is_on = flag(record.get("forward"))
    if is_on is None:
        raise off_contract(method.name, False, "it does not tell whether calls are forwarded")
    if not is_on:
        return None
    target = read_tn(record.get("forwardTo"))
    if target is None:
        raise off_contract(method.name, False, "it does not tell where calls are forwarded")
    return target


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredName:
    """A caller name as it was stored, and whether the carriers' database took it; None: not told."""

    name: str
    is_taken: bool | None
    word: str
    reference: str


def stored_name(content: Record, tn: TN) -> StoredName:
    """Return the verdict on a caller name: it stands in `carrierStatus` alone (10, notes)."""
    name = confirmed(content, "cnam", tn, methods.PUT_NUMBER_LIDB)
    word = clean(content.get("carrierStatus"))
    return StoredName(
        name=name,
        is_taken=word.casefold() == "success" if word else None,
        word=word,
        reference=clean(content.get("customerOrderReference")),
    )


def fax_to_email(record: Record | None, tn: TN) -> FaxToEmail:
    """Return where faxes are mailed; no address where nothing is set."""
    if record is None:
        return FaxToEmail(tn=tn)
    method = methods.GET_NUMBER_FAX
    email = confirmed(record, "email", tn, method)
    if not email:
        raise off_contract(method.name, False, "it has no mail address")
    return FaxToEmail(tn=tn, emails=(email,))


def name_lookup(content: Record, tn: TN) -> NameLookup:
    """Return the caller name that is stored for a number."""
    return NameLookup(tn=tn, name=confirmed(content, "cnam", tn, methods.GET_CNAM))


def routing_lookup(content: Record, tn: TN, caller: TN) -> RoutingLookup:
    """Return where a call goes; words that are new are kept."""
    method = methods.GET_LRN
    _require_same(content.get("destination"), tn, method)
    _require_same(content.get("ani"), caller, method)
    found = content.get("lrn")
    record: dict[str, Any] = found if isinstance(found, dict) else {}
    number = clean(record.get("lrn"))
    digits = _ROUTING_NUMBER.fullmatch(number)
    if number and digits is None:
        raise off_contract(method.name, False, "the routing number is no number")
    jurisdiction, local = clean(record.get("jurisdiction")), clean(record.get("local"))
    return RoutingLookup(
        tn=tn,
        caller=caller,
        routing_number=digits.group(1) if digits else "",
        ocn=clean(record.get("ocn")),
        lata=lata_of(record.get("lata")),
        carrier=clean(record.get("lec")),
        carrier_kind=clean(record.get("lecType")),
        city=clean(record.get("city")),
        state=state_of(record.get("state")),
        rate_center=clean(record.get("rc")).upper(),
        is_interstate=_JURISDICTIONS.get(jurisdiction.upper()),
        jurisdiction_word=jurisdiction,
        is_local=_YES_NO.get(local.upper()),
        local_word=local,
    )


def _require_same(value: Any, tn: TN, method: Method) -> None:
    """Raise unless a reply's number is the one asked for, or not told at all."""
    if clean(value) and read_tn(value) != tn:
        raise off_contract(method.name, method.is_write, f"it is about {clean(value)[:40]}")
