"""VoiceTel: portability, port orders, port-out PIN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from portal.providers.dto.porting import AfterPort, NameType, PortRequest, PortState
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import porting
from portal.tn import TN
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import by_newcomer, client_of
from tests.providers.calls.voicetel_e911 import on

PIN = "0142"
REQUEST = PortRequest(
    tns=(),
    name="Example LLC",
    name_type=NameType.BUSINESS,
    authorized_person="Pat Example",
    billing_tn=TN("+13125550142"),
    account_number="A-1001",
    street_number="12",
    street="Oak",
    street_type="AVE",
    city="Chicago",
    state="IL",
    zip="60601",
)


def whole(tns: tuple[TN, ...]) -> PortRequest:
    """Return a request with every member that the document has."""
    return replace(
        REQUEST,
        tns=tns,
        pin="1234",
        desired_date=date(2099, 3, 2),
        street_prefix="N",
        street_suffix="SW",
        building="B",
        floor="3",
        room="12",
        unit="Suite 5",
        after={tns[0]: AfterPort(route_ref="4", caller_name="EXAMPLE LLC", campaign_ref="CABC123")},
    )


def free(stage: Stage) -> str:
    """Return a number that VoiceTel does not have."""
    return stage.new_tn(nxx="559")


def check(client: Client, number: str) -> Any:
    return porting.portability(client.get_ports_availability(number), TN.from_digits10(number))


def submit(client: Client, request: PortRequest, date_form: str = "date") -> Any:
    return porting.receipt(client.post_ports(porting.port_form(request, date_form=date_form)))


def submitting(
    *, count: int = 1, is_whole: bool = False, date_form: str = "date", is_checked: bool = True
) -> Arrange:
    """Return a submission of fresh numbers, whose portability was checked just before."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        numbers = [free(stage) for _ in range(count)]
        for number in numbers if is_checked else ():
            check(stage.helper, number)
        tns = tuple(TN.from_digits10(number) for number in numbers)
        request = whole(tns) if is_whole else replace(REQUEST, tns=tns)
        return lambda client: submit(client, request, date_form)

    return arrange


def a_port(stage: Stage) -> str:
    """Return the reference of a port of ours; one is submitted where there is none yet."""
    found = next(porting.ports(stage.helper.get_ports()), None)
    return found.ref if found else submitting(is_whole=True)(stage)(stage.helper).ref


def read(ref_of: Callable[[Stage], str]) -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        ref = ref_of(stage)

        def call(client: Client) -> Any:
            content = client.get_port(ref)
            return None if content is None else porting.port(content, ref)

        return call

    return arrange


def listed(stage: Stage) -> Callable[[Client], Any]:
    a_port(stage)
    return lambda client: list(porting.ports(client.get_ports()))


def submitting_without_money(stage: Stage) -> Callable[[Client], Any]:
    """Return a submission by an account that was just opened."""
    number = free(stage)
    call = by_newcomer(lambda client: submit(client, _of(number)))(stage)
    credentials = stage.provider.account.credentials
    check(client_of(stage, credentials["username"], credentials["password"]), number)
    return call


def _of(number: str) -> PortRequest:
    return replace(REQUEST, tns=(TN.from_digits10(number),))


def set_pin(client: Client, number: str) -> str:
    content = client.patch_number_port_out_pin(number, pin=PIN)
    return porting.port_out_pin(content, TN.from_digits10(number))


EXAMPLES = (
    Example(
        operation="GET /v2.2/ports/availability/{number}",
        arrange=on(free, check),
        holds=lambda answer: answer.is_portable and answer.losing_carrier,
        still_holds=lambda answer: answer.is_portable,
    ),
    Example(
        operation="GET /v2.2/ports/availability/{number}",
        label="of a number that cannot",
        arrange=on(Stage.owned, check),
        holds=lambda answer: not answer.is_portable and "already" in answer.reason,
        still_holds=lambda answer: not answer.is_portable,
    ),
    Example(
        operation="POST /v2.2/ports",
        arrange=submitting(),
        holds=lambda receipt: receipt.letter_url and receipt.tracking_url and receipt.ticket_ref,
        still_holds=lambda receipt: receipt.ref,
    ),
    Example(
        operation="POST /v2.2/ports",
        label="with everything",
        arrange=submitting(count=2, is_whole=True, date_form="datetime"),
        holds=lambda receipt: receipt.message,
        still_holds=lambda receipt: receipt.ref,
    ),
    Example(
        operation="GET /v2.2/ports",
        arrange=listed,
        holds=lambda ports: ports and all(port.word and port.submitted_at for port in ports),
        still_holds=lambda ports: ports and all(port.ref for port in ports),
    ),
    Example(
        operation="GET /v2.2/ports",
        label="without any",
        arrange=by_newcomer(lambda client: list(porting.ports(client.get_ports()))),
        holds=lambda ports: ports == [],
    ),
    Example(
        operation="GET /v2.2/ports/{id}",
        arrange=read(a_port),
        holds=lambda port: port.numbers and port.state is not PortState.UNKNOWN,
        still_holds=lambda port: port.numbers,
    ),
    Example(
        operation="GET /v2.2/ports/{id}",
        label="of an unknown port",
        arrange=read(lambda stage: "zzzz0"),
        holds=lambda port: port is None,
    ),
    Example(
        operation="PATCH /v2.2/numbers/{number}/port-out-pin",
        arrange=on(Stage.owned, set_pin),
        holds=lambda pin: pin == PIN,
    ),
)

REFUSALS = (
    Refusal(
        operation="POST /v2.2/ports",
        why="the number was not checked",
        arrange=submitting(is_checked=False),
        code="400",
        says="within the last hour",
    ),
    Refusal(
        operation="POST /v2.2/ports",
        why="the balance is too low",
        arrange=submitting_without_money,
        code="402",
        says="too low",
    ),
    Refusal(
        operation="PATCH /v2.2/numbers/{number}/port-out-pin",
        why="the number is not on the account",
        arrange=on(free, set_pin),
        code="404",
        says="does not know it on this account",
    ),
)
