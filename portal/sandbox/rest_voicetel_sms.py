"""VoiceTel section 10: where the text messages of a number go, as rows that numbers share."""

from __future__ import annotations

import ipaddress
import re
import sqlite3
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_checks import EMAIL
from portal.sandbox.rest_voicetel_records import change_number, facts_of, find_number
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    no_content,
    operation,
    require,
    success,
)
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_sms_route (
    id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, type TEXT NOT NULL,
    resource TEXT NOT NULL, UNIQUE (login, type, resource));
"""
NOTHING_SET = "No sms routing set"


@operation(refusal=(404, NOTHING_SET))
def show_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET …/sms: where text messages go; 404 when nothing is set."""
    return success(_sms_object(find_number(store, caller, number)))


@operation(refusal=(400, "Webhook is not reachable"))
def set_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/sms: send text messages to a mail address, an https webhook or a SIP address.

    The webhook is not called: an address that can be right is taken for reachable.
    """
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "type", "resource")
    kind, resource = body["type"], body["resource"]
    if kind not in ("email", "webhook", "sip"):
        raise Refused(400, "Invalid type: must be email, webhook or sip")
    if not isinstance(resource, str):
        raise Refused(400, "Invalid resource: must be a string")
    if kind == "email" and not EMAIL.fullmatch(resource):
        raise Refused(400, "Invalid resource: must be a mail address")
    if kind == "webhook" and not re.fullmatch(
        r"https://[^/\s:]+\.[^/\s:]+(:\d+)?([/?]\S*)?", resource
    ):
        raise Refused(400, "Invalid resource: must be reachable by https with valid TLS")
    if kind == "sip" and not _is_ip(resource):
        raise Refused(400, "Invalid resource: must be an IP address")
    change_number(store, row, sms=keep_route(store, caller.login, kind, resource))
    return success({"number": row["tn"], "type": kind, "resource": resource})


@operation(refusal=(404, NOTHING_SET))
def remove_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE …/sms: 404 when nothing is set. The row of the route stays for other numbers."""
    row = find_number(store, caller, number)
    _sms_object(row)
    change_number(store, row, sms=None)
    return no_content()


def _sms_object(row: sqlite3.Row) -> dict[str, Any]:
    """Write the route of a number without its row id; raise 404 without a route."""
    sms = facts_of(row).get("sms")
    if not sms:
        raise Refused(404, NOTHING_SET)
    return {"number": row["tn"], "type": sms["type"], "resource": sms["resource"]}


def keep_route(store: Store, login: str, kind: str, resource: str) -> dict[str, Any]:
    """Return the row of a route as the fact of a number, made when the account has none."""
    store.execute(
        "INSERT OR IGNORE INTO voicetel_sms_route (login, type, resource) VALUES (?, ?, ?)",
        (login, kind, resource),
    )
    found = store.query(
        "SELECT * FROM voicetel_sms_route WHERE login = ? AND type = ? AND resource = ?",
        (login, kind, resource),
    )
    return route_row(found[0])


def route_row(row: sqlite3.Row) -> dict[str, Any]:
    """Write the row of a route as the fact of a number."""
    return {"id": row["id"], "type": row["type"], "resource": row["resource"]}


def find_route(store: Store, caller: Caller, route_id: int) -> sqlite3.Row:
    """Return a row of this account; raise 403 for another account's, 404 for none."""
    rows = store.query("SELECT * FROM voicetel_sms_route WHERE id = ?", (route_id,))
    if not rows:
        raise Refused(404, "SMS route not found")
    if rows[0]["login"] != caller.login:
        raise Refused(403, "SMS route belongs to another account")
    return rows[0]


def _is_ip(text: str) -> bool:
    """Tell whether a text is an IP address, with a port or without."""
    try:
        ipaddress.ip_address(text.partition(":")[0] if text.count(":") == 1 else text)
    except ValueError:
        return False
    return True
