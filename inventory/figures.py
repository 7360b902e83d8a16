"""Figures that take longer to count than a page may: kept for a while, in each process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Count

from inventory.models import TelephoneNumber

T = TypeVar("T")

FIGURE_SECONDS = 60


def kept(key: str, seconds: int, make: Callable[[], T]) -> T:
    """Return a figure that was made at most `seconds` ago."""
    value: T | None = cache.get(f"inventory:{key}")
    if value is None:
        value = make()
        cache.set(f"inventory:{key}", value, seconds)
    return value


def forget(key: str) -> None:
    """Have a figure made afresh."""
    cache.delete(f"inventory:{key}")


def by_account() -> dict[tuple[int, str], int]:
    """Return how many numbers each account has in each state, by (account, state)."""

    def count() -> dict[tuple[int, str], int]:
        rows = TelephoneNumber.objects.order_by().values_list("account", "state")
        return {(account, state): n for account, state, n in rows.annotate(n=Count("pk"))}

    return kept("by-account", FIGURE_SECONDS, count)
