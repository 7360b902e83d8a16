"""VoiceTel: gateways, access list, SIP sign-in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from portal.providers.dto.network import SignInField
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import network
from portal.providers.voicetel.methods import network as methods
from tests.providers.calls import CREDENTIALS, Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import by_newcomer, plain

OURS = 1001  # a gateway that the account has from the start
_serial = itertools.count(1)
_ranges = itertools.count(10)


def _host() -> str:
    return f"gw{next(_serial)}.example.net"


def _range() -> str:
    return f"192.0.2.{next(_ranges) % 250}/32"


def _post(**fields: Any) -> Arrange:
    return plain(
        lambda client: network.route(
            client.post_gateways(gateway=f"{_host()}:5080", **fields), methods.POST_GATEWAYS
        )
    )


def _on_new(call: Callable[[Client, int], Any], *, has_number: bool = False) -> Arrange:
    """Return a call on a gateway just made, with a number routed to it or without."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        made = stage.helper.post_gateways(gateway=_host())["id"]
        if has_number:
            stage.helper.put_number_route(stage.owned(), route=made)
        return lambda client: call(client, made)

    return arrange


def _on_listed(call: Callable[[Client, list[str]], Any]) -> Arrange:
    """Return a call with two ranges, the first of which stands on the access list."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        listed, other = _range(), _range()
        stage.helper.delete_acl([listed, other])
        stage.helper.post_acl([listed])
        return lambda client: call(client, [listed, other])

    return arrange


def _get(client: Client, gateway: int) -> Any:
    found = client.get_gateway(gateway)
    return found and network.route(found, methods.GET_GATEWAY)


def _put(client: Client, made: int, **fields: Any) -> Any:
    return network.route(client.put_gateway(made, **fields), methods.PUT_GATEWAY)


def _numbers(client: Client, gateway: int) -> Any:
    return list(network.route_numbers(client.get_gateway_numbers(gateway), str(gateway)))


def _allow(client: Client, cidrs: list[str]) -> Any:
    return network.access_change(client.post_acl(cidrs), cidrs, is_removal=False)


def _forbid(client: Client, cidrs: list[str]) -> Any:
    return network.access_change(client.delete_acl(cidrs), cidrs, is_removal=True)


def _sign_in(**fields: Any) -> Arrange:
    asked = [SignInField.MODE] * ("auth_type" in fields)
    asked += [SignInField.PASSWORD] * ("password" in fields)
    return plain(lambda client: network.sign_in_change(client.put_auth(**fields), asked))


EXAMPLES = (
    Example(
        operation="GET /v2.2/gateways",
        arrange=plain(lambda client: network.routes(client.get_gateways())),
        holds=lambda routes: {"4", "1001"} <= {route.ref for route in routes},
    ),
    Example(
        operation="POST /v2.2/gateways",
        arrange=_post(),
        holds=lambda route: not route.is_system and route.details["limit"] == 23,
        still_holds=lambda route: route.ref.isdigit(),
    ),
    Example(
        operation="POST /v2.2/gateways",
        label="with everything",
        arrange=_post(prefix="9", limit=1000),
        holds=lambda route: route.details == {"prefix": "9", "limit": 1000},
        still_holds=lambda route: route.name == f"Gateway {route.ref}",
    ),
    Example(
        operation="GET /v2.2/gateways/{id}",
        arrange=plain(lambda client: _get(client, OURS)),
        holds=lambda route: route.ref == "1001",
    ),
    Example(
        operation="GET /v2.2/gateways/{id}",
        label="that is not there",
        arrange=plain(lambda client: _get(client, 999_999)),
        holds=lambda route: route is None,
    ),
    Example(
        operation="PUT /v2.2/gateways/{id}",
        arrange=_on_new(lambda client, made: _put(client, made, limit=1)),
        holds=lambda route: route.details["limit"] == 1,
        still_holds=lambda route: route.details == {},
    ),
    Example(
        operation="PUT /v2.2/gateways/{id}",
        label="everything",
        arrange=_on_new(
            lambda client, made: _put(client, made, gateway="203.0.113.77:5061", prefix="", limit=5)
        ),
        holds=lambda route: route.name == "203.0.113.77:5061",
        still_holds=lambda route: not route.is_system,
    ),
    Example(
        operation="DELETE /v2.2/gateways/{id}",
        arrange=_on_new(lambda client, made: client.delete_gateway(made)),
    ),
    Example(
        operation="GET /v2.2/gateways/{id}/numbers",
        arrange=_on_new(_numbers, has_number=True),
        holds=lambda numbers: len(numbers) == 1 and numbers[0].route_ref != "4",
    ),
    Example(
        operation="GET /v2.2/acl",
        arrange=plain(lambda client: network.access_list(client.get_acl())),
        holds=lambda ranges: "198.51.100.7/32" in ranges,
    ),
    Example(
        operation="GET /v2.2/acl",
        label="of a newcomer",
        arrange=by_newcomer(lambda client: network.access_list(client.get_acl())),
        holds=lambda ranges: ranges == [],
    ),
    Example(
        operation="POST /v2.2/acl",
        arrange=_on_listed(lambda client, cidrs: _allow(client, cidrs[1:])),
        holds=lambda change: len(change.added) == 1 and change.is_complete,
    ),
    Example(
        operation="POST /v2.2/acl",
        label="of which one is there",
        arrange=_on_listed(_allow),
        holds=lambda change: (len(change.added), len(change.failed)) == (1, 1),
    ),
    Example(
        operation="DELETE /v2.2/acl",
        arrange=_on_listed(lambda client, cidrs: _forbid(client, cidrs[:1])),
        holds=lambda change: len(change.removed) == 1 and change.is_complete,
    ),
    Example(
        operation="DELETE /v2.2/acl",
        label="of which one is not there",
        arrange=_on_listed(_forbid),
        holds=lambda change: [f.reason for f in change.failed] == ["DB delete failed"],
    ),
    Example(
        operation="GET /v2.2/auth",
        arrange=plain(lambda client: network.sign_in(client.get_auth())),
        holds=lambda found: found.mode is not None and found.word,
        still_holds=lambda found: found.mode is None and found.access_list,
    ),
    Example(
        operation="PUT /v2.2/auth",
        arrange=_sign_in(auth_type=2),
        holds=lambda change: change.mode == "either" and not change.has_new_credential,
    ),
    Example(
        operation="PUT /v2.2/auth",
        label="with a password",
        arrange=_sign_in(auth_type=0, password=CREDENTIALS["voicetel"]["password"]),
        holds=lambda change: change.has_new_credential and change.is_complete,
    ),
)

REFUSALS = (
    Refusal(
        operation="POST /v2.2/gateways",
        why="it is there already",
        arrange=plain(lambda client: client.post_gateways(gateway="198.51.100.20:5060")),
        code="409",
        says="did not add the gateway",
    ),
    Refusal(
        operation="POST /v2.2/gateways",
        why="its name leads to no public address",
        arrange=plain(lambda client: client.post_gateways(gateway="gw.corp.internal")),
        code="400",
        says="Invalid gateway",
    ),
    Refusal(
        operation="PUT /v2.2/gateways/{id}",
        why="it is not there",
        arrange=plain(lambda client: _put(client, 999_999, limit=2)),
        code="404",
        says="Gateway not found",
    ),
    Refusal(
        operation="DELETE /v2.2/gateways/{id}",
        why="it is not there",
        arrange=plain(lambda client: client.delete_gateway(999_999)),
        code="404",
        says="Gateway not found",
    ),
    Refusal(
        operation="DELETE /v2.2/gateways/{id}",
        why="numbers are routed to it",
        arrange=_on_new(lambda client, made: client.delete_gateway(made), has_number=True),
        code="409",
        says="Numbers are still routed to the gateway",
    ),
    Refusal(
        operation="GET /v2.2/gateways/{id}/numbers",
        why="it is not there",
        arrange=plain(lambda client: _numbers(client, 999_999)),
        code="404",
        says="Gateway not found",
    ),
)
