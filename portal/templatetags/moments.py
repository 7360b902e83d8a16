"""Moments as people read them: how long ago, with the exact time on hover."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class _Now(NamedTuple):
    """What a moment is told from."""

    seconds: float  # since the epoch
    zone: tzinfo  # the user's


_now: ContextVar[_Now | None] = ContextVar("now", default=None)


def ago(moment: datetime | None, style: str = "long", empty: str = "never") -> SafeString:
    """Return how long ago (or until when) as a <time> with the exact time on hover.

    "4 min ago" and "in 4 min"; with `style` "short" only "4 min". After a week the date. The exact
    time is in the user's zone, the zone written. None gives `empty`.
    """
    if not moment:
        return format_html('<span class="nd-quiet">{}</span>', empty)
    now = _now.get() or _look()
    exact = _exact(moment, now.zone)
    distance = _distance(exact, now, is_short=style == "short")
    return mark_safe(f"{exact.opening}{distance}</time>")  # noqa: S308 (none of it comes from outside)


@contextmanager
def at_one_moment() -> Iterator[None]:
    """Have every moment inside told from the same now: looking for clock and zone takes longer."""
    token = _now.set(_look())
    try:
        yield
    finally:
        _now.reset(token)


def _look() -> _Now:
    return _Now(time.time(), timezone.get_current_timezone())


class _Exact(NamedTuple):
    """A moment in a zone."""

    seconds: float  # since the epoch
    local: datetime
    opening: str  # the <time> that tells it exactly, left open


@lru_cache(maxsize=4096)  # a list shows hundreds of these, most of them at the next visit too
def _exact(moment: datetime, zone: tzinfo) -> _Exact:
    local = moment.astimezone(zone)
    exact = f"{day(local)}, {local:%H:%M:%S} {escape(local.tzname() or '')}".strip()
    written = local.isoformat(timespec="seconds")
    opening = f'<time class="nd-time" datetime="{written}" title="{exact}">'
    return _Exact(moment.timestamp(), local, opening)


def day(value: date) -> str:
    """Return a day as it is written everywhere: "Mar 3, 2026"."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def _distance(exact: _Exact, now: _Now, *, is_short: bool) -> str:
    seconds = now.seconds - exact.seconds
    span = abs(seconds)
    if span < 45:
        return "now" if is_short or seconds < 0 else "just now"
    if span >= 7 * _DAY:
        written = day(exact.local)
        this_year = datetime.fromtimestamp(now.seconds, now.zone).year
        return written.partition(",")[0] if exact.local.year == this_year else written
    if span < 59.5 * _MINUTE:
        words = f"{round(span / _MINUTE) or 1} min"
    elif span < 23.5 * _HOUR:
        words = f"{round(span / _HOUR) or 1} h"
    else:
        words = f"{round(span / _DAY) or 1} d"
    if is_short:
        return words
    return f"{words} ago" if seconds > 0 else f"in {words}"
