"""Port orders of the VoIP Innovations wire: how they are made, and how they move with the clock.

The wire has no operation that submits one (voip-innovations.md 2.12), so they come from the control
address `POST /_sandbox/port`, and a few are there from the start. An order is signed after a day and
answered two days later: with a date (FOC), at which its numbers become the account's, or with a
rejection for a number whose ending asks for one. Only `PENDING SIGNATURE` is a status that the
reference knows; the others are ours.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from portal.sandbox.soap_911_places import draw
from portal.sandbox.soap_911_records import kept_facts
from portal.sandbox.soap_records import find_number, stamp
from portal.sandbox.soap_types import EASTERN
from portal.sandbox.soap_wire import PROVIDER, is_tn
from portal.sandbox.stock import exchanges
from portal.sandbox.store import Store

PENDING, SUBMITTED, FOC = "PENDING SIGNATURE", "SUBMITTED", "FOC RECEIVED"
REJECTED, COMPLETE = "REJECTED", "COMPLETE"
COMMENTS = {
    PENDING: "Letter of authority sent for signature",
    SUBMITTED: "Order sent to the losing carrier",
    FOC: "Firm order commitment for {foc}",
    COMPLETE: "Numbers are active",
}
# The last four digits of a number that the losing carrier does not give up.
REJECTIONS: Mapping[str, str] = {
    "9911": "Account number does not match",
    "9912": "Service address does not match",
    "9913": "Authorized name does not match",
    "9914": "PIN is missing or wrong",
}
NOT_PORTABLE = "9910"
SIGNED_AFTER, ANSWERED_AFTER = timedelta(days=1), timedelta(days=2)
SHORTEST_NOTICE, USUAL_NOTICE = timedelta(days=2), timedelta(days=5)
SALES_REP = "Example Porting Desk"
SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_port (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, status TEXT NOT NULL,
    end_user TEXT NOT NULL, billing_tn TEXT NOT NULL, carrier TEXT NOT NULL,
    submitted_at TEXT NOT NULL, requested_date TEXT NOT NULL, foc_date TEXT NOT NULL DEFAULT '',
    epg INTEGER NOT NULL, next_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vi_port_did (
    id INTEGER PRIMARY KEY AUTOINCREMENT, port_id INTEGER NOT NULL, tn TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS vi_port_did_tn ON vi_port_did (tn);
CREATE INDEX IF NOT EXISTS vi_port_did_port ON vi_port_did (port_id);
CREATE TABLE IF NOT EXISTS vi_port_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, port_id INTEGER NOT NULL, status TEXT NOT NULL,
    at TEXT NOT NULL, comment TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vi_port_start (planted_at TEXT NOT NULL);
INSERT INTO sqlite_sequence (name, seq) SELECT 'vi_port', 36000
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'vi_port');
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a number lies by the number plan."""

    state: str
    rate_center: str
    city: str
    lata: int


@lru_cache(maxsize=1)
def _places() -> Mapping[str, Place]:
    """Return the places by exchange (six digits), and by area code that of its first exchange."""
    found: dict[str, Place] = {}
    for npa, nxx, state, rate_center, city, lata in exchanges():
        place = Place(state=state, rate_center=rate_center, city=city, lata=lata)
        found[npa + nxx] = place
        found.setdefault(npa, place)
    return found


def place_of(tn: str) -> Place | None:
    """Return the place of a number; None for an area code that is not served."""
    return _places().get(tn[:6]) or _places().get(tn[:3])


def tier_of(tn: str) -> str:
    """Return the price tier of a ported number, always the same for a number."""
    return ("0", "1", "2")[draw(f"tier {tn}", 3)]


def is_portable(store: Store, tn: str) -> bool:
    """Tell whether a number can be ported in: the same answer until somebody moves the number.

    It can unless its area code is not served (toll-free ones are not), the carrier has it already
    in whatever state, or it ends in `NOT_PORTABLE`.
    """
    row = find_number(store, tn)
    is_here = row is not None and row["status"] != "gone"
    return place_of(tn) is not None and not is_here and not tn.endswith(NOT_PORTABLE)


def numbers_of(store: Store, port_id: int) -> list[str]:
    """Return the numbers of an order."""
    rows = store.query("SELECT tn FROM vi_port_did WHERE port_id = ? ORDER BY id", (port_id,))
    return [row["tn"] for row in rows]


def submit(store: Store, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Make an order as POST /_sandbox/port asks, and return its id, status and numbers.

    `numbers` (a list, or text divided by commas) and `carrier` are needed; `requested_foc` (a
    date), `end_user`, `billing_tn`, `epg` and `account` may be given. Raises ValueError for numbers
    that cannot be ported or are on their way, and for an unknown account, group or date.
    """
    tns = _read_numbers(fields.get("numbers") or [])
    account, carrier = str(fields.get("account") or "sandbox"), str(fields.get("carrier") or "")
    if not carrier:
        raise ValueError("`carrier` is missing")
    requested = str(fields.get("requested_foc") or "")
    with store.transaction():
        for tn in tns:
            if not is_portable(store, tn) or _is_moving(store, tn):
                raise ValueError(f"{tn} cannot be ported, or is being ported already")
        port_id = place_order(
            store,
            tns,
            account=account,
            carrier=carrier,
            end_user=str(fields.get("end_user") or "Example LLC"),
            billing_tn=str(fields.get("billing_tn") or tns[0]),
            requested=date.fromisoformat(requested[:10]) if requested else None,
            epg=_read_group(store, account, str(fields.get("epg") or "")),
            now=store.now(),
        )
    return {"id": port_id, "status": PENDING, "numbers": tns}


def _read_numbers(given: Any) -> list[str]:
    tns = given.split(",") if isinstance(given, str) else given
    tns = list(dict.fromkeys(str(tn).strip() for tn in tns))
    if not tns or not all(map(is_tn, tns)):
        raise ValueError("`numbers` are ten digits each")
    return tns


def _read_group(store: Store, account: str, asked: str) -> int:
    """Return the endpoint group that was asked for, or the account's first one."""
    rows = store.query("SELECT id FROM vi_endpoint_group WHERE account = ? ORDER BY id", (account,))
    found = [int(row["id"]) for row in rows if asked in ("", str(row["id"]))]
    if not found:
        raise ValueError("`account` or `epg` is unknown")
    return found[0]


def _is_moving(store: Store, tn: str) -> bool:
    return bool(
        store.query(
            "SELECT 1 FROM vi_port_did d JOIN vi_port p ON p.id = d.port_id"
            " WHERE d.tn = ? AND p.next_at <> ''",
            (tn,),
        )
    )


def place_order(
    store: Store,
    tns: Sequence[str],
    *,
    account: str,
    carrier: str,
    end_user: str,
    billing_tn: str,
    requested: date | None,
    epg: int,
    now: datetime,
) -> int:
    """Write a new order, unsigned at `now`, and return its id; `requested` is the date wanted."""
    cursor = store.connection.execute(
        "INSERT INTO vi_port (account, status, end_user, billing_tn, carrier, submitted_at,"
        " requested_date, epg, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(account, PENDING, end_user, billing_tn, carrier, stamp(now)),
            *(requested.isoformat() if requested else "", epg, stamp(now + SIGNED_AFTER)),
        ),
    )
    port_id = cursor.lastrowid or 0
    store.execute_many(
        "INSERT INTO vi_port_did (port_id, tn) VALUES (?, ?)", iter([(port_id, tn) for tn in tns])
    )
    _note(store, port_id, PENDING, now)
    return port_id


def _note(store: Store, port_id: int, status: str, at: datetime, comment: str = "") -> None:
    store.execute(
        "INSERT INTO vi_port_event (port_id, status, at, comment) VALUES (?, ?, ?, ?)",
        (port_id, status, stamp(at), comment or COMMENTS[status]),
    )


def move_due(store: Store) -> None:
    """Move every order on whose time has come, as many steps as the clock went past."""
    sql = "SELECT * FROM vi_port WHERE next_at <> '' AND next_at <= ? ORDER BY next_at, id"
    if not store.query(f"{sql} LIMIT 1", (stamp(store.now()),)):
        return
    with store.transaction():
        while due := store.query(sql, (stamp(store.now()),)):
            for row in due:
                _move(store, row, datetime.fromisoformat(row["next_at"]))


def _move(store: Store, row: sqlite3.Row, at: datetime) -> None:
    """Take an order one step further, at the time when that was due."""
    port_id, following = row["id"], ""
    foc = row["foc_date"]
    status, comment = COMPLETE, ""
    if row["status"] == PENDING:
        status, following = SUBMITTED, stamp(at + ANSWERED_AFTER)
    elif row["status"] == SUBMITTED:
        comment = _objection(numbers_of(store, port_id))
        status = REJECTED if comment else FOC
        if not comment:
            day = _foc_date(row["requested_date"], at)
            foc, comment = day.isoformat(), COMMENTS[FOC].format(foc=f"{day:%m/%d/%Y}")
            following = stamp(datetime.combine(day, time(), EASTERN).astimezone(UTC))
    else:
        _take_over(store, row)
    store.execute(
        "UPDATE vi_port SET status = ?, foc_date = ?, next_at = ? WHERE id = ?",
        (status, foc, following, port_id),
    )
    _note(store, port_id, status, at, comment)


def _objection(tns: Sequence[str]) -> str:
    """Return why the losing carrier rejects an order; empty when it does not."""
    return "; ".join(f"{tn}: {REJECTIONS[tn[-4:]]}" for tn in tns if tn[-4:] in REJECTIONS)


def _foc_date(requested: str, at: datetime) -> date:
    """Return the requested day if it leaves notice enough, else the carrier's own."""
    today = at.astimezone(EASTERN).date()
    if requested and date.fromisoformat(requested) >= today + SHORTEST_NOTICE:
        return date.fromisoformat(requested)
    return today + USUAL_NOTICE


def _take_over(store: Store, port: sqlite3.Row) -> None:
    """Make the numbers of an order the account's; whoever had them has them no more."""
    for tn in numbers_of(store, port["id"]):
        row, place = find_number(store, tn), place_of(tn)
        if place is None or (row is not None and row["status"] == "owned"):
            continue
        facts = {"epg": port["epg"], "refId": f"port-{port['id']}"}
        facts |= kept_facts(store, port["account"], tn)
        changed_at = stamp(store.now())
        store.execute(
            "UPDATE number SET status = 'gone', account = '', changed_at = ?"
            " WHERE provider <> ? AND tn = ?",
            (changed_at, PROVIDER, tn),
        )
        store.execute(
            "INSERT OR REPLACE INTO number (provider, tn, npa, nxx, state, rate_center, city, lata,"
            " tier, network, t38, cnam, sms, status, account, data, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'VI', 1, 1, 1, 'owned', ?, ?, ?)",
            (
                *(PROVIDER, tn, tn[:3], tn[3:6], place.state, place.rate_center, place.city),
                *(place.lata, tier_of(tn), port["account"], json.dumps(facts), changed_at),
            ),
        )
