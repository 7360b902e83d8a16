"""Text messages: where a number's go, what was sent and received, brands and campaigns (10DLC).

A brand is who sends (a customer at VoIP Innovations), a campaign what for. Both are registered
before local numbers may send, and reviewed by others: `word` is the provider's own for how far that
is, `state` ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from portal.tn import TN


class DestinationKind(StrEnum):
    """What a number's incoming messages are handed to."""

    EMAIL = "email"
    WEBHOOK = "webhook"  # an address that is sent the message (POST)
    WEBHOOK_GET = "webhook_get"  # the same, the message in the query
    SIP = "sip"
    FORWARD = "forward"  # another number
    SCRIPT = "script"  # a program at the provider
    UNKNOWN = "unknown"


class MessageKind(StrEnum):
    """What a message is."""

    SMS = "sms"
    MMS = "mms"
    RECEIPT = "receipt"  # word that a message of ours has arrived


class Direction(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class RegistrationState(StrEnum):
    """How far the registration of a brand or a campaign is."""

    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: str) -> RegistrationState:
        """Return what a provider's word means; lists of words are published nowhere.

        A word that we do not know, a negated one, and two that contradict each other are UNKNOWN.
        """
        parts = set(re.findall(r"[A-Z]+", word.upper()))
        if parts & _NEGATIONS:
            return cls.UNKNOWN
        found = {state for state, words in _STATE_WORDS.items() if parts & words}
        return cls(found.pop()) if len(found) == 1 else cls.UNKNOWN


_NEGATIONS: Final = frozenset({"NOT", "NON", "NO", "UN"})
_STATE_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "pending": frozenset({"PENDING", "REVIEW", "SUBMITTED", "OTP", "PROCESSING"}),
    "active": frozenset({"ACTIVE", "APPROVED", "COMPLETE", "VERIFIED", "REGISTERED"}),
    "rejected": frozenset({"REJECTED", "DECLINED", "FAILED"}),
    "suspended": frozenset({"SUSPENDED"}),
    "expired": frozenset({"EXPIRED"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageDestination:
    """Where a number's incoming messages go.

    `target` is one or more mail addresses divided by ``;``, an address of the web, an IP or SIP
    address, a number in E.164, or a script's reference. `auth_token` is sent along to a webhook; no
    provider tells it again. `word` is the provider's own for the kind.
    """

    kind: DestinationKind
    target: str = ""
    auth_token: str = field(default="", repr=False)
    word: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagingState:
    """How a number stands with messages. What is None was not told.

    `campaign_ref` is empty for a number in no campaign. `inbound_ref` and `carrier_ref` are the
    provider's ids of the inbound row and of the outbound carrier, empty for none.
    """

    tn: TN
    is_ours: bool = True
    is_on: bool | None = None
    destination: MessageDestination | None = None
    has_receipts: bool | None = None
    campaign_ref: str | None = None
    campaign_word: str = ""
    campaign_state: RegistrationState = RegistrationState.UNKNOWN
    network: str = ""
    inbound_ref: str = ""
    carrier_ref: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaFile:
    """A file that travels inside a message."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """A message to be sent once; with files or addresses of media it is an MMS.

    Whether a provider can carry it is told by `MessageSending.why_not_sendable`.
    """

    sender: TN
    recipient: TN
    text: str
    subject: str = ""
    media_urls: tuple[str, ...] = ()
    files: tuple[MediaFile, ...] = ()
    wants_receipt: bool = False

    @property
    def is_mms(self) -> bool:
        """Whether it carries media."""
        return bool(self.media_urls or self.files)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentMessage:
    """A message that the provider took; that it arrived is not said.

    `ref` is empty where the provider gave none; `parts` is how many segments are charged, None
    where that is not told.
    """

    ref: str
    kind: MessageKind
    word: str = ""
    parts: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageRecord:
    """One message or receipt of the past.

    `far` is the other side, None where it is no number of ours to read (a short code, a number
    abroad): `far_text` has it as the provider writes it.
    """

    ref: str
    kind: MessageKind
    tn: TN
    far: TN | None = None
    far_text: str = ""
    direction: Direction = Direction.UNKNOWN
    text: str = ""
    at: datetime | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """Who sends messages, as the registry is to know it.

    `ref`, `word` and `state` are the provider's to give. `details` keeps what else a record said.
    """

    ref: str = ""
    legal_name: str = ""
    display_name: str = ""
    entity_type: str = ""
    vertical: str = ""
    tax_id: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    tag: str = ""
    word: str = ""
    state: RegistrationState = RegistrationState.UNKNOWN
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandImport:
    """A brand that the registry knows already, to be used at this provider too."""

    ref: str
    name: str
    description: str = ""


class CampaignTrait(StrEnum):
    """What a campaign does or is about; the registry asks for each."""

    OPT_IN = "opt_in"  # subscribers opt in
    OPT_OUT = "opt_out"  # subscribers can opt out
    HELP = "help"  # subscribers can ask for help
    NUMBER_POOLING = "number_pooling"
    DIRECT_LENDING = "direct_lending"
    EMBEDDED_LINK = "embedded_link"
    EMBEDDED_PHONE = "embedded_phone"
    AFFILIATE_MARKETING = "affiliate_marketing"
    AGE_GATED = "age_gated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """What messages of a brand are for. `tns` is None where the provider does not list them."""

    ref: str = ""
    brand_ref: str = ""
    name: str = ""
    description: str = ""
    vertical: str = ""
    usecase: str = ""
    sub_usecases: tuple[str, ...] = ()
    message_flow: str = ""
    samples: tuple[str, ...] = ()
    help_message: str = ""
    opt_out_message: str = ""
    traits: frozenset[CampaignTrait] = frozenset()
    tns: tuple[TN, ...] | None = None
    word: str = ""
    state: RegistrationState = RegistrationState.UNKNOWN
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignChange:
    """New texts of a campaign; an empty one stays as it is."""

    help_message: str = ""
    opt_out_message: str = ""
    message_flow: str = ""
    description: str = ""
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignImport:
    """A campaign that was registered elsewhere, to be used at this provider too.

    Which fields a provider wants is its own: `CampaignImporting.why_not_importable` tells.
    """

    ref: str
    name: str = ""
    brand_ref: str = ""
    description: str = ""
    campaign_class: str = ""  # empty: the provider's usual one
    starts_at: datetime | None = None  # None: at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One entry of a list that a provider lets one choose from.

    `group` is the list's name as the provider spells it, `value` what is sent, `label` what people
    read; `details` keeps the rest of the entry by the provider's own names.
    """

    group: str
    value: str
    label: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
