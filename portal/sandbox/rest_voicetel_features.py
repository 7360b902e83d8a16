"""VoiceTel section 10: route, names, fax, forward, translation and port-out PIN of a number."""

from __future__ import annotations

import re
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_checks import (
    check_email,
    check_optional_text,
    check_pattern,
    check_text,
)
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

LIDB_LIMIT = 15
PIN = re.compile(r"[0-9]{4}")


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
    name = " ".join(
        re.sub(r"[^A-Za-z0-9 ]", "", check_text("cnam", body["cnam"], limit=LIDB_LIMIT)).split()
    )
    if not name:
        raise Refused(400, f"Invalid cnam: 1 to {LIDB_LIMIT} alphanumeric characters")
    reference = check_optional_text("customerOrderReference", body.get("customerOrderReference"))
    default_reference = f"{caller.login}-{int(store.now().timestamp())}"
    change_number(store, row, lidb=name)
    return success(
        {
            "number": row["tn"],
            "cnam": name,
            "customerOrderReference": reference or default_reference,
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
    email = check_email("email", body["email"])
    change_number(store, row, fax=email)
    return success({"number": row["tn"], "email": email})


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


@operation(refusal=(409, "Translation could not be set"))
def set_translation(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/translation: the digits sent to the gateway.

    The prose allows digits and `#`, the schema wants a ten-digit number; the wider rule holds here.
    """
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "translation")
    translation = body["translation"]
    if not isinstance(translation, str) or not re.fullmatch(r"[0-9#]{1,20}", translation):
        raise Refused(400, "Invalid translation: must be digits or #")
    change_number(store, row, translated=translation)
    return success({"number": row["tn"], "translation": translation})


@operation(refusal=(502, "Port-out PIN could not be set"))
def set_pin(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PATCH …/port-out-pin: the four digits that a gaining carrier has to name."""
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "pin")
    pin = check_pattern("pin", body["pin"], PIN)
    change_number(store, row, portOutPin=pin)
    return success({"number": row["tn"], "portOutPin": pin})


def _feature(store: Store, caller: Caller, number: str, name: str) -> Any:
    """Return a fact of a number; raise 404 when the number or the fact is not there."""
    value = facts_of(find_number(store, caller, number)).get(name)
    if not value:
        raise Refused(404, f"No {name} routing set")
    return value
