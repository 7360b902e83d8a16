"""Numbers: searched, offered, ordered, owned, and what became of each (design.md section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.tn import TN


class Outcome(StrEnum):
    """The fate of one number in a request to a provider."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"  # accepted; the provider carries it out later, ask with `query_tn`
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Ownership(StrEnum):
    """Who holds a number, as far as the provider tells us."""

    OURS = "ours"
    RESERVED_BY_US = "reserved_by_us"
    AVAILABLE = "available"
    FOREIGN = "foreign"  # held or reserved by somebody else
    NOT_FOUND = "not_found"
    NOT_OURS = "not_ours"  # not in service on our account; held by us, resting or gone: not told
    UNKNOWN = "unknown"  # the answer does not tell


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchCriteria:
    """What a person is looking for. Empty text means "any"; text is upper case where letters."""

    is_toll_free: bool = False
    npa: str = ""
    nxx: str = ""
    state: str = ""  # two letters
    rate_center: str = ""
    city: str = ""
    lata: str = ""
    tier: str = ""
    starts: str = ""  # digits from the area code on
    contains: str = ""  # digits anywhere
    ends: str = ""  # last digits
    features: frozenset[str] = frozenset()  # of "sms", "cnam", "t38"
    most_monthly: Decimal | None = None  # dollars a month; a price that is not told is no obstacle
    quantity: int = 50
    consecutive: int = 0  # length of a run of neighbouring numbers; 0 or 1: do not care


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One number that a provider has for sale."""

    tn: TN
    rate_center: str = ""
    city: str = ""
    state: str = ""
    lata: str = ""
    tier: str = ""
    network: str = ""
    features: frozenset[str] = frozenset()
    monthly_cost: Decimal | None = None  # None: the provider does not say
    setup_cost: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StockCount:
    """How many numbers a provider has for sale in one place."""

    count: int
    state: str = ""
    city: str = ""
    rate_center: str = ""
    npa: str = ""
    nxx: str = ""
    block: str = ""
    lata: str = ""
    tier: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnedNumber:
    """One number as the provider lists it for our account: the mirror's row.

    `state_word` is the provider's own word for the number's state. `values` holds feature values by
    our field names ("forward_to", "failover_to", "cnam_name", …) where the list tells them; a key
    that is missing was not told. `details` keeps what else the record said, for the raw view.
    """

    tn: TN
    state_word: str = ""
    route_ref: str = ""
    route_name: str = ""
    rate_center: str = ""
    state: str = ""
    lata: str = ""
    tier: str = ""
    network: str = ""
    label: str = ""
    features: frozenset[str] = frozenset()
    provider_ref: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberStatus:
    """The answer to "what is this number to you?"."""

    tn: TN
    ownership: Ownership
    word: str = ""  # the provider's own word
    code: str = ""
    owned: OwnedNumber | None = None  # filled when ours


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOutcome:
    """What became of one number in an order, a reservation, a release or a change.

    `code` and `message` are the provider's; `advice` is ours: what to do now. `reservation_ref` and
    `expires_at` are filled by reservations, `owned` by orders whose reply tells the facts, `values`
    by changes: what holds now, by the names of `OwnedNumber.values`.
    """

    tn: TN
    outcome: Outcome
    code: str = ""
    message: str = ""
    advice: str = ""
    provider_ref: str = ""
    reservation_ref: str = ""
    expires_at: datetime | None = None
    charged: Decimal | None = None
    owned: OwnedNumber | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteRecord:
    """Where calls can be sent: an endpoint group, a gateway, a package or a template record."""

    ref: str
    name: str
    kind: str  # "endpoint_group", "gateway", "package", "template"
    is_active: bool = True
    is_system: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRequest:
    """One slice of an order: at most `Limits.order_batch` numbers under one key.

    `reference` is at most 36 characters of ``[A-Za-z0-9-]`` and fixed at submit: a repeated key
    always carries the same numbers. `route_ref` is a `RouteRecord.ref`, empty for the account's
    default. `reservation_refs` maps numbers to what `reserve_tns` gave.
    """

    tns: tuple[TN, ...]
    reference: str
    route_ref: str = ""
    reservation_refs: Mapping[TN, str] = field(default_factory=dict)
    contact_name: str = ""
    contact_phone: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountStatus:
    """The answer to a test call: the credentials work. `balance` where the provider tells it."""

    balance: Decimal | None = None
    currency: str = "USD"
    name: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
