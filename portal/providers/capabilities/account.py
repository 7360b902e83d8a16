"""What a provider may tell and change about the account itself.

Reads raise a `ProviderError` and never answer "nothing" for an answer that could not be read.
Writes return what was carried out, or raise: `ProviderRefused` for a plain no, `ProviderTimeout`
and `ProviderProtocolError` where nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from portal.providers.dto.account import (
    AccountChanges,
    AccountProfile,
    AccountUpdate,
    CallRecord,
    Credit,
    NewAccount,
    Payment,
    RecurringCharges,
    Registration,
)


@runtime_checkable
class AccountProfileRead(Protocol):
    """Read what the provider keeps of the account."""

    def account_profile(self) -> AccountProfile:
        """Return balance, services, rates and settings."""


@runtime_checkable
class AccountSettings(Protocol):
    """Change settings of the account."""

    def update_account(self, changes: AccountChanges) -> AccountUpdate:
        """Change what is not None; ValueError where nothing is, or a value cannot be meant."""


@runtime_checkable
class AccountCredits(Protocol):
    """List the credits of the account."""

    def list_credits(self, *, is_paid: bool | None = None) -> list[Credit]:
        """Return them newest first: the paid, the unpaid, or all."""


@runtime_checkable
class AccountPayments(Protocol):
    """List what was paid to the provider."""

    def list_payments(self) -> list[Payment]:
        """Return the payments, newest first."""


@runtime_checkable
class RecurringChargeList(Protocol):
    """List what the account pays each month."""

    def recurring_charges(self) -> RecurringCharges:
        """Return the charges and their sum; asking may be limited to a few times an hour."""


@runtime_checkable
class CallRecords(Protocol):
    """List calls that were billed."""

    def call_records(
        self, *, since: datetime, until: datetime | None = None
    ) -> Iterator[CallRecord]:
        """Yield the calls between two aware moments, newest first, as a stream; `until` None: now.

        Asking may be limited to a few times an hour.
        """


@runtime_checkable
class RegistrationRead(Protocol):
    """Tell which device is registered for the account."""

    def registration(self) -> Registration | None:
        """Return it, None where none is registered."""


@runtime_checkable
class AccountCreation(Protocol):
    """Open an account as the provider's administrator."""

    def create_account(
        self, *, username: str, name: str, email: str, billing_ref: str = ""
    ) -> NewAccount:
        """Open it; `billing_ref` is the account that pays, empty: the new one itself.

        When the answer is lost, an account may be there whose password nobody has.
        """


@runtime_checkable
class AccountSignup(Protocol):
    """Open an account as anybody may."""

    def sign_up(self, *, name: str, email: str, promo: str = "") -> NewAccount:
        """Open it; a mail to verify the address goes out. A lost answer: as `create_account`."""


@runtime_checkable
class AccountRecovery(Protocol):
    """Have the way back into an account mailed to its owner."""

    def recover_account(self, *, email: str) -> str:
        """Return the provider's words; each call sends a mail."""


CAPABILITIES: dict[str, type] = {
    "account_profile": AccountProfileRead,
    "account_settings": AccountSettings,
    "account_credits": AccountCredits,
    "account_payments": AccountPayments,
    "recurring_charges": RecurringChargeList,
    "call_records": CallRecords,
    "registration": RegistrationRead,
    "account_creation": AccountCreation,
    "account_signup": AccountSignup,
    "account_recovery": AccountRecovery,
}
