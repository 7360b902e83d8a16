"""VoIP Innovations: messages and where they go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
)
from portal.providers.errors import ProviderProtocolError
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.client.messaging import MMSFile
from portal.providers.voip_innovations.mapping import messaging
from tests.providers.calls import Example, Refusal, Stage

Call = Callable[[Client], Any]
FAR = "12125550142"
HOOK = MessageDestination(
    kind=DestinationKind.WEBHOOK,
    target="https://hooks.example.net/sms?a=1&b=2",
    auth_token="hook-token-17",
)
PICTURE = MMSFile(name="parcel.png", content=b"\x89PNG\r\n\x1a\n\x00\xff")


def _configured(stage: Stage, tn: str, destination: MessageDestination = HOOK) -> Any:
    """Switch messages on by the helper, or with the judged client in its place."""
    return stage.helper.config_sms_destination(
        tn,
        destination_type=messaging.destination_type(destination.kind),
        destination=messaging.destination_text(destination),
        auth_token=destination.auth_token,
    )


def _sending(stage: Stage) -> str:
    """Return a number of ours whose messages are on."""
    tn = stage.owned()
    _configured(stage, tn)
    return tn


def _destination(kind: DestinationKind, target: str, token: str = "") -> Callable[[Stage], Call]:
    wanted = MessageDestination(kind=kind, target=target, auth_token=token)

    def arrange(stage: Stage) -> Call:
        tn = stage.owned()

        def call(client: Client) -> Any:
            records = client.config_sms_destination(
                tn,
                destination_type=messaging.destination_type(kind),
                destination=messaging.destination_text(wanted),
                auth_token=token,
            )
            return [messaging.shows_destination(record, wanted) for record in records]

        return call

    return arrange


def _nowhere(stage: Stage) -> Call:
    tn = _sending(stage)

    def call(client: Client) -> Any:
        records = client.config_sms_destination(tn, destination_type="NONE")
        return [messaging.shows_destination(record, None) for record in records]

    return call


def _old_config(stage: Stage) -> Call:
    tn = stage.owned()
    return lambda client: list(
        messaging.states(
            client.config_sms(tn, enable=True, forward_email="a@example.net;b@example.net"),
            "ConfigSMS",
        )
    )


def _old_config_off(stage: Stage) -> Call:
    tn = _sending(stage)
    return lambda client: list(messaging.states(client.config_sms(tn, enable=False), "ConfigSMS"))


def _audit_one(stage: Stage) -> Call:
    tn = _sending(stage)
    return lambda client: list(messaging.states(client.audit_sms(tn), "AuditSMS"))


def _receipts(stage: Stage) -> Call:
    tns = [_sending(stage), _sending(stage)]
    return lambda client: [
        messaging.shows_receipts(record, is_on=True)
        for record in client.update_sms_dlr(tns, dlr=True)
    ]


def _send(name: str, text: str = "Fish & <chips>, “ready” 🐟") -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        sender = f"1{_sending(stage)}"
        return lambda client: messaging.sent_message(
            getattr(client, name)(sender, FAR, text), "SendSMS", kind=MessageKind.SMS
        )

    return arrange


def _send_mms(text: str, *files: MMSFile) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        sender = f"1{_sending(stage)}"
        return lambda client: messaging.sent_message(
            client.send_mms(sender, FAR, text, files=files), "SendMMS", kind=MessageKind.MMS
        )

    return arrange


def _send_from(make: Callable[[Stage], str], recipient: str = FAR) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        sender = f"1{make(stage)}"
        return lambda client: client.send_sms(sender, recipient, "Your order is ready.")

    return arrange


def _config_of(make: Callable[[Stage], str]) -> Callable[[Stage], Call]:
    def arrange(stage: Stage) -> Call:
        tn = make(stage)
        return lambda client: client.config_sms_destination(tn, destination_type="SIP")

    return arrange


EXAMPLES = (
    Example(
        operation="ConfigSMSDestination",
        arrange=_destination(HOOK.kind, HOOK.target, HOOK.auth_token),
        holds=lambda shown: shown == [True],
    ),
    Example(
        operation="ConfigSMSDestination",
        label="by mail",
        arrange=_destination(DestinationKind.EMAIL, "inbox@example.net"),
        holds=lambda shown: shown == [True],
    ),
    Example(
        operation="ConfigSMSDestination",
        label="to another number",
        arrange=_destination(DestinationKind.FORWARD, "+13125550142"),
        holds=lambda shown: shown == [True],
    ),
    Example(
        operation="ConfigSMSDestination",
        label="nowhere",
        arrange=_nowhere,
        holds=lambda shown: shown == [True],
    ),
    Example(
        operation="ConfigSMS",
        arrange=_old_config,
        holds=lambda states: [s.destination.kind for s in states] == [DestinationKind.EMAIL],
    ),
    Example(
        operation="ConfigSMS",
        label="off",
        arrange=_old_config_off,
        holds=lambda states: [s.is_on for s in states] == [False],
    ),
    Example(
        operation="AuditSMS",
        arrange=lambda stage: lambda client: list(messaging.states(client.audit_sms(), "AuditSMS")),
        holds=lambda states: len(states) > 100 and any(state.is_on for state in states),
    ),
    Example(
        operation="AuditSMS",
        label="one number",
        arrange=_audit_one,
        holds=lambda states: [s.destination.target for s in states] == [HOOK.target],
    ),
    Example(operation="UpdateSMSDLR", arrange=_receipts, holds=lambda shown: shown == [True, True]),
    Example(operation="SendSMS", arrange=_send("send_sms"), holds=lambda sent: bool(sent.ref)),
    Example(
        operation="SendSMSWithDLR",
        arrange=_send("send_sms_with_dlr"),
        holds=lambda sent: bool(sent.ref),
    ),
    Example(
        operation="SendMMS",
        arrange=_send_mms("The parcel", PICTURE),
        holds=lambda sent: bool(sent.ref),
    ),
    Example(
        operation="SendMMS",
        label="without text",
        arrange=_send_mms("", PICTURE),
        holds=lambda sent: bool(sent.ref),
    ),
    Example(
        operation="SendMMS",
        label="without files",
        arrange=_send_mms("No picture today"),
        holds=lambda sent: bool(sent.ref),
    ),
)

REFUSALS = (
    Refusal(
        operation="ConfigSMSDestination",
        why="the number is another's",
        arrange=_config_of(Stage.foreign),
        code="909",
        says="does not belong to this account",
    ),
    Refusal(
        operation="AuditSMS",
        why="the number is another's",
        arrange=lambda stage: (lambda tn: lambda client: list(client.audit_sms(tn)))(
            stage.foreign()
        ),
        code="909",
        says="does not belong to this account",
    ),
    Refusal(
        operation="UpdateSMSDLR",
        why="one number is another's",
        arrange=lambda stage: (lambda tns: lambda client: client.update_sms_dlr(tns, dlr=True))(
            [_sending(stage), stage.foreign()]
        ),
        code="909",
    ),
    Refusal(
        operation="SendSMS",
        why="the sender is another's number",
        arrange=_send_from(Stage.foreign),
        code="909",
        says="Nothing was carried out",
    ),
    Refusal(
        operation="SendSMS",
        why="an error of the provider's own may have struck after the fact",
        arrange=_send_from(Stage.owned),  # messages are off; no code of its own is published
        code="900",
        says="may or may not",
        error=ProviderProtocolError,
    ),
)
