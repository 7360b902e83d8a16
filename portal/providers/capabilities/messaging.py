"""What a provider may do with text messages.

Writes on one number return `ItemOutcome`; those on messages, brands and campaigns return the
noun or raise. Both raise ValueError for what the wire cannot carry, before anything is sent, and
`ProviderTimeout` or `ProviderProtocolError` where nobody knows what was carried out. Nothing is
sent twice: a message, a registration and its review may be charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from portal.providers.dto import ItemOutcome
from portal.providers.dto.messaging import (
    Brand,
    BrandImport,
    Campaign,
    CampaignChange,
    CampaignImport,
    Choice,
    DestinationKind,
    MessageDestination,
    MessageKind,
    MessageRecord,
    MessagingState,
    OutgoingMessage,
    SentMessage,
)
from portal.tn import TN

# -- numbers ----------------------------------------------------------------------------------


@runtime_checkable
class MessagingRead(Protocol):
    """Tell how one number stands with messages."""

    def messaging_state(self, tn: TN) -> MessagingState | None:
        """Return its state, None where the provider has nothing on it."""


@runtime_checkable
class MessagingList(Protocol):
    """Tell how all numbers stand with messages."""

    def list_messaging(self, tns: Iterable[TN]) -> Iterator[MessagingState]:
        """Yield states as a stream.

        `tns` are the numbers to ask about where the provider wants them named; one that tells its
        whole account at once does so, whatever `tns` holds.
        """


@runtime_checkable
class MessageRouting(Protocol):
    """Choose where a number's incoming messages go."""

    message_destinations: tuple[DestinationKind, ...]
    message_tokens: tuple[DestinationKind, ...]  # kinds with which a token is sent along

    def message_destination(self, tn: TN) -> MessageDestination | None:
        """Return where they go, None where nothing is set."""

    def set_message_destination(self, tn: TN, *, destination: MessageDestination) -> ItemOutcome:
        """Set or replace it; `values` confirms ``message_kind`` and ``message_target``.

        Pending where the provider took it and still shows the one before.
        """

    def remove_message_destination(self, tn: TN) -> ItemOutcome:
        """Take no more messages to this number."""


@runtime_checkable
class MessagingPath(Protocol):
    """Choose the provider's own inbound row and outbound carrier of a number's messages."""

    def set_messaging_path(
        self, tn: TN, *, inbound_ref: str | None = None, carrier_ref: str | None = None
    ) -> ItemOutcome:
        """Set one or both, by the references of `MessagingState`; ``"0"`` is none, None stays."""


@runtime_checkable
class MessageReceipts(Protocol):
    """Choose whether the provider tells what became of a number's messages."""

    def set_receipts(self, tns: Sequence[TN], *, is_on: bool) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; `values` confirms ``message_receipts``."""


# -- messages ---------------------------------------------------------------------------------


@runtime_checkable
class MessageSending(Protocol):
    """Send messages. Each is charged; none is ever sent again by itself."""

    def why_not_sendable(self, message: OutgoingMessage) -> str:
        """Return a sentence why this provider cannot carry it, or an empty text."""

    def send_message(self, message: OutgoingMessage) -> SentMessage:
        """Send it to its one recipient; raises `ProviderRefused` where it was not taken."""


@runtime_checkable
class MessageHistory(Protocol):
    """Read what was sent and received."""

    def list_messages(
        self, tn: TN, *, kind: MessageKind, since: datetime, until: datetime | None = None
    ) -> Iterator[MessageRecord]:
        """Yield the messages or receipts of a number, newest first, both edges included."""


# -- brands -----------------------------------------------------------------------------------


@runtime_checkable
class BrandList(Protocol):
    """List the brands of the account."""

    def list_brands(self, *, tag: str = "") -> list[Brand]:
        """Return them all, or those that carry a tag."""


@runtime_checkable
class BrandRegistration(Protocol):
    """Register brands and look after them."""

    def create_brand(self, brand: Brand) -> Brand:
        """Register a brand; return it with the reference and state that it was given."""

    def update_brand(self, brand: Brand) -> Brand:
        """Change the fields of `brand` that are not empty; return it as it is now."""

    def delete_brand(self, ref: str) -> None:
        """Forget a brand."""

    def brand(self, ref: str) -> Brand | None:
        """Return one brand with its present state, None where there is none."""

    def send_brand_code(self, ref: str) -> None:
        """Have the one-time code sent by which a sole proprietor is verified."""


@runtime_checkable
class BrandChoices(Protocol):
    """Tell what may be chosen when registering."""

    def registration_choices(self) -> list[Choice]:
        """Return entity types, verticals and what else there is, each under its list's name."""

    def usecase_choices(self, brand_ref: str) -> list[Choice]:
        """Return the use cases that are open to a brand's campaigns."""


@runtime_checkable
class BrandImporting(Protocol):
    """Use a brand of the registry at this provider."""

    def import_brand(self, brand: BrandImport) -> None:
        """Return once it was taken; raises `ProviderRefused` where it was not."""


# -- campaigns --------------------------------------------------------------------------------


@runtime_checkable
class CampaignList(Protocol):
    """List campaigns."""

    def list_campaigns(self, refs: Sequence[str] = ()) -> list[Campaign]:
        """Return campaigns with their state.

        `refs` are those to ask about where the provider wants them named: nothing is returned
        without any then. One that tells the whole account does so, whatever `refs` holds.
        """


@runtime_checkable
class CampaignRegistration(Protocol):
    """Register campaigns and look after them."""

    def create_campaign(self, campaign: Campaign) -> Campaign:
        """Register a campaign; return it with the reference and state that it was given."""

    def update_campaign(self, ref: str, *, change: CampaignChange) -> Campaign | None:
        """Change texts; return the campaign as it is now, None where the provider shows none."""

    def delete_campaign(self, ref: str) -> None:
        """Forget a campaign; its numbers are in none afterwards."""

    def rejection_reason(self, ref: str) -> str:
        """Return why it was rejected in the provider's words, "" where none is known."""


@runtime_checkable
class CampaignImporting(Protocol):
    """Use a campaign that was registered elsewhere at this provider."""

    def why_not_importable(self, campaign: CampaignImport) -> str:
        """Return a sentence what is missing for this provider, or an empty text."""

    def import_campaign(self, campaign: CampaignImport) -> Campaign | None:
        """Return it as the provider now shows it, None where that is not told."""


@runtime_checkable
class CampaignResubmission(Protocol):
    """Have a campaign from elsewhere reviewed again."""

    def resubmit_campaign(self, ref: str) -> None:
        """Return once that was taken; raises `ProviderRefused` where it was not."""


@runtime_checkable
class CampaignAssignment(Protocol):
    """Put numbers into campaigns.

    Where a provider judges several numbers at once, a refusal is everybody's: the advice says so.
    """

    def assign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; `values` confirms ``campaign_ref``."""

    def unassign_campaign(self, tns: Sequence[TN], *, campaign_ref: str) -> Iterator[ItemOutcome]:
        """Yield one outcome per number: out of that campaign, and in none."""


CAPABILITIES: dict[str, type] = {
    "messaging_read": MessagingRead,
    "messaging_list": MessagingList,
    "message_routing": MessageRouting,
    "messaging_path": MessagingPath,
    "message_receipts": MessageReceipts,
    "message_sending": MessageSending,
    "message_history": MessageHistory,
    "brand_list": BrandList,
    "brand_registration": BrandRegistration,
    "brand_choices": BrandChoices,
    "brand_importing": BrandImporting,
    "campaign_list": CampaignList,
    "campaign_registration": CampaignRegistration,
    "campaign_importing": CampaignImporting,
    "campaign_resubmission": CampaignResubmission,
    "campaign_assignment": CampaignAssignment,
}

NO_MESSAGING_AT_INTELEPEER: Final = dict.fromkeys(
    CAPABILITIES, "IntelePeer's toll-free service has nothing for text messages."
)
NO_MESSAGING_AT_CUSTOM_TOLL_FREE: Final = dict.fromkeys(
    CAPABILITIES, "Custom Toll Free manages call routing and has nothing for text messages."
)
NO_MESSAGING_AT_VOIP_INNOVATIONS: Final = {
    "messaging_path": (
        "VoIP Innovations chooses the carriers of messages itself; only the destination can be set."
    ),
    "message_history": (
        "VoIP Innovations keeps no messages to be read: they are handed on as they come."
    ),
    "brand_importing": (
        "VoIP Innovations takes campaigns from elsewhere by their id, without their brand."
    ),
}
NO_MESSAGING_AT_VOICETEL: Final = {
    "message_receipts": "VoiceTel always keeps receipts: they are read with the messages.",
    "brand_list": "VoiceTel does not list the brands that were brought in.",
    "brand_registration": (
        "VoiceTel takes brands that the registry knows already: register them there first."
    ),
    "brand_choices": "VoiceTel registers no brands, so there is nothing to choose from.",
    "campaign_registration": (
        "VoiceTel takes campaigns that the registry knows already: register them there first."
    ),
    "campaign_resubmission": "VoiceTel has no way to have a campaign reviewed again.",
}
