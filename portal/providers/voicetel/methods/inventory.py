"""Stock, orders and own numbers (voicetel.md 7.1 to 7.3, 10)."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

GET_INVENTORY: Final = Method(
    name="GET /v2.2/inventory",
    section="7.1",
    domain="inventory",
    capability="number_search",
    function="get_inventory",
    reads=("inventory.mask", "inventory.offers"),
    sureness="seen",
)
GET_INVENTORY_COVERAGE: Final = Method(
    name="GET /v2.2/inventory/coverage",
    section="7.2",
    domain="inventory",
    capability="stock_counts",
    function="get_inventory_coverage",
    reads=("inventory.stock_counts",),
    sureness="seen",
)
POST_ORDERS: Final = Method(
    name="POST /v2.2/orders",
    section="7.3",
    domain="inventory",
    capability="number_ordering",
    function="post_orders",
    reads=("inventory.order_verdicts",),
    sureness="seen",
    is_write=True,  # idempotent for 24 hours, by its key
    nothing_done_on=frozenset({502}),
)
GET_NUMBERS: Final = Method(
    name="GET /v2.2/numbers",
    section="10",
    domain="inventory",
    capability="inventory_list",
    function="get_numbers",
    reads=("inventory.owned_numbers",),
    sureness="seen",
    is_empty_on_404=True,
)
GET_NUMBER: Final = Method(
    name="GET /v2.2/numbers/{number}",
    section="10",
    domain="inventory",
    capability="number_query",
    function="get_number",
    reads=("inventory.owned_number",),
    sureness="seen",
    is_empty_on_404=True,
)
POST_NUMBER_RELEASE: Final = Method(
    name="POST /v2.2/numbers/{number}/release",
    section="10",
    domain="inventory",
    capability="number_release",
    function="post_number_release",
    reads=(),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    answers_without_body=True,
    refusals=frozenset({409}),
)
POST_NUMBERS: Final = Method(
    name="POST /v2.2/numbers",
    section="10",
    domain="inventory",
    capability="number_claim",
    function="post_numbers",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
PATCH_NUMBER: Final = Method(
    name="PATCH /v2.2/numbers/{number}",
    section="10",
    domain="inventory",
    capability="number_transfer",
    function="patch_number",
    reads=("features.confirmed",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
DELETE_NUMBER: Final = Method(
    name="DELETE /v2.2/numbers/{number}",
    section="10",
    domain="inventory",
    capability="number_removal",
    function="delete_number",
    reads=(),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    answers_without_body=True,
    refusals=frozenset({409}),
)

METHODS: tuple[Method, ...] = (
    GET_INVENTORY,
    GET_INVENTORY_COVERAGE,
    POST_ORDERS,
    GET_NUMBERS,
    GET_NUMBER,
    POST_NUMBER_RELEASE,
    POST_NUMBERS,
    PATCH_NUMBER,
    DELETE_NUMBER,
)
