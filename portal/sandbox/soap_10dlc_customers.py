"""VoIP Innovations 2.11: customers of 10DLC (elsewhere called brands)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from portal.sandbox.soap_10dlc_records import (
    CUSTOMER_REVIEW_SECONDS,
    ENTITY_TYPES,
    OTP_REQUIRED,
    OTP_SENT,
    PENDING,
    REJECTED,
    SOLE_PROPRIETOR,
    VERTICALS,
    customer_record,
    due,
    find_customer,
    insert,
    word,
)
from portal.sandbox.soap_types import TYPES
from portal.sandbox.soap_wire import Call, Method, Refused, Reply

OURS = ("CustomerId", "Status")
# What the review looks at: a change of one of these starts it anew.
IDENTITY = ("LegalName", "EntityType", "EIN", "Address")


def _reply(rows: Iterable[sqlite3.Row], message: str = "") -> Reply:
    return Reply(containers={"Customers": [customer_record(row) for row in rows]}, message=message)


def _listed(call: Call, condition: str = "", *values: Any) -> Reply:
    rows = call.store.query(
        f"SELECT * FROM vi_sms_customer WHERE account = ? {condition} ORDER BY seq",  # noqa: S608
        (call.login, *values),
    )
    return Reply(code=101) if not rows or call.is_faulted("empty") else _reply(rows)


def get_sms_customers(call: Call) -> Reply:
    """GetSMSCustomers: every customer of the account; 101 for none."""
    return _listed(call)


def get_sms_customers_by_tag(call: Call) -> Reply:
    """GetSMSCustomersByTag: the customers that carry exactly this tag; 101 for none."""
    return _listed(call, "AND json_extract(data, '$.Tag') = ?", call.text("tag"))


def _given(call: Call) -> dict[str, str]:
    """Return the fields that a request fills in; raise 900 for a word of no list."""
    record: Mapping[str, str] = call.args["customer"]
    given = {name: text.strip() for name, text in record.items() if text.strip()}
    for name, allowed in (("EntityType", ENTITY_TYPES), ("Vertical", VERTICALS)):
        if name in given:
            given[name] = word(given[name])
            if given[name] not in allowed:
                raise Refused(900, f"{name} is none of those that GetSMSEnumerations lists")
    return {name: text for name, text in given.items() if name not in OURS}


def _start(call: Call, entity_type: str) -> dict[str, str]:
    """Return status and end of a review that starts now."""
    if entity_type == SOLE_PROPRIETOR:
        return {"status": OTP_REQUIRED, "due_at": ""}
    return {"status": PENDING, "due_at": due(call.store, "customer", CUSTOMER_REVIEW_SECONDS)}


def create_sms_customer(call: Call) -> Reply:
    """CreateSMSCustomer: a customer to be reviewed; 900 without legal name or entity type.

    Id and status are not the caller's to choose.
    """
    given = _given(call)
    for name in ("LegalName", "EntityType"):
        if name not in given:
            raise Refused(900, f"{name} is missing")
    blank = {field.name: "" for field in TYPES["SMSCustomer"] if field.name not in OURS}
    customer_id = insert(
        call.store,
        "vi_sms_customer",
        "B",
        account=call.login,
        data=json.dumps(blank | given),
        **_start(call, given["EntityType"]),
    )
    return _reply([find_customer(call, customer_id)])


def update_sms_customer(call: Call) -> Reply:
    """UpdateSMSCustomer: change the fields that are given, the others stay.

    A rejected customer, and one whose identity changes, is reviewed again.
    """
    row = find_customer(call, str(call.args["customer"]["CustomerId"]))
    given = _given(call)
    before = json.loads(row["data"])
    after = before | given
    call.store.execute(
        "UPDATE vi_sms_customer SET data = ? WHERE seq = ?", (json.dumps(after), row["seq"])
    )
    if row["status"] == REJECTED or any(before[name] != after[name] for name in IDENTITY):
        started = _start(call, after["EntityType"])
        call.store.execute(
            "UPDATE vi_sms_customer SET status = ?, due_at = ?, reason = '' WHERE seq = ?",
            (started["status"], started["due_at"], row["seq"]),
        )
    return _reply([find_customer(call, row["id"])])


def delete_sms_customer(call: Call) -> Reply:
    """DeleteSMSCustomer: forget a customer; 900 while it has campaigns."""
    row = find_customer(call, call.text("customerId"))
    if call.store.query(
        "SELECT 1 FROM vi_sms_campaign WHERE account = ? AND customer = ?", (call.login, row["id"])
    ):
        raise Refused(900, "The customer has campaigns")
    call.store.execute("DELETE FROM vi_sms_customer WHERE seq = ?", (row["seq"],))
    return Reply()


def check_sms_customer_status(call: Call) -> Reply:
    """CheckSMSCustomerStatus: the customer as it is now; the message says why it was rejected."""
    row = find_customer(call, call.text("customerId"))
    return _reply([row], row["reason"])


def trigger_sms_otp(call: Call) -> Reply:
    """TriggerSMSOTP: send the one-time password that a sole proprietor is verified by.

    It may be sent again while nobody has answered; 900 when none is waited for.
    """
    row = find_customer(call, call.text("customerId"))
    if row["status"] not in (OTP_REQUIRED, OTP_SENT):
        raise Refused(900, "The customer does not wait for a one-time password")
    call.store.execute(
        "UPDATE vi_sms_customer SET status = ?, due_at = ? WHERE seq = ?",
        (OTP_SENT, due(call.store, "customer", CUSTOMER_REVIEW_SECONDS), row["seq"]),
    )
    return Reply()


def get_sms_enumerations(call: Call) -> Reply:
    """GetSMSEnumerations: the words that entity type and vertical may be."""
    if call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"EntityTypes": ENTITY_TYPES, "Verticals": VERTICALS})


_RETURNS = "SMS10DLCResponse"
_ID = "customerId string"
_CUSTOMER = "customer SMSCustomer"
METHODS = (
    Method("GetSMSCustomers", "", _RETURNS, get_sms_customers),
    Method("GetSMSCustomersByTag", "tag string", _RETURNS, get_sms_customers_by_tag),
    Method("CreateSMSCustomer", _CUSTOMER, _RETURNS, create_sms_customer, is_write=True),
    Method("UpdateSMSCustomer", _CUSTOMER, _RETURNS, update_sms_customer, is_write=True),
    Method("DeleteSMSCustomer", _ID, _RETURNS, delete_sms_customer, is_write=True),
    Method("CheckSMSCustomerStatus", _ID, _RETURNS, check_sms_customer_status),
    Method("TriggerSMSOTP", _ID, _RETURNS, trigger_sms_otp, is_write=True),
    Method("GetSMSEnumerations", "", _RETURNS, get_sms_enumerations),
)
