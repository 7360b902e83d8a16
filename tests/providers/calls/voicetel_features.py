"""VoiceTel: routes, names, fax, forward and translation of a number; lookups."""

from __future__ import annotations

from typing import Any

from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import features
from portal.providers.voicetel.methods import features as methods
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import by_newcomer, plain
from tests.providers.calls.voicetel_inventory import Call, on, tn_of

TO = "3125550142"
FAX = "fax@example.net"


def _mine(call: Call, *before: Call) -> Arrange:
    return on(Stage.owned, call, *before)


def _theirs(call: Call) -> Arrange:
    return on(Stage.foreign, call)


def _route(client: Client, number: str, route: int = 1001) -> Any:
    content = client.put_number_route(number, route=route)
    return features.confirmed(content, "route", tn_of(number), methods.PUT_NUMBER_ROUTE)


def _lookup(client: Client, number: str, *, enabled: bool = True) -> Any:
    content = client.put_number_cnam(number, enabled=enabled)
    return features.confirmed(content, "cnam", tn_of(number), methods.PUT_NUMBER_CNAM)


def _name(client: Client, number: str, name: str = "EXAMPLE LLC", reference: str = "") -> Any:
    content = client.put_number_lidb(number, cnam=name, customer_order_reference=reference)
    return features.stored_name(content, tn_of(number))


def _fax(client: Client, number: str) -> Any:
    return features.fax_to_email(client.get_number_fax(number), tn_of(number))


def _set_fax(client: Client, number: str) -> Any:
    content = client.put_number_fax(number, email=FAX)
    return features.confirmed(content, "email", tn_of(number), methods.PUT_NUMBER_FAX)


def _remove_fax(client: Client, number: str) -> Any:
    client.delete_number_fax(number)


def _forward(client: Client, number: str) -> Any:
    content = client.put_number_forward(number, destination=TO)
    return features.confirmed(content, "forwardTo", tn_of(number), methods.PUT_NUMBER_FORWARD)


def _remove_forward(client: Client, number: str) -> Any:
    client.delete_number_forward(number)


def _translate(client: Client, number: str, digits: str = "3125550199") -> Any:
    content = client.put_number_translation(number, translation=digits)
    return features.confirmed(content, "translation", tn_of(number), methods.PUT_NUMBER_TRANSLATION)


def _caller(client: Client) -> Any:
    return features.name_lookup(client.get_cnam(TO), tn_of(TO))


def _routing(client: Client) -> Any:
    ani = "2125550177"
    return features.routing_lookup(client.get_lrn(TO, ani=ani), tn_of(TO), tn_of(ani))


EXAMPLES = (
    Example(
        operation="PUT /v2.2/numbers/{number}/route",
        arrange=_mine(_route),
        holds=lambda route: route == "1001",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/cnam",
        arrange=_mine(_lookup),
        holds=lambda is_on: is_on == "true",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/cnam",
        label="off",
        arrange=_mine(lambda client, number: _lookup(client, number, enabled=False)),
        holds=lambda is_on: is_on == "false",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/lidb",
        arrange=_mine(_name),
        holds=lambda stored: stored.name == "EXAMPLE LLC" and stored.is_taken and stored.reference,
        still_holds=lambda stored: stored.is_taken,
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/lidb",
        label="with a reference",
        arrange=_mine(lambda client, number: _name(client, number, "FIFTEEN LETTERS", "job 17")),
        holds=lambda stored: stored.reference == "job 17",
        still_holds=lambda stored: stored.name == "FIFTEEN LETTERS",
    ),
    Example(
        operation="GET /v2.2/numbers/{number}/fax",
        arrange=_mine(_fax, _set_fax),
        holds=lambda found: found.emails == (FAX,),
    ),
    Example(
        operation="GET /v2.2/numbers/{number}/fax",
        label="where none is set",
        arrange=_mine(_fax),
        holds=lambda found: found.emails == (),
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/fax",
        arrange=_mine(_set_fax),
        holds=lambda email: email == FAX,
    ),
    Example(operation="DELETE /v2.2/numbers/{number}/fax", arrange=_mine(_remove_fax, _set_fax)),
    Example(
        operation="PUT /v2.2/numbers/{number}/forward",
        arrange=_mine(_forward),
        holds=lambda to: to == TO,
    ),
    Example(
        operation="DELETE /v2.2/numbers/{number}/forward",
        arrange=_mine(_remove_forward, _forward),
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/translation",
        arrange=_mine(_translate),
        holds=lambda digits: digits == "3125550199",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/translation",
        label="with a hash",
        arrange=_mine(lambda client, number: _translate(client, number, "12#")),
        holds=lambda digits: digits == "12#",
    ),
    Example(
        operation="GET /v2.2/cnam/{number}",
        arrange=plain(_caller),
        holds=lambda found: found.name,
    ),
    Example(
        operation="GET /v2.2/lrn/{number}/{ani}",
        arrange=plain(_routing),
        holds=lambda found: found.is_interstate is True and len(found.routing_number) == 10,
        still_holds=lambda found: found.is_interstate is None and found.state == "IL",
    ),
)

REFUSALS = (
    Refusal(
        operation="PUT /v2.2/numbers/{number}/route",
        why="there is no such gateway",
        arrange=_mine(lambda client, number: _route(client, number, 999_999)),
        code="400",
        says="Invalid route",
    ),
    Refusal(
        operation="PUT /v2.2/numbers/{number}/cnam",
        why="it is not ours",
        arrange=_theirs(_lookup),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="PUT /v2.2/numbers/{number}/lidb",
        why="it is not ours",
        arrange=_theirs(_name),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="PUT /v2.2/numbers/{number}/fax",
        why="it is not ours",
        arrange=_theirs(_set_fax),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="DELETE /v2.2/numbers/{number}/fax",
        why="none is set",
        arrange=_mine(_remove_fax),
        code="404",
        says="No fax address is set",
    ),
    Refusal(
        operation="PUT /v2.2/numbers/{number}/forward",
        why="it is not ours",
        arrange=_theirs(_forward),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="DELETE /v2.2/numbers/{number}/forward",
        why="it is not ours",
        arrange=_theirs(_remove_forward),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="PUT /v2.2/numbers/{number}/translation",
        why="it is not ours",
        arrange=_theirs(_translate),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="GET /v2.2/cnam/{number}",
        why="the service is not enabled",
        arrange=by_newcomer(_caller),
        code="402",
        says="the service is not enabled",
    ),
    Refusal(
        operation="GET /v2.2/lrn/{number}/{ani}",
        why="the balance is too low",
        arrange=by_newcomer(_routing),
        code="402",
        says="The balance at VoiceTel is too low",
    ),
)
