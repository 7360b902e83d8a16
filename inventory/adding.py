"""Putting what a search found into the cart: what it means at each provider, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from inventory.models import CartLine, NumberSearch, SearchOffer
from portal import providers
from portal.access import Request
from portal.models import ProviderAccount, User

ASK_FROM: Final = 26  # numbers; fewer are added at once, since that is easily taken back
ADDED: Final = "cart_added"  # session key: what was added last, as a span of time
KEPT_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many numbers one provider account has, and whether it will hold them, in words."""

    account: ProviderAccount
    count: int
    hold: str


def one_of_each(offers: Any) -> QuerySet[SearchOffer]:
    """Return offers without a number's second provider: the cheaper one stays, as far as told."""
    return offers.order_by("tn", "cost_order", "account_id").distinct("tn")


def shares(chosen: QuerySet[SearchOffer]) -> list[Share]:
    """Return how many offers there are of each provider account, most first."""
    picked = SearchOffer.objects.filter(pk__in=chosen.values("pk"))
    counted: Any = picked.order_by().values_list("account")
    counts = dict(counted.annotate(n=Count("pk")))
    accounts = ProviderAccount.objects.in_bulk(list(counts))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Share(account=accounts[pk], count=count, hold=_hold(accounts[pk])) for pk, count in ordered
    ]


def _hold(account: ProviderAccount) -> str:
    if reason := providers.why_not(account.slug, "number_reservation"):
        return f"Not held. {reason}"
    return "Held for us, as long as the provider holds numbers; nobody else can buy them meanwhile."


def remember(request: Request, search: NumberSearch, lines: Sequence[CartLine]) -> None:
    """Keep which lines were added, so that they can be taken out again in one go."""
    if lines:
        moments = sorted(line.added_at for line in lines)
        span = [moments[0].isoformat(), moments[-1].isoformat()]
        request.session[ADDED] = {"search": search.pk, "span": span}


def added(
    session: Mapping[str, Any], user: User, search: NumberSearch
) -> QuerySet[CartLine] | None:
    """Return the lines that were added last from a search and are still there; None for none.

    After an hour, or when more was added, they are no longer told apart from the others.
    """
    known = session.get(ADDED) or {}
    if known.get("search") != search.pk:
        return None
    first, last = (parse_datetime(text) for text in known["span"])
    if first is None or last is None or first < timezone.now() - KEPT_FOR:
        return None
    found = CartLine.objects.visible_to(user).filter(
        added_at__range=(first, last), tn__in=search.offers.values("tn")
    )
    return found if found.exists() else None
