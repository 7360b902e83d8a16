"""Wire ⇄ DTO of emergency records (voip-innovations.md sections 2.8, 2.9, 4 and 5).

A record that stands for "nothing" is dropped; one that says something that nobody can read is
`ProviderProtocolError`, so that a lost address never reads as "none".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import (
    AddressCheck,
    EmergencyAddress,
    EmergencyRecord,
    EmergencyState,
)
from portal.providers.errors import off_contract
from portal.providers.voip_innovations import codes, codes_e911
from portal.providers.voip_innovations.client.e911 import Found911
from portal.providers.voip_innovations.client.e911_locations import Location911
from portal.providers.voip_innovations.mapping.fields import moment, tn_of
from portal.providers.xml import Record
from portal.tn import TN

_ZIP = re.compile(r"([0-9]{5})-?([0-9]{4})?")
_KNOWN_FIELDS: Final = frozenset(
    {"tn", "locationid", "address1", "city", "zipcode", "statuscode", "statusdescription"}
    | {"activatedtime", "updatetime", "dateadded"}
)
_LONG_AGO: Final = datetime(1971, 1, 1, tzinfo=UTC)


def location(address: EmergencyAddress) -> Location911:
    """Return an address as the wire has it; raises ValueError for one that it cannot carry.

    A ZIP code may come with its four further digits, joined by a dash.
    """
    zip_code, plus_four = _split_zip(address.zip.strip())
    return Location911(
        address1=address.address1,
        address2=address.address2,
        city=address.city,
        state=address.state.strip().upper(),
        zip=zip_code,
        plus_four=address.plus4.strip() or plus_four,
    )


def address_check(reply: Record) -> AddressCheck:
    """Return the verdict of validate911, whose reply repeats no address."""
    code = reply["responsecode"]
    if code == codes.SUCCESS:
        return AddressCheck(is_valid=True, code=code, message=reply["responsemessage"])
    words = codes_e911.words(codes_e911.INVALID)
    return AddressCheck(
        is_valid=False,
        code=code,
        message=reply["responsemessage"] or words.happened,
        advice=words.advice,
    )


def audited_records(records: Iterable[Record]) -> Iterator[EmergencyRecord]:
    """Yield the records of audit911, dummies left out."""
    for record in records:
        if not _is_nothing(record, "audit911", "tn"):
            yield _did_911(record, "audit911")


def current_record(found: Found911, tn: TN) -> EmergencyRecord | None:
    """Return the active record that query911 tells, else the newest; None for none at all.

    Raises `ProviderProtocolError` for an answer about other numbers only.
    """
    told = [r for r in found.did911s if not _is_nothing(r, "query911", "tn")]
    records = [_did_911(record, "query911") for record in told]
    ours = [record for record in records if record.tn == tn]
    if records and not ours:
        raise off_contract("query911", False, "it is about another number")
    named = {record.location_ref for record in ours}
    ours += [r for r in located(found.locations, tn, "query911") if r.location_ref not in named]
    return max(ours, key=lambda record: (record.is_active, _newest(record)), default=None)


def history(records: Iterable[Record], tn: TN) -> list[EmergencyRecord]:
    """Return the tries of getProvisioningHistory, the newest first."""
    found = located(records, tn, "getProvisioningHistory")
    return sorted(found, key=_tried, reverse=True)


def located(records: Iterable[Record], tn: TN, operation: str) -> list[EmergencyRecord]:
    """Return the VILocation records of a number, dummies left out; they do not name the number."""
    return [
        _record(record, tn, codes_e911.state(record.get("statuscode", "")))
        for record in records
        if not _is_nothing(record, operation, "locationid")
    ]


def added_location(records: Sequence[Record], tn: TN) -> EmergencyRecord:
    """Return what addLocation kept; raises `ProviderProtocolError` unless it is one location."""
    found = located(records, tn, "addLocation")
    if len(found) != 1:
        raise off_contract("addLocation", True, "it does not tell which location was kept")
    return found[0]


def alerts(texts: Iterable[str]) -> list[str]:
    """Return the mail addresses in one string with commas, or in several; each one once."""
    entries = [entry for text in texts for entry in re.split(r"[,;\s]+", text) if entry]
    if any("@" not in entry for entry in entries):
        raise off_contract("Query911Alert", False, "an alert is no mail address")
    return list(dict.fromkeys(entries))


def outcome(records: Iterable[Record], operation: str, tn: TN) -> ItemOutcome:
    """Return what became of a number by the Status911 records of a write.

    A no beside a yes, and a reply without either, leave it unknown.
    """
    told = {_code(record): record.get("description", "") for record in records}
    found = frozenset(told)
    refused = codes_e911.refusals(found)
    if codes_e911.is_done(operation, found):
        code = codes.SUCCESS if codes.SUCCESS in found else min(found)
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, code=code, message=_said(told, [code]))
    is_plain_no = bool(refused) and not codes_e911.is_done(operation, found - refused)
    shown = sorted(refused or found)
    not_done = codes_e911.NOT_DONE[operation]
    if operation == "update911" and is_plain_no and not refused <= codes_e911.UNTOUCHED:
        not_done = f"{not_done} {codes_e911.NOW_WITHOUT}"
    if not is_plain_no:
        not_done = "It is not clear what was carried out."
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED if is_plain_no else Outcome.UNKNOWN,
        code=", ".join(shown),
        message=_said(told, shown),
        advice=f"{not_done} {codes_e911.words(shown[0]).advice}".strip(),
    )


def _code(record: Record) -> str:
    return record.get("code", "").upper()


def _said(told: dict[str, str], shown: Sequence[str]) -> str:
    return " ".join(told[code] or codes_e911.words(code).happened for code in shown)


def _did_911(record: Record, operation: str) -> EmergencyRecord:
    """Return a DID911: ZIP+4 in one field, times without zone; 100 says that it is active."""
    word = record.get("statuscode", "")
    state = EmergencyState.PROVISIONED if word == codes.SUCCESS else codes_e911.state(word)
    return _record(record, tn_of(record, operation), state)


def _record(record: Record, tn: TN, state: EmergencyState) -> EmergencyRecord:
    zip_code, plus_four = _split_zip(record.get("zipcode", ""))
    return EmergencyRecord(
        tn=tn,
        address=EmergencyAddress(
            address1=record.get("address1", ""),
            address2=record.get("address2", ""),
            city=record.get("city", ""),
            state=record.get("state", ""),
            zip=zip_code,
            plus4=record.get("plusfour", "") or plus_four,
        ),
        caller_name=record.get("callername", ""),
        state=state,
        word=record.get("statuscode", ""),
        message=record.get("statusdescription", ""),
        location_ref=record.get("locationid", ""),
        order_ref=record.get("orderid", ""),
        latitude=_degrees(record.get("latitude", ""), 90),
        longitude=_degrees(record.get("longitude", ""), 180),
        added_at=moment(record.get("dateadded", "")),
        activated_at=moment(record.get("activatedtime", "")),
        updated_at=moment(record.get("updatetime", "")),
    )


def _is_nothing(record: Record, operation: str, key: str) -> bool:
    """Return whether a record stands for "nothing" (quirk 4): without its key and its address.

    Raises `ProviderProtocolError` for one that says something else instead, such as a refusal.
    """
    code = record.get("statuscode", "")
    if code in codes.DUMMIES or not any(record.values()):
        return True
    if record.get(key) or record.get("address1"):
        return False
    if code in {"", codes.SUCCESS} and _KNOWN_FIELDS & set(record):
        return True
    said = f"{code} {record.get('statusdescription', '')}".strip()[:200]
    raise off_contract(operation, False, f"a record has no address ({said})")


def _split_zip(text: str) -> tuple[str, str]:
    match = _ZIP.fullmatch(text)
    return (match[1], match[2] or "") if match else (text, "")


def _degrees(text: str, most: int) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) <= most and text else None


def _newest(record: EmergencyRecord) -> datetime:
    told = (record.updated_at, record.activated_at, record.added_at)
    return max((at for at in told if at is not None), default=_LONG_AGO)


def _tried(record: EmergencyRecord) -> datetime:
    """Return when a location went into service, or else was refused; it changes again later."""
    return record.activated_at or _newest(record)
