"""VoiceTel sections 7.1 to 7.3: stock search, coverage and orders (voicetel.md 7)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.sandbox.http import Request, Response, json_response
from portal.sandbox.rest_voicetel_checks import query_int
from portal.sandbox.rest_voicetel_records import check_route, route_names, take_number
from portal.sandbox.rest_voicetel_wire import (
    DEFAULT_ROUTE,
    PROVIDER,
    Caller,
    Refused,
    body_of,
    faulted_tns,
    is_faulted,
    is_tn,
    load_account,
    operation,
    parameters,
    require,
    stamp,
    success,
)
from portal.sandbox.store import Store

CACHE_LIFE = timedelta(minutes=10)
REPLAY_LIFE = timedelta(hours=24)
MASK = re.compile(r"[0-9*]{1,10}")
IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
ORDER_LIMIT = 100
LATA_RANGE = {"low": 1, "high": 99999}

COVERAGE: Mapping[str, Mapping[str, str]] = {
    "state": {"locState": "state"},
    "city": {"locState": "state", "city": "city"},
    "rateCenter": {"locState": "state", "rcAbbre": "rate_center", "lata": "lata"},
    "npanxx": {"npa": "npa", "nxx": "nxx", "rcAbbre": "rate_center", "locState": "state"},
    "block": {"npa": "npa", "nxx": "nxx", "block": "substr(tn, 7, 1)", "rcAbbre": "rate_center"},
}
COVERAGE_FILTERS = {"locState": "state", "city": "city", "rcAbbre": "rate_center", "npa": "npa"}


@operation(refusal=(502, "Inventory is temporarily unavailable"))
def search_inventory(request: Request, store: Store, caller: Caller) -> Response:
    """GET /inventory: numbers for sale by mask and place; the answer is kept for ten minutes."""
    query = parameters(request)
    require(query, "tnMask")
    mask = query["tnMask"]
    if not MASK.fullmatch(mask):
        raise Refused(400, "Invalid tnMask: must be digits with an optional wildcard *")
    quantity = query_int("quantity", query.get("quantity") or "10", low=1, high=1000)
    where = ["provider = ?", "status = 'available'", "tn GLOB ?"]
    values: list[object] = [PROVIDER, mask if "*" in mask else f"{mask}*"]
    if query.get("province"):
        if not re.fullmatch(r"[A-Za-z]{2}", query["province"]):
            raise Refused(400, "Invalid province: must be 2 letters")
        where.append("state = ?")
        values.append(query["province"].upper())
    if query.get("rateCenter"):
        where.append("rate_center = ? COLLATE NOCASE")
        values.append(query["rateCenter"])
    if query.get("lata"):
        where.append("lata = ?")
        values.append(query_int("lata", query["lata"], **LATA_RANGE))
    if is_faulted(request, "empty"):
        return success({"numbers": []})
    sql = (
        "SELECT tn, rate_center, city, state, lata FROM number"  # noqa: S608
        f" WHERE {' AND '.join(where)} ORDER BY tn LIMIT {quantity}"
    )
    return _cached(store, "inventory", sql, values, _number_found, "numbers")


def _number_found(row: Any) -> dict[str, Any]:
    return {
        "number": row["tn"],
        "rateCenter": row["rate_center"],
        "city": row["city"],
        "province": row["state"],
        "lata": str(row["lata"] or ""),
    }


@operation(refusal=(502, "Inventory is temporarily unavailable"))
def count_inventory(request: Request, store: Store, caller: Caller) -> Response:
    """GET /inventory/coverage: counts of stock by one dimension; kept for ten minutes."""
    query = parameters(request)
    require(query, "countBy")
    columns = COVERAGE.get(query["countBy"])
    if columns is None:
        raise Refused(400, f"Invalid countBy: must be one of {', '.join(COVERAGE)}")
    where = ["provider = ?", "status = 'available'"]
    values: list[object] = [PROVIDER]
    for name, column in COVERAGE_FILTERS.items():
        if query.get(name):
            where.append(f"{column} = ? COLLATE NOCASE")
            values.append(query[name])
    if query.get("lata"):
        where.append("lata = ?")
        values.append(query_int("lata", query["lata"], **LATA_RANGE))
    names = ", ".join(f'{column} AS "{name}"' for name, column in columns.items())
    groups = ", ".join(columns.values())
    sql = (
        f"SELECT count(*) AS count, {names} FROM number"  # noqa: S608
        f" WHERE {' AND '.join(where)} GROUP BY {groups} ORDER BY {groups}"
    )
    if is_faulted(request, "empty"):
        return success({"coverage": []})

    def as_object(row: Any) -> dict[str, Any]:
        return {"count": row["count"], **{name: str(row[name] or "") for name in columns}}

    return _cached(store, "coverage", sql, values, as_object, "coverage")


def _cached(
    store: Store, kind: str, sql: str, values: list[Any], as_object: Any, name: str
) -> Response:
    """Answer a read of stock, from the copy of the last ten minutes where there is one (1.5).

    So a number that was just bought is still listed. Setting `voicetel.inventory_cache` = `off`
    always reads afresh.
    """
    key = json.dumps([kind, sql, values])
    is_on = store.setting("voicetel.inventory_cache", "on") != "off"
    now = store.now()
    if is_on:
        kept = store.query(
            "SELECT body FROM voicetel_cache WHERE query = ? AND at > ? AND at <= ?",
            (key, stamp(now - CACHE_LIFE), stamp(now)),
        )
        if kept:
            return success({name: json.loads(kept[0]["body"])})
    found = [as_object(row) for row in store.query(sql, values)]
    if is_on:
        with store.transaction():
            store.execute("DELETE FROM voicetel_cache WHERE at <= ?", (stamp(now - CACHE_LIFE),))
            store.execute(
                "INSERT OR REPLACE INTO voicetel_cache (query, at, body) VALUES (?, ?, ?)",
                (key, stamp(now), json.dumps(found)),
            )
    return success({name: found})


def order_tns(request: Request) -> list[str]:
    """List the numbers that the body of an order names."""
    try:
        body = request.json()
    except ValueError:
        return []
    entries = body.get("numbers") if isinstance(body, dict) else None
    numbers = [
        entry.get("number") if isinstance(entry, dict) else entry
        for entry in (entries if isinstance(entries, list) else [])
    ]
    return [number for number in numbers if isinstance(number, str)]


@operation(refusal=(502, "Network refused the order"))
def create_order(request: Request, store: Store, caller: Caller) -> Response:
    """POST /orders: buy up to 100 numbers at once; those that are gone come back in `failed`.

    With an `Idempotency-Key` the first 201 is repeated for 24 hours, whatever the body says (1.5);
    an error is not kept, so that the same key may be tried again after it.
    """
    key = request.header("Idempotency-Key", "")
    if key and not IDEMPOTENCY_KEY.fullmatch(key):
        raise Refused(400, "Invalid Idempotency-Key")
    replay = _replay(store, caller, key) if key else None
    if replay is not None:
        return _ordered(json.loads(replay), done=[])
    caller = load_account(store, caller.login) or caller
    wanted = _wanted(body_of(request), route_names(store, caller.login))
    rate = caller.facts["rates"]["did"]
    if caller.balance < rate * len(wanted):
        raise Refused(402, "Insufficient balance")
    gone = faulted_tns(request, "partial")
    bought, failed = [], []
    for number, route in wanted:
        if number not in gone and take_number(store, caller, number, route):
            bought.append(number)
        else:
            failed.append({"number": number, "reason": "No longer available"})
    charged = round(rate * len(bought), 4)
    caller.debit(store, charged)
    order = {
        "orderId": _next_order_id(store),
        "amountCharged": charged,
        "numbersOrdered": bought,
        "failed": failed,
    }
    body = {"status": "success", "data": order}
    store.execute(
        "INSERT INTO voicetel_order (order_id, login, idempotency_key, at, body)"
        " VALUES (?, ?, ?, ?, ?)",
        (order["orderId"], caller.login, key, stamp(store.now()), json.dumps(body)),
    )
    return _ordered(body, done=bought)


def _ordered(body: dict[str, Any], *, done: list[str]) -> Response:
    """Answer an order; `done` tells the log what this very call bought."""
    response = json_response(201, body)
    response.done, response.carried_out = done, bool(done)
    return response


def _replay(store: Store, caller: Caller, key: str) -> str | None:
    rows = store.query(
        "SELECT body FROM voicetel_order WHERE login = ? AND idempotency_key = ? AND at > ?"
        " ORDER BY at DESC LIMIT 1",
        (caller.login, key, stamp(store.now() - REPLAY_LIFE)),
    )
    return rows[0]["body"] if rows else None


def _wanted(body: dict[str, Any], routes: Mapping[int, str]) -> list[tuple[str, int]]:
    """Return (number, route) for each entry of an order; raise 400 before anything is done."""
    require(body, "numbers")
    entries = body["numbers"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= ORDER_LIMIT:
        raise Refused(400, f"Invalid numbers: must be an array of 1 to {ORDER_LIMIT}")
    wanted = []
    for entry in entries:
        number = entry.get("number") if isinstance(entry, dict) else entry
        route = entry.get("route") if isinstance(entry, dict) else None
        if not is_tn(number):
            raise Refused(400, "Invalid number: must be a 10-digit number")
        wanted.append((str(number), check_route(DEFAULT_ROUTE if route is None else route, routes)))
    return wanted


def _next_order_id(store: Store) -> str:
    """Return an order id that looks like an epoch and was not used yet."""
    last = store.query("SELECT max(CAST(order_id AS INTEGER)) AS last FROM voicetel_order")
    return str(max(int(store.now().timestamp()), (last[0]["last"] or 0) + 1))
