"""VoiceTel section 10: the numbers of the account, added, shown, moved and given up."""

from __future__ import annotations

import json
from collections.abc import Iterator

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_records import (
    change_number,
    check_route,
    facts_of,
    find_number,
    give_up_number,
    has_numbers,
    iterate_numbers,
    number_detail,
    route_names,
    take_number,
)
from portal.sandbox.rest_voicetel_wire import (
    DEFAULT_ROUTE,
    PROVIDER,
    Caller,
    Refused,
    body_of,
    check_int,
    check_tn,
    is_faulted,
    load_account,
    no_content,
    operation,
    require,
    success,
)
from portal.sandbox.store import Store

LEFT_BEHIND = ("forwardTo", "translated", "fax", "sms", "campaign", "carrier", "e911", "portOutPin")


@operation(refusal=(404, "No numbers found"))
def list_numbers(request: Request, store: Store, caller: Caller) -> Response:
    """GET /numbers: every number of the account in one streamed answer; 404 when there is none."""
    if is_faulted(request, "empty") or not has_numbers(store, caller):
        raise Refused(404, "No numbers found")
    routes = route_names(store, caller.login)

    def body() -> Iterator[bytes]:
        comma = b""
        yield b'{"status":"success","data":{"numbers":['
        for row in iterate_numbers(store, caller):
            yield comma + json.dumps(number_detail(row, routes)).encode()
            comma = b","
        yield b"]}}"

    return Response(200, body(), "application/json")


@operation(refusal=(409, "Number could not be added"))
def add_number(request: Request, store: Store, caller: Caller) -> Response:
    """POST /numbers: take one number from stock; the balance must cover its monthly rate.

    Nothing is debited here: the document asks for the balance only (1.6).
    """
    body = body_of(request)
    require(body, "number")
    number = check_tn("number", body["number"])
    route = DEFAULT_ROUTE if body.get("route") is None else body["route"]
    caller = load_account(store, caller.login) or caller
    route = check_route(route, route_names(store, caller.login))
    if caller.balance < caller.facts["rates"]["did"]:
        raise Refused(402, "Insufficient balance")
    if is_faulted(request, "partial") or not take_number(store, caller, number, route):
        raise Refused(409, "Number is not available")
    return success({"number": number, "route": route}, 201)


@operation(refusal=(404, "Number not found on account"))
def show_number(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET /numbers/{number}: the detail of one number, directly in `data`."""
    row = find_number(store, caller, number)
    return success(number_detail(row, route_names(store, caller.login)))


@operation(refusal=(409, "Number could not be moved"))
def move_number(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PATCH /numbers/{number}: hand a number to another account, with a route of that account.

    Its names go with it; what the old account had set up for it does not.
    """
    body = body_of(request)
    row = find_number(store, caller, number)
    require(body, "accountId", "route")
    account_id = check_int("accountId", body["accountId"], low=1, high=10**12)
    target = load_account(store, str(account_id))
    if target is None:
        raise Refused(409, "Number could not be moved: no such account")
    route = check_route(body["route"], route_names(store, target.login))
    _refuse_porting(facts_of(row))
    change_number(store, row, **dict.fromkeys(LEFT_BEHIND), route=route)
    store.execute(
        "UPDATE number SET account = ? WHERE provider = ? AND tn = ?",
        (target.login, PROVIDER, row["tn"]),
    )
    return success({"number": row["tn"], "accountId": account_id, "route": route})


@operation(refusal=(409, "Number could not be removed"))
def remove_number(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE /numbers/{number}: take a number off the account; it returns to VoiceTel's stock."""
    row = find_number(store, caller, number)
    _refuse_porting(facts_of(row))
    give_up_number(store, row, "available")
    return no_content()


@operation(refusal=(409, "Number could not be released"))
def release_number(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """POST /numbers/{number}/release: give a number up to the network for good.

    The route declares no 404, so a number that is not on the account is a 409 as well.
    """
    row = find_number(store, caller, number, 409)
    _refuse_porting(facts_of(row))
    give_up_number(store, row, "gone")
    return no_content()


def _refuse_porting(facts: dict[str, object]) -> None:
    """Raise 409 while a port of the number is going on (fact `porting`)."""
    if facts.get("porting"):
        raise Refused(409, "Porting in progress")
