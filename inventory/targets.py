"""What a row of a job is about where it is no number: a route, a range of addresses, a group.

Such a target reads ``kind:account:what``. It locks like a number does, for all accounts apart.
"""

from __future__ import annotations

from typing import Final

from portal.models import ProviderAccount
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.tn import TN

_LENGTH: Final = 32  # of the column


def target(kind: str, account: ProviderAccount, what: str) -> str:
    """Return the target for something of an account; what is too long for the column is cut."""
    return f"{kind}:{account.pk}:{what}"[:_LENGTH]


def outcome(about: str, result: Outcome, message: str = "", **facts: object) -> ItemOutcome:
    """Return the outcome of a row; `facts` as for `ItemOutcome`."""
    return ItemOutcome(tn=TN(about), outcome=result, message=message, **facts)  # type: ignore[arg-type]


def done(about: str, message: str = "", **facts: object) -> ItemOutcome:
    """Return the outcome of a row that was carried out."""
    return outcome(about, Outcome.SUCCEEDED, message, **facts)


def unsendable(about: str, error: ValueError) -> ItemOutcome:
    """Return the outcome of a row for which nothing was sent: its wire cannot carry it."""
    words = f"It cannot be sent: {error}. Nothing was changed."
    return outcome(about, Outcome.REFUSED, words, code="not_sent")


def refused(about: str, error: ProviderRefused) -> ItemOutcome:
    """Return the outcome of a row that the provider refused."""
    return outcome(about, Outcome.REFUSED, error.message, code=error.code)
