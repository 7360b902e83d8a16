"""The numbers and routes of a VoiceTel account as rows, and how the wire shows them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from portal.sandbox.rest_voicetel_wire import (
    DEFAULT_ROUTE,
    PROVIDER,
    TN10,
    Caller,
    Facts,
    Refused,
    check_int,
)
from portal.sandbox.store import Store

SYSTEM_ROUTES: Mapping[int, str] = {
    1: "USER",
    2: "T30",
    3: "VOICE_BRIDGE",
    4: "DID",
    5: "T38",
    6: "RTC_BRIDGE",
    8: "SDN",
}
OWNED = "provider = ? AND account = ? AND status = 'owned'"


def facts_of(row: sqlite3.Row) -> Facts:
    """Return what this wire keeps of a number beside the shared columns."""
    return dict(json.loads(row["data"] or "{}"))


def route_names(store: Store, login: str) -> dict[int, str]:
    """Map each route id that an account may use to its gateway."""
    rows = store.query("SELECT id, gateway FROM voicetel_gateway WHERE login = ?", (login,))
    return {**SYSTEM_ROUTES, **{row["id"]: row["gateway"] for row in rows}}


def check_route(value: object, routes: Mapping[int, str]) -> int:
    """Return a route id that is one of `routes`; raise 400 for another."""
    route = check_int("route", value, low=1, high=2**53)
    if route not in routes:
        raise Refused(400, "Invalid route: no such gateway on the account")
    return route


def iterate_numbers(store: Store, caller: Caller) -> Iterator[sqlite3.Row]:
    """Yield the rows of all numbers of the account in order, without holding them all."""
    sql = f"SELECT tn, data FROM number WHERE {OWNED} ORDER BY tn"  # noqa: S608
    yield from store.iterate(sql, (PROVIDER, caller.login))


def has_numbers(store: Store, caller: Caller) -> bool:
    sql = f"SELECT 1 FROM number WHERE {OWNED} LIMIT 1"  # noqa: S608
    return bool(store.query(sql, (PROVIDER, caller.login)))


def find_number(store: Store, caller: Caller, number: str, status: int = 404) -> sqlite3.Row:
    """Return a number of the account; raise `status` when it is not there."""
    if TN10.fullmatch(number):
        rows = store.query(
            f"SELECT tn, data FROM number WHERE {OWNED} AND tn = ?",  # noqa: S608
            (PROVIDER, caller.login, number),
        )
        if rows:
            return rows[0]
    raise Refused(status, "Number not found on account")


def owned_with(store: Store, caller: Caller, fact: str, value: str = "") -> list[sqlite3.Row]:
    """Return the numbers of the account that have a fact, in order; with `value`, this value."""
    path = f"$.{fact}"
    return store.query(
        f"SELECT tn, data FROM number WHERE {OWNED}"  # noqa: S608
        " AND json_extract(nullif(data, ''), ?) IS NOT NULL"
        " AND (? = '' OR json_extract(nullif(data, ''), ?) = ?) ORDER BY tn",
        (PROVIDER, caller.login, path, value, path, value),
    )


def number_detail(row: sqlite3.Row, routes: Mapping[int, str]) -> dict[str, Any]:
    """Write a number as the `numberDetail` of section 10."""
    facts = facts_of(row)
    route = facts.get("route", DEFAULT_ROUTE)
    return {
        "number": row["tn"],
        "route": route,
        "gateway": routes.get(route),
        "translated": facts.get("translated") or row["tn"],
        "forward": bool(facts.get("forwardTo")),
        "forwardTo": facts.get("forwardTo"),
        "cnam": bool(facts.get("cnam")),
        "carrier": facts.get("carrier", 0),
        "smsEnabled": bool(facts.get("sms")),
        "faxEnabled": bool(facts.get("fax")),
    }


def change_number(store: Store, row: sqlite3.Row, **changes: Any) -> None:
    """Keep facts of a number; a value of None forgets the fact."""
    facts = {**facts_of(row), **changes}
    kept = {name: value for name, value in facts.items() if value is not None}
    store.execute(
        "UPDATE number SET data = ?, changed_at = ? WHERE provider = ? AND tn = ?",
        (json.dumps(kept), store.now().isoformat(), PROVIDER, row["tn"]),
    )


def take_number(store: Store, caller: Caller, number: str, route: int) -> bool:
    """Move a number from stock to the account; False when it is not for sale (any more)."""
    rows = store.query(
        "SELECT tn FROM number WHERE provider = ? AND tn = ? AND status = 'available'",
        (PROVIDER, number),
    )
    if not rows:
        return False
    store.execute(
        "UPDATE number SET status = 'owned', account = ?, held_by = '', held_until = '',"
        " data = ?, changed_at = ? WHERE provider = ? AND tn = ?",
        (caller.login, json.dumps({"route": route}), store.now().isoformat(), PROVIDER, number),
    )
    return True


def give_up_number(store: Store, row: sqlite3.Row, status: str) -> None:
    """Take a number off its account: `available` puts it back into stock, `gone` does not."""
    store.execute(
        "UPDATE number SET status = ?, account = '', data = '{}', changed_at = ?"
        " WHERE provider = ? AND tn = ?",
        (status, store.now().isoformat(), PROVIDER, row["tn"]),
    )
