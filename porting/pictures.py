"""Pictures of the port desk on Home: the pipeline, cycle time, rejections by code and carrier."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from portal.panels import Bar, Plot
from porting import board, clock, rejections
from porting.models import PortEvent, PortOrder

WEEKS: Final = 12
LOOK_BACK: Final = timedelta(days=90)
BARS: Final = 8
MOST_EVENTS: Final = 5000


def all_of_them() -> list[Plot]:
    """Return the pictures that have something to show."""
    found = [pipeline()]
    found += [plot for plot in (cycle_time(), *rejected()) if plot is not None]
    return found if found[0].largest else found[1:]


def pipeline() -> Plot:
    """Return how many orders stand in each lane of the board."""
    orders = PortOrder.objects.all()
    bars = tuple(
        Bar(label=lane.title, value=board.in_lane(orders, lane.name).count(), url=lane.url)
        for lane in board.LANES
    )
    return Plot(name="ports", title="Port pipeline", bars=bars)


def cycle_time() -> Plot | None:
    """Return the median of business days from submission to completion, by week of completion.

    None until two weeks have completed ports.
    """
    since = timezone.now() - timedelta(weeks=WEEKS)
    rows = PortOrder.objects.filter(completed_at__gte=since, submitted_at__isnull=False)
    weeks: dict[date, list[int]] = {}
    for submitted, completed in rows.values_list("submitted_at", "completed_at"):
        first, last = timezone.localdate(submitted), timezone.localdate(completed)
        monday = last - timedelta(days=last.weekday())
        weeks.setdefault(monday, []).append(clock.business_days_between(first, last))
    if len(weeks) < 2:
        return None
    ordered = sorted(weeks.items())
    middles = [median(days) for _, days in ordered]
    return Plot(
        name="port-days",
        title="Business days from submission to completion",
        data={
            "x": [_stamp(monday) for monday, _ in ordered],
            "series": [{"label": "Median", "tone": "info", "values": middles}],
            "kind": "line",
        },
        head=("Week of", "Ports", "Median", "Longest"),
        rows=tuple(
            (monday.isoformat(), f"{len(days):,}", f"{middle:g}", f"{max(days):,}")
            for (monday, days), middle in zip(ordered, middles, strict=True)
        ),
    )


def _stamp(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def rejected() -> list[Plot]:
    """Return the rejections of the last 90 days by code and by losing carrier; nothing without."""
    since = timezone.now() - LOOK_BACK
    events = PortEvent.objects.filter(after="exception", at__gte=since).order_by("-at")
    codes: Counter[str] = Counter()
    carriers: Counter[str] = Counter()
    told = events.values_list("text", "word", "order__losing_carrier")
    for text, word, carrier in told[:MOST_EVENTS]:
        codes[rejections.guess(text or word).code] += 1
        carriers[carrier] += 1
    if not codes:
        return []
    titles = {code: one.title for code, one in rejections.REJECTIONS.items()}
    return [
        Plot(
            name="port-codes",
            title="Rejected ports by reason, 90 days",
            bars=tuple(
                Bar(label=titles[code], value=n, url=_list(code=code))
                for code, n in codes.most_common(BARS)
            ),
        ),
        Plot(
            name="port-carriers",
            title="Rejected ports by losing carrier, 90 days",
            bars=tuple(
                Bar(label=name or "Not told", value=n, url=_list(carrier=name) if name else "")
                for name, n in carriers.most_common(BARS)
            ),
        ),
    ]


def _list(**filters: str) -> str:
    return f"{reverse('porting:port-list')}?{urlencode(filters)}"
