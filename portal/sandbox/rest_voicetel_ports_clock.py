"""What time does to VoiceTel's ports: letter of authorization, losing carrier, date, completion.

| from | when | to |
| --- | --- | --- |
| LOA Required | the letter is signed | Submitted |
| Submitted | a day later | FOC Received, or Rejected when a number ends in 9909 |
| FOC Received | at noon UTC of the day in `foc` | Complete: the numbers are on the account |

The words are ours but for `Complete`; the reference calls the status free text. A letter is signed
through `POST /_sandbox/loa`, or by itself `voicetel.loa_minutes` after the request. The day is the
desired one, at the earliest `voicetel.port_days` (7) after the carrier confirmed.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from portal.sandbox.rest_voicetel_campaigns import outbound_carrier
from portal.sandbox.rest_voicetel_lookups import place_of
from portal.sandbox.rest_voicetel_port_form import PortForm
from portal.sandbox.rest_voicetel_tickets import add_staff_message, open_ticket
from portal.sandbox.rest_voicetel_wire import DEFAULT_ROUTE, PROVIDER, Caller, stamp
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_portable (
    login TEXT NOT NULL, tn TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (login, tn));
CREATE TABLE IF NOT EXISTS voicetel_port (
    pid TEXT PRIMARY KEY, long_id TEXT NOT NULL, login TEXT NOT NULL, ticket INTEGER NOT NULL,
    created_at TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL, foc TEXT NOT NULL,
    numbers TEXT NOT NULL, form TEXT NOT NULL, due_date TEXT NOT NULL, is_open INTEGER NOT NULL,
    due TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS voicetel_port_due ON voicetel_port (due) WHERE due <> '';
"""
LOA_REQUIRED, SUBMITTED, CONFIRMED = "LOA Required", "Submitted", "FOC Received"
REJECTED, COMPLETE = "Rejected", "Complete"
CARRIER_DELAY = timedelta(days=1)
PORT_DAYS = 7
REJECTED_ENDING = "9909"
ALPHABET = string.ascii_uppercase + string.digits


def open_port(
    store: Store, caller: Caller, form: PortForm, numbers: Sequence[str], *, at: datetime
) -> tuple[str, int]:
    """Write a port that waits for its letter, and its ticket; return both ids."""
    pid = _new_pid(store)
    ticket = open_ticket(
        store, caller, subject=f"Port request {pid}", message=f"Numbers: {', '.join(numbers)}"
    )
    minutes = str(store.setting("voicetel.loa_minutes", ""))
    due = stamp(at + timedelta(minutes=float(minutes))) if minutes else ""
    kept = {"name": form.texts["name"], "features": form.features}
    store.execute(
        "INSERT INTO voicetel_port (pid, long_id, login, ticket, created_at, status, message, foc,"
        " numbers, form, due_date, is_open, due) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 1, ?)",
        (
            pid,
            secrets.token_hex(20),
            caller.login,
            ticket,
            stamp(at),
            LOA_REQUIRED,
            "Waiting for the signed letter of authorization",
            json.dumps(list(numbers)),
            json.dumps(kept),
            form.due_date.isoformat() if form.due_date else "",
            due,
        ),
    )
    return pid, ticket


def sign_letter(store: Store, pid: str) -> dict[str, str]:
    """Let the letter of a port be signed now and return its state; ValueError for a wrong one."""
    with store.transaction():
        rows = store.query("SELECT * FROM voicetel_port WHERE pid = ?", (pid,))
        if not rows or rows[0]["status"] != LOA_REQUIRED:
            raise ValueError(f"no port {pid!r} waits for its letter")
        _submit(store, rows[0], at=store.now())
    return {"pid": pid, "status": SUBMITTED}


def tick(store: Store) -> None:
    """Take every step that is due, in the order of time; a step may make the next one due."""
    due = "SELECT * FROM voicetel_port WHERE due <> '' AND due <= ? ORDER BY due LIMIT 1"
    while store.query(due, (stamp(store.now()),)):
        with store.transaction():
            for row in store.query(due, (stamp(store.now()),)):
                STEPS[row["status"]](store, row, at=datetime.fromisoformat(row["due"]))


def _submit(store: Store, row: sqlite3.Row, *, at: datetime) -> None:
    _move(store, row, SUBMITTED, "Submitted to the losing carrier", at=at, due=at + CARRIER_DELAY)


def _hear_of_carrier(store: Store, row: sqlite3.Row, *, at: datetime) -> None:
    """Let the losing carrier confirm with a date, or reject."""
    if any(tn.endswith(REJECTED_ENDING) for tn in json.loads(row["numbers"])):
        _move(store, row, REJECTED, "Rejected by losing carrier: account number mismatch", at=at)
        return
    earliest = at.date() + timedelta(days=int(store.setting("voicetel.port_days", PORT_DAYS)))
    wanted = date.fromisoformat(row["due_date"]) if row["due_date"] else earliest
    day = max(earliest, wanted)
    noon = datetime.combine(day, time(12), UTC)
    words = f"Losing carrier confirmed for {day.isoformat()}"
    _move(store, row, CONFIRMED, words, at=at, due=noon, foc=day.strftime("%Y%m%d"))


def _complete(store: Store, row: sqlite3.Row, *, at: datetime) -> None:
    """Put the numbers on the account, with the features that the request asked for."""
    features = json.loads(row["form"])["features"]
    for tn in json.loads(row["numbers"]):
        facts = {"route": DEFAULT_ROUTE, **features.get(tn, {})}
        if "campaign" in facts:
            facts["carrier"] = outbound_carrier(facts["campaign"])
        place = place_of(store, tn)
        store.execute(
            "INSERT OR IGNORE INTO number (provider, tn, npa, nxx, state, rate_center, city, lata)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (PROVIDER, tn, tn[:3], tn[3:6], *(place[n] for n in PLACE)),
        )
        store.execute(
            "UPDATE number SET status = 'owned', account = ?, data = ?, changed_at = ?"
            " WHERE provider = ? AND tn = ?",
            (row["login"], json.dumps(facts), at.isoformat(), PROVIDER, tn),
        )
    _move(store, row, COMPLETE, "Port complete", at=at)


PLACE = ("state", "rate_center", "city", "lata")
STEPS: Mapping[str, Callable[..., None]] = {
    LOA_REQUIRED: _submit,
    SUBMITTED: _hear_of_carrier,
    CONFIRMED: _complete,
}


def _move(
    store: Store,
    row: sqlite3.Row,
    status: str,
    message: str,
    *,
    at: datetime,
    due: datetime | None = None,
    foc: str | None = None,
) -> None:
    """Change the status of a port, and say so in its ticket; without `due` the port is closed."""
    store.execute(
        "UPDATE voicetel_port SET status = ?, message = ?, due = ?, is_open = ?, foc = ?"
        " WHERE pid = ?",
        (
            status,
            message,
            stamp(due) if due else "",
            int(due is not None),
            row["foc"] if foc is None else foc,
            row["pid"],
        ),
    )
    add_staff_message(store, row["ticket"], message, at=at)


def _new_pid(store: Store) -> str:
    """Return five capital letters and digits that no port has."""
    while True:
        pid = "".join(secrets.choice(ALPHABET) for _ in range(5))
        if not store.query("SELECT 1 FROM voicetel_port WHERE pid = ?", (pid,)):
            return pid
