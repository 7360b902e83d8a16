"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

PUT_NUMBER_ROUTE: Final = Method(
    name="PUT /v2.2/numbers/{number}/route",
    section="10",
    domain="inventory",
    capability="route_assignment",
    function="put_number_route",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
)
PUT_NUMBER_CNAM: Final = Method(
    name="PUT /v2.2/numbers/{number}/cnam",
    section="10",
    domain="inventory",
    capability="caller_name_lookup",
    function="put_number_cnam",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
    refusals=frozenset({409}),
)
PUT_NUMBER_LIDB: Final = Method(
    name="PUT /v2.2/numbers/{number}/lidb",
    section="10",
    domain="inventory",
    capability="caller_name",
    function="put_number_lidb",
    reads=("features.stored_name",),
    sureness="seen",
    is_write=True,
)
GET_NUMBER_FAX: Final = Method(
    name="GET /v2.2/numbers/{number}/fax",
    section="10",
    domain="inventory",
    capability="fax_by_email",
    function="get_number_fax",
    reads=("features.fax_to_email",),
    sureness="seen",
    is_empty_on_404=True,
)
PUT_NUMBER_FAX: Final = Method(
    name="PUT /v2.2/numbers/{number}/fax",
    section="10",
    domain="inventory",
    capability="fax_by_email",
    function="put_number_fax",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
)
DELETE_NUMBER_FAX: Final = Method(
    name="DELETE /v2.2/numbers/{number}/fax",
    section="10",
    domain="inventory",
    capability="fax_by_email",
    function="delete_number_fax",
    reads=(),
    sureness="seen",
    is_write=True,
    answers_without_body=True,
)
PUT_NUMBER_FORWARD: Final = Method(
    name="PUT /v2.2/numbers/{number}/forward",
    section="10",
    domain="inventory",
    capability="forwarding",
    function="put_number_forward",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
    refusals=frozenset({409}),
)
DELETE_NUMBER_FORWARD: Final = Method(
    name="DELETE /v2.2/numbers/{number}/forward",
    section="10",
    domain="inventory",
    capability="forwarding",
    function="delete_number_forward",
    reads=(),
    sureness="seen",
    is_write=True,
    answers_without_body=True,
    refusals=frozenset({409}),
)
PUT_NUMBER_TRANSLATION: Final = Method(
    name="PUT /v2.2/numbers/{number}/translation",
    section="10",
    domain="inventory",
    capability="translation",
    function="put_number_translation",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
    refusals=frozenset({409}),
)
# Lookups are charged: one that is sent twice costs twice (8).
GET_CNAM: Final = Method(
    name="GET /v2.2/cnam/{number}",
    section="8",
    domain="inventory",
    capability="name_lookups",
    function="get_cnam",
    reads=("features.name_lookup",),
    sureness="seen",
    is_idempotent=False,
)
GET_LRN: Final = Method(
    name="GET /v2.2/lrn/{number}/{ani}",
    section="8",
    domain="inventory",
    capability="routing_lookups",
    function="get_lrn",
    reads=("features.routing_lookup",),
    sureness="seen",
    is_idempotent=False,
)

METHODS: tuple[Method, ...] = (
    PUT_NUMBER_ROUTE,
    PUT_NUMBER_CNAM,
    PUT_NUMBER_LIDB,
    GET_NUMBER_FAX,
    PUT_NUMBER_FAX,
    DELETE_NUMBER_FAX,
    PUT_NUMBER_FORWARD,
    DELETE_NUMBER_FORWARD,
    PUT_NUMBER_TRANSLATION,
    GET_CNAM,
    GET_LRN,
)
