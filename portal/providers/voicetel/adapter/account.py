"""The account: profile, money, call records, accounts that are opened (voicetel.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

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
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import account as mapping


class AccountOperations:
    """Mixed into the adapter."""

    client: Client

    def account_profile(self) -> AccountProfile:
        """Return the profile; the provider lets it be asked six times an hour."""
        return mapping.profile(self.client.get_account())

    def update_account(self, changes: AccountChanges) -> AccountUpdate:
        """Change settings; what an administrator's sign-in alone may change is refused to others."""
        names = self.client.put_account(**mapping.changes_out(changes))
        return mapping.update(names, changes)

    def list_credits(self, *, is_paid: bool | None = None) -> list[Credit]:
        """Return the credits, newest first."""
        if is_paid is None:
            return mapping.credit_list(self.client.get_account_credits())
        return mapping.credit_list(self.client.get_account_credits("paid" if is_paid else "unpaid"))

    def list_payments(self) -> list[Payment]:
        """Return the payments, newest first."""
        return mapping.payments(self.client.get_account_payments())

    def recurring_charges(self) -> RecurringCharges:
        """Return the monthly charges; six times an hour."""
        return mapping.recurring_charges(self.client.get_account_recurring_charges())

    def call_records(
        self, *, since: datetime, until: datetime | None = None
    ) -> Iterator[CallRecord]:
        """Yield the calls, newest first; six times an hour. ValueError for a range that is none."""
        end = _seconds(since)
        start = None if until is None else _seconds(until)
        if start is not None and start < end:
            raise ValueError("the calls' last moment is before their first")
        return mapping.call_records(self.client.get_account_cdr(start=start, end=end))

    def registration(self) -> Registration | None:
        """Return the device that is registered, None where none is."""
        return mapping.registration(self.client.get_account_registration())

    def create_account(
        self, *, username: str, name: str, email: str, billing_ref: str = ""
    ) -> NewAccount:
        """Open an account; `username` has ten digits. Needs an administrator's sign-in."""
        record = self.client.post_account(
            username=username, name=name, email=email, master_account=billing_ref
        )
        return mapping.new_account(record, is_signup=False)

    def sign_up(self, *, name: str, email: str, promo: str = "") -> NewAccount:
        """Open an account without any sign-in; VoiceTel gives out the username."""
        record = self.client.post_accounts(name=name, email=email, promo=promo)
        return mapping.new_account(record, is_signup=True)

    def recover_account(self, *, email: str) -> str:
        """Have the way back into the account of a mail address mailed to it."""
        return self.client.post_account_recovery(email)


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone could mean any")
    return int(at.timestamp())
