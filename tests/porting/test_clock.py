"""The clocks: holidays, business days, the rule's deadlines, the freeze window."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porting import clock

ZONE = ZoneInfo("America/New_York")
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(0, 30)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "New Year’s Day"),
        (date(2026, 1, 19), "Birthday of Martin Luther King, Jr."),
        (date(2026, 2, 16), "Washington’s Birthday"),
        (date(2026, 5, 25), "Memorial Day"),
        (date(2026, 6, 19), "Juneteenth"),
        (date(2026, 7, 3), "Independence Day"),  # the 4th is a Saturday
        (date(2026, 9, 7), "Labor Day"),
        (date(2026, 10, 12), "Columbus Day"),
        (date(2026, 11, 11), "Veterans Day"),
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2021, 12, 31), "New Year’s Day"),  # that of 2022 is a Saturday
        (date(2023, 1, 2), "New Year’s Day"),
        (date(2024, 11, 11), "Veterans Day"),
        (date(2026, 8, 1), "Saturday"),
    ],
)
def test_days_on_which_carriers_do_not_work(day, name):
    assert clock.why_closed(day) == name


@given(st.integers(1990, 2100))
def test_a_year_has_its_holidays_on_weekdays(year):
    found = clock.federal_holidays(year)
    assert 10 <= len(found) <= 12
    assert all(day.year == year and day.weekday() < 5 for day in found)


@given(days, counts)
def test_business_days_are_counted_as_they_are_added(day, count):
    there = clock.add_business_days(day, count)
    assert clock.is_business_day(there)
    assert there >= day
    if clock.is_business_day(day):
        assert clock.business_days_between(day, there) == count


@given(days, days)
def test_counting_backwards_is_the_negative(first, last):
    assert clock.business_days_between(first, last) == -clock.business_days_between(last, first)


@given(moments, counts)
def test_a_deadline_lies_ahead_and_in_work_hours(at, count):
    due = clock.after_business_days(at, count, ZONE)
    assert clock.is_business_day(due.date())
    assert clock.OPENS <= due.time() <= clock.CLOSES
    if count:
        assert due.timestamp() > at.timestamp()


@given(moments, st.integers(1, 72))
def test_hours_of_weekdays_are_all_lived_through(at, hours):
    due = clock.after_weekday_hours(at, hours, ZONE)
    assert due.timestamp() - at.timestamp() >= hours * 3600
    step, counted, here = timedelta(minutes=30), 0, at
    while here.timestamp() + step.total_seconds() <= due.timestamp():
        counted += clock.is_business_day(here.astimezone(ZONE).date())
        here += step
    assert abs(counted / 2 - hours) <= 2  # half hours at both ends, and the change of the clocks


@given(moments)
def test_the_cut_off_makes_it_the_next_business_day(at):
    local = at.astimezone(ZONE)
    received = clock.received_on(at, ZONE)
    if clock.is_business_day(local.date()) and local.time() <= clock.CUT_OFF:
        assert received == local.date()
    else:
        assert received > local.date()
    simple = clock.earliest_port_date(at, ZONE, is_simple=True)
    other = clock.earliest_port_date(at, ZONE, is_simple=False)
    assert clock.business_days_between(received, simple) == 1
    assert clock.business_days_between(received, other) == 4


def test_an_order_of_friday_afternoon_counts_from_monday():
    friday = datetime(2026, 7, 31, 15, 0, tzinfo=ZONE)
    assert clock.received_on(friday, ZONE) == date(2026, 8, 3)
    assert clock.earliest_port_date(friday, ZONE, is_simple=True) == date(2026, 8, 4)


@given(days, st.integers(1, 96), moments)
def test_frozen_once_is_frozen_until_the_day(foc, hours, now):
    starts = clock.freeze_starts(foc, hours, ZONE)
    midnight = datetime.combine(foc, time(), ZONE)
    assert midnight.timestamp() - starts.timestamp() == hours * 3600
    assert clock.is_frozen(foc, now, hours, ZONE) == (now >= starts)


@given(moments, st.sampled_from(sorted(clock.DEADLINES)))
def test_each_state_with_a_clock_has_its_deadline_ahead(at, state):
    due = clock.due_at(state, at, ZONE, foc_date=None)
    assert due is not None
    assert due.timestamp() > at.timestamp()


def test_a_confirmed_date_ends_with_its_business_day():
    due = clock.due_at(
        "foc_set", datetime(2026, 7, 1, tzinfo=ZONE), ZONE, foc_date=date(2026, 7, 6)
    )
    assert due == datetime(2026, 7, 6, 17, tzinfo=ZONE)
    assert clock.due_at("completed", datetime(2026, 7, 1, tzinfo=ZONE), ZONE, foc_date=None) is None


def test_a_paper_of_the_future_is_not_old():
    assert clock.age(date(2026, 7, 9), date(2026, 7, 1)) == 0
    assert clock.age(date(2026, 6, 1), date(2026, 7, 1)) == 30
