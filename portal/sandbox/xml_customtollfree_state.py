"""The life of a toll-free number in the sandbox (custom-toll-free.md sections 3 and 9).

A number's facts are kept as JSON in the shared table. What is to happen later (a hold that ends,
a record that goes live) is a row of `ctf_event`; `xml_customtollfree_clock` works them off.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from portal.sandbox.store import Store
from portal.sandbox.xml_customtollfree_wire import (
    FOREIGN_RESPORG,
    PROVIDER,
    Call,
    account_resporgs,
    refuse,
    sortable,
)

SPARE, RESERVED, ASSIGNED, WORKING = "SPARE", "RESERVED", "ASSIGNED", "WORKING"
DISCONNECT, TRANSITIONAL, SUSPEND, UNAVAILABLE = (
    "DISCONNECT",
    "TRANSITIONAL",
    "SUSPEND",
    "UNAVAILABLE",
)
STATUSES = (
    SPARE,
    RESERVED,
    ASSIGNED,
    WORKING,
    DISCONNECT,
    TRANSITIONAL,
    SUSPEND,
    UNAVAILABLE,
)
HOLD_DAYS = 45
AGING_DAYS = 120
SPARE_AFTER_DAYS = 45
UNLISTED_SINCE = "2020-01-01"


@dataclass(kw_only=True)
class TollFreeNumber:
    """The registry's view of one number; dates are ISO texts, '' where there is none."""

    tn: str
    status: str
    resporg: str = ""
    statusdate: str = UNLISTED_SINCE
    until: str = ""
    hold_until: str = ""
    assigned_on: str = ""
    disconnected_on: str = ""
    intercept_end: str = ""
    lastactive: str = ""
    contactname: str = ""
    contactphone: str = ""
    notes: str = ""
    auctioned: str = "N"
    expired_hold: str = ""
    next_resporg: str = ""

    def turn(self, status: str, on: date, *, until: date | None = None) -> None:
        """Give the number a status from a day on; `until` is the last day of it, if it has one."""
        self.status = status
        self.statusdate = on.isoformat()
        self.until = until.isoformat() if until else ""


def read_number(row: sqlite3.Row, resporgs: Mapping[str, str]) -> TollFreeNumber:
    """Read a number from its row; the shared column `status` wins over the kept facts.

    So a number that was changed by the control endpoint is what it was changed to.
    """
    facts = json.loads(row["data"] or "{}")
    known = {name: facts[name] for name in TollFreeNumber.__dataclass_fields__ if name in facts}
    number = TollFreeNumber(**{**known, "tn": row["tn"], "status": facts.get("status", SPARE)})
    number.statusdate = facts.get("statusdate") or UNLISTED_SINCE
    match row["status"]:
        case "available":
            number.status, number.resporg = SPARE, ""
        case "gone":
            number.status, number.resporg = UNAVAILABLE, ""
        case "foreign":
            if number.resporg in ("", *resporgs.values()):
                number.resporg = FOREIGN_RESPORG
            number.status = WORKING if number.status == SPARE else number.status
        case _:
            number.resporg = resporgs.get(row["account"]) or number.resporg or FOREIGN_RESPORG
            if number.status == SPARE:
                number.status = RESERVED if row["status"] == "reserved" else WORKING
    return number


def load_number(store: Store, tn: str) -> TollFreeNumber:
    """Return a number; one that the stock does not know works at somebody else's RespOrg."""
    rows = store.query(
        "SELECT tn, status, account, data FROM number WHERE provider = ? AND tn = ?",
        (PROVIDER, tn),
    )
    if not rows:
        return TollFreeNumber(tn=tn, status=WORKING, resporg=FOREIGN_RESPORG)
    return read_number(rows[0], account_resporgs(store))


def save_number(store: Store, number: TollFreeNumber) -> None:
    """Keep a number, its shared columns included."""
    logins = {resporg: login for login, resporg in account_resporgs(store).items()}
    login = logins.get(number.resporg, "")
    if number.status == SPARE:
        status, login = "available", ""
    elif number.status == UNAVAILABLE:
        status, login = "gone", ""
    elif not login:
        status = "foreign"
    else:
        status = "reserved" if number.status == RESERVED else "owned"
    facts = {name: value for name, value in asdict(number).items() if value and name != "tn"}
    store.execute(
        "UPDATE number SET status = ?, account = ?, held_by = ?, held_until = '', data = ?,"
        " changed_at = ? WHERE provider = ? AND tn = ?",
        (
            status,
            login,
            number.resporg if status == "reserved" else "",
            json.dumps(facts),
            store.now().isoformat(),
            PROVIDER,
            number.tn,
        ),
    )


def make_spare(store: Store, number: TollFreeNumber, on: date, *, expired_hold: str = "") -> None:
    """Give a number back to the pool: nothing of its past is left but who let a hold run out."""
    fresh = TollFreeNumber(tn=number.tn, status=SPARE, expired_hold=expired_hold)
    fresh.turn(SPARE, on)
    store.execute("DELETE FROM ctf_record WHERE tn = ?", (number.tn,))
    save_number(store, fresh)


def move_to_next_resporg(store: Store, number: TollFreeNumber) -> None:
    """Give a number to the RespOrg that it is meant for; its pending records turn MUST CHECK."""
    number.resporg, number.next_resporg = number.next_resporg, ""
    save_number(store, number)
    store.execute(
        "UPDATE ctf_record SET status = 'MUST CHECK' WHERE tn = ? AND status = 'PENDING'",
        (number.tn,),
    )


def schedule(store: Store, at: datetime, kind: str, tn: str, reference: int = 0) -> None:
    """Have something happen to a number at a moment of the sandbox clock."""
    store.execute(
        "INSERT INTO ctf_event (at, kind, tn, reference) VALUES (?, ?, ?, ?)",
        (sortable(at), kind, tn, reference),
    )


def check_control(
    call: Call, number: TollFreeNumber, allowed: tuple[str, ...], *, field: str = "number"
) -> None:
    """Raise unless the operation is legal in the number's status and for the acting RespOrg (3.4).

    A hold of the caller that ran out is `reservation_expired`, not merely a wrong status (7.12).
    """
    if number.status not in allowed:
        if number.status == SPARE and number.expired_hold == call.resporg and RESERVED in allowed:
            raise refuse("reservation_expired", field)
        raise refuse("invalid_status", field, f"Not allowed in status {number.status}")
    if number.resporg != call.resporg:
        raise refuse("not_controlling_resporg", field)
