"""Reading what a provider keeps of the account: profile, charges, credits, payments, clients …

Each kind is a job of its own, because providers offer and budget them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar, Final

from portal import account_facts
from portal.account_operations.base import AccountRead
from portal.models import JobItem
from portal.operations import register
from portal.providers.capabilities.account import (
    AccountCredits,
    AccountPayments,
    AccountProfileRead,
    RecurringChargeList,
    RegistrationRead,
)
from portal.providers.capabilities.holdings import ClientList
from portal.providers.dto import ItemOutcome


class FactRead(AccountRead):
    """A read whose whole answer is kept as one fact of the account, by `fact`."""

    fact: ClassVar[str]

    def read(self, provider: Any) -> dict[str, Any]:
        """Return the provider's answer as plain values."""
        raise TypeError(f"{type(self).__name__} reads nothing")

    def call(self, provider: Any, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask."""
        run.scratch["content"] = self.read(provider)
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Keep the answer with its time; a balance in it becomes the account's."""
        content = run.scratch.get("content")
        if content is None:
            return
        account_facts.keep(run.account, self.fact, content)
        if content.get("balance") is not None:
            account_facts.note_balance(run.account, Decimal(str(content["balance"])))
        run.job.result = {"entries": len(content["rows"])} if "rows" in content else {}


@register
class ReadProfile(FactRead):
    """Balance, settings, services and rates."""

    kind, capability, fact = "portal.read_profile", "account_profile", "profile"
    words = "Profile of"

    def read(self, provider: AccountProfileRead) -> dict[str, Any]:
        """Return the profile."""
        profile = asdict(provider.account_profile())
        return profile | {"services": dict(profile["services"]), "rates": dict(profile["rates"])}


@register
class ReadCharges(FactRead):
    """What the account pays each month."""

    kind, capability, fact = "portal.read_charges", "recurring_charges", "charges"
    words = "Monthly charges of"

    def read(self, provider: RecurringChargeList) -> dict[str, Any]:
        """Return the charges and their sum."""
        charges = provider.recurring_charges()
        return {"rows": [asdict(one) for one in charges.charges], "total": charges.total}


@register
class ReadCredits(FactRead):
    """Money put on the account."""

    kind, capability, fact = "portal.read_credits", "account_credits", "credits"
    words = "Credits of"

    def read(self, provider: AccountCredits) -> dict[str, Any]:
        """Return the credits, newest first."""
        return {"rows": [asdict(one) for one in provider.list_credits()]}


@register
class ReadPayments(FactRead):
    """What was paid to the provider."""

    kind, capability, fact = "portal.read_payments", "account_payments", "payments"
    words = "Payments of"

    def read(self, provider: AccountPayments) -> dict[str, Any]:
        """Return the payments, newest first."""
        return {"rows": [asdict(one) for one in provider.list_payments()]}


@register
class ReadRegistration(FactRead):
    """The device that is registered."""

    kind, capability, fact = "portal.read_registration", "registration", "registration"
    words = "Registration at"

    def read(self, provider: RegistrationRead) -> dict[str, Any]:
        """Return the device; empty where none is registered."""
        found = provider.registration()
        return asdict(found) if found else {}


@register
class ReadClients(FactRead):
    """The customers whom a provider keeps under the account."""

    kind, capability, fact = "portal.read_clients", "client_list", "clients"
    words = "Clients of"

    def read(self, provider: ClientList) -> dict[str, Any]:
        """Return the clients by name."""
        rows = [asdict(one) | {"details": dict(one.details)} for one in provider.list_clients()]
        return {"rows": sorted(rows, key=lambda row: str(row["name"]).lower())}


FACT_READS: Final[tuple[type[FactRead], ...]] = (
    ReadProfile,
    ReadCharges,
    ReadCredits,
    ReadPayments,
    ReadRegistration,
    ReadClients,
)
