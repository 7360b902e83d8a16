"""Wire ⇄ DTO: the account: profile, money, call records (voicetel.md 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from portal.providers.dto import AccountStatus
from portal.providers.dto.account import (
    AccountChanges,
    AccountProfile,
    AccountUpdate,
    CallRecord,
    Charge,
    Credit,
    NewAccount,
    Payment,
    PaymentStatus,
    RecurringCharges,
    Registration,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel import envelope
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import count_of, flag, moment, money, told
from portal.providers.voicetel.methods import account as methods
from portal.providers.voicetel.methods.core import Method

_ACCOUNT_DETAILS = ("enabled", "created", "timezone", "ccs", "callerId", "services", "rates")
_SERVICES: Final = {"intl": "international", "bypassMedia": "bypass_media"}
_RATES: Final = {
    "did": "number",
    "nibble": "minute",
    "tfAdj": "toll_free_adjustment",
    "intlMax": "international_max",
}
# Our fields of `AccountChanges` and the wire's, which is also the client's argument where the same.
_CHANGES: Final = {
    "time_zone": "timezone",
    "is_warned": "notify",
    "warn_below": "notify_threshold",
    "caller_id": "caller_id",
    "concurrent_calls": "ccs",
    "has_sms": "sms",
    "has_mms": "mms",
    "has_international": "intl",
    "has_e911": "e911",
}
_WIRE_NAMES: Final = {"notify_threshold": "notifyThreshold", "caller_id": "callerId"}
_PAYMENTS: Final = {
    "completed": PaymentStatus.COMPLETED,
    "pending": PaymentStatus.PENDING,
    "refunded": PaymentStatus.REFUNDED,
    "reversed": PaymentStatus.REVERSED,
    "failed": PaymentStatus.FAILED,
    "denied": PaymentStatus.DENIED,
    "canceled_reversal": PaymentStatus.REVERSAL_CANCELED,
}


def account_status(record: Record) -> AccountStatus:
    """Return balance and name; `details` has rates and services as the provider tells them."""
    return AccountStatus(
        balance=_balance(record),
        name=clean(record.get("name")),
        details=told(record, _ACCOUNT_DETAILS),
    )


def profile(record: Record) -> AccountProfile:
    """Return the whole profile in our names; services and rates that are new keep the wire's."""
    services, rates = record.get("services"), record.get("rates")
    switched = services if isinstance(services, dict) else {}
    priced = rates if isinstance(rates, dict) else {}
    return AccountProfile(
        ref=clean(record.get("username")),
        name=clean(record.get("name")),
        email=clean(record.get("email")),
        is_enabled=flag(record.get("enabled")),
        created_at=moment(record.get("created")),
        time_zone=clean(record.get("timezone")),
        balance=_balance(record),
        concurrent_calls=count_of(record.get("ccs")),
        caller_id=clean(record.get("callerId")),
        is_warned=flag(record.get("notify")),
        warn_below=count_of(record.get("notifyThreshold")),
        services={
            _SERVICES.get(name, clean(name)): is_on
            for name, is_on in switched.items()
            if isinstance(is_on, bool)
        },
        rates={
            _RATES.get(name, clean(name)): rate
            for name, value in priced.items()
            if (rate := money(value)) is not None
        },
    )


def changes_out(changes: AccountChanges) -> dict[str, Any]:
    """Return the client's arguments for what is to be changed."""
    found: dict[str, Any] = {}
    for ours, theirs in _CHANGES.items():
        value = getattr(changes, ours)
        if value is not None:
            found[theirs] = value.digits10 if ours == "caller_id" else value
    return found


def update(names: Iterable[str], changes: AccountChanges) -> AccountUpdate:
    """Return which of the wanted changes the reply names."""
    told_names = {name.casefold() for name in names}
    wanted = {ours for ours in _CHANGES if getattr(changes, ours) is not None}
    changed = {
        ours
        for ours in wanted
        if _WIRE_NAMES.get(_CHANGES[ours], _CHANGES[ours]).casefold() in told_names
    }
    return AccountUpdate(changed=frozenset(changed), unconfirmed=frozenset(wanted - changed))


def credit_list(records: Iterable[Record]) -> list[Credit]:
    """Return the credits as told, newest first."""
    method = methods.GET_ACCOUNT_CREDITS
    found: list[Credit] = []
    for record in records:
        is_paid = flag(record.get("paid"))
        if is_paid is None:
            raise off_contract(method.name, False, "a credit does not say whether it is paid")
        at, amount = _entry(record, method)
        found.append(Credit(at=at, amount=amount, is_paid=is_paid))
    return found


def payments(records: Iterable[Record]) -> list[Payment]:
    """Return the payments as told, newest first; a status that is new keeps its word."""
    found: list[Payment] = []
    for record in records:
        at, amount = _entry(record, methods.GET_ACCOUNT_PAYMENTS)
        word = clean(record.get("status"))
        found.append(
            Payment(
                at=at,
                amount=amount,
                status=_PAYMENTS.get(word.casefold(), PaymentStatus.UNKNOWN),
                word=word,
                payer_email=clean(record.get("payerEmail")),
                transaction_ref=clean(record.get("transactionId")),
            )
        )
    return found


def recurring_charges(content: Record) -> RecurringCharges:
    """Return the monthly charges with the provider's own sum."""
    method = methods.GET_ACCOUNT_RECURRING_CHARGES
    charges: list[Charge] = []
    for record in envelope.records(content, "charges", method):
        amount = money(record.get("amount"))
        if amount is None:
            raise off_contract(method.name, False, "a charge has no amount")
        charges.append(Charge(amount=amount, description=clean(record.get("description"))))
    return RecurringCharges(charges=tuple(charges), total=money(content.get("total")))


def call_records(records: Iterable[Record]) -> Iterator[CallRecord]:
    """Yield the calls; on this wire every value is text, and a name is written as in a URL."""
    method = methods.GET_ACCOUNT_CDR
    for record in records:
        ref, key, value = clean(record.get("id")), record.get("key"), record.get("value")
        if not isinstance(key, list) or len(key) < 2 or not isinstance(value, dict):
            raise off_contract(method.name, False, "a call has no time or no facts")
        at = moment(key[1])
        if not ref or at is None:
            raise off_contract(method.name, False, "a call has no id or no time")
        yield CallRecord(
            ref=ref,
            at=at,
            account_ref=clean(key[0]),
            caller=clean(value.get("cid")),
            caller_name=clean(unquote(clean(value.get("cn")))),
            called=clean(value.get("dst")),
            address=clean(value.get("ip")),
            seconds=count_of(value.get("dur")),
            rate_per_minute=money(value.get("nr")),
            charged=money(value.get("ba")),
        )


def registration(record: Record | None) -> Registration | None:
    """Return the registered device; None for none."""
    if record is None:
        return None
    return Registration(device=clean(record.get("agent")), address=clean(record.get("uri")))


def new_account(record: Record, *, is_signup: bool) -> NewAccount:
    """Return the account that was opened; its password is told nowhere else."""
    method = methods.POST_ACCOUNTS if is_signup else methods.POST_ACCOUNT
    password = record.get("password")
    if not any(clean(record.get(name)) for name in ("username", "email")):
        raise off_contract(method.name, True, "it names no account")
    return NewAccount(
        username=clean(record.get("username")),
        password=password if isinstance(password, str) else "",
        name=clean(record.get("name")),
        email=clean(record.get("email")),
        billing_ref=clean(record.get("masterAccount")),
    )


def _balance(record: Record) -> Decimal | None:
    balance = money(record.get("cash"))
    if balance is None and record.get("cash") is not None:
        raise off_contract(methods.GET_ACCOUNT.name, False, "the balance is not an amount")
    return balance


def _entry(record: Record, method: Method) -> tuple[datetime, Decimal]:
    """Return date and amount, which every line of money has."""
    at, amount = moment(record.get("date")), money(record.get("amount"))
    if at is None or amount is None:
        raise off_contract(method.name, False, "an entry has no date or no amount")
    return at, amount
