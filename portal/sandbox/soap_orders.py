"""VoIP Innovations 2.3: reserve, assign, configure and release; one verdict for each number.

The outer 100 only says that the call was understood (6, quirk 1). Settings, to try the refusals
of an account: `voip_innovations.closed_tiers` (`2,4`), `voip_innovations.no_toll_free` and
`voip_innovations.no_standard` (`on`); to try both readings of a release (6, quirk 2):
`voip_innovations.release_code` (`100` or `106231`), and `voip_innovations.release_to`
(`available` or `gone`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from portal.sandbox.soap_911_records import kept_facts
from portal.sandbox.soap_records import (
    TOLL_FREE_STATE,
    UNKNOWN_TIER,
    change_facts,
    find_number,
    order_did,
    stamp,
)
from portal.sandbox.soap_search import EXTENDED_NETWORK
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Reply, is_tn

HOLD = timedelta(minutes=30)
SETUP_PRICE_USD: Mapping[str, float] = {"0": 0.25, "1": 0.5, "2": 0.75, "4": 1.0}
DEFAULT_PRICE_USD = 1.0
FLAGS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
DONE = ""

TEXTS: Mapping[str, str] = {
    "220": "Number is reserved for you.",
    "221": "An unknown error occurred.",
    "225": "Number is assigned to you.",
    "230": "Number is reserved by another.",
    "231": "Number is available.",
    "235": "Number is assigned to another account.",
    "241": "Number was released and is not available.",
    "250": "Your account does not have toll free origination.",
    "251": "Your account does not have standard origination.",
    "258": "Endpoint group is not allowed for this number.",
    "259": "Your account does not have access to this tier.",
    "420": "Number was not found.",
}
CONFIG_TEXTS: Mapping[str, str] = {
    "221": "Number is not assigned to you.",
    "225": "Number is reserved for you.",
}

Param = Mapping[str, Any]
# Carries one number out and returns the text of its status, or a reason of three digits.
Step = Callable[[Call, sqlite3.Row, Param], str]


def _each(call: Call, prefix: str, step: Step) -> Reply:
    """Run a step for each DIDParam and answer one record each, in the order asked."""
    records, done = [], []
    for param in call.args["didParams"]:
        tn = str(param["tn"]).strip()
        row = find_number(call.store, tn) if is_tn(tn) else None
        if call.strikes("refuse", tn):
            outcome = "221"
        elif call.strikes("partial", tn):
            outcome = "235"
        elif row is None:
            outcome = "420"
        else:
            outcome = step(call, row, param)
        code, text = _verdict(prefix, outcome)
        if not outcome.isdigit():
            done.append(tn)
        tier = row["tier"] if row is not None else UNKNOWN_TIER
        records.append(order_did(tn, code, text, tier=tier, ref_id=param["refId"]))
    return Reply(containers={"DIDs": records}, done=done)


def _verdict(prefix: str, outcome: str) -> tuple[str, str]:
    if not outcome.isdigit():
        return "100", outcome
    texts = CONFIG_TEXTS if prefix == "105" and outcome in CONFIG_TEXTS else TEXTS
    return prefix + outcome, texts[outcome]


def _occupied(call: Call, row: sqlite3.Row) -> str:
    """Return the reason why a number cannot be had; empty when it is for sale or held by us."""
    is_mine = call.login in (row["account"], row["held_by"])
    if row["status"] == "owned":
        return "225" if is_mine else "235"
    if row["status"] == "reserved":
        return DONE if is_mine else "230"
    if row["status"] == "available":
        return DONE
    return "235" if row["status"] == "foreign" else "420"


def _forbidden(call: Call, row: sqlite3.Row) -> str:
    """Return the reason why the account may not have this sort of number; empty when it may."""
    setting = call.store.setting
    is_toll_free = row["state"] == TOLL_FREE_STATE
    if is_toll_free and setting(f"{PROVIDER}.no_toll_free") == "on":
        return "250"
    if not is_toll_free and setting(f"{PROVIDER}.no_standard") == "on":
        return "251"
    closed = str(setting(f"{PROVIDER}.closed_tiers")).replace(" ", "").split(",")
    return "259" if row["tier"] and row["tier"] in closed else DONE


def _group_refusal(call: Call, row: sqlite3.Row, epg: int) -> str:
    """Return 258 unless the group is the account's, active, and takes the tier of the number."""
    rows = call.store.query(
        "SELECT tiers, is_active FROM vi_endpoint_group WHERE account = ? AND id = ?",
        (call.login, epg),
    )
    if not rows or not rows[0]["is_active"]:
        return "258"
    tiers = rows[0]["tiers"].split()
    return "258" if tiers and row["tier"] and row["tier"] not in tiers else DONE


def _reserve(call: Call, row: sqlite3.Row, param: Param) -> str:
    reason = _occupied(call, row)
    if not reason and row["status"] == "reserved":
        reason = "220"
    reason = reason or _forbidden(call, row)
    # 251 is known for assign and config only (5).
    if reason and reason != "251":
        return reason
    until = call.store.now() + HOLD
    call.store.execute(
        "UPDATE number SET status = 'reserved', held_by = ?, held_until = ?, changed_at = ?"
        " WHERE provider = ? AND tn = ?",
        (call.login, stamp(until), stamp(call.store.now()), PROVIDER, row["tn"]),
    )
    return f"Number is reserved for you until {until:%m/%d/%Y %H:%M} UTC."


def _assign(call: Call, row: sqlite3.Row, param: Param, *, is_extended: bool) -> str:
    if (row["network"] == EXTENDED_NETWORK) != is_extended and row["status"] == "available":
        return "420"
    reason = (
        _occupied(call, row) or _forbidden(call, row) or _group_refusal(call, row, param["epg"])
    )
    if reason:
        return reason
    facts = {"epg": param["epg"], "refId": param["refId"]}
    facts |= kept_facts(call.store, call.login, row["tn"])
    dip = FLAGS.get(str(param["cnam"]).strip().lower())
    if dip is not None:
        facts["dip"] = dip
    call.store.execute(
        "UPDATE number SET status = 'owned', account = ?, held_by = '', held_until = '', data = ?,"
        " changed_at = ? WHERE provider = ? AND tn = ?",
        (call.login, json.dumps(facts), stamp(call.store.now()), PROVIDER, row["tn"]),
    )
    call.store.execute(
        "UPDATE account SET balance = round(balance - ?, 4) WHERE provider = ? AND login = ?",
        (SETUP_PRICE_USD.get(row["tier"], DEFAULT_PRICE_USD), PROVIDER, call.login),
    )
    return _assigned_text(row, param["epg"])


def _assigned_text(row: sqlite3.Row, epg: int) -> str:
    return f"Number is assigned to endpoint group {epg}, rewrite {row['tn']}, tier {row['tier']}."


def _configure(call: Call, row: sqlite3.Row, param: Param) -> str:
    occupied = _occupied(call, row)
    if occupied != "225":
        # Under 105 the table gives 225 to a number reserved for us, and 221 to one for sale (5).
        return occupied or ("225" if row["status"] == "reserved" else "221")
    reason = _group_refusal(call, row, param["epg"]) if param["epg"] else DONE
    if reason:
        return reason
    dip = FLAGS.get(str(param["cnam"]).strip().lower())
    changes: dict[str, Any] = {} if dip is None else {"dip": dip}
    if param["epg"]:
        changes |= {"epg": param["epg"], "forward": None, "script": None}
    if param["refId"]:
        changes["refId"] = param["refId"]
    change_facts(call.store, row, **changes)
    return _assigned_text(row, param["epg"])


def _release(call: Call, row: sqlite3.Row, param: Param) -> str:
    occupied = _occupied(call, row)
    if occupied != "225":
        if row["status"] == "gone":
            return "241"
        return occupied or ("220" if row["status"] == "reserved" else "231")
    status = call.store.setting(f"{PROVIDER}.release_to", "available")
    call.store.execute(
        "UPDATE number SET status = ?, account = '', data = '{}', changed_at = ?"
        " WHERE provider = ? AND tn = ?",
        (status, stamp(call.store.now()), PROVIDER, row["tn"]),
    )
    return "Number is released."


def reserve_did(call: Call) -> Reply:
    """reserveDID: hold numbers for 30 minutes."""
    return _each(call, "103", _reserve)


def assign_did(call: Call) -> Reply:
    """assignDID: buy numbers that are for sale or held by the account."""
    return _each(call, "104", lambda *item: _assign(*item, is_extended=False))


def assign_did_extended(call: Call) -> Reply:
    """assignDIDExtended: buy numbers of the extended inventory."""
    return _each(call, "104", lambda *item: _assign(*item, is_extended=True))


def config_did(call: Call) -> Reply:
    """configDID: endpoint group and inbound CNAM of the account's numbers; 0 leaves the group."""
    return _each(call, "105", _configure)


def release_did(call: Call) -> Reply:
    """releaseDID: give numbers back; what a good release says is a setting (6, quirk 2)."""
    reply = _each(call, "106", _release)
    code = str(call.store.setting(f"{PROVIDER}.release_code", "100"))
    if code != "100":
        for record in reply.containers["DIDs"]:
            if record["statusCode"] == "100":
                record.update(statusCode=code, status=TEXTS[code[3:]])
    return reply


_PARAMS = "didParams DIDParam[]"
METHODS = tuple(
    Method(name, _PARAMS, "DIDResponse", handler, is_write=True)
    for name, handler in (
        ("reserveDID", reserve_did),
        ("assignDID", assign_did),
        ("assignDIDExtended", assign_did_extended),
        ("configDID", config_did),
        ("releaseDID", release_did),
    )
)
