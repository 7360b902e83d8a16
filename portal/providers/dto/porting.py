"""Numbers that move to us: whether they can, the request, and how far it is.

Providers tell the state of a port in words of their own; `word` always keeps it, `state` is what we
make of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from portal.tn import TN


class PortState(StrEnum):
    """How far a port is; the provider's word decides, and one that is not known says nothing."""

    PENDING_DOCUMENTS = "pending_documents"  # a letter of authority or a bill is missing
    SUBMITTED = "submitted"
    WITH_LOSING_CARRIER = "with_losing_carrier"
    EXCEPTION = "exception"  # rejected, can be corrected
    FOC_SET = "foc_set"  # the losing carrier confirmed a date
    ACTIVATING = "activating"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


# Words that cannot mean two things, whoever says them; each provider adds its own to them.
TRADE_WORDS: Final[Mapping[str, PortState]] = {
    "submitted": PortState.SUBMITTED,
    "foc received": PortState.FOC_SET,
    "rejected": PortState.EXCEPTION,
    "complete": PortState.COMPLETED,
    "completed": PortState.COMPLETED,
    "cancelled": PortState.CANCELLED,
    "canceled": PortState.CANCELLED,
}


def port_state(word: str, words: Mapping[str, PortState]) -> PortState:
    """Return what a word means by a table, whatever its case, blanks and dashes."""
    plain = " ".join(re.split(r"[\s_-]+", word.strip())).casefold()
    return words.get(plain, PortState.UNKNOWN)


class NameType(StrEnum):
    """Whose bill the losing carrier writes."""

    BUSINESS = "business"
    RESIDENTIAL = "residential"


@dataclass(frozen=True, kw_only=True, slots=True)
class Portability:
    """Whether a number can be ported in. What the provider does not tell is empty."""

    tn: TN
    is_portable: bool
    losing_carrier: str = ""
    routing_number: TN | None = None
    tier: str = ""
    reason: str = ""  # the provider's, where it cannot


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterPort:
    """What a number gets once it has arrived: a route, an outbound caller name, a campaign."""

    route_ref: str = ""
    caller_name: str = ""
    campaign_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortRequest:
    """A request to move numbers of one losing carrier, one account and one service address.

    Toll-free and geographic numbers go in separate requests. `name` stands exactly as on the losing
    carrier's bill, `street_type` is the postal abbreviation, directions are N, NE, E, SE, S, SW, W
    or NW. `after` may say for some of the numbers what they get.
    """

    tns: tuple[TN, ...]
    name: str
    name_type: NameType
    authorized_person: str  # who signs the letter of authority
    billing_tn: TN
    account_number: str
    street_number: str
    street: str
    street_type: str
    city: str
    state: str
    zip: str
    country: str = "US"
    street_prefix: str = ""
    street_suffix: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    unit: str = ""
    pin: str = field(default="", repr=False)
    desired_date: date | None = None
    after: Mapping[TN, AfterPort] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PortReceipt:
    """A port request that was taken. The letter of authority is still outstanding.

    `ref` is what `port` takes. `letter_url` is a page to sign the letter or to send it from,
    `tracking_url` one to follow the port; empty where the reply names none.
    """

    ref: str
    ticket_ref: str = ""
    letter_url: str = ""
    tracking_url: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortNumber:
    """One number of a port. `has_caller_name_lookup` and `has_e911` are None where not told."""

    tn: TN
    rate_center: str = ""
    state: str = ""
    lata: str = ""
    tier: str = ""
    route_ref: str = ""
    has_caller_name_lookup: bool | None = None
    has_e911: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PortRecord:
    """One port as the provider tells it. A list tells less than `port`: empty means "not told"."""

    ref: str
    state: PortState = PortState.UNKNOWN
    word: str = ""
    message: str = ""
    name: str = ""
    email: str = ""
    billing_tn: TN | None = None
    losing_carrier: str = ""
    submitted_at: datetime | None = None
    requested_date: date | None = None
    foc_date: date | None = None
    route_ref: str = ""
    support_url: str = ""
    numbers: tuple[PortNumber, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PortEvent:
    """Something that happened to a port of a number."""

    tn: TN
    state: PortState = PortState.UNKNOWN
    word: str = ""
    comment: str = ""
    at: datetime | None = None
    port_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PortHistory:
    """What the provider tells of the ports of one number, the newest event first."""

    tn: TN
    events: tuple[PortEvent, ...] = ()
    port: PortRecord | None = None
    is_portable: bool | None = None  # None: not told
