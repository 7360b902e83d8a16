"""How the providers answered in the last day: answer times and failures by the hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Avg, Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from portal.models import Exchange, ProviderAccount
from portal.panels import Plot
from portal.provider_page import FAILURES

HOURS: Final = 24
SECONDS: Final = 60
_KEY: Final = "portal:health"
TONES: Final = ("info", "ok", "warn", "muted", "bad")


@dataclass(frozen=True, kw_only=True)
class Hour:
    """The calls of one account in one hour; `milliseconds` is their average, None without any."""

    calls: int = 0
    failures: int = 0
    milliseconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """The last 24 hours of an account, the oldest first."""

    hours: tuple[Hour, ...]

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(hour.calls for hour in self.hours)

    @property
    def failures(self) -> int:
        """How many were not answered, or with nonsense; a business refusal is an answer."""
        return sum(hour.failures for hour in self.hours)

    @property
    def times(self) -> list[int]:
        """The average answer times of the hours that had calls, in milliseconds."""
        return [hour.milliseconds for hour in self.hours if hour.milliseconds is not None]

    @property
    def average(self) -> int | None:
        """The average answer time of all calls, in milliseconds."""
        timed = [hour for hour in self.hours if hour.milliseconds is not None]
        calls = sum(hour.calls for hour in timed)
        return round(sum((h.milliseconds or 0) * h.calls for h in timed) / calls) if calls else None


def last_day() -> tuple[list[datetime], dict[int, Day]]:
    """Return the hours and, by account with calls, what they held; a minute old at most."""
    found: tuple[list[datetime], dict[int, Day]] | None = cache.get(_KEY)
    if found is None:
        found = _last_day()
        cache.set(_KEY, found, SECONDS)
    return found


def _last_day() -> tuple[list[datetime], dict[int, Day]]:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours = [now - timedelta(hours=back) for back in reversed(range(HOURS))]
    rows = Exchange.objects.filter(sent_at__gte=hours[0]).order_by()
    counted = rows.annotate(hour=TruncHour("sent_at", tzinfo=now.tzinfo)).values("account", "hour")
    told: dict[int, dict[datetime, Hour]] = {}
    failed = Count("id", filter=Q(outcome__in=FAILURES))
    for row in counted.annotate(calls=Count("id"), failed=failed, seconds=Avg("seconds")):
        took = None if row["seconds"] is None else round(row["seconds"] * 1000)
        hour = Hour(calls=row["calls"], failures=row["failed"], milliseconds=took)
        told.setdefault(row["account"], {})[row["hour"]] = hour
    days = {
        account: Day(hours=tuple(by_hour.get(hour, Hour()) for hour in hours))
        for account, by_hour in told.items()
    }
    return hours, days


def with_health(accounts: Iterable[ProviderAccount]) -> list[ProviderAccount]:
    """Return the accounts, each with `day`: what it answered in the last 24 hours, or None."""
    rows = list(accounts)
    days = last_day()[1] if rows else {}
    for account in rows:
        account.day = days.get(account.pk)  # type: ignore[attr-defined]
    return rows


def plots(accounts: Iterable[ProviderAccount]) -> list[Plot]:
    """Return answer times and failures of the last day; nothing where there were no calls."""
    rows = list(accounts)
    if not rows:
        return []
    hours, days = last_day()
    shown = [(account.name, days[account.pk]) for account in rows if account.pk in days]
    if not shown:
        return []
    names = [name for name, _ in shown]
    times = [[hour.milliseconds for hour in day.hours] for _, day in shown]
    failures = [[hour.failures for hour in day.hours] for _, day in shown]
    made = [_plot("latency", "Answer time, milliseconds", hours, names, times, "line")]
    if any(day.failures for _, day in shown):
        made.append(_plot("failures", "Failed calls", hours, names, failures, "line"))
    return made


def _plot(
    name: str,
    title: str,
    hours: list[datetime],
    names: list[str],
    values: list[list[Any]],
    kind: str,
) -> Plot:
    series = [
        {"label": label, "values": one, "tone": TONES[place % len(TONES)]}
        for place, (label, one) in enumerate(zip(names, values, strict=True))
    ]
    table = [
        (timezone.localtime(hour).strftime("%H:%M"), *("–" if v is None else f"{v:,}" for v in row))
        for hour, row in zip(hours, zip(*values, strict=True), strict=True)
        if any(row)
    ]
    xs = [int(hour.timestamp()) for hour in hours]
    return Plot(
        name=name,
        title=f"{title}, last {HOURS} hours",
        data={"x": xs, "series": series, "kind": kind, "by": "hour"},
        head=("Hour", *names),
        rows=tuple(table),
    )
