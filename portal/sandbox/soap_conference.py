"""VoIP Innovations 2.5: conference lines on the account's numbers.

The fact `conference` of a number is its line: `{"pin": "1234"}`, a PIN of up to eight digits.
"""

from __future__ import annotations

import random
import re
import sqlite3
from typing import Any

from portal.sandbox.soap_records import change_facts, facts_of, own_number, owned_rows
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply
from portal.sandbox.store import Store

PIN = re.compile(r"[0-9]{0,8}")
SEEDED = 3


def _line(row: sqlite3.Row, conference: dict[str, str] | None) -> dict[str, Any]:
    pin = conference["pin"] if conference else ""
    return {"Enabled": bool(conference), "PIN": pin, "TN": row["tn"]}


def get_conference_line(call: Call) -> Reply:
    """GetConferenceLine: the number's line; one without any is not enabled."""
    row = own_number(call)
    return Reply(containers={"ConferenceLine": _line(row, facts_of(row).get("conference"))})


def set_conference_line(call: Call) -> Reply:
    """SetConferenceLine: make a number a conference line, or give it another PIN.

    An empty PIN lets everybody in. 900 for one that is not digits, or more than eight.
    """
    row = own_number(call)
    pin = call.text("pin")
    if not PIN.fullmatch(pin):
        raise Refused(900, "The PIN is not valid, it is up to eight digits")
    conference = {"pin": pin}
    change_facts(call.store, row, conference=conference)
    return Reply(containers={"ConferenceLine": _line(row, conference)})


def remove_conference_line(call: Call) -> Reply:
    """RemoveConferenceLine: end a line; 101 when there is none."""
    row = own_number(call)
    if not facts_of(row).get("conference"):
        raise Refused(101)
    change_facts(call.store, row, conference=None)
    return Reply(containers={"ConferenceLine": _line(row, None)})


def audit_conference_lines(call: Call) -> Reply:
    """AuditConferenceLines: every line of the account; 101 when there is none."""
    found = [
        _line(row, conference)
        for row in owned_rows(call)
        if (conference := facts_of(row).get("conference"))
    ]
    if not found or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"ConferenceLines": found})


METHODS = (
    Method("GetConferenceLine", "tn string", "DIDResponse", get_conference_line),
    Method(
        "SetConferenceLine",
        "tn string, pin string",
        "DIDResponse",
        set_conference_line,
        is_write=True,
    ),
    Method(
        "RemoveConferenceLine", "tn string", "DIDResponse", remove_conference_line, is_write=True
    ),
    Method("AuditConferenceLines", "", "AuditResponse", audit_conference_lines),
)


def seed(store: Store, rng: random.Random) -> None:
    """Make a few numbers of the first account conference lines."""
    for row in store.query(
        "SELECT * FROM number WHERE provider = ? AND account = 'sandbox' AND status = 'owned'"
        " ORDER BY tn DESC LIMIT ?",
        (PROVIDER, SEEDED),
    ):
        change_facts(store, row, conference={"pin": f"{rng.randrange(10_000):04d}"})
