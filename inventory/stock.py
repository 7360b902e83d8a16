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

MAX_ROWS = 2000


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
        "states": [] if region else _states(shown),
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


def _grouped(rows: Any, field: str) -> dict[str, list[tuple[str, int | None]]]:
    """Return for each place what each account told: its name, and how many where it counts."""
    told = rows.exclude(**{field: ""}).order_by(field, "account")
    named: dict[str, list[tuple[str, int | None]]] = {}
    for place, account, count in told.values_list(field, "account__name", "count")[:MAX_ROWS]:
        named.setdefault(place, []).append((account, count))
    return named


def _place(name: str, told: list[tuple[str, int | None]]) -> dict[str, Any]:
    counts = [count for _, count in told if count is not None]
    return {
        "name": name,
        "count": sum(counts) if counts else None,
        "told": ", ".join(
            account if count is None else f"{account}: {count:,}" for account, count in told
        ),
    }


def _states(rows: Any) -> list[dict[str, Any]]:
    return [
        _place(letters, told)
        | {"title": regions.name(letters), "url": form_url({"state": letters})}
        for letters, told in _grouped(rows, "region").items()
    ]


def _places(rows: Any, field: str, region: str) -> list[dict[str, Any]]:
    return [
        _place(name, told)
        | {"title": name, "url": form_url({"kind": "local", "state": region, field: name})}
        for name, told in _grouped(rows, field).items()
    ]
