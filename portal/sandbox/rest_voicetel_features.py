"""VoiceTel section 10: route, caller name, LIDB, fax, forward, SMS and translation of a number."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_records import (
    change_number,
    check_route,
    facts_of,
    find_number,
    route_names,
)
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    check_bool,
    check_tn,
    is_faulted,
    no_content,
    operation,
    require,
    success,
)
from portal.sandbox.store import Store

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LIDB_LIMIT = 15


@operation(refusal=(400, "Route could not be changed"))
def set_route(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/route: a foreign number is a 400, for the route declares no 404."""
    row = find_number(store, caller, number, 400)
    body = body_of(request)
    require(body, "route")
    route = check_route(body["route"], route_names(store, caller.login))
    change_number(store, row, route=route)
    return success({"number": row["tn"], "route": route})


@operation(refusal=(409, "CNAM could not be changed"))
def set_cnam(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/cnam: switch the caller-name lookup on inbound calls."""
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "enabled")
    enabled = check_bool("enabled", body["enabled"])
    change_number(store, row, cnam=enabled)
    return success({"number": row["tn"], "cnam": enabled})


@operation(refusal=(400, "LIDB could not be changed"))
def set_lidb(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/lidb: store the displayed name.

    The name is kept even when the LIDB network fails: success is told by `carrierStatus` only
    (10, notes). The fault `partial` makes it fail.
    """
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "cnam")
    name = " ".join(re.sub(r"[^A-Za-z0-9 ]", "", str(body["cnam"])).split())
    if not name or len(str(body["cnam"])) > LIDB_LIMIT:
        raise Refused(400, f"Invalid cnam: 1 to {LIDB_LIMIT} alphanumeric characters")
    default_reference = f"{caller.login}-{int(store.now().timestamp())}"
    change_number(store, row, lidb=name)
    return success(
        {
            "number": row["tn"],
            "cnam": name,
            "customerOrderReference": str(body.get("customerOrderReference") or default_reference),
            "carrierStatus": "Failed" if is_faulted(request, "partial") else "Success",
        }
    )


@operation(refusal=(404, "No fax routing set"))
def show_fax(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET …/fax: the mail address that faxes go to; 404 when there is none."""
    return success({"number": number, "email": _feature(store, caller, number, "fax")})


@operation(refusal=(400, "Fax routing could not be set"))
def set_fax(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/fax: send the faxes of a number to a mail address."""
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "email")
    if not EMAIL.fullmatch(str(body["email"])):
        raise Refused(400, "Invalid email")
    change_number(store, row, fax=body["email"])
    return success({"number": row["tn"], "email": body["email"]})


@operation(refusal=(404, "No fax routing set"))
def remove_fax(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE …/fax: 404 when there is no fax routing."""
    _feature(store, caller, number, "fax")
    change_number(store, find_number(store, caller, number), fax=None)
    return no_content()


@operation(refusal=(409, "Forward could not be set"))
def set_forward(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/forward: forward all calls of a number to another one."""
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "destination")
    destination = check_tn("destination", body["destination"])
    if destination == row["tn"]:
        raise Refused(409, "A number cannot be forwarded to itself")
    change_number(store, row, forwardTo=destination)
    return success({"number": row["tn"], "forwardTo": destination})


@operation(refusal=(409, "Forward could not be removed"))
def remove_forward(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE …/forward: 204, whether or not a forward was set."""
    change_number(store, find_number(store, caller, number), forwardTo=None)
    return no_content()


@operation(refusal=(404, "No SMS routing set"))
def show_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET …/sms: where text messages go; 404 when nothing is set."""
    return success({"number": number, **_feature(store, caller, number, "sms")})


@operation(refusal=(400, "Webhook is not reachable"))
def set_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/sms: send text messages to a mail address, an https webhook or a SIP address."""
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "type", "resource")
    kind, resource = body["type"], str(body["resource"])
    if kind not in ("email", "webhook", "sip"):
        raise Refused(400, "Invalid type: must be email, webhook or sip")
    if kind == "email" and not EMAIL.fullmatch(resource):
        raise Refused(400, "Invalid resource: must be a mail address")
    if kind == "webhook" and not re.fullmatch(r"https://[^/\s]+\.[^/\s]+(/\S*)?", resource):
        raise Refused(400, "Invalid resource: must be reachable by https with valid TLS")
    if kind == "sip" and not _is_ip(resource):
        raise Refused(400, "Invalid resource: must be an IP address")
    change_number(store, row, sms={"type": kind, "resource": resource})
    return success({"number": row["tn"], "type": kind, "resource": resource})


@operation(refusal=(404, "No SMS routing set"))
def remove_sms(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE …/sms: 404 when nothing is set."""
    _feature(store, caller, number, "sms")
    change_number(store, find_number(store, caller, number), sms=None)
    return no_content()


@operation(refusal=(409, "Translation could not be set"))
def set_translation(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/translation: the digits sent to the gateway.

    The prose allows digits and `#`, the schema wants a ten-digit number; the wider rule holds here.
    """
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "translation")
    translation = str(body["translation"])
    if not re.fullmatch(r"[0-9#]{1,20}", translation):
        raise Refused(400, "Invalid translation: must be digits or #")
    change_number(store, row, translated=translation)
    return success({"number": row["tn"], "translation": translation})


def _feature(store: Store, caller: Caller, number: str, name: str) -> Any:
    """Return a fact of a number; raise 404 when the number or the fact is not there."""
    value = facts_of(find_number(store, caller, number)).get(name)
    if not value:
        raise Refused(404, f"No {name} routing set")
    return value


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition(":")[0])
    except ValueError:
        return False
    return True
