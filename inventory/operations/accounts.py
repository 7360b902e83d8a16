"""Questions about a provider account itself: does it work, where can calls go, where is stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from inventory.models import Coverage, Route
from portal import account_facts, audit
from portal.account_operations.base import AccountRead
from portal.models import JobItem, ProviderAccount
from portal.operations import register
from portal.providers.capabilities.inventory import (
    CoverageLists,
    CredentialCheck,
    RouteList,
    StockCounts,
)
from portal.providers.dto import ItemOutcome, SearchCriteria


@register
class CheckAccount(AccountRead):
    """The test call: prove that the credentials work; note the balance where it is told."""

    kind, permission = "inventory.check_account", "portal.test_provideraccount"
    capability = "credential_check"
    queue = "interactive"
    max_attempts = 1
    words = "Test call to"

    def call(self, provider: CredentialCheck, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Make the cheapest harmless read."""
        run.scratch["status"] = provider.check_credentials()
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Note the balance; show what the provider told."""
        status = run.scratch.get("status")
        if status is None:
            return
        if status.balance is not None:
            account_facts.note_balance(run.account, status.balance)
        run.job.result = {
            "balance": str(status.balance) if status.balance is not None else None,
            "currency": status.currency,
            "name": status.name,
        }
        audit.record(run.job.actor, "portal.account.tested", run.account, job=run.job)


@register
class SyncRoutes(AccountRead):
    """Bring endpoint groups, gateways, packages or templates of an account into the cache."""

    kind, permission = "inventory.sync_routes", "inventory.sync_account"
    capability = "route_list"
    words = "Routes of"

    def call(self, provider: RouteList, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the routes."""
        run.scratch["routes"] = provider.list_routes()
        yield from ()

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Write them; what is no longer listed is marked, never deleted."""
        if "routes" not in run.scratch:
            return
        now = timezone.now()
        refs = []
        for record in run.scratch["routes"]:
            refs.append(record.ref)
            Route.objects.update_or_create(
                account=run.account,
                provider_ref=record.ref[:64],
                defaults={
                    "name": record.name[:120],
                    "kind": record.kind[:20],
                    "is_active": record.is_active,
                    "is_system": record.is_system,
                    "details": dict(record.details),
                    "synced_at": now,
                    "missing_since": None,
                },
            )
        gone = Route.objects.filter(account=run.account, missing_since=None)
        missing = gone.exclude(provider_ref__in=refs).update(missing_since=now)
        run.job.result = {"routes": len(refs), "missing": missing}


@register
class RefreshCoverage(AccountRead):
    """Fetch where an account has numbers: states, and counts where the provider gives them."""

    kind, permission = "inventory.refresh_coverage", "inventory.search_stock"
    capability = "coverage_lists"
    also_uses = ("stock_counts",)
    words = "Coverage of"

    def subject(self, params: Mapping[str, Any], account: ProviderAccount | None) -> str:
        """Return the account and the state that is asked about."""
        return f"account:{account.pk}:{params.get('region', '')}" if account else ""

    def call(self, provider: CoverageLists, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """List the states, or rate centers and area codes of one state; count where it can."""
        region = run.job.params.get("region", "")
        rows: dict[tuple[str, str, str], int | None] = {}
        if region:
            rows |= {(region, name, ""): None for name in provider.coverage_rate_centers(region)}
            rows |= {(region, "", npa): None for npa in provider.coverage_npas(region)}
        else:
            rows |= {(state, "", ""): None for state in provider.coverage_states()}
        if isinstance(provider, StockCounts):
            self._count(provider, region, rows)
        run.scratch["rows"] = rows
        yield from ()

    def _count(
        self,
        provider: StockCounts,
        region: str,
        rows: dict[tuple[str, str, str], int | None],
    ) -> None:
        """Fill in how many numbers each place has; one place may come in several rows."""
        by = "rate_center" if region else "state"
        totals: dict[tuple[str, str, str], int] = {}
        for counted in provider.stock_counts(SearchCriteria(state=region), by=by):
            if region and counted.state and counted.state != region:
                continue
            place = (region or counted.state, counted.rate_center if region else "", "")
            totals[place] = totals.get(place, 0) + counted.count
        rows |= {place: totals.get(place, 0 if not place[2] else None) for place in rows}
        rows |= {place: count for place, count in totals.items() if all(place[:1])}

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Replace what was known of the account (of that state)."""
        if "rows" not in run.scratch:
            return
        region = run.job.params.get("region", "")
        now = timezone.now()
        known = Coverage.objects.filter(account=run.account)
        if region:
            known.filter(region=region).exclude(rate_center="", npa="").delete()
        else:
            known.filter(rate_center="", npa="").delete()
        Coverage.objects.bulk_create(
            [
                Coverage(
                    account=run.account,
                    region=state[:2],
                    rate_center=rate_center[:40],
                    npa=npa[:3],
                    count=count,
                    fetched_at=now,
                )
                for (state, rate_center, npa), count in run.scratch["rows"].items()
            ],
            ignore_conflicts=True,
        )
        run.job.result = {"places": len(run.scratch["rows"])}
