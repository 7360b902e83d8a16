"""Wire ⇄ DTO of emergency records (voicetel.md 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portal.providers.dto.e911 import (
    AddressCheck,
    EmergencyAddress,
    EmergencyRecord,
    EmergencyState,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.client.e911 import AddressFields
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import is_dummy, read_tn
from portal.providers.voicetel.methods import e911 as methods
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

_ZIP = re.compile(r"([0-9]{5})-?([0-9]{4})?")
_ID = re.compile(r"[1-9][0-9]{0,18}")


def address_fields(address: EmergencyAddress) -> AddressFields:
    """Return an address as the wire has it; the four further digits of a ZIP code stay behind.

    Raises ValueError for one that the wire cannot carry.
    """
    return AddressFields(
        address1=address.address1,
        address2=address.address2,
        city=address.city,
        state=address.state.strip().upper(),
        zip=address.zip,
    )


def address_check(content: Record) -> AddressCheck:
    """Return a valid address with its id; raises `ProviderProtocolError` where it has none."""
    ref = clean(content.get("addressid"))
    if not _ID.fullmatch(ref):
        raise off_contract(methods.POST_VALIDATIONS.name, False, "the address has no id")
    return AddressCheck(is_valid=True, address=_address(content), ref=ref)


def records(rows: Iterable[Record]) -> Iterator[EmergencyRecord]:
    """Yield the records of the account's list, empty ones left out."""
    for row in rows:
        if not is_dummy(row):
            yield _record(row, methods.GET_E911)


def record_of(content: Record, tn: TN, method: Method) -> EmergencyRecord:
    """Return the record of a number; raises `ProviderProtocolError` for another number's."""
    record = _record(content, method)
    if record.tn != tn:
        raise off_contract(method.name, method.is_write, "it is about another number")
    return record


def _record(row: Record, method: Method) -> EmergencyRecord:
    """Return one record: VoiceTel tells no state, a record that it has is active."""
    tn = read_tn(row.get("dn"))
    if tn is None:
        shown = clean(row.get("dn"))[:40]
        raise off_contract(method.name, method.is_write, f"“{shown}” is not a number")
    return EmergencyRecord(
        tn=tn,
        address=_address(row),
        caller_name=clean(row.get("callername")),
        state=EmergencyState.PROVISIONED,
    )


def _address(row: Record) -> EmergencyAddress:
    zip_code = clean(row.get("zip"))
    match = _ZIP.fullmatch(zip_code)
    return EmergencyAddress(
        address1=clean(row.get("address1")),
        address2=clean(row.get("address2")),
        city=clean(row.get("city")),
        state=clean(row.get("state")),
        zip=match[1] if match else zip_code,
        plus4=(match[2] or "") if match else "",
    )
