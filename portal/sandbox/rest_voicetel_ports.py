"""VoiceTel section 7.4: whether numbers can be ported in, and ports (voicetel.md 7.4).

What becomes of a port with time stands in rest_voicetel_ports_clock. Toll-free and geographic
numbers that come together become two ports; the answer names the first number's.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_lookups import carrier_of, is_toll_free, routing_number
from portal.sandbox.rest_voicetel_port_form import checked_form
from portal.sandbox.rest_voicetel_ports_clock import open_port
from portal.sandbox.rest_voicetel_records import route_names
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Caller,
    Refused,
    body_of,
    check_tn,
    faulted_tns,
    is_faulted,
    load_account,
    operation,
    stamp,
    success,
    zulu,
)
from portal.sandbox.store import Store

PORT_FEE = 6.0
CHECK_LIFE = timedelta(hours=1)
PORT_ID = re.compile(r"[A-Za-z0-9]{5}")
NOT_PORTABLE_ENDING = "9908"


@operation(refusal=(502, "Portability service is unavailable"))
def check_portability(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET /ports/availability/{number}: a good answer is remembered for the port itself.

    Not portable are the numbers that VoiceTel has already and those ending in 9908.
    """
    check_tn("number", number)
    reason = _why_not(store, number)
    answer: dict[str, Any] = {"number": number, "portable": not reason}
    is_geographic = not is_toll_free(number)
    answer["losingCarrier"] = carrier_of(store, number).lec if is_geographic else None
    answer["localRoutingNumber"] = routing_number(store, number)
    answer["rateCenterTier"] = str(1 + int(number[3:6]) % 3) if is_geographic else None
    if reason:
        return success({**answer, "reason": reason})
    with store.transaction():
        store.execute(
            "INSERT OR REPLACE INTO voicetel_portable (login, tn, at) VALUES (?, ?, ?)",
            (caller.login, number, stamp(store.now())),
        )
    return success(answer)


def _why_not(store: Store, number: str) -> str:
    rows = store.query(
        "SELECT 1 FROM number WHERE provider = ? AND tn = ?"
        " AND status IN ('available', 'reserved', 'owned')",
        (PROVIDER, number),
    )
    if rows:
        return "Number is already on the VoiceTel network"
    return "Rate center is not covered" if number.endswith(NOT_PORTABLE_ENDING) else ""


@operation(refusal=(400, "Port request refused"))
def create_port(request: Request, store: Store, caller: Caller) -> Response:
    """POST /ports: submit a port, debit 6 USD for each number, open a ticket.

    Every number needs a `portable` answer of the last hour. Not idempotent: no key is documented.
    """
    form = checked_form(body_of(request), route_names(store, caller.login))
    _check_numbers(store, caller, form.numbers, gone=faulted_tns(request, "partial"))
    caller = load_account(store, caller.login) or caller
    fee = PORT_FEE * len(form.numbers)
    if caller.balance < fee:
        raise Refused(402, "Insufficient balance")
    caller.debit(store, fee)
    marks = ", ".join("?" * len(form.numbers))
    store.execute(
        f"DELETE FROM voicetel_portable WHERE login = ? AND tn IN ({marks})",  # noqa: S608
        (caller.login, *form.numbers),
    )
    first = open_port(store, caller, form, _like_first(form.numbers), at=store.now())
    rest = [number for number in form.numbers if number not in _like_first(form.numbers)]
    if rest:
        open_port(store, caller, form, rest, at=store.now())
    pid, ticket = first
    base = request.base_url()
    return success(
        {
            "pid": pid,
            "ticket": ticket,
            "loaUrl": f"{base}/a/loa/{pid}/",
            "portUrl": f"{base}/a/port/{pid}/",
            "message": "Port request received. Complete the LOA to continue.",
        },
        201,
    )


def _like_first(numbers: Sequence[str]) -> list[str]:
    """Return the numbers that are toll-free or geographic as the first one is."""
    return [number for number in numbers if is_toll_free(number) == is_toll_free(numbers[0])]


def _check_numbers(
    store: Store, caller: Caller, numbers: Sequence[str], *, gone: Collection[str]
) -> None:
    """Raise 400 unless each number was found portable within the hour and is in no open port.

    `gone` are those that a fault makes unportable meanwhile: a port is all or nothing.
    """
    oldest = stamp(store.now() - CHECK_LIFE)
    checked = {
        row["tn"]
        for row in store.query(
            "SELECT tn FROM voicetel_portable WHERE login = ? AND at >= ?", (caller.login, oldest)
        )
    }
    missing = [
        number
        for number in numbers
        if number not in checked or number in gone or _why_not(store, number)
    ]
    if missing:
        raise Refused(
            400, f"Portability must be checked within the last hour: {', '.join(missing)}"
        )
    porting: set[str] = set()
    for row in store.query("SELECT numbers FROM voicetel_port WHERE is_open = 1"):
        porting |= set(json.loads(row["numbers"]))
    double = [number for number in numbers if number in porting]
    if double:
        raise Refused(400, f"Port already in progress: {', '.join(double)}")


@operation(refusal=(502, "Port list is unavailable"))
def list_ports(request: Request, store: Store, caller: Caller) -> Response:
    """GET /ports: the ports of the account, newest first; an empty list is a 200."""
    rows = store.query(
        "SELECT * FROM voicetel_port WHERE login = ? ORDER BY created_at DESC, rowid DESC",
        (caller.login,),
    )
    ports = [] if is_faulted(request, "empty") else [_summary(request, store, row) for row in rows]
    return success({"ports": ports})


@operation(refusal=(404, "Port not found"))
def show_port(request: Request, store: Store, caller: Caller, pid: str) -> Response:
    """GET /ports/{id}: one port by its five characters; another account's is a 404 too."""
    rows = store.query(
        "SELECT * FROM voicetel_port WHERE pid = ? AND login = ?", (pid, caller.login)
    )
    if not PORT_ID.fullmatch(pid) or not rows:
        raise Refused(404, "Port not found")
    row = rows[0]
    form = json.loads(row["form"])
    port = {
        **_common(store, row),
        "name": form["name"],
        "email": caller.facts["email"],
        "numbers": json.loads(row["numbers"]),
    }
    return success({"port": port})


def _common(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    """Write what list and detail have in common; `foc` is there once there is a date.

    `createdAt` is ISO 8601, or seconds since 1970 after setting `voicetel.port_times` = `epoch`:
    the reference knows both.
    """
    created: str | int = zulu(datetime.fromisoformat(row["created_at"]))
    if store.setting("voicetel.port_times", "iso") == "epoch":
        created = int(datetime.fromisoformat(row["created_at"]).timestamp())
    port = {
        "id": row["long_id"],
        "pid": row["pid"],
        "status": row["status"],
        "createdAt": created,
        "message": row["message"],
    }
    return {**port, "foc": row["foc"]} if row["foc"] else port


def _summary(request: Request, store: Store, row: sqlite3.Row) -> dict[str, Any]:
    return {
        **_common(store, row),
        "supportUrl": f"{request.base_url()}/a/support/{row['ticket']}/",
    }


def port_numbers(request: Request) -> list[str]:
    """List the numbers that the body of a port names."""
    try:
        body = request.json()
    except ValueError:
        return []
    numbers = body.get("did") if isinstance(body, dict) else None
    return [n for n in numbers if isinstance(n, str)] if isinstance(numbers, list) else []
