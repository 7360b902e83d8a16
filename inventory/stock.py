"""Where the providers have numbers at all, as far as they told: states, rate centers, area codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Min

from inventory import regions
from inventory.models import Coverage
from inventory.operations.accounts import RefreshCoverage
from inventory.results import form_url
from portal import jobs
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount, User

MAX_PLACES = 600


def context(region: str, *, user: User) -> dict[str, Any]:
    """Return what the “where is there stock” panel shows, for all states or for one."""
    region = region.upper() if region.upper() in regions.NAMES else ""
    accounts = list(tellers(user))
    open_jobs = Job.objects.open().filter(kind=RefreshCoverage.kind, account__in=accounts)
    fetching = {job.account_id or 0: job for job in open_jobs}
    rows = Coverage.objects.filter(account__in=accounts).order_by()
    places = rows.filter(region=region).exclude(rate_center="", npa="") if region else None
    shown = places if places is not None else rows.filter(rate_center="", npa="")
    return {
        "region": region,
        "region_name": regions.name(region),
        "tellers": accounts,
        "states": [] if region else _states(shown.values_list("region", "account__name", "count")),
        "centers": _places(places, "rate_center", region) if region else [],
        "codes": _places(places, "npa", region) if region else [],
        "fetched_at": shown.aggregate(oldest=Min("fetched_at"))["oldest"],
        "is_fetching": bool(fetching),
        "stock_version": f"{sorted(fetching)}",
        "stock_key": new_key(),
    }


def tellers(user: User) -> Iterable[ProviderAccount]:
    """Return the accounts that can tell where they have numbers."""
    return ProviderAccount.objects.visible_to(user).usable().offering("coverage_lists")


def fetch(region: str, *, actor: User, key: str) -> list[Job]:
    """Submit the question to every account that can answer it; return the jobs."""
    return [
        jobs.submit(
            RefreshCoverage.kind,
            actor=actor,
            account=account,
            params={"account": account.name, "region": region},
            key=f"{key}:{account.pk}",
        )
        for account in tellers(actor)
    ]


def _states(rows: Iterable[tuple[str, str, int | None]]) -> list[dict[str, Any]]:
    told = _told(rows)
    return [
        {"letters": letters, "name": regions.name(letters), "words": words}
        for letters, words in sorted(told.items())
    ]


def _told(rows: Iterable[tuple[str, str, int | None]]) -> dict[str, str]:
    """Return for each place who has numbers there, and how many where it tells."""
    named: dict[str, list[str]] = {}
    for place, account, count in rows:
        words = account if count is None else f"{account} {count:,}"
        named.setdefault(place, []).append(words)
    return {place: ", ".join(sorted(set(words))) for place, words in named.items()}


def _places(rows: Any, field: str, region: str) -> list[dict[str, Any]]:
    found = rows.exclude(**{field: ""}).values_list(field, "account__name", "count")
    counts: dict[str, int] = {}
    told = list(found.order_by(field)[: 2 * MAX_PLACES])
    for place, _, count in told:
        if count is not None:
            counts[place] = counts.get(place, 0) + count
    return [
        {
            "name": place,
            "words": words,
            "count": counts.get(place),
            "url": form_url({"kind": "local", "state": region, field: place}),
        }
        for place, words in list(_told(told).items())[:MAX_PLACES]
    ]
