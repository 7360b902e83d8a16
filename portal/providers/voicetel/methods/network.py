"""Gateways, access list, SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

GET_GATEWAYS: Final = Method(
    name="GET /v2.2/gateways",
    section="6",
    domain="inventory",
    capability="route_list",
    function="get_gateways",
    reads=("network.routes",),
    sureness="seen",
)
POST_GATEWAYS: Final = Method(
    name="POST /v2.2/gateways",
    section="6",
    domain="inventory",
    capability="gateway_editing",
    function="post_gateways",
    reads=("network.route",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
GET_GATEWAY: Final = Method(
    name="GET /v2.2/gateways/{id}",
    section="6",
    domain="inventory",
    capability="route_read",
    function="get_gateway",
    reads=("network.route",),
    sureness="seen",
    is_empty_on_404=True,
)
PUT_GATEWAY: Final = Method(
    name="PUT /v2.2/gateways/{id}",
    section="6",
    domain="inventory",
    capability="gateway_editing",
    function="put_gateway",
    reads=("network.route",),
    sureness="seen",
    is_write=True,
)
DELETE_GATEWAY: Final = Method(
    name="DELETE /v2.2/gateways/{id}",
    section="6",
    domain="inventory",
    capability="gateway_editing",
    function="delete_gateway",
    reads=(),
    sureness="seen",
    is_write=True,
    answers_without_body=True,
    refusals=frozenset({409}),
)
GET_GATEWAY_NUMBERS: Final = Method(
    name="GET /v2.2/gateways/{id}/numbers",
    section="6",
    domain="inventory",
    capability="route_numbers",
    function="get_gateway_numbers",
    reads=("network.route_numbers",),
    sureness="seen",
)
GET_ACL: Final = Method(
    name="GET /v2.2/acl",
    section="3",
    domain="inventory",
    capability="access_list",
    function="get_acl",
    reads=("network.access_list",),
    sureness="seen",
    is_empty_on_404=True,
)
# The 409 of the next three tells what was carried out, so it is no refusal (1.2).
POST_ACL: Final = Method(
    name="POST /v2.2/acl",
    section="3",
    domain="inventory",
    capability="access_list",
    function="post_acl",
    reads=("network.access_change",),
    sureness="seen",
    is_write=True,
)
DELETE_ACL: Final = Method(
    name="DELETE /v2.2/acl",
    section="3",
    domain="inventory",
    capability="access_list",
    function="delete_acl",
    reads=("network.access_change",),
    sureness="seen",
    is_write=True,
)
PUT_AUTH: Final = Method(
    name="PUT /v2.2/auth",
    section="4",
    domain="inventory",
    capability="device_sign_in",
    function="put_auth",
    reads=("network.sign_in_change",),
    sureness="seen",
    is_write=True,
)
GET_AUTH: Final = Method(
    name="GET /v2.2/auth",
    section="4",
    domain="inventory",
    capability="device_sign_in",
    function="get_auth",
    reads=("network.sign_in",),
    sureness="seen",
)

METHODS: tuple[Method, ...] = (
    GET_GATEWAYS,
    POST_GATEWAYS,
    GET_GATEWAY,
    PUT_GATEWAY,
    DELETE_GATEWAY,
    GET_GATEWAY_NUMBERS,
    GET_ACL,
    POST_ACL,
    DELETE_ACL,
    PUT_AUTH,
    GET_AUTH,
)
