"""VoIP Innovations 2.2: the account's own numbers, and its balance."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from portal.sandbox.soap_911_records import kept_facts
from portal.sandbox.soap_international import own_intl_tns
from portal.sandbox.soap_records import (
    OWNED,
    TOLL_FREE_STATE,
    change_facts,
    dummy_did,
    facts_of,
    find_number,
    full_did,
    order_did,
    owned_rows,
    stamp,
)
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply, is_tn

INTERNATIONAL = "INTL"
NO_RECORDS = dummy_did("101200", "No records found.")
NOT_FOUND = dummy_did("102420", "Number was not found.")


def _stream(call: Call, condition: str = "", *values: Any) -> Reply:
    """Answer the account's numbers, or the one dummy record when there are none."""
    sql = f"SELECT * FROM number WHERE {OWNED} {condition} ORDER BY tn"  # noqa: S608
    rows = call.store.iterate(sql, (call.login, *values))
    first = None if call.is_faulted("empty") else next(rows, None)
    if first is None:
        return Reply(containers={"DIDs": [NO_RECORDS]})

    def dids() -> Iterator[dict[str, Any]]:
        yield full_did(first)
        yield from map(full_did, rows)

    return Reply(containers={"DIDs": dids()})


def audit_dids(call: Call) -> Reply:
    """auditDIDs: the whole account in one reply, streamed."""
    return _stream(call)


def audit_did_group(call: Call) -> Reply:
    """AuditDIDGroup: the numbers of one DID group; 101 for a group that is not the account's."""
    group_id = call.args["groupId"]
    known = call.store.query(
        "SELECT id FROM vi_did_group WHERE account = ? AND id = ?", (call.login, group_id)
    )
    if not known:
        raise Refused(101)
    return _stream(call, "AND json_extract(data, '$.didGroup') = ?", group_id)


def query_did(call: Call) -> Reply:
    """queryDID: one number, whoever has it (6, quirk 5).

    What the reference leaves open: a number reserved for the caller reads `Unavailable` with 100.
    """
    tn = call.text("did")
    row = find_number(call.store, tn) if is_tn(tn) else None
    if row is None or row["status"] == "gone" or call.is_faulted("empty"):
        return Reply(containers={"DIDs": [NOT_FOUND]})
    return Reply(containers={"DIDs": [_seen_by(call, row)]})


def _seen_by(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    is_mine = call.login in (row["account"], row["held_by"])
    if row["status"] == "owned" and is_mine:
        return full_did(row)
    if row["status"] == "available":
        found = order_did(row["tn"], "100", "Number is available.")
        return {**found, "availability": "Available"}
    if row["status"] == "reserved":
        code = "100" if is_mine else "102230"
        text = "Number is reserved for you." if is_mine else "Number is reserved by another."
    else:
        code, text = "102235", "Number is assigned to another account."
    return {**order_did(row["tn"], code, text), "availability": "Unavailable"}


KINDS: Mapping[str, Callable[[sqlite3.Row], bool]] = {
    "LOCAL": lambda row: row["state"] != TOLL_FREE_STATE,
    "TF": lambda row: row["state"] == TOLL_FREE_STATE,
    INTERNATIONAL: lambda row: False,
}


def _listed(
    call: Call, is_wanted: Callable[[sqlite3.Row], bool], international: Sequence[str] = ()
) -> Reply:
    """List numbers of the kind asked for; an unknown kind acts as ALL."""
    kind = call.text("didType")
    fits = KINDS.get(kind, lambda row: True)
    tns = [row["tn"] for row in owned_rows(call) if fits(row) and is_wanted(row)]
    if kind == INTERNATIONAL or kind not in KINDS:
        tns += international
    if not tns or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"TNs": tns})


def get_inventory_tns(call: Call) -> Reply:
    """GetInventoryTNs: every number of the account."""
    return _listed(call, lambda row: True, own_intl_tns(call))


def get_unconfigured_tns(call: Call) -> Reply:
    """GetUnconfiguredTNs: numbers that go nowhere: no endpoint group, no forward, no script.

    A number of another country always has its group.
    """

    def goes_nowhere(row: sqlite3.Row) -> bool:
        facts = facts_of(row)
        return not any(facts.get(where) for where in ("epg", "forward", "script"))

    return _listed(call, goes_nowhere)


def inventory_dids(call: Call) -> Reply:
    """InventoryDIDs: hold numbers without routing them.

    A number for sale becomes the account's, an assigned one leaves its endpoint group. There is
    no verdict for each number, so one that cannot be had makes the whole call a 909.
    """
    wanted = [str(param["tn"]).strip() for param in call.args["didParams"]]
    if call.is_faulted("refuse"):
        raise Refused(900)
    rows = [find_number(call.store, tn) for tn in wanted]
    for tn, row in zip(wanted, rows, strict=True):
        if row is None or not _can_hold(call, row) or call.strikes("partial", tn):
            raise Refused(909)
    for row in filter(None, rows):
        if row["status"] != "owned":
            call.store.execute(
                "UPDATE number SET status = 'owned', account = ?, held_by = '', held_until = '',"
                " changed_at = ? WHERE provider = ? AND tn = ?",
                (call.login, stamp(call.store.now()), PROVIDER, row["tn"]),
            )
        kept = kept_facts(call.store, call.login, row["tn"])
        change_facts(call.store, row, epg=None, forward=None, script=None, **kept)
    return Reply()


def _can_hold(call: Call, row: sqlite3.Row) -> bool:
    return row["status"] == "available" or (
        row["status"] in ("owned", "reserved") and call.login in (row["account"], row["held_by"])
    )


def get_prepaid_balance(call: Call) -> Reply:
    """GetPrepaidBalance: USD with four decimals."""
    return Reply(containers={"Amount": f"{call.account['balance']:.4f}"})


_PARAMS = "didParams DIDParam[]"
METHODS = (
    Method("auditDIDs", "", "DIDResponse", audit_dids),
    Method("queryDID", "did string", "DIDResponse", query_did),
    Method("AuditDIDGroup", "groupId int", "DIDResponse", audit_did_group),
    Method("GetInventoryTNs", "didType string", "TNResponse", get_inventory_tns),
    Method("GetUnconfiguredTNs", "didType string", "TNResponse", get_unconfigured_tns),
    Method("InventoryDIDs", _PARAMS, "DIDResponse", inventory_dids, is_write=True),
    Method("GetPrepaidBalance", "", "NumericResponse", get_prepaid_balance),
)
