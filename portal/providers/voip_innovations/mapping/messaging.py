"""Wire ⇄ DTO of messages and their settings (voip-innovations.md 2.10, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
    MessagingState,
    SentMessage,
)
from portal.providers.errors import ProviderRefused
from portal.providers.voip_innovations.client.messaging import DestinationType
from portal.providers.voip_innovations.mapping.fields import is_dummy, is_true, tn_of
from portal.providers.xml import Record
from portal.tn import TN

DESTINATION_TYPES: Final[Mapping[DestinationKind, DestinationType]] = {
    DestinationKind.SIP: "SIP",
    DestinationKind.EMAIL: "EMAIL",
    DestinationKind.FORWARD: "FORWARD",
    DestinationKind.WEBHOOK: "POST",
    DestinationKind.WEBHOOK_GET: "GET",
    DestinationKind.SCRIPT: "PROGTELCO",
}
_KINDS: Final[Mapping[str, DestinationKind]] = {
    word: kind for kind, word in DESTINATION_TYPES.items()
}
_NOWHERE: Final = frozenset({"", "NONE", "DISABLED"})  # the last is the back office's word
_STATE_FIELDS: Final = frozenset(
    {"tn", "enabled", "destinationtype", "destination", "dlr", "campaignid"}
)
_SENT_FIELDS: Final = frozenset({"uuid", "status", "responsemessage"})


def destination_type(kind: DestinationKind) -> DestinationType:
    """Return the wire's word for a kind of destination; raises ValueError for none of ours."""
    try:
        return DESTINATION_TYPES[kind]
    except KeyError as error:
        raise ValueError("VoIP Innovations does not know this kind of destination") from error


def destination_text(destination: MessageDestination) -> str:
    """Return a destination as the wire has it: a number in ten digits, else as it is."""
    if destination.kind is DestinationKind.FORWARD:
        return TN.parse(destination.target).digits10
    return destination.target.strip()


def states(records: Iterable[Record], operation: str) -> Iterator[MessagingState]:
    """Yield what SMSDID records tell of numbers, dummies left out."""
    for record in records:
        if not is_dummy(record, operation):
            yield _state(record, operation)


def shows_destination(record: Record, wanted: MessageDestination | None) -> bool | None:
    """Return whether a record shows a destination, or with None that there is none.

    None where the record does not tell.
    """
    if not {"destinationtype", "destination"} & set(record):
        return None
    shown = _destination(record)
    if wanted is None or shown is None:
        return wanted is shown
    is_number = wanted.kind is DestinationKind.FORWARD
    target = TN.parse(wanted.target) if is_number else wanted.target.strip()
    return shown.kind is wanted.kind and shown.target.casefold() == target.casefold()


def shows_receipts(record: Record, *, is_on: bool) -> bool | None:
    """Return whether a record shows receipts as they were wanted; None where it does not tell."""
    shown = _flag(record, "dlr")
    return None if shown is None else shown is is_on


def sent_message(record: Record, operation: str, *, kind: MessageKind) -> SentMessage:
    """Return a message that was taken.

    Raises `ProviderRefused` where MsgDetails says that it was not, though the outer verdict is good.
    """
    if record.get("success", "").lower() in {"false", "0"}:
        said = record.get("status") or record.get("data") or record.get("responsemessage", "")
        raise ProviderRefused(
            f"The provider did not take the message. Nothing was sent. It said: {said[:300]}",
            code=record.get("code", ""),
            operation=operation,
        )
    return SentMessage(
        ref=record.get("uuid", ""),
        kind=kind,
        word=record.get("status") or record.get("responsemessage", ""),
        details={name: text for name, text in record.items() if text and name not in _SENT_FIELDS},
    )


def _state(record: Record, operation: str) -> MessagingState:
    return MessagingState(
        tn=tn_of(record, operation),
        is_on=_flag(record, "enabled"),
        destination=_destination(record),
        has_receipts=_flag(record, "dlr"),
        campaign_ref=record.get("campaignid"),  # not in the known shape; read where it is told
        details={name: text for name, text in record.items() if text and name not in _STATE_FIELDS},
    )


def _flag(record: Record, name: str) -> bool | None:
    return is_true(record[name]) if record.get(name) else None


def _destination(record: Record) -> MessageDestination | None:
    """Return where messages go; the back office writes “API POST” for POST."""
    word, target = record.get("destinationtype", ""), record.get("destination", "")
    plain = word.upper().removeprefix("API").strip(" _-")
    if plain in _NOWHERE and (plain or not target):
        return None
    kind = _KINDS.get(plain, DestinationKind.UNKNOWN)
    if kind is DestinationKind.FORWARD:
        target = _as_e164(target)
    return MessageDestination(kind=kind, target=target, word=word)


def _as_e164(text: str) -> str:
    """Return ten or eleven digits as a number in E.164, anything else as it is."""
    digits = text.removeprefix("+")
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    is_number = len(digits) == 10 and digits.isascii() and digits.isdigit()
    return TN.from_digits10(digits) if is_number else text
