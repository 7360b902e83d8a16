"""VoiceTel section 6: gateways, that is outbound trunks (voicetel.md 6)."""

from __future__ import annotations

import ipaddress
import re
import sqlite3
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_auth import is_routable
from portal.sandbox.rest_voicetel_records import (
    SYSTEM_ROUTES,
    facts_of,
    iterate_numbers,
    number_detail,
    route_names,
)
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    check_int,
    is_faulted,
    no_content,
    operation,
    require,
    success,
)
from portal.sandbox.store import Store

DEFAULT_LIMIT = 23
HOST_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def gateway_object(row: sqlite3.Row) -> dict[str, Any]:
    """Write one of the account's own gateways as the wire does."""
    return {
        "id": row["id"],
        "gateway": row["gateway"],
        "prefix": row["prefix"],
        "limit": row["calls"],
        "system": False,
    }


def system_object(route: int) -> dict[str, Any]:
    """Write a system route as the wire does: no limit, read-only."""
    return {
        "id": route,
        "gateway": SYSTEM_ROUTES[route],
        "prefix": "",
        "limit": None,
        "system": True,
    }


def find_own(store: Store, caller: Caller, gateway_id: str) -> sqlite3.Row:
    """Return a gateway of the account itself; raise 404 for anything else."""
    if gateway_id.isdecimal():
        rows = store.query(
            "SELECT * FROM voicetel_gateway WHERE id = ? AND login = ?",
            (int(gateway_id[:18]), caller.login),
        )
        if rows:
            return rows[0]
    raise Refused(404, "Gateway not found")


@operation(refusal=(401, "Account is disabled"))
def list_gateways(request: Request, store: Store, caller: Caller) -> Response:
    """GET /gateways: the seven system routes and the account's own trunks."""
    rows = store.query(
        "SELECT * FROM voicetel_gateway WHERE login = ? ORDER BY id", (caller.login,)
    )
    own = [gateway_object(row) for row in rows]
    return success({"gateways": [system_object(route) for route in SYSTEM_ROUTES] + own})


@operation(refusal=(409, "Gateway could not be created"))
def create_gateway(request: Request, store: Store, caller: Caller) -> Response:
    """POST /gateways: add a trunk; 409 when the same address and prefix are there already."""
    body = body_of(request)
    require(body, "gateway")
    gateway, prefix, limit = _checked(body)
    same = store.query(
        "SELECT id FROM voicetel_gateway WHERE login = ? AND gateway = ? AND prefix = ?",
        (caller.login, gateway, prefix),
    )
    if same:
        raise Refused(409, "Gateway already exists")
    store.execute(
        "INSERT INTO voicetel_gateway (login, gateway, prefix, calls) VALUES (?, ?, ?, ?)",
        (caller.login, gateway, prefix, limit),
    )
    row = store.query(
        "SELECT * FROM voicetel_gateway WHERE login = ? ORDER BY id DESC LIMIT 1",
        (caller.login,),
    )[0]
    return success(gateway_object(row), 201)


@operation(refusal=(404, "Gateway not found"))
def show_gateway(request: Request, store: Store, caller: Caller, gateway_id: str) -> Response:
    """GET /gateways/{id}: a system route or one of the account's own."""
    if gateway_id.isdecimal() and int(gateway_id) in SYSTEM_ROUTES:
        return success(system_object(int(gateway_id)))
    return success(gateway_object(find_own(store, caller, gateway_id)))


@operation(refusal=(404, "Gateway not found"))
def change_gateway(request: Request, store: Store, caller: Caller, gateway_id: str) -> Response:
    """PUT /gateways/{id}: change what is given; system routes are read-only, so 404."""
    row = find_own(store, caller, gateway_id)
    gateway, prefix, limit = _checked({**gateway_object(row), **body_of(request)})
    store.execute(
        "UPDATE voicetel_gateway SET gateway = ?, prefix = ?, calls = ? WHERE id = ?",
        (gateway, prefix, limit, row["id"]),
    )
    return success(gateway_object(find_own(store, caller, gateway_id)))


@operation(refusal=(409, "Gateway could not be removed"))
def remove_gateway(request: Request, store: Store, caller: Caller, gateway_id: str) -> Response:
    """DELETE /gateways/{id}: 409 for a system route and while numbers are routed to it."""
    if gateway_id.isdecimal() and int(gateway_id) in SYSTEM_ROUTES:
        raise Refused(409, "System routes cannot be removed")
    row = find_own(store, caller, gateway_id)
    if any(facts_of(number).get("route") == row["id"] for number in iterate_numbers(store, caller)):
        raise Refused(409, "Gateway is in use by one or more numbers")
    store.execute("DELETE FROM voicetel_gateway WHERE id = ?", (row["id"],))
    return no_content()


@operation(refusal=(404, "Gateway not found"))
def list_gateway_numbers(
    request: Request, store: Store, caller: Caller, gateway_id: str
) -> Response:
    """GET /gateways/{id}/numbers: numbers routed there, without `route` and `gateway`."""
    is_system = gateway_id.isdecimal() and int(gateway_id) in SYSTEM_ROUTES
    route = int(gateway_id) if is_system else find_own(store, caller, gateway_id)["id"]
    routes = route_names(store, caller.login)
    details = (number_detail(row, routes) for row in iterate_numbers(store, caller))
    numbers = [detail for detail in details if detail["route"] == route]
    if is_faulted(request, "empty"):
        numbers = []
    for detail in numbers:
        del detail["route"], detail["gateway"]
    return success({"numbers": numbers})


def _checked(body: dict[str, Any]) -> tuple[str, str, int]:
    """Return (gateway, prefix, limit) of a request; raise 400 where one breaks a rule of 6."""
    gateway = body.get("gateway")
    if not isinstance(gateway, str) or not _is_public(gateway.lower()):
        raise Refused(400, "Invalid gateway: must resolve to a routable public IPv4 address")
    prefix = body.get("prefix") or ""
    if not isinstance(prefix, str) or not re.fullmatch(r"\d{0,15}", prefix):
        raise Refused(400, "Invalid prefix: must be digits")
    limit = DEFAULT_LIMIT if body.get("limit") is None else body["limit"]
    return gateway, prefix, check_int("limit", limit, low=1, high=1000)


def _is_public(gateway: str) -> bool:
    """Tell whether `host[:port]` can be a public address; names are not looked up."""
    host, colon, port = gateway.partition(":")
    if colon and not (port.isdecimal() and 1 <= int(port[:6]) <= 65535):
        return False
    try:
        return is_routable(ipaddress.IPv4Address(host))
    except ValueError:
        reserved = (".invalid", ".local", ".localhost", ".internal")
        return HOST_NAME.fullmatch(host) is not None and not host.endswith(reserved)
