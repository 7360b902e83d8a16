"""VoiceTel section 5: emergency records of numbers, and addresses to be used for them.

A record is a fact of its number: it goes when the number leaves the account. The reference leaves
open how long an `addressid` lives; here it is an hour, or `voicetel.address_minutes`.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_addresses import FIELDS, checked_address
from portal.sandbox.rest_voicetel_checks import check_text
from portal.sandbox.rest_voicetel_records import change_number, facts_of, find_number, owned_with
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    check_int,
    check_tn,
    is_faulted,
    no_content,
    operation,
    require,
    stamp,
    success,
)
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_address (
    addressid INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, at TEXT NOT NULL,
    address1 TEXT NOT NULL, address2 TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL,
    zip TEXT NOT NULL);
"""
ADDRESS_MINUTES = 60
NO_RECORD = "No e911 record for this number"
ID_LIMIT = 2**53


@operation(refusal=(409, "Address not valid"))
def validate_address(request: Request, store: Store, caller: Caller) -> Response:
    """POST /e911/validations: the address in postal order, with an id that PUT takes."""
    address = checked_address(body_of(request))
    store.execute(
        "INSERT INTO voicetel_address (login, at, address1, address2, city, state, zip)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (caller.login, stamp(store.now()), *(address[name] for name in FIELDS)),
    )
    row = store.query("SELECT max(addressid) AS id FROM voicetel_address")[0]
    return success({"address": {"addressid": row["id"], **address}})


@operation(refusal=(409, "e911 record rejected"))
def create_record(request: Request, store: Store, caller: Caller) -> Response:
    """POST /e911: validate and provision in one step; a record that is there is replaced."""
    body = body_of(request)
    require(body, "dn", "callername", "address1", "city", "state", "zip")
    row = find_number(store, caller, check_tn("dn", body["dn"]), 403)
    name = check_text("callername", body["callername"])
    record = {"callername": name, **checked_address(body)}
    change_number(store, row, e911=record)
    return success({"record": record_object(row["tn"], record)}, 201)


@operation(refusal=(404, "No e911 records found"))
def list_records(request: Request, store: Store, caller: Caller) -> Response:
    """GET /e911: the records of the account in the order of their numbers; 404 without any."""
    records = [
        record_object(row["tn"], facts_of(row)["e911"]) for row in owned_with(store, caller, "e911")
    ]
    if not records or is_faulted(request, "empty"):
        raise Refused(404, "No e911 records found")
    return success({"records": records})


@operation(refusal=(409, NO_RECORD))
def show_record(request: Request, store: Store, caller: Caller, dn: str) -> Response:
    """GET /e911/{dn}: 401 for a number that is not on the account, 409 for one without a record."""
    row = find_number(store, caller, dn, 401)
    return success({"record": record_object(row["tn"], _record_of(row))})


@operation(refusal=(409, "e911 record rejected"))
def set_record(request: Request, store: Store, caller: Caller, dn: str) -> Response:
    """PUT /e911/{dn}: provision an address that this account has validated a short time ago."""
    row = find_number(store, caller, dn, 401)
    body = body_of(request)
    require(body, "addressid", "callername")
    addressid = check_int("addressid", body["addressid"], low=1, high=ID_LIMIT)
    name = check_text("callername", body["callername"])
    address = _fresh_address(store, caller, addressid)
    record = {"callername": name, **{field: address[field] for field in FIELDS}}
    change_number(store, row, e911=record)
    return success({"record": record_object(row["tn"], record)})


@operation(refusal=(409, "e911 record could not be removed"))
def remove_record(request: Request, store: Store, caller: Caller, dn: str) -> Response:
    """DELETE /e911/{dn}: 401 and 409 as for reading."""
    row = find_number(store, caller, dn, 401)
    _record_of(row)
    change_number(store, row, e911=None)
    return no_content()


def record_object(tn: str, record: dict[str, Any]) -> dict[str, Any]:
    """Write a record as the wire does: the number gets eleven digits on the way out (5)."""
    return {"dn": f"1{tn}", "callername": record["callername"], **{n: record[n] for n in FIELDS}}


def _record_of(row: sqlite3.Row) -> dict[str, Any]:
    record: dict[str, Any] | None = facts_of(row).get("e911")
    if not record:
        raise Refused(409, NO_RECORD)
    return record


def _fresh_address(store: Store, caller: Caller, addressid: int) -> sqlite3.Row:
    """Return an address of this account that is young enough; raise 409 for another."""
    minutes = float(store.setting("voicetel.address_minutes", ADDRESS_MINUTES))
    oldest = store.now() - timedelta(minutes=minutes)
    rows = store.query(
        "SELECT * FROM voicetel_address WHERE addressid = ? AND login = ? AND at > ?",
        (addressid, caller.login, stamp(oldest)),
    )
    if not rows:
        raise Refused(409, "Unknown addressid: validate the address again")
    return rows[0]
