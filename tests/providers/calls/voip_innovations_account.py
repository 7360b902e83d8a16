"""VoIP Innovations: one endpoint group, its switch, the customers under the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import account, inventory
from tests.providers.calls import Arrange, Example, Refusal, Stage

OURS, THEIRS = 13552, 14550


def _read(group: int) -> Callable[[Client], Any]:
    return lambda client: inventory.routes(client.audit_endpoint_group(group), "AuditEndpointGroup")


def _switch(name: str, *, other: str) -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        getattr(stage.helper, other)(OURS)
        return lambda client: getattr(client, name)(OURS)

    return arrange


EXAMPLES = (
    Example(
        operation="AuditEndpointGroup",
        arrange=lambda stage: _read(13550),
        holds=lambda groups: [(g.ref, g.name) for g in groups] == [("13550", "Main SBC")],
    ),
    Example(
        operation="ActivateEndpointGroup",
        arrange=_switch("activate_endpoint_group", other="deactivate_endpoint_group"),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="DeactivateEndpointGroup",
        arrange=_switch("deactivate_endpoint_group", other="activate_endpoint_group"),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="AuditClients",
        arrange=lambda stage: lambda client: account.clients(client.audit_clients()),
        holds=lambda clients: (
            [client.name for client in clients] == ["Sandbox Voice LLC"]
            and int(clients[0].details["endpointgroups"]) > 1
        ),
    ),
)

REFUSALS = (
    Refusal(
        operation="AuditEndpointGroup",
        arrange=lambda stage: _read(THEIRS),
        why="the endpoint group is somebody else's",
        code="948",
        says="endpoint group does not belong",
    ),
    Refusal(
        operation="ActivateEndpointGroup",
        arrange=lambda stage: lambda client: client.activate_endpoint_group(THEIRS),
        why="the endpoint group is somebody else's",
        code="948",
    ),
    Refusal(
        operation="DeactivateEndpointGroup",
        arrange=lambda stage: lambda client: client.deactivate_endpoint_group(THEIRS),
        why="the endpoint group is somebody else's",
        code="948",
    ),
)
