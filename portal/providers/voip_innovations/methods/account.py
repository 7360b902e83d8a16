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
    Method(
        name="AuditEndpointGroup",
        section="3.59",
        domain="inventory",
        capability="route_read",
        function="audit_endpoint_group",
        reads=("inventory.routes",),
        sureness="assumed",
    ),
    Method(
        name="ActivateEndpointGroup",
        section="3.51",
        domain="inventory",
        capability="route_switch",
        function="activate_endpoint_group",
        is_write=True,
        sureness="seen",
    ),
    Method(
        name="DeactivateEndpointGroup",
        section="3.50",
        domain="inventory",
        capability="route_switch",
        function="deactivate_endpoint_group",
        is_write=True,
        sureness="seen",
    ),
    Method(
        name="AuditClients",
        section="3.57",
        domain="portal",
        capability="client_list",
        function="audit_clients",
        reads=("account.clients",),
        sureness="assumed",
    ),
)
