"""Messages: where a number's go, sending, reading; campaigns stand in `messaging_campaigns`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
    MessageRecord,
    MessagingState,
    OutgoingMessage,
    SentMessage,
)
from portal.providers.errors import ProviderRefused, off_contract
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.messaging_campaigns import Campaigns
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.mapping import messaging as mapping
from portal.providers.voicetel.mapping.features import confirmed, is_same
from portal.providers.voicetel.methods import messaging as methods
from portal.tn import TN

# The provider takes 1,000, in an address of 13 kB that many servers refuse: half of it.
PART: Final = 500

_LOOK: Final = "Look at the number's messages to see what holds."
_ID: Final = re.compile(r"[0-9]{1,15}")


class Messaging(Campaigns):
    """The capabilities around messages; mixed into the adapter."""

    message_destinations: tuple[DestinationKind, ...] = tuple(mapping.DESTINATION_TYPES)
    message_tokens: tuple[DestinationKind, ...] = ()

    def messaging_state(self, tn: TN) -> MessagingState | None:
        """Return the state of one number, None where it is not on the account."""
        method = methods.GET_NUMBER_MESSAGING
        record = self.client.get_number_messaging(tn.digits10)
        if record is None:
            return None
        found = next(mapping.states([record], method), None)
        if found is None or found.tn != tn:
            raise off_contract(method.name, False, "it is about another number")
        return found

    def list_messaging(self, tns: Iterable[TN]) -> Iterator[MessagingState]:
        """Yield the states of `tns` in parts, foreign numbers marked as such."""
        rest = iter(dict.fromkeys(tns))
        while part := [tn.digits10 for tn in islice(rest, PART)]:
            records = self.client.get_numbers_messaging(part)
            yield from mapping.states(records, methods.GET_NUMBERS_MESSAGING)

    def message_destination(self, tn: TN) -> MessageDestination | None:
        """Return where a number's messages go."""
        record = self.client.get_number_sms(tn.digits10)
        if record is None:
            return None
        confirmed(record, "resource", tn, methods.GET_NUMBER_SMS)
        return mapping.destination(record)

    def set_message_destination(self, tn: TN, *, destination: MessageDestination) -> ItemOutcome:
        """Send a number's messages to a mail address, an https address or an IP."""
        kind, target = mapping.destination_type(destination.kind), destination.target.strip()
        if destination.auth_token:
            raise ValueError("VoiceTel sends no token along with a message")
        method = methods.PUT_NUMBER_SMS
        try:
            content = self.client.put_number_sms(tn.digits10, kind=kind, resource=target)
        except ProviderRefused as error:
            return refused(tn, error, codes.MESSAGES_UNCHANGED)
        shown = confirmed(content, "type", tn, method), confirmed(content, "resource", tn, method)
        if not all(not a or is_same(a, b) for a, b in zip(shown, (kind, target), strict=True)):
            what = f"VoiceTel confirms another destination than the one that was sent: {shown[1]}"
            return _unknown(tn, what[:300])
        values = {"message_kind": destination.kind.value, "message_target": target}
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values=values)

    def remove_message_destination(self, tn: TN) -> ItemOutcome:
        """Send a number's messages nowhere; refused (404) where nothing is set."""
        try:
            self.client.delete_number_sms(tn.digits10)
        except ProviderRefused as error:
            return refused(tn, error, codes.NOT_CHANGED)
        values = {"message_kind": "", "message_target": ""}
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, values=values)

    def set_messaging_path(
        self, tn: TN, *, inbound_ref: str | None = None, carrier_ref: str | None = None
    ) -> ItemOutcome:
        """Attach one of the account's own rows, choose the outbound carrier, or both."""
        wanted = {"routeIn": _id(inbound_ref), "routeOut": _id(carrier_ref)}
        method = methods.PATCH_NUMBER_MESSAGING
        try:
            content = self.client.patch_number_messaging(
                tn.digits10, route_in=wanted["routeIn"], route_out=wanted["routeOut"]
            )
        except ProviderRefused as error:
            return refused(tn, error, codes.MESSAGES_UNCHANGED)
        confirmed(content, "updated", tn, method)
        missing = {n for n, value in wanted.items() if value is not None} - mapping.updated(content)
        if missing:
            return _unknown(tn, f"VoiceTel does not confirm {' and '.join(sorted(missing))}.")
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def why_not_sendable(self, message: OutgoingMessage) -> str:
        """Return why the wire cannot carry a message; receipts are always kept."""
        if not (message.sender.is_nanp and message.recipient.is_nanp):
            return "VoiceTel sends messages between North American numbers only."
        if message.files:
            return "VoiceTel fetches pictures from public addresses and takes no files."
        if message.subject and not message.media_urls:
            return "Only a message with pictures has a subject."
        if not message.text.strip() and not message.media_urls:
            return "The message is empty."
        return ""

    def send_message(self, message: OutgoingMessage) -> SentMessage:
        """Send a message once; each 160 characters of a text are charged.

        Raises ValueError where `why_not_sendable` has a reason; nothing is sent then.
        """
        if reason := self.why_not_sendable(message):
            raise ValueError(reason)
        content = self.client.post_messages(
            from_number=message.sender.digits10,
            to_number=message.recipient.digits10,
            text=message.text,
            subject=message.subject,
            media_urls=message.media_urls,
        )
        return mapping.sent_message(content)

    def list_messages(
        self, tn: TN, *, kind: MessageKind, since: datetime, until: datetime | None = None
    ) -> Iterator[MessageRecord]:
        """Yield messages or receipts of a number, newest first, as they arrive."""
        edges = [None if edge is None else _epoch(edge) for edge in (until, since)]
        records = self.client.get_messages(
            tn.digits10, kind=mapping.HISTORY_TYPES[kind], newer=edges[0], older=edges[1]
        )
        return mapping.message_records(records, tn, kind=kind)


def _epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return int(moment.timestamp())


def _id(ref: str | None) -> int | None:
    if ref is None:
        return None
    if not _ID.fullmatch(ref):
        raise ValueError("rows and carriers of messages have numeric ids")
    return int(ref)


def _unknown(tn: TN, message: str) -> ItemOutcome:
    return ItemOutcome(tn=tn, outcome=Outcome.UNKNOWN, message=message, advice=_LOOK)
