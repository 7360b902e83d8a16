"""Wire ⇄ DTO, pure functions of numbers (voip-innovations.md sections 2.1 to 2.3, 4 to 6).

Records come with lower-case keys and stripped texts. A record that is none of ours is
`ProviderProtocolError`, a dummy record is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from portal.providers.dto import (
    NumberStatus,
    Offer,
    OwnedNumber,
    Ownership,
    RouteRecord,
    SearchCriteria,
    StockCount,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused, off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client.inventory import StockFilter
from portal.providers.voip_innovations.mapping.fields import (
    TOLL_FREE_STATE,
    is_dummy,
    is_true,
    state_of,
    tier_of,
    tn_of,
    unless_zero,
)
from portal.providers.xml import Record
from portal.tn import TN

_NO_DATES = ("1900-01-01", "0001-01-01")
_DETAILS: Final = (
    ("rewrite", "rewrite"),
    ("status", "status"),
    ("refid", "refId"),
    ("didgroupid", "didGroupId"),
    ("expiredate", "expireDate"),
    ("has411", "has411"),
    ("has911", "has911"),
    ("cnamstorageactive", "cnamStorageActive"),
    ("cnamstorageavailability", "cnamStorageAvailability"),
    ("t38", "t38"),
)
_TARGETS: Final = (("forward", "forward_to"), ("failover", "failover_to"))
_SWITCH: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}
_ROUTE_IDS = ("id", "endpointgroupid", "groupid", "endpointid", "epgid", "epg")
_ROUTE_NAMES = ("name", "endpointgroupname", "groupname", "description")


def stock_filter(criteria: SearchCriteria) -> StockFilter:
    """Return the provider's filter for what a person looks for, never narrower than that.

    Leading digits become area code and exchange. An exchange without area code, a city and digits
    elsewhere cannot be said on the wire: the answer is filtered afterwards.
    """
    npa = criteria.npa or (criteria.starts[:3] if len(criteria.starts) >= 3 else "")
    nxx = criteria.nxx
    if not nxx and len(criteria.starts) >= 6 and criteria.starts[:3] == npa:
        nxx = criteria.starts[3:6]
    local = not criteria.is_toll_free
    return StockFilter(
        state=criteria.state if local else TOLL_FREE_STATE,
        lata=criteria.lata if local else "",
        rate_center=criteria.rate_center if local else "",
        npa=npa,
        nxx=nxx if npa else "",
        tier=criteria.tier,
        t38="t38" in criteria.features,
        cnam="cnam" in criteria.features,
        sms="sms" in criteria.features,
    )


def offers(records: Iterable[Record], operation: str = "getDIDs") -> Iterator[Offer]:
    """Yield the numbers of a search's reply; prices are not told.

    Raises `ProviderRefused` for a verdict that came inside a record (302490 may).
    """
    for record in records:
        if is_dummy(record, operation):
            code = record.get("statuscode", "")
            if code not in {"", codes.SUCCESS, *codes.DUMMIES}:
                raise _refused(record, code, operation)
            continue
        yield _offer(record, operation)


def _offer(record: Record, operation: str) -> Offer:
    features = {"cnam": "outboundcnam", "t38": "t38", "sms": "sms"}
    return Offer(
        tn=tn_of(record, operation),
        rate_center=record.get("ratecenter", "").upper(),
        state=state_of(record),
        lata=unless_zero(record.get("lataid", "")),
        tier=tier_of(record),
        network=record.get("network", ""),
        features=frozenset(n for n, key in features.items() if is_true(record.get(key, ""))),
    )


def stock_counts(records: Iterable[Record], *, by: str) -> list[StockCount]:
    """Return sums of getDIDCount rows: the reply has a row per place, tier and feature set."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for record in records:
        if not record or not record.get("didcount"):
            if any(record.values()):
                raise off_contract("getDIDCount", False, "a row has no count")
            continue
        if not re.fullmatch(r"[0-9]{1,9}", record["didcount"]):
            raise off_contract("getDIDCount", False, "a count is not a number")
        place = {
            "state": (state_of(record), "", "", ""),
            "rate_center": (state_of(record), record.get("ratecenter", "").upper(), "", ""),
            "lata": ("", "", unless_zero(record.get("lataid", "")), ""),
            "tier": ("", "", "", tier_of(record)),
        }[by]
        sums[place] = sums.get(place, 0) + int(record["didcount"])
    return [
        StockCount(count=count, state=state, rate_center=center, lata=lata, tier=tier)
        for (state, center, lata, tier), count in sorted(sums.items())
    ]


def coverage_states(entries: Iterable[str]) -> list[str]:
    """Return the states of a coverage list; toll-free, which it may name too, left out."""
    states = {word.upper() for entry in entries for word in entry.split()}
    found = {s for s in states if len(s) == 2 and s.isascii() and s.isalpha()}
    if states and not found:
        raise off_contract("GetAvailableStates", False, "the list does not hold states")
    return sorted(found - {TOLL_FREE_STATE})


def coverage_rate_centers(entries: Iterable[str]) -> list[str]:
    """Return the rate centers of a coverage list."""
    return sorted({entry.upper() for entry in entries})


def coverage_npas(entries: Iterable[str]) -> list[str]:
    """Return the area codes of a coverage list."""
    words = {word for entry in entries for word in entry.split()}
    found = {w for w in words if len(w) == 3 and w.isascii() and w.isdigit()}
    if words and not found:
        raise off_contract("GetAvailableNPAs", False, "the list does not hold area codes")
    return sorted(found)


def owned_numbers(records: Iterable[Record]) -> Iterator[OwnedNumber]:
    """Yield the numbers of an auditDIDs reply, dummies left out."""
    for record in records:
        if not is_dummy(record, "auditDIDs"):
            yield owned_number(record, "auditDIDs")


def _spelled(text: str) -> str:
    """Return a target in E.164; what is no number of the plan stays as it was told."""
    return TN.from_digits10(text) if re.fullmatch(r"[0-9]{10}", text) else text


def owned_number(record: Record, operation: str) -> OwnedNumber:
    """Return the mirror's row for a DID record of our own."""
    values = {}
    get = record.get
    if "cnamname" in record:
        values["cnam_name"] = record["cnamname"]
    for key, name in _TARGETS:
        if text := get(key):  # an audit leaves them empty, which tells nothing (section 4)
            values[name] = _spelled(text)
    if word := _SWITCH.get(get("cnam", "").lower()):  # the inbound lookup (section 2.7)
        values["inbound_cnam"] = word
    stored = _SWITCH.get(get("cnamstorageavailability", "").lower())
    if stored:
        values["cnam_storage"] = stored  # whether it can have an outbound name
    features = set()
    if is_true(get("t38", "")):
        features.add("t38")
    if stored == "true" or is_true(get("cnamstorageactive", "")):
        features.add("cnam")
    return OwnedNumber(
        tn=tn_of(record, operation),
        state_word=record.get("availability", ""),
        route_ref=unless_zero(record.get("endpointid", "")),
        rate_center=record.get("ratecenter", "").upper(),
        state=state_of(record),
        tier=tier_of(record),
        network=record.get("network", ""),
        features=frozenset(features),
        values=values,
        details=_details(record),
    )


def number_status(records: Iterable[Record], tn: TN) -> NumberStatus:
    """Return who holds `tn`, by the DID records of a queryDID reply (quirks 4 and 5).

    Records about other numbers do not count. Two that disagree, or none at all, tell nothing.
    """
    told: set[tuple[Ownership, str, str]] = set()
    last: Record = {}
    for record in records:
        if is_dummy(record, "queryDID"):
            if record.get("statuscode") in {"102420", "101200"}:
                told.add((Ownership.NOT_FOUND, record.get("status", ""), record["statuscode"]))
            continue
        if tn_of(record, "queryDID") != tn:
            continue
        word = record.get("availability", "") or record.get("status", "")
        told.add((_ownership(record), word, record.get("statuscode", "")))
        last = record
    if len({ownership for ownership, _, _ in told}) != 1:
        return NumberStatus(tn=tn, ownership=Ownership.UNKNOWN)
    ownership, word, code = sorted(told)[0]
    return NumberStatus(
        tn=tn,
        ownership=ownership,
        word=word,
        code=code,
        owned=owned_number(last, "queryDID") if ownership == Ownership.OURS else None,
    )


def _ownership(record: Record) -> Ownership:
    code = record.get("statuscode", "")
    availability = record.get("availability", "").lower()
    by_reason = {
        "220": Ownership.RESERVED_BY_US,
        "225": Ownership.OURS,
        "230": Ownership.FOREIGN,
        "235": Ownership.FOREIGN,
        "241": Ownership.FOREIGN,  # not for sale and not ours
        "420": Ownership.NOT_FOUND,
    }
    if len(code) == 6 and code[:3] in {"101", "102"} and code[3:] in by_reason:
        return by_reason[code[3:]]
    if code not in {codes.SUCCESS, ""}:
        return Ownership.UNKNOWN
    by_word = {"assigned": Ownership.OURS, "available": Ownership.AVAILABLE}
    return by_word.get(availability, Ownership.UNKNOWN)


def routes(records: Iterable[Record], operation: str = "AuditEndpointGroups") -> list[RouteRecord]:
    """Return the endpoint groups; their field names are [assumed], so several are looked for."""
    found: dict[str, RouteRecord] = {}
    for record in records:
        ref = next((record[name] for name in _ROUTE_IDS if record.get(name)), "")
        if not ref:
            if any(record.values()):
                raise off_contract(operation, False, "a group has no id")
            continue
        if ref == "0":  # an empty list in disguise, as elsewhere (quirk 4)
            continue
        used = {*_ROUTE_IDS, *_ROUTE_NAMES}
        name = next((record[name] for name in _ROUTE_NAMES if record.get(name)), "")
        found[ref] = RouteRecord(
            ref=ref,
            name=name or f"Endpoint group {ref}",
            kind="endpoint_group",
            is_active=_is_active(record),
            details={key: text for key, text in record.items() if text and key not in used},
        )
    return list(found.values())


def _is_active(record: Record) -> bool:
    for key in ("active", "isactive", "enabled"):
        if record.get(key, "").lower() in {"false", "0", "no"}:
            return False
    return record.get("status", "").lower() not in {"inactive", "deactivated", "disabled"}


def by_number(records: Sequence[Record], operation: str) -> dict[TN, list[Record]]:
    """Return the records of an order's reply by number; what cannot be read proves nothing."""
    told: dict[TN, list[Record]] = {}
    for record in records:
        try:
            if is_dummy(record, operation):
                continue
            told.setdefault(tn_of(record, operation), []).append(record)
        except ProviderProtocolError:
            continue  # the number it was about has no verdict then, and ends as unknown
    return told


def _refused(record: Record, code: str, operation: str) -> ProviderRefused:
    return ProviderRefused(
        f"{codes.words(code).happened} {record.get('status', '')}".strip(),
        code=code,
        operation=operation,
    )


def _details(record: Record) -> dict[str, str]:
    told = {}
    for key, name in _DETAILS:
        if (text := record.get(key)) and not text.startswith(_NO_DATES):
            told[name] = text
    return told
