"""Which stretch of time calls are fetched of next: nothing is left out, nothing asked without need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.call_windows import (
    DAY,
    HORIZON,
    SETTLING,
    Window,
    merged,
    newest,
    next_window,
    settled,
    without_old,
)

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(since_hours: float, until_hours: float) -> Window:
    """Return the window between so many hours ago."""
    return Window(since=NOW - since_hours * HOUR, until=NOW - until_hours * HOUR)


windows = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(0.01, 200)).map(lambda t: window(t[0] + t[1], t[0])),
    max_size=8,
)


def test_the_newest_day_comes_first():
    assert next_window([], NOW) == window(24, 0)


def test_a_person_gets_the_youngest_and_the_schedule_what_lies_behind():
    known = [window(26, 2)]
    assert next_window(known, NOW) == window(2, 0)
    assert next_window(known, NOW, patience=HOUR) == window(50, 26)


def test_the_schedule_returns_to_the_youngest_when_its_patience_is_over():
    assert next_window([window(26, 3.5)], NOW, patience=HOUR) == window(3.5, 0)


def test_a_gap_is_filled_from_its_newer_edge():
    known = [window(200, 100), window(30, 2)]
    assert next_window(known, NOW, patience=HOUR) == window(54, 30)


def test_where_all_is_known_the_youngest_are_asked_for_again():
    known = [Window(since=NOW - HORIZON, until=NOW)]
    assert next_window(known, NOW) is None
    assert newest(NOW) == Window(since=NOW - SETTLING, until=NOW)


def test_young_calls_are_not_settled():
    assert settled(window(24, 0), NOW) == window(24, 2)
    assert settled(window(1, 0), NOW) is None


def test_what_lies_beyond_the_horizon_is_let_go_of():
    old = Window(since=NOW - HORIZON - DAY, until=NOW - HORIZON)
    assert without_old([old, window(5, 1)], NOW) == [window(5, 1)]


@given(windows)
def test_merging_keeps_the_same_time(known):
    found = merged(known)
    assert all(a.until < b.since for a, b in pairwise(found))
    for one in known:
        assert any(big.since <= one.since and one.until <= big.until for big in found)


@given(windows, st.sampled_from([timedelta(0), HOUR]))
def test_a_window_is_short_unknown_and_within_the_horizon(known, patience):
    found = next_window(known, NOW, patience=patience)
    if found is None:
        return
    assert timedelta(0) < found.until - found.since <= DAY
    assert found.since >= NOW - HORIZON
    assert found.until <= NOW
    for one in merged(known):
        assert one.until <= found.since or found.until <= one.since


@given(windows)
def test_fetching_again_and_again_ends_with_everything_known(known):
    for _ in range(200):
        found = next_window(known, NOW, patience=HOUR)
        if found is None:
            break
        known = merged([*known, settled(found, NOW) or found])
    else:
        raise AssertionError("it never ends")
    reach = merged(known)[-1]
    assert reach.since <= NOW - HORIZON
    assert reach.until >= NOW - SETTLING - HOUR
