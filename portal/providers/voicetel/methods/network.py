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
    reads=("inventory.routes",),
    sureness="seen",
)

METHODS: tuple[Method, ...] = (GET_GATEWAYS,)
