"""Balance, clients and endpoint groups (voip-innovations.md 2.14)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = (
    Method(
        name="GetPrepaidBalance",
        section="3.45",
        domain="portal",
        capability="credential_check",
        function="get_prepaid_balance",
        reads=("account.balance",),
        sureness="seen",
    ),
    Method(
        name="AuditEndpointGroups",
        section="3.58",
        domain="inventory",
        capability="route_list",
        function="audit_endpoint_groups",
        reads=("inventory.routes",),
        sureness="assumed",
    ),
)
