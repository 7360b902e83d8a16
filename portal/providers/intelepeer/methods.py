"""The catalogue of the wire operations: the seven documented ones, and three that were seen.

The own list is documented under version 3; its examples use version 4 (intelepeer.md 9).
"""

from __future__ import annotations

from typing import Final

from portal.providers.catalogue import WireMethod

METHODS: Final[dict[str, WireMethod]] = {
    method.name: method
    for method in (
        WireMethod(
            name="POST /_rest/v4/authenticate",
            section="1.1",
            domain="tollfree",
            capability="credential_check",
            function="authenticate",
            sureness="seen",
        ),
        WireMethod(
            name="GET /_rest/v4/carrier/tf",
            section="2",
            domain="tollfree",
            capability="number_search",
            function="carrier_tf",
            reads=("search.search_plan", "numbers.stock_page", "numbers.offer"),
        ),
        WireMethod(
            name="GET /_rest/v3/my/tf",
            section="3",
            domain="tollfree",
            capability="inventory_list",
            function="my_tf_v3",
            reads=("numbers.owned_page", "numbers.owned_number"),
        ),
        WireMethod(
            name="POST /_rest/v4/carrier/tf/reservations",
            section="4",
            domain="tollfree",
            capability="number_reservation",
            function="carrier_tf_reservations",
            reads=("outcomes.reservation_id", "outcomes.held"),
            is_write=True,
            is_idempotent=False,
        ),
        WireMethod(
            name="POST /_rest/v4/my/tf/orders",
            section="5",
            domain="tollfree",
            capability="number_ordering",
            function="my_tf_orders",
            reads=("outcomes.order_ref", "outcomes.accepted"),
            is_write=True,
            is_idempotent=False,
        ),
        WireMethod(
            name="POST /_rest/v4/my/tf/package",
            section="6",
            domain="tollfree",
            capability="route_assignment",
            function="my_tf_package",
            reads=("outcomes.order_ref", "outcomes.accepted"),
            is_write=True,
        ),
        WireMethod(
            name="POST /_rest/v4/my/tf/disconnect",
            section="7",
            domain="tollfree",
            capability="number_release",
            function="my_tf_disconnect",
            reads=("outcomes.order_ref", "outcomes.accepted"),
            is_write=True,
            is_idempotent=False,
        ),
        WireMethod(
            name="GET /_rest/v4/my/tf",
            section="3, 9",
            domain="tollfree",
            capability="inventory_list",
            function="my_tf_v4",
            reads=("numbers.owned_page", "numbers.owned_number"),
            source="the examples of the provider's own list (intelepeer.md 9)",
        ),
        WireMethod(
            name="GET /_rest/v4/my/packages",
            section="8",
            domain="tollfree",
            capability="route_list",
            function="my_packages",
            reads=("account.routes",),
            sureness="seen",
            source="a public client of this interface (intelepeer.md 8)",
        ),
        WireMethod(
            name="GET /_rest/v4/my/accounts",
            section="8",
            domain="tollfree",
            capability="client_list",
            function="my_accounts",
            reads=("account.accounts",),
            sureness="seen",
            source="a public client of this interface (intelepeer.md 8)",
        ),
    )
}
