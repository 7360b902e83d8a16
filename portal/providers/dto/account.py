"""The account itself at a provider: its profile, its money, its calls, and accounts that are opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from portal.tn import TN


class PaymentStatus(StrEnum):
    """What became of a payment."""

    COMPLETED = "completed"
    PENDING = "pending"
    REVERSED = "reversed"
    REVERSAL_CANCELED = "reversal_canceled"
    REFUNDED = "refunded"
    FAILED = "failed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountProfile:
    """What the provider keeps of the account; None and "" where it does not tell.

    `services` says what is switched on, by our names ("sms", "international" …); `rates` are US
    dollars for one unit: "number" a month, "minute", "sms", "mms", "fax", "cnam" and "lrn" a lookup,
    "toll_free_adjustment", "international_max". A name that we do not know is kept as told.
    """

    ref: str
    name: str = ""
    email: str = ""
    is_enabled: bool | None = None
    created_at: datetime | None = None
    time_zone: str = ""  # IANA name
    balance: Decimal | None = None
    concurrent_calls: int | None = None
    caller_id: str = ""  # digits that calls without a number of their own show
    is_warned: bool | None = None  # is a mail sent when the balance gets low?
    warn_below: int | None = None  # whole US dollars
    services: Mapping[str, bool] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountChanges:
    """What to change of an account; None leaves it as it is.

    From `concurrent_calls` on an administrator's sign-in is needed.
    """

    time_zone: str | None = None
    is_warned: bool | None = None
    warn_below: int | None = None  # whole US dollars
    caller_id: TN | None = None
    concurrent_calls: int | None = None
    has_sms: bool | None = None
    has_mms: bool | None = None
    has_international: bool | None = None
    has_e911: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountUpdate:
    """Which fields of `AccountChanges` the provider confirms, and which of the asked it does not."""

    changed: frozenset[str]
    unconfirmed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """Money that was put on the account, or is still to be paid for."""

    at: datetime
    amount: Decimal
    is_paid: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """A payment to the provider. `word` is the provider's own for its status."""

    at: datetime
    amount: Decimal
    status: PaymentStatus
    word: str
    payer_email: str = ""
    transaction_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """What the account pays each month for one thing."""

    amount: Decimal
    description: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurringCharges:
    """What the account pays each month. `total` is the provider's own sum, None if not told."""

    charges: tuple[Charge, ...]
    total: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One call, as billed. Numbers are text: a far end may be no telephone number at all."""

    ref: str
    at: datetime
    caller: str = ""
    caller_name: str = ""
    called: str = ""
    address: str = ""  # the device's, on the internet
    seconds: int | None = None
    rate_per_minute: Decimal | None = None
    charged: Decimal | None = None
    account_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """The device that is registered for the account just now."""

    device: str
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """An account just opened. Its password is told this once and shows in no repr.

    A username or password that the answer did not tell is empty: have the account recovered.
    """

    username: str
    password: str = field(repr=False)
    name: str = ""
    email: str = ""
    billing_ref: str = ""  # the account that pays for it, where told
