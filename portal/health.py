"""How the providers answered in the last day: answer times and failures, bit by bit.

A desk that was opened a minute ago is shown by the minute, a busy one by the hour: the picture
takes the shortest window that holds all calls of the last 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Avg, Count, DateTimeField, F, Func, Min, Q, Value
from django.utils import timezone

from portal.models import Exchange, ProviderAccount
from portal.panels import Plot
from portal.provider_page import FAILURES

SECONDS: Final = 60
_KEY: Final = "portal:answers"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
TONES: Final = ("info", "ok", "warn", "muted", "bad")


@dataclass(frozen=True, kw_only=True)
class Window:
    """How far back the picture goes, and in which steps."""

    words: str
    step: timedelta
    count: int

    def starts(self, now: datetime) -> list[datetime]:
        """Return when each step began, the present one last."""
        last = now - (now - _EPOCH) % self.step
        return [last - back * self.step for back in reversed(range(self.count))]


WINDOWS: Final = (
    Window(words="last 30 minutes", step=timedelta(minutes=1), count=30),
    Window(words="last 3 hours", step=timedelta(minutes=5), count=36),
    Window(words="last 8 hours", step=timedelta(minutes=15), count=32),
    Window(words="last 24 hours", step=timedelta(hours=1), count=24),
)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The calls of one account in one step; `milliseconds` is their average, None without any."""

    calls: int = 0
    failures: int = 0
    milliseconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """The last 24 hours of an account, the oldest step first."""

    slots: tuple[Slot, ...]

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(slot.calls for slot in self.slots)

    @property
    def failures(self) -> int:
        """How many were not answered, or with nonsense; a business refusal is an answer."""
        return sum(slot.failures for slot in self.slots)

    @property
    def average(self) -> int | None:
        """The average answer time of all calls, in milliseconds."""
        timed = [slot for slot in self.slots if slot.milliseconds is not None]
        calls = sum(slot.calls for slot in timed)
        return round(sum((s.milliseconds or 0) * s.calls for s in timed) / calls) if calls else None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the calls tell: the window, its steps, and by account with calls what they held."""

    window: Window
    starts: list[datetime]
    days: dict[int, Day]


def last_day() -> Told:
    """Return what the calls of the last 24 hours tell; a minute old at most."""
    found: Told | None = cache.get(_KEY)
    if found is None:
        found = _last_day(timezone.now())
        cache.set(_KEY, found, SECONDS)
    return found


def _last_day(now: datetime) -> Told:
    longest = WINDOWS[-1]
    rows = Exchange.objects.filter(sent_at__gte=longest.starts(now)[0]).order_by()
    first = rows.aggregate(first=Min("sent_at"))["first"] or now
    window = next((one for one in WINDOWS if one.starts(now)[0] <= first), longest)
    starts = window.starts(now)
    step = Func(
        Value(window.step),
        F("sent_at"),
        Value(_EPOCH),
        function="date_bin",
        output_field=DateTimeField(),
    )
    counted = rows.annotate(start=step).values("account", "start")
    told: dict[int, dict[datetime, Slot]] = {}
    failed = Count("id", filter=Q(outcome__in=FAILURES))
    for row in counted.annotate(calls=Count("id"), failed=failed, seconds=Avg("seconds")):
        took = None if row["seconds"] is None else round(row["seconds"] * 1000)
        slot = Slot(calls=row["calls"], failures=row["failed"], milliseconds=took)
        told.setdefault(row["account"], {})[row["start"]] = slot
    days = {
        account: Day(slots=tuple(by_start.get(start, Slot()) for start in starts))
        for account, by_start in told.items()
    }
    return Told(window=window, starts=starts, days=days)


def with_health(accounts: Iterable[ProviderAccount]) -> list[ProviderAccount]:
    """Return the accounts, each with `day`: what it answered in the last 24 hours, or None."""
    rows = list(accounts)
    days = last_day().days if rows else {}
    for account in rows:
        account.day = days.get(account.pk)  # type: ignore[attr-defined]
    return rows


def plots(accounts: Iterable[ProviderAccount]) -> list[Plot]:
    """Return answer times and failures of the last day, each where there is something to show."""
    rows = list(accounts)
    if not rows:
        return []
    told = last_day()
    shown = [(account.name, told.days[account.pk]) for account in rows if account.pk in told.days]
    if not shown:
        return []
    names = [name for name, _ in shown]
    times = [[slot.milliseconds for slot in day.slots] for _, day in shown]
    failures = [[slot.failures for slot in day.slots] for _, day in shown]
    made = []
    if any(value is not None for row in times for value in row):
        made.append(_plot("latency", "Answer time, milliseconds", told, names, times))
    if any(day.failures for _, day in shown):
        made.append(_plot("failures", "Failed calls", told, names, failures))
    return made


def _plot(name: str, title: str, told: Told, names: list[str], values: list[list[Any]]) -> Plot:
    series = [
        {"label": label, "values": one, "tone": TONES[place % len(TONES)]}
        for place, (label, one) in enumerate(zip(names, values, strict=True))
    ]
    table = [
        (timezone.localtime(at).strftime("%H:%M"), *("–" if v is None else f"{v:,}" for v in row))
        for at, row in zip(told.starts, zip(*values, strict=True), strict=True)
        if any(row)
    ]
    zone = timezone.get_current_timezone_name()
    xs = [int(at.timestamp()) for at in told.starts]
    return Plot(
        name=name,
        title=f"{title}, {told.window.words}",
        data={"x": xs, "series": series, "kind": "line", "by": "hour", "zone": zone},
        head=("From", *names),
        rows=tuple(table),
    )
