"""What operations about ports have in common."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from portal.jobs.runtime import JobRuntime
from portal.providers.dto import ItemOutcome, Outcome
from portal.tn import TN

BUCKET: Final = "ports"  # of the budget that questions about ports share
MARK: Final = "port:"


def target_of(order_id: int) -> str:
    """Return the target of a job's row that is about an order and no number."""
    return f"{MARK}{order_id}"


def order_of(target: str) -> int:
    """Return the id of the order that a row is about."""
    return int(target.removeprefix(MARK))


def spend(run: Any, *, keeps: int = 0) -> None:
    """Take one question about ports from the account's budget, and leave `keeps` of it to others.

    Raises `ProviderUnavailable` with the time when it refills; the job waits until then.
    """
    limit = max(1, settings.PORT_CALLS_PER_MINUTE - keeps)
    JobRuntime(run).spend(BUCKET, limit=limit, seconds=60)


def done(target: str, words: str = "", **facts: Any) -> ItemOutcome:
    """Return the outcome of a row that was carried out; its target need not be a number."""
    return ItemOutcome(tn=TN(target), outcome=Outcome.SUCCEEDED, message=words, **facts)


def refused(target: str, words: str, *, code: str = "", advice: str = "") -> ItemOutcome:
    """Return the outcome of a row that was not carried out."""
    return ItemOutcome(
        tn=TN(target), outcome=Outcome.REFUSED, code=code, message=words, advice=advice
    )
