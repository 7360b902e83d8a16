"""What the pages of provider accounts show: health, latency, budgets, capabilities, latest calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Max, Min, Q, QuerySet
from django.utils import timezone

from portal import providers
from portal.models import BudgetSpend, Exchange, Job, ProviderAccount

CALLS_SHOWN = 15
WAITING = ("queued", "waiting", "unknown")
FAILURES = ("timeout", "unavailable", "protocol", "auth")
CAPABILITY_WORDS = {
    "credential_check": "Test call",
    "number_search": "Search for numbers",
    "stock_counts": "Count its stock",
    "coverage_lists": "List where it has numbers",
    "number_query": "Ask about one number",
    "number_reservation": "Hold numbers",
    "number_ordering": "Order numbers",
    "number_release": "Give numbers back",
    "inventory_list": "List all our numbers",
    "route_list": "List routes",
}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much of one budget is used at this moment."""

    name: str
    used: int
    allowed: int
    is_shared: bool  # counted per source address, for all accounts of the provider
    refills_at: datetime

    @property
    def is_spent(self) -> bool:
        """Whether calls wait for it."""
        return self.used >= self.allowed > 0


@dataclass(frozen=True, kw_only=True)
class Capability:
    """What an adapter offers, or the sentence why it does not."""

    name: str
    why_not: str


def with_figures(accounts: Iterable[ProviderAccount]) -> list[ProviderAccount]:
    """Return the accounts with `latency`, `budgets` and `waiting` jobs; a query each for all."""
    rows = list(accounts)
    latency = latency_of(Exchange.objects.all())
    budgets = budgets_of(rows)
    open_jobs = Job.objects.filter(status__in=WAITING).order_by().values_list("account")
    waiting = dict(open_jobs.annotate(n=Count("id")))
    for account in rows:
        account.latency = latency.get(account.pk, {})  # type: ignore[attr-defined]
        account.budgets = budgets[account.pk]  # type: ignore[attr-defined]
        account.waiting = waiting.get(account.pk, 0)  # type: ignore[attr-defined]
    return rows


def context(account: ProviderAccount) -> dict[str, Any]:
    """Return what the page of one account shows, without the parts of the domains."""
    exchanges = Exchange.objects.filter(account=account).defer(
        "request_body", "reply_body", "request_headers"
    )
    told = capabilities(account.slug)
    return {
        "account": account,
        "limits": providers.provider_class(account.slug).limits,
        "offered": [one for one in told if not one.why_not],
        "not_offered": [one for one in told if one.why_not],
        "budgets": budgets_of([account])[account.pk],
        "latency": latency_of(exchanges).get(account.pk, {}),
        "exchanges": exchanges.order_by("-id")[:CALLS_SHOWN],
        "queue": Job.objects.filter(account=account).open().order_by("id")[:10],
        "last_test": Job.objects.filter(account=account, kind="inventory.check_account").first(),
    }


def capabilities(slug: str) -> list[Capability]:
    """Return everything that a provider could offer, in the order of the declarations."""
    return [
        Capability(
            name=CAPABILITY_WORDS.get(name, name.replace("_", " ").capitalize()),
            why_not=providers.why_not(slug, name),
        )
        for name in providers.CAPABILITIES
    ]


def latency_of(exchanges: QuerySet[Exchange]) -> dict[int, dict[str, Any]]:
    """Return per account: average seconds, calls and failures of the last hour."""
    since = timezone.now() - timedelta(hours=1)
    rows = (
        exchanges.filter(sent_at__gte=since)
        .order_by()
        .values("account")
        .annotate(
            average=Avg("seconds"),
            calls=Count("id"),
            failures=Count("id", filter=Q(outcome__in=FAILURES)),
        )
    )
    return {row["account"]: dict(row) for row in rows}


def budgets_of(accounts: Iterable[ProviderAccount]) -> dict[int, list[Budget]]:
    """Return per account the budgets of which something is used, those of its address included."""
    rows = list(accounts)
    scopes = {f"account:{account.pk}" for account in rows}
    scopes |= {f"source:{account.slug}" for account in rows}
    spent = (
        BudgetSpend.objects.filter(scope__in=scopes, expires_at__gt=timezone.now())
        .values("scope", "bucket")
        .annotate(used=Count("id"), allowed=Max("allowed"), refills_at=Min("expires_at"))
        .order_by("scope", "bucket")
    )
    by_scope: dict[str, list[Budget]] = {}
    for row in spent:
        by_scope.setdefault(row["scope"], []).append(
            Budget(
                name="All calls" if row["bucket"] == "calls" else row["bucket"],
                used=row["used"],
                allowed=row["allowed"],
                is_shared=row["scope"].startswith("source:"),
                refills_at=row["refills_at"],
            )
        )
    return {
        account.pk: by_scope.get(f"account:{account.pk}", [])
        + by_scope.get(f"source:{account.slug}", [])
        for account in rows
    }
