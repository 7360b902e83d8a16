"""IntelePeer sections 1.1 to 4: tokens, stock search, own numbers, reservations (intelepeer.md)."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from portal.sandbox import accounts
from portal.sandbox.http import Request, Response, json_response
from portal.sandbox.rest_intelepeer_wire import (
    COUNTRY_CODE,
    NOT_AVAILABLE,
    NUMBER_OBJECT,
    PAGE_SIZE_LIMIT,
    PROVIDER,
    UNAUTHORIZED,
    Caller,
    Parameters,
    Refused,
    body_of,
    geo,
    is_faulted,
    operation,
    require,
    tn_of,
    wrong_format,
    zulu,
)
from portal.sandbox.store import Store

TOKEN_HOURS = 24
HOLD = timedelta(minutes=30)
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


@operation(public=True)
def authenticate(request: Request, store: Store) -> Response:
    """POST authenticate: exchange username and password for a token of 24 hours (1.1).

    Setting `intelepeer.token_seconds` shortens its life.
    """
    body = body_of(request)
    login, password = str(body.get("username", "")), str(body.get("password", ""))
    if is_faulted(request, "auth") or accounts.find(store, PROVIDER, login, password) is None:
        raise Refused(401, UNAUTHORIZED)
    token = secrets.token_urlsafe(32)
    life = int(store.setting("intelepeer.token_seconds", TOKEN_HOURS * 3600))
    store.execute(
        "INSERT INTO intelepeer_token (token, login, expires) VALUES (?, ?, ?)",
        (token, login, zulu(store.now() + timedelta(seconds=life))),
    )
    return json_response(200, {"token": token})


@operation(refusal=(422, "At least one of the following parameters is required: 'like', 'npa'"))
def search_stock(request: Request, store: Store, caller: Caller) -> Response:
    """GET carrier/tf: toll-free numbers for sale, by part of the number or by area code (2)."""
    query = Parameters(request.query)
    like = query.text("like")
    npas = query.many("npa")
    sequential = bool(query.boolean("sequential"))
    page = query.integer("page", 1)
    page_size = query.integer("pageSize", PAGE_SIZE_LIMIT, high=PAGE_SIZE_LIMIT)
    if any(not npa.isdecimal() for npa in npas):
        raise wrong_format("npa", "numeric")
    if not like and not npas:
        raise Refused(422, "At least one of the following parameters is required: 'like', 'npa'")
    if like and sequential:
        raise Refused(409, "The following parameters are mutually exclusive: 'like', 'sequential'")
    where, values = "provider = ? AND status = 'available'", [PROVIDER]
    if npas:
        where += f" AND npa IN ({', '.join('?' * len(npas))})"
        values += npas
    if like:
        where += " AND '+1' || tn LIKE ? ESCAPE '\\'"
        values.append(f"%{escape_like(like)}%")
    sql = f"SELECT tn FROM number WHERE {where} ORDER BY tn"  # noqa: S608
    if is_faulted(request, "empty"):
        return _stock([], has_more=False)
    if sequential:
        tns = (row["tn"] for row in store.iterate(sql, tuple(values)))
        return _stock(pick_run(tns, page_size), has_more=False)
    limit = f" LIMIT {page_size + 1} OFFSET {(page - 1) * page_size}"
    found = [row["tn"] for row in store.query(sql + limit, tuple(values))]
    return _stock(found[:page_size], has_more=len(found) > page_size)


def _stock(tns: list[str], *, has_more: bool) -> Response:
    endpoints = [{"endpoint": f"+1{tn}", "geo": geo()} for tn in tns]
    return json_response(200, {"endpoints": endpoints, "hasMore": has_more})


def escape_like(text: str) -> str:
    """Return a text with the wildcards of LIKE made literal."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def pick_run(tns: Iterator[str], size: int) -> list[str]:
    """Return the first unbroken run of at least `size` numbers, else the longest one there is.

    The whole run comes back, so there may be more than `size` (2).
    """
    best: list[str] = []
    run: list[str] = []
    for tn in tns:
        if run and int(tn) != int(run[-1]) + 1:
            if len(run) >= size:
                return run
            best, run = max(best, run, key=len), []
        run.append(tn)
    return run if len(run) >= size else max(best, run, key=len)


@operation()
def list_own(request: Request, store: Store, caller: Caller, version: str) -> Response:
    """GET my/tf: the account's numbers; `pageSize` + 1 rows when there is a further page (3).

    `hasCpaas` is a filter of v4 only. Setting `intelepeer.v3_shape` = `array` makes v3 answer the
    bare array that it gave of old.
    """
    query = Parameters(request.query)
    where, values = _own_filter(query, with_cpaas=version == "v4")
    page = query.integer("page", 1)
    size = query.integer("pageSize", PAGE_SIZE_LIMIT, high=PAGE_SIZE_LIMIT)
    sql = (
        "SELECT tn, data FROM number WHERE provider = ? AND account = ? AND status = 'owned'"  # noqa: S608
        f"{where} ORDER BY tn LIMIT {size + 1} OFFSET {(page - 1) * size}"
    )
    rows = (
        [] if is_faulted(request, "empty") else store.query(sql, (PROVIDER, caller.login, *values))
    )
    if version == "v3" and store.setting("intelepeer.v3_shape", "object") == "array":
        return json_response(200, [_old_row(row) for row in rows])
    endpoints = [_own_row(row, caller) for row in rows]
    return json_response(200, {"endpoints": endpoints, "hasMore": len(rows) > size})


def _own_filter(query: Parameters, *, with_cpaas: bool) -> tuple[str, list[Any]]:
    """Return the SQL conditions, each with a leading AND, and values of the filters of `my/tf`."""
    where, values = "", list[Any]()
    labels, likes, packages = query.many("label"), query.many("like"), query.many("packageID")
    for name, given in (("label", labels), ("like", likes)):
        if any(not value for value in given):
            raise Refused(422, f"The '{name}' parameter must be formatted as a non-empty string.")
    if any(not package.isdecimal() for package in packages):
        raise wrong_format("packageID", "integer")
    if labels:
        where += f" AND json_extract(data, '$.label') IN ({', '.join('?' * len(labels))})"
        values += labels
    if len(likes) == 1:
        where += " AND tn LIKE ? ESCAPE '\\'"
        values.append(f"{escape_like(national(likes[0]))}%")
    elif likes:
        where += f" AND tn IN ({', '.join('?' * len(likes))})"
        values += [national(like) for like in likes]
    if packages:
        where += f" AND json_extract(data, '$.packageID') IN ({', '.join('?' * len(packages))})"
        values += [int(package) for package in packages]
    has_cpaas = query.boolean("hasCpaas", "integer") if with_cpaas else None
    if has_cpaas is not None:
        where += " AND coalesce(json_extract(data, '$.hasCpaas'), 0) = ?"
        values.append(int(has_cpaas))
    return where, values


def national(text: str) -> str:
    """Return the digits to look for: letters by keypad, without `+1`.

    A `+` that was not sent as `%2B` arrives as a blank, stays one, and so finds nothing (1).
    """
    return text.upper().removeprefix("+").removeprefix("1").translate(KEYPAD)


def _own_row(row: sqlite3.Row, caller: Caller) -> dict[str, Any]:
    facts = json.loads(row["data"] or "{}")
    webhook = facts.get("webhook")
    voice = {
        "provider": "IntelePeer",
        "service": "SIP",
        "ns": "intelepeer.sip",
        "config": {"webhook": webhook} if webhook else {},
    }
    shown: dict[str, Any] = {
        "accountID": caller.account_id,
        "endpoint": f"+1{row['tn']}",
        "hasCpaas": bool(facts.get("hasCpaas")),
        "packageID": facts.get("packageID"),
        "type": "LONG",
        "geo": geo(with_city=False),
        "media": {"sms": None, "voice": {"rx": voice, "tx": []}},
    }
    optional = {name: facts[name] for name in ("label", "orderID") if facts.get(name)}
    return {**shown, **optional}


def _old_row(row: sqlite3.Row) -> dict[str, Any]:
    """Write a number as the bare array of the old v3 page does (3)."""
    facts = json.loads(row["data"] or "{}")
    return {
        "countryCode": "1",
        "countryID": 1,
        "countryName": "United States",
        "e164": f"+1{row['tn']}",
        "label": facts.get("label"),
        "number": row["tn"],
        "packageID": facts.get("packageID"),
    }


def not_available() -> Refused:
    """Return the 409 of a reservation, whose status line says Unprocessable Entity (4)."""
    return Refused(409, NOT_AVAILABLE, reason="Unprocessable Entity")


@operation()
def reserve(request: Request, store: Store, caller: Caller) -> Response:
    """POST carrier/tf/reservations: hold numbers for 30 minutes, all of them or none (4).

    The answer is an array with one object. The 409 carries the provider's wrong reason phrase.
    """
    body = body_of(request)
    require(body, "endpoints")
    if not isinstance(body["endpoints"], list):
        raise wrong_format("endpoints", "array")
    tns = [_wanted(entry) for entry in body["endpoints"]]
    reservation_id = _reservation_id(body.get("reservationID"))
    is_known = store.query(
        "SELECT reservation_id FROM intelepeer_reservation WHERE reservation_id = ?",
        (reservation_id,),
    )
    marks = ", ".join("?" * len(tns))
    free = store.query(
        "SELECT count(*) AS free FROM number WHERE provider = ? AND status = 'available'"  # noqa: S608
        f" AND tn IN ({marks})",
        (PROVIDER, *tns),
    )[0]["free"]
    if is_known or free != len(tns) or _is_gone(request):
        raise not_available()
    now = store.now()
    expires = zulu(now + HOLD)
    store.execute(
        "INSERT INTO intelepeer_reservation (reservation_id, login, reserved, expires, tns)"
        " VALUES (?, ?, ?, ?, ?)",
        (reservation_id, caller.login, zulu(now), expires, json.dumps(tns)),
    )
    store.execute(
        "UPDATE number SET status = 'reserved', held_by = ?, held_until = ?, changed_at = ?"  # noqa: S608
        f" WHERE provider = ? AND tn IN ({marks})",
        (reservation_id, (now + HOLD).isoformat(), now.isoformat(), PROVIDER, *tns),
    )
    hold = {
        "reservationID": reservation_id,
        "reservedDate": zulu(now),
        "expirationDate": expires,
        "endpoints": [{"endpoint": f"+1{tn}", "geo": geo()} for tn in tns],
    }
    return json_response(200, [hold])


def _is_gone(request: Request) -> bool:
    """Tell whether a fault has somebody else take a number first."""
    return is_faulted(request, "partial") or is_faulted(request, "refuse")


def _wanted(entry: object) -> str:
    """Return the ten digits of an entry to reserve: an E.164 text, or a number object."""
    if isinstance(entry, dict):
        if not entry.get("countryCode") or not entry.get("number"):
            raise Refused(422, NUMBER_OBJECT)
        if str(entry["countryCode"]) != "1":
            raise Refused(422, COUNTRY_CODE)
        return str(entry["number"])
    tn = tn_of(entry)
    if tn is None:
        raise not_available()
    return tn


def _reservation_id(given: object) -> str:
    """Return the caller's own UUID, or a new one; always in upper case."""
    if given in (None, ""):
        return str(uuid.uuid4()).upper()
    try:
        return str(uuid.UUID(str(given))).upper()
    except ValueError:
        raise wrong_format("reservationID", "UUID") from None
