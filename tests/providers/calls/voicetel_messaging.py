"""VoiceTel: messages, where they go, and how a number stands with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.dto.messaging import (
    DestinationKind,
    Direction,
    MessageKind,
    MessageRecord,
)
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.client.messaging import HistoryType, RouteType
from portal.providers.voicetel.mapping import messaging
from portal.providers.voicetel.methods import messaging as methods
from portal.tn import TN
from tests.providers.calls import Example, Refusal, Stage

Call = Callable[[Client], Any]
FAR = "2015550142"
NETWORK_A = 17  # an outbound carrier


def sending(stage: Stage) -> str:
    """Return a number of ours that can send."""
    number = stage.owned()
    stage.helper.patch_number_messaging(number, route_out=NETWORK_A)
    return number


def routed(stage: Stage) -> str:
    """Return a number of ours whose messages are mailed."""
    number = stage.owned()
    stage.helper.put_number_sms(number, kind="email", resource="inbox@example.net")
    return number


def _states(stage: Stage) -> Call:
    ours, theirs = sending(stage), stage.foreign()
    return lambda client: list(
        messaging.states(
            client.get_numbers_messaging([ours, theirs]), methods.GET_NUMBERS_MESSAGING
        )
    )


def _state(make: Callable[[Stage], str]) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = make(stage)

        def call(client: Client) -> Any:
            record = client.get_number_messaging(number)
            return record and list(messaging.states([record], methods.GET_NUMBER_MESSAGING))

        return call

    return arrange


def _path(**ids: int) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = routed(stage)
        return lambda client: messaging.updated(client.patch_number_messaging(number, **ids))

    return arrange


def _attached(stage: Stage) -> Call:
    """Attach the row of one number to another."""
    record = stage.helper.get_number_messaging(routed(stage))
    number = stage.owned()
    return lambda client: messaging.updated(
        client.patch_number_messaging(number, route_in=record["routeIn"])
    )


def _destination(make: Callable[[Stage], str]) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = make(stage)

        def call(client: Client) -> Any:
            record = client.get_number_sms(number)
            return record and messaging.destination(record)

        return call

    return arrange


def _put(kind: RouteType, resource: str) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = stage.owned()
        return lambda client: messaging.destination(
            client.put_number_sms(number, kind=kind, resource=resource)
        )

    return arrange


def _removal(make: Callable[[Stage], str]) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = make(stage)
        return lambda client: client.delete_number_sms(number)

    return arrange


def _send(
    make: Callable[[Stage], str] = sending, to: str = FAR, **media: Any
) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = make(stage)
        return lambda client: messaging.sent_message(
            client.post_messages(
                from_number=number, to_number=to, text="Fish & <chips>, “ready” 🐟", **media
            )
        )

    return arrange


def _history(kind: HistoryType, ours: MessageKind) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = sending(stage)
        media = {"media_urls": ["https://media.example.net/a.png"]} if kind == "mms" else {}
        for text in ("first", "second"):
            stage.helper.post_messages(from_number=number, to_number=FAR, text=text, **media)
            stage.sandbox.control("clock", advance="1m")
        return lambda client: list(
            messaging.message_records(
                client.get_messages(number, kind=kind), TN.from_digits10(number), kind=ours
            )
        )

    return arrange


def _is_sent(records: list[MessageRecord]) -> bool:
    """Judge two messages that were sent, the newest first."""
    return [record.far for record in records] == [f"+1{FAR}"] * 2 and _is_in_order(records)


def _is_in_order(records: list[MessageRecord]) -> bool:
    """Judge two records, the newest first; a receipt's numbers are not always told."""
    times = [record.at.timestamp() for record in records if record.at]
    return (
        len(times) == len(records) == 2
        and times[0] > times[1]
        and all(record.ref and record.direction is Direction.OUT for record in records)
    )


EXAMPLES = (
    Example(
        operation="GET /v2.2/numbers/messaging",
        arrange=_states,
        holds=lambda states: (
            [(s.is_on, s.carrier_ref) for s in states] == [(True, "17"), (False, "")]
        ),
    ),
    Example(
        operation="GET /v2.2/numbers/{number}/messaging",
        arrange=_state(sending),
        holds=lambda states: [(s.is_ours, s.is_on) for s in states] == [(True, True)],
    ),
    Example(
        operation="PATCH /v2.2/numbers/{number}/messaging",
        arrange=_path(route_in=0, route_out=NETWORK_A),
        holds=lambda names: names == {"routeIn", "routeOut"},
    ),
    Example(
        operation="PATCH /v2.2/numbers/{number}/messaging",
        label="another number's row",
        arrange=_attached,
        holds=lambda names: names == {"routeIn"},
    ),
    Example(
        operation="GET /v2.2/numbers/{number}/sms",
        arrange=_destination(routed),
        holds=lambda found: (
            (found.kind, found.target) == (DestinationKind.EMAIL, "inbox@example.net")
        ),
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/sms",
        arrange=_put("email", "inbox@example.net"),
        holds=lambda found: found.kind is DestinationKind.EMAIL,
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/sms",
        label="webhook",
        arrange=_put("webhook", "https://hooks.example.net/sms?a=1&b=2"),
        holds=lambda found: found.target == "https://hooks.example.net/sms?a=1&b=2",
    ),
    Example(
        operation="PUT /v2.2/numbers/{number}/sms",
        label="sip",
        arrange=_put("sip", "192.0.2.9"),
        holds=lambda found: found.kind is DestinationKind.SIP,
    ),
    Example(
        operation="DELETE /v2.2/numbers/{number}/sms",
        arrange=_removal(routed),
        holds=lambda done: done is None,
    ),
    Example(
        operation="POST /v2.2/messages",
        arrange=_send(),
        holds=lambda sent: bool(sent.ref) and sent.kind is MessageKind.SMS,
    ),
    Example(
        operation="POST /v2.2/messages",
        label="with a picture",
        arrange=_send(subject="Parcel", media_urls=["https://media.example.net/a.png"]),
        holds=lambda sent: bool(sent.ref) and sent.kind is MessageKind.MMS,
    ),
    Example(
        operation="GET /v2.2/messages", arrange=_history("sms", MessageKind.SMS), holds=_is_sent
    ),
    Example(
        operation="GET /v2.2/messages",
        label="with pictures",
        arrange=_history("mms", MessageKind.MMS),
        holds=_is_sent,
    ),
    Example(
        operation="GET /v2.2/messages",
        label="receipts",
        arrange=_history("dlr", MessageKind.RECEIPT),
        holds=_is_in_order,
    ),
)


def _no(
    operation: str, why: str, arrange: Callable[[Stage], Call], code: str, says: str
) -> Refusal:
    return Refusal(operation=operation, why=why, arrange=arrange, code=code, says=says)


def _patched(make: Callable[[Stage], str], **ids: int) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        number = make(stage)
        return lambda client: client.patch_number_messaging(number, **ids)

    return arrange


def _foreign_history(stage: Stage) -> Call:
    number = stage.foreign()
    return lambda client: list(client.get_messages(number))


def _foreign_put(stage: Stage) -> Call:
    number = stage.foreign()
    return lambda client: client.put_number_sms(number, kind="sip", resource="192.0.2.9")


_SEND, _PATCH = "POST /v2.2/messages", "PATCH /v2.2/numbers/{number}/messaging"
REFUSALS = (
    _no(_SEND, "messages are off", _send(Stage.owned), "409", "off for the sender"),
    _no(_SEND, "the recipient opted out", _send(to="2015559908"), "409", "opted out"),
    _no(_SEND, "the sender is another's", _send(Stage.foreign), "403", "no number of this account"),
    _no(
        "GET /v2.2/messages",
        "the number is another's",
        _foreign_history,
        "403",
        "no number of this account",
    ),
    _no(_PATCH, "the number is another's", _patched(Stage.foreign, route_out=17), "404", "account"),
    _no(_PATCH, "there is no such carrier", _patched(Stage.owned, route_out=5), "400", "carrier"),
    _no(
        "PUT /v2.2/numbers/{number}/sms",
        "the number is another's",
        _foreign_put,
        "404",
        "Nothing was carried out",
    ),
    _no(
        "DELETE /v2.2/numbers/{number}/sms",
        "nothing is set",
        _removal(Stage.owned),
        "404",
        "Nothing is set",
    ),
)
