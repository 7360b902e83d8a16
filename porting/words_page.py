"""What the page of provider words shows: what nobody explained, what somebody did, the trade's own."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from portal import providers
from portal.models import User
from portal.providers.dto.porting import TRADE_WORDS
from porting.models import PortOrder, ProviderWord
from porting.services.words import fold


def context(user: User) -> dict[str, Any]:
    """Return the words of providers, each with how many orders show it now."""
    rows = list(ProviderWord.objects.visible_to(user).select_related("decided_by"))
    waiting = _waiting()
    for row in rows:
        row.provider = provider_name(row.slug)
        row.waiting = waiting.get((row.slug, row.folded), 0)
    return {
        "unknown": [row for row in rows if not row.is_known],
        "known": [row for row in rows if row.is_known],
        "trade": sorted(TRADE_WORDS.items()),
    }


def provider_name(slug: str) -> str:
    """Return what a provider is called."""
    try:
        return str(providers.provider_class(slug).name)
    except KeyError:
        return slug


def _waiting() -> dict[tuple[str, str], int]:
    """Return how many orders show a word that nobody explained, by provider and word."""
    shown = PortOrder.objects.filter(is_word_known=False).order_by()
    found: dict[tuple[str, str], int] = {}
    for row in shown.values("account__slug", "provider_word").annotate(n=Count("pk")):
        key = (row["account__slug"], fold(row["provider_word"]))
        found[key] = found.get(key, 0) + row["n"]
    return found
