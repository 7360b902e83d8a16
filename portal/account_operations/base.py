"""What operations about a provider account have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.models import ProviderAccount
from portal.operations import Item, Operation
from portal.providers.dto import ItemOutcome, Outcome
from portal.tn import TN


class AccountRead(Operation):
    """A read about one account; one open job of a kind per account."""

    permission = "portal.refresh_statement"
    words = ""

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return what is asked of which account."""
        return f"{self.words} {params.get('account', '')}".strip()

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account."""
        return f"account:{account.pk}" if account else ""


def done(target: str, **facts: Any) -> ItemOutcome:
    """Return the outcome of a row that was carried out; its target need not be a number."""
    return ItemOutcome(tn=TN(target), outcome=Outcome.SUCCEEDED, **facts)


def unsendable(target: str, error: ValueError) -> Iterator[ItemOutcome]:
    """Yield the refusal of a row that the wire cannot carry; nothing was sent."""
    yield ItemOutcome(
        tn=TN(target),
        outcome=Outcome.REFUSED,
        message=f"It cannot be sent like this: {error}.",
        advice="Nothing was sent. Mend it and send it again.",
    )
