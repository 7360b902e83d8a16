"""Messages: where a number's go, sending, receipts; 10DLC stands in `messaging_10dlc`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from portal.providers.dto import ItemOutcome
from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
    MessagingState,
    OutgoingMessage,
    SentMessage,
)
from portal.providers.errors import off_contract
from portal.providers.voip_innovations.adapter.messaging_10dlc import Registration
from portal.providers.voip_innovations.adapter.messaging_outcomes import (
    distinct,
    settled,
    settled_together,
)
from portal.providers.voip_innovations.client.messaging import MMS_BYTES, MMS_TEXT, MMSFile
from portal.providers.voip_innovations.mapping import messaging as mapping
from portal.tn import TN


class Messaging(Registration):
    """The capabilities around messages; mixed into the adapter."""

    message_destinations: tuple[DestinationKind, ...] = tuple(mapping.DESTINATION_TYPES)
    message_tokens: tuple[DestinationKind, ...] = (
        DestinationKind.WEBHOOK,
        DestinationKind.WEBHOOK_GET,
    )
    lists_destinations = True  # AuditSMS tells them for the whole account

    def messaging_state(self, tn: TN) -> MessagingState | None:
        """Return what AuditSMS tells of one number."""
        told = list(mapping.states(self.client.audit_sms(tn.digits10), "AuditSMS"))
        if not told:
            return None
        ours = [state for state in told if state.tn == tn]
        if not ours:
            raise off_contract("AuditSMS", False, "it is about other numbers")
        if any(state != ours[0] for state in ours):
            raise off_contract("AuditSMS", False, "two records contradict each other")
        return ours[0]

    def list_messaging(self, tns: Iterable[TN]) -> Iterator[MessagingState]:
        """Yield the whole account by AuditSMS, as it arrives, whatever `tns` holds."""
        return mapping.states(self.client.audit_sms(), "AuditSMS")

    def message_destination(self, tn: TN) -> MessageDestination | None:
        """Return where a number's messages go, by AuditSMS."""
        state = self.messaging_state(tn)
        return state.destination if state else None

    def set_message_destination(self, tn: TN, *, destination: MessageDestination) -> ItemOutcome:
        """Send a number's messages somewhere, which also switches them on."""
        kind, text = (
            mapping.destination_type(destination.kind),
            mapping.destination_text(destination),
        )
        return settled(
            "ConfigSMSDestination",
            tn,
            lambda: self.client.config_sms_destination(
                tn.digits10,
                destination_type=kind,
                destination=text,
                auth_token=destination.auth_token,
            ),
            shows=lambda record: mapping.shows_destination(record, destination),
            values={
                "message_kind": destination.kind.value,
                "message_target": destination.target.strip(),
            },
        )

    def remove_message_destination(self, tn: TN) -> ItemOutcome:
        """Send a number's messages nowhere."""
        return settled(
            "ConfigSMSDestination",
            tn,
            lambda: self.client.config_sms_destination(tn.digits10, destination_type="NONE"),
            shows=lambda record: mapping.shows_destination(record, None),
            values={"message_kind": "", "message_target": ""},
        )

    def set_receipts(self, tns: Sequence[TN], *, is_on: bool) -> Iterator[ItemOutcome]:
        """Switch delivery receipts by UpdateSMSDLR, in parts."""
        return settled_together(
            "UpdateSMSDLR",
            distinct(tns),
            lambda part: self.client.update_sms_dlr(part, dlr=is_on),
            shows=lambda record: mapping.shows_receipts(record, is_on=is_on),
            values={"message_receipts": "true" if is_on else "false"},
        )

    def why_not_sendable(self, message: OutgoingMessage) -> str:
        """Return why the wire cannot carry a message."""
        if not (message.sender.is_nanp and message.recipient.is_nanp):
            return "VoIP Innovations sends messages between North American numbers only."
        if message.media_urls:
            return "VoIP Innovations sends files themselves, not their addresses."
        if message.subject:
            return "VoIP Innovations sends messages without a subject."
        if not message.text.strip() and not message.files:
            return "The message is empty."
        if any(not file.name.strip() or not file.content for file in message.files):
            return "A file of the message has no name or no content."
        if not message.is_mms:
            return ""
        if message.wants_receipt:
            return (
                "VoIP Innovations reports the delivery of pictures only where receipts are "
                "switched on for the number."
            )
        if len(message.text) > MMS_TEXT:
            return f"A text sent with files has at most {MMS_TEXT} characters."
        if sum(len(file.content) for file in message.files) > MMS_BYTES:
            return "The files of a message have at most 2 MB together."
        return ""

    def send_message(self, message: OutgoingMessage) -> SentMessage:
        """Send a message once, by the operation that fits it.

        Raises ValueError where `why_not_sendable` has a reason; nothing is sent then.
        """
        if reason := self.why_not_sendable(message):
            raise ValueError(reason)
        sender, recipient = message.sender.removeprefix("+"), message.recipient.removeprefix("+")
        if message.is_mms:
            files = [MMSFile(name=file.name, content=file.content) for file in message.files]
            record = self.client.send_mms(sender, recipient, message.text, files=files)
            return mapping.sent_message(record, "SendMMS", kind=MessageKind.MMS)
        if message.wants_receipt:
            record = self.client.send_sms_with_dlr(sender, recipient, message.text)
            return mapping.sent_message(record, "SendSMSWithDLR", kind=MessageKind.SMS)
        record = self.client.send_sms(sender, recipient, message.text)
        return mapping.sent_message(record, "SendSMS", kind=MessageKind.SMS)
