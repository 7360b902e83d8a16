"""Wire ⇄ DTO of messages and their routing (voicetel.md 9, 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from portal.providers.dto.messaging import (
    DestinationKind,
    Direction,
    MessageDestination,
    MessageKind,
    MessageRecord,
    MessagingState,
    RegistrationState,
    SentMessage,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.client.messaging import HistoryType, RouteType
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import (
    count_of,
    flag,
    is_dummy,
    moment,
    money,
    read_tn,
    tn_of,
    told,
)
from portal.providers.voicetel.methods import messaging as methods
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

DESTINATION_TYPES: Final[Mapping[DestinationKind, RouteType]] = {
    DestinationKind.EMAIL: "email",
    DestinationKind.WEBHOOK: "webhook",
    DestinationKind.SIP: "sip",
}
HISTORY_TYPES: Final[Mapping[MessageKind, HistoryType]] = {
    MessageKind.SMS: "sms",
    MessageKind.MMS: "mms",
    MessageKind.RECEIPT: "dlr",
}
_KINDS: Final[Mapping[str, DestinationKind]] = {
    word: kind for kind, word in DESTINATION_TYPES.items()
}
_DIRECTIONS: Final = {"in": Direction.IN, "out": Direction.OUT}
_MILLISECONDS: Final = 10**11  # a timestamp beyond is not in seconds


def destination_type(kind: DestinationKind) -> RouteType:
    """Return the wire's word for a kind of destination; raises ValueError for none of ours."""
    try:
        return DESTINATION_TYPES[kind]
    except KeyError as error:
        raise ValueError("VoiceTel hands messages to mail, https webhooks and SIP only") from error


def destination(record: Record) -> MessageDestination | None:
    """Return where messages go, None where a record says nowhere; unknown types keep their word."""
    word, resource = clean(record.get("type")), clean(record.get("resource"))
    if not word and not resource:
        return None
    kind = _KINDS.get(word.lower(), DestinationKind.UNKNOWN)
    return MessageDestination(kind=kind, target=resource, word=word)


def states(records: Iterable[Record], method: Method) -> Iterator[MessagingState]:
    """Yield what `state` objects tell of numbers, dummies left out."""
    for record in records:
        if not is_dummy(record):
            yield _state(record, method)


def sent_message(content: Record) -> SentMessage:
    """Return a message that was queued; `ProviderProtocolError` where the reply shows none."""
    method = methods.POST_MESSAGES
    word = clean(content.get("type")).lower()
    ref = clean(content.get("id"))
    if not ref and word not in {"sms", "mms"}:
        raise off_contract(method.name, True, "it shows no message")
    is_mms = word == "mms" or (not word and bool(content.get("mediaUrls")))
    return SentMessage(
        ref=ref,
        kind=MessageKind.MMS if is_mms else MessageKind.SMS,
        parts=count_of(content.get("parts")),
        details=told(content, ("fromNumber", "toNumber", "mediaUrls", "subject")),
    )


def message_records(
    records: Iterable[Record], tn: TN, *, kind: MessageKind
) -> Iterator[MessageRecord]:
    """Yield the messages or receipts of a number of ours, dummies left out."""
    for record in records:
        if is_dummy(record):
            continue
        value = record.get("value")
        if not isinstance(value, dict):
            raise off_contract(methods.GET_MESSAGES.name, False, "a message has no value")
        key = record.get("key")
        parts = key if isinstance(key, list) else []
        yield _message(clean(record.get("id")), parts, value, tn, kind)


def updated(content: Record) -> frozenset[str]:
    """Return the names of the fields that a change confirms."""
    names = content.get("updated")
    return frozenset(clean(name) for name in names) if isinstance(names, list) else frozenset()


def _state(record: Record, method: Method) -> MessagingState:
    campaign = record.get("campaign")
    bound: Record = campaign if isinstance(campaign, dict) else {}
    word = clean(bound.get("status"))
    return MessagingState(
        tn=tn_of(record, method),
        is_ours=record.get("onAccount") is not False,
        is_on=flag(record.get("enabled")),
        destination=_inbound(record),
        campaign_ref=clean(bound.get("id")) if "campaign" in record else None,
        campaign_word=word,
        campaign_state=RegistrationState.of(word),
        network=clean(record.get("network")) or clean(bound.get("network")),
        inbound_ref=_unless_zero(record.get("routeIn")),
        carrier_ref=_unless_zero(record.get("carrier")),
        details=told(bound, ("upstreamCnpId",)),
    )


def _inbound(record: Record) -> MessageDestination | None:
    """Return where messages go as far as a state tells: the resource without its type."""
    resource = clean(record.get("resource"))
    if not resource or clean(record.get("routeIn")) == "0":
        return None
    return MessageDestination(kind=DestinationKind.UNKNOWN, target=resource)


def _message(ref: str, key: list[Any], value: Record, tn: TN, kind: MessageKind) -> MessageRecord:
    """Return one message. The far end is a number of the wire, in receipts a text.

    Where the value lacks them, the key's first part tells far end and direction of a message: it is
    the destination.
    """
    is_receipt = kind is MessageKind.RECEIPT
    far = value.get("destinationNumber" if is_receipt else "number")
    direction = Direction.OUT
    if not is_receipt:
        to = key[0] if len(key) > 1 else None
        guess = Direction.IN if read_tn(to) == tn else Direction.OUT if to else Direction.UNKNOWN
        direction = _DIRECTIONS.get(clean(value.get("direction")).lower(), guess)
        far = to if far is None and guess is Direction.OUT else far
    return MessageRecord(
        ref=ref,
        kind=kind,
        tn=tn,
        far=read_tn(far),
        far_text=clean(far),
        direction=direction,
        text=clean(value.get("message")),
        at=_at(key[-1]) if key else None,
        rate=money(value.get("rate")),
    )


def _at(value: Any) -> datetime | None:
    """Return a message's moment: seconds since 1970, or milliseconds where there are too many."""
    count = count_of(value)
    return moment(count // 1000 if count is not None and count >= _MILLISECONDS else value)


def _unless_zero(value: Any) -> str:
    text = clean(value)
    return "" if text == "0" else text
