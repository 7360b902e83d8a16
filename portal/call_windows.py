"""Which stretch of time to fetch calls of next, so that all become known and few are asked twice.

Pure functions over intervals of aware moments; no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
HORIZON: Final = timedelta(days=30)  # older calls are not fetched by themselves
SETTLING: Final = timedelta(hours=2)  # a call this young may be on the line, or not billed yet


@dataclass(frozen=True, kw_only=True, order=True)
class Window:
    """A stretch of time, `since` before `until`."""

    since: datetime
    until: datetime


def next_window(
    known: Iterable[Window], now: datetime, *, patience: timedelta = timedelta(0)
) -> Window | None:
    """Return at most a day that is not in `known`: the newest first, then back to the horizon.

    The newest stretch counts as known until it is older than it takes to settle, and `patience`:
    else it would always come first. None where nothing within the horizon is unknown.
    """
    edge = now
    for window in reversed(merged(known)):
        is_fresh = edge == now and now - window.until <= SETTLING + patience and patience
        if window.until < edge and not is_fresh:
            return _cut(window.until, edge, now)
        edge = min(edge, window.since)
    return _cut(now - HORIZON, edge, now) if edge > now - HORIZON else None


def newest(now: datetime) -> Window:
    """Return the stretch that is asked for again where nothing is unknown: calls come in late."""
    return Window(since=now - SETTLING, until=now)


def settled(window: Window, now: datetime) -> Window | None:
    """Return the part of a fetched window that need not be fetched again; None for none."""
    until = min(window.until, now - SETTLING)
    return Window(since=window.since, until=until) if until > window.since else None


def merged(known: Iterable[Window]) -> list[Window]:
    """Return the same time as disjoint windows, oldest first; what touches is one."""
    found: list[Window] = []
    for window in sorted(known):
        if found and window.since <= found[-1].until:
            last = found.pop()
            window = Window(since=last.since, until=max(last.until, window.until))
        found.append(window)
    return found


def without_old(known: Sequence[Window], now: datetime) -> list[Window]:
    """Return the windows that still matter, so that the list stays short."""
    return [window for window in known if window.until > now - HORIZON]


def _cut(since: datetime, until: datetime, now: datetime) -> Window | None:
    """Return the newest day of a gap, and no more of it than the horizon allows."""
    oldest = max(since, now - HORIZON, until - DAY)
    return Window(since=oldest, until=until) if oldest < until else None
