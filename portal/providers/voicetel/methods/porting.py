"""Portability, port orders, port-out PIN (voicetel.md 7.4, 10)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

GET_AVAILABILITY: Final = Method(
    name="GET /v2.2/ports/availability/{number}",
    section="7.4",
    domain="porting",
    capability="portability_check",
    function="get_ports_availability",
    reads=("porting.portability",),
    sureness="seen",
)
POST_PORTS: Final = Method(
    name="POST /v2.2/ports",
    section="7.4",
    domain="porting",
    capability="port_submission",
    function="post_ports",
    reads=("porting.port_form", "porting.receipt"),
    sureness="seen",
    is_write=True,
    is_idempotent=False,  # each submission is charged
)
GET_PORTS: Final = Method(
    name="GET /v2.2/ports",
    section="7.4",
    domain="porting",
    capability="port_list",
    function="get_ports",
    reads=("porting.ports",),
    sureness="seen",
)
GET_PORT: Final = Method(
    name="GET /v2.2/ports/{id}",
    section="7.4",
    domain="porting",
    capability="port_read",
    function="get_port",
    reads=("porting.port",),
    sureness="seen",
    is_empty_on_404=True,
)
PATCH_PORT_OUT_PIN: Final = Method(
    name="PATCH /v2.2/numbers/{number}/port-out-pin",
    section="10",
    domain="porting",
    capability="port_out_pin",
    function="patch_number_port_out_pin",
    reads=("porting.port_out_pin",),
    sureness="seen",
    is_write=True,
)

METHODS: tuple[Method, ...] = (
    GET_AVAILABILITY,
    POST_PORTS,
    GET_PORTS,
    GET_PORT,
    PATCH_PORT_OUT_PIN,
)
