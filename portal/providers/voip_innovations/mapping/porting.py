"""Wire ⇄ DTO of ports (voip-innovations.md sections 2.12 and 4).

A shell with id 0 stands for "no port". A record that tells something else than a port is
`ProviderProtocolError`, for a port must not vanish from a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from portal.providers.dto.porting import (
    TRADE_WORDS,
    Portability,
    PortEvent,
    PortHistory,
    PortNumber,
    PortRecord,
    PortState,
    port_state,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused, off_contract
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client.porting import FoundPorts, PortDetail
from portal.providers.voip_innovations.mapping.fields import (
    day,
    is_true,
    moment,
    state_of,
    tier_of,
    tn_of,
    unless_zero,
)
from portal.providers.xml import Record
from portal.tn import TN

# The one word that a captured reply has; those of the trade are [assumed] to be used too.
_WORDS: Final[Mapping[str, PortState]] = {
    **TRADE_WORDS,
    "pending signature": PortState.PENDING_DOCUMENTS,
}
_FIELDS: Final = frozenset(
    {"id", "status", "enduser", "billingtn", "portingfrom", "salesrep", "submitteddate"}
    | {"focdate", "requestedfocdate", "defaultendpointgroup"}
)
_DETAILS: Final = {"salesrep": "salesRep", "billingtn": "billingTN"}
_DATES: Final = ("submitteddate", "focdate", "requestedfocdate")
_EVENT_FIELDS: Final = frozenset({"portid", "tn", "status", "date", "comment"})
_BOOLEANS: Final = frozenset({"true", "false", "1", "0"})
_LONG_AGO: Final = datetime(1971, 1, 1, tzinfo=UTC)


def portability(reply: Record, tn: TN) -> Portability:
    """Return whether a number can be ported; the provider gives neither carrier nor reason.

    "No records" is no answer to the question, whatever IsPortable says beside it.
    """
    if reply["responsecode"] == codes.NO_RECORDS:
        words = codes.outer(codes.NO_RECORDS, "isPortable").words
        raise ProviderRefused(
            f"{words.happened} {reply['responsemessage']}".strip(),
            code=codes.NO_RECORDS,
            operation="isPortable",
        )
    if reply["isportable"].lower() not in _BOOLEANS:
        raise off_contract("isPortable", False, "it says neither yes nor no")
    return Portability(tn=tn, is_portable=is_true(reply["isportable"]))


def ports(details: Iterable[PortDetail], operation: str) -> Iterator[PortRecord]:
    """Yield the ports of a list, empty shells left out."""
    for detail in details:
        if not _is_shell(detail, operation):
            yield _port(detail, operation)


def port(details: Iterable[PortDetail], port_ref: str) -> PortRecord | None:
    """Return the port of that reference, None where the answer is an empty shell."""
    found = list(ports(details, "getPortDetails"))
    if any(record.ref != port_ref for record in found) or len(found) > 1:
        raise off_contract("getPortDetails", False, "it is about another port")
    return found[0] if found else None


def port_history(found: FoundPorts, tn: TN) -> PortHistory:
    """Return what happened to a number's ports, the newest first, and its latest port.

    Where the service lists several ports, the one with the highest id is the latest.
    """
    events = [_event(record, tn) for record in found.events if _says_something(record)]
    told = list(ports(found.details, "GetPortHistory"))
    has_answer = found.is_portable.lower() in _BOOLEANS and bool(events or told)
    return PortHistory(
        tn=tn,
        events=tuple(sorted(events, key=lambda event: event.at or _LONG_AGO, reverse=True)),
        port=max(told, key=lambda record: int(record.ref), default=None),
        is_portable=is_true(found.is_portable) if has_answer else None,
    )


def _port(detail: PortDetail, operation: str) -> PortRecord:
    fields = detail.fields
    word = fields.get("status", "")
    return PortRecord(
        ref=str(int(fields["id"])),
        state=port_state(word, _WORDS),
        word=word,
        name=fields.get("enduser", ""),
        billing_tn=_number(fields.get("billingtn", "")),
        losing_carrier=fields.get("portingfrom", ""),
        submitted_at=moment(fields.get("submitteddate", "")),
        requested_date=day(fields.get("requestedfocdate", "")),
        foc_date=day(fields.get("focdate", "")),
        route_ref=unless_zero(fields.get("defaultendpointgroup", "")),
        numbers=tuple(_port_number(did, operation) for did in detail.dids if any(did.values())),
        details={name: fields[key] for key, name in _DETAILS.items() if fields.get(key)},
    )


def _port_number(did: Record, operation: str) -> PortNumber:
    return PortNumber(
        tn=tn_of(did, operation),
        rate_center=did.get("ratecenter", "").upper(),
        state=state_of(did),
        lata=unless_zero(did.get("lata", "")),
        tier=tier_of(did),
        route_ref=unless_zero(did.get("endpointgroup", "")),
        has_caller_name_lookup=_flag(did, "cnam"),
        has_e911=_flag(did, "e911"),
    )


def _flag(record: Record, name: str) -> bool | None:
    return is_true(record[name]) if record.get(name) else None


def _number(text: str) -> TN | None:
    """Return a billing number, None for what is none; the text itself stands in the details."""
    try:
        return tn_of({"tn": text}, "")
    except ProviderProtocolError:
        return None


def _is_shell(detail: PortDetail, operation: str) -> bool:
    """Return whether a PortDetail is empty; raises `ProviderProtocolError` where it has no id.

    In an empty one every field is null or zero, and the id is 0 or missing.
    """
    ref = detail.fields.get("id", "")
    if unless_zero(ref):
        if ref.isascii() and ref.isdigit():
            return False
        raise off_contract(operation, False, f"“{ref[:40]}” is not the id of a port")
    told = {name: text for name, text in detail.fields.items() if unless_zero(text)}
    is_known = not told or bool(_FIELDS & set(detail.fields))
    has_facts = bool(told.get("status") or told.get("enduser") or detail.dids)
    has_dates = any(moment(detail.fields.get(name, "")) for name in _DATES)
    if has_facts or has_dates or not is_known:
        raise off_contract(operation, False, "a port has no id")
    return True


def _says_something(record: Record) -> bool:
    told = {name for name, text in record.items() if unless_zero(text)}
    if told and not _EVENT_FIELDS & set(record):
        raise off_contract("GetPortHistory", False, "an event has none of the fields we know")
    return bool(told & _EVENT_FIELDS)


def _event(record: Record, tn: TN) -> PortEvent:
    word = record.get("status", "")
    return PortEvent(
        tn=tn_of(record, "GetPortHistory") if record.get("tn") else tn,
        state=port_state(word, _WORDS),
        word=word,
        comment=record.get("comment", ""),
        at=moment(record.get("date", "")),
        port_ref=unless_zero(record.get("portid", "")),
    )
