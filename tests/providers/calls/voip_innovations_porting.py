"""VoIP Innovations: portability and port orders, which come from the provider's back office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from portal.providers.dto.porting import PortState
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import porting
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voip_innovations_features import on_foreign, on_own, tn_of

WISHED = date(2099, 3, 2)


def make_port(stage: Stage) -> tuple[str, str]:
    """Have a port of two fresh numbers entered; return its id and the first of them."""
    numbers = [stage.new_tn(nxx="558"), stage.new_tn(nxx="558")]
    stage.sandbox.control(
        "port", numbers=numbers, carrier="Example Bell", requested_foc=WISHED.isoformat()
    )
    refs = [port.ref for port in listed(stage.helper)]
    return max(refs, key=int), numbers[0]


def listed(client: Client) -> Any:
    return list(porting.ports(client.get_active_ports(), "getActivePorts"))


def check(tn_in: Callable[[Stage], str]) -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        tn = tn_in(stage)
        return lambda client: porting.portability(client.is_portable(tn), tn_of(tn))

    return arrange


def details(ref: str = "") -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        wanted = ref or make_port(stage)[0]
        return lambda client: porting.port(client.get_port_details(int(wanted)), wanted)

    return arrange


def active(stage: Stage) -> Callable[[Client], Any]:
    ref, _ = make_port(stage)
    return lambda client: [port for port in listed(client) if port.ref == ref]


def history(client: Client, tn: str) -> Any:
    return porting.port_history(client.get_port_history(tn), tn_of(tn))


def history_of_port(stage: Stage) -> Callable[[Client], Any]:
    _, tn = make_port(stage)
    return lambda client: history(client, tn)


EXAMPLES = (
    Example(
        operation="isPortable",
        arrange=check(lambda stage: stage.new_tn(nxx="558")),
        holds=lambda answer: answer.is_portable is True,
    ),
    Example(
        operation="isPortable",
        label="of a number that cannot",
        arrange=check(lambda stage: "3125589910"),
        holds=lambda answer: answer.is_portable is False,
    ),
    Example(
        operation="getPortDetails",
        arrange=details(),
        holds=lambda port: (
            port.word == "PENDING SIGNATURE"
            and port.state is PortState.PENDING_DOCUMENTS
            and port.requested_date == WISHED
            and port.foc_date is None
            and len(port.numbers) == 2
            and port.submitted_at is not None
        ),
    ),
    Example(
        operation="getPortDetails",
        label="of an unknown id",
        arrange=details("35999"),
        holds=lambda port: port is None,
    ),
    Example(
        operation="getActivePorts",
        arrange=active,
        holds=lambda ports: (
            [(port.requested_date, port.route_ref) for port in ports] == [(WISHED, "13550")]
        ),
    ),
    Example(
        operation="GetPortHistory",
        arrange=history_of_port,
        holds=lambda found: (
            [event.state for event in found.events] == [PortState.PENDING_DOCUMENTS]
            and found.events[0].comment
            and found.port is not None
        ),
    ),
    Example(
        operation="GetPortHistory",
        label="of a number without a port",
        arrange=on_own(history),
        holds=lambda found: not found.events and found.port is None and found.is_portable is None,
    ),
)

REFUSALS = (
    Refusal(
        operation="GetPortHistory",
        why="a number of somebody else",
        arrange=on_foreign(history),
        code="909",
        says="does not belong to this account",
    ),
)
