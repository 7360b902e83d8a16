"""The clocks of porting as pure functions: business days, the rule's deadlines, the freeze window.

A business day is Monday to Friday, 8 a.m. to 5 p.m. local time, without federal holidays
(47 CFR 52.35). Days are those of the zone that is given; moments are aware.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

OPENS, CLOSES, CUT_OFF = time(8), time(17), time(13)
SIMPLE_DAYS, OTHER_DAYS = 1, 4  # business days to the port itself (47 CFR 52.35)
SNAPBACK = timedelta(hours=24)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> dict[date, str]:
    """Return the days of a year on which federal holidays are kept (5 U.S.C. 6103).

    One that falls on a Saturday is kept on the Friday before, one on a Sunday on the Monday after;
    so the last day of a year may be kept for the next one's first.
    """
    found = dict(filter(lambda pair: pair[0].year == year, _kept(year)))
    found |= dict(filter(lambda pair: pair[0].year == year, _kept(year + 1)))
    return found


def _kept(year: int) -> list[tuple[date, str]]:
    fixed = (
        (date(year, 1, 1), "New Year’s Day"),
        (date(year, 6, 19), "Juneteenth"),
        (date(year, 7, 4), "Independence Day"),
        (date(year, 11, 11), "Veterans Day"),
        (date(year, 12, 25), "Christmas Day"),
    )
    moving = [
        (_nth(year, 1, _MONDAY, 3), "Birthday of Martin Luther King, Jr."),
        (_nth(year, 2, _MONDAY, 3), "Washington’s Birthday"),
        (_nth(year, 6, _MONDAY, 1) - timedelta(days=7), "Memorial Day"),
        (_nth(year, 9, _MONDAY, 1), "Labor Day"),
        (_nth(year, 10, _MONDAY, 2), "Columbus Day"),
        (_nth(year, 11, _THURSDAY, 4), "Thanksgiving Day"),
    ]
    return [(_observed(day), name) for day, name in fixed] + moving


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _observed(day: date) -> date:
    return day + {_SATURDAY: -_ONE_DAY, _SUNDAY: _ONE_DAY}.get(day.weekday(), timedelta())


def why_closed(day: date) -> str:
    """Return why a day is no business day, as one or two words; empty where it is one."""
    if day.weekday() >= _SATURDAY:
        return f"{day:%A}"
    return federal_holidays(day.year).get(day, "")


def is_business_day(day: date) -> bool:
    """Return whether carriers work on a day."""
    return not why_closed(day)


def add_business_days(day: date, count: int) -> date:
    """Return the business day that is `count` business days after a day.

    With 0 it is the day itself, or the next business day after it.
    """
    while not is_business_day(day):
        day += _ONE_DAY
        if count > 0 and is_business_day(day):
            count -= 1
    while count > 0:
        day += _ONE_DAY
        count -= is_business_day(day)
    return day


@lru_cache(maxsize=4096)  # a list asks for the same few days over and over
def business_days_between(first: date, last: date) -> int:
    """Return how many business days come after `first`, up to and with `last`; negative backwards."""
    if last < first:
        return -business_days_between(last, first)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_business_day, days))


def received_on(at: datetime, zone: tzinfo) -> date:
    """Return the business day on which an order counts as received (47 CFR 52.35(d)).

    After 1 p.m., or on a day on which nobody works, it counts as received on the next one at 8.
    """
    local = at.astimezone(zone)
    day = local.date()
    is_late = is_business_day(day) and local.time() > CUT_OFF
    return add_business_days(day + _ONE_DAY, 0) if is_late else add_business_days(day, 0)


def earliest_port_date(at: datetime, zone: tzinfo, *, is_simple: bool) -> date:
    """Return the first day on which numbers may move that are asked for now."""
    days = SIMPLE_DAYS if is_simple else OTHER_DAYS
    return add_business_days(received_on(at, zone), days)


def end_of_business(day: date, zone: tzinfo) -> datetime:
    """Return the moment at which a day's work ends."""
    return datetime.combine(day, CLOSES, zone)


def after_business_days(at: datetime, count: int, zone: tzinfo) -> datetime:
    """Return the moment `count` business days later, at the same time of day within work hours."""
    local = at.astimezone(zone)
    day = local.date()
    if not is_business_day(day) or local.time() < OPENS:
        opened = add_business_days(day, 0)
        return datetime.combine(add_business_days(opened, count), OPENS, zone)
    if local.time() > CLOSES:
        opened = add_business_days(day + _ONE_DAY, 0)
        return datetime.combine(add_business_days(opened, count), OPENS, zone)
    return datetime.combine(add_business_days(day, count), local.time(), zone)


def after_weekday_hours(at: datetime, hours: int, zone: tzinfo) -> datetime:
    """Return the moment so many hours later when weekends and holidays do not count."""
    local = at.astimezone(zone)
    left = timedelta(hours=hours)
    while True:
        midnight = datetime.combine(local.date() + _ONE_DAY, time(), zone)
        if not is_business_day(local.date()):
            local = midnight
            continue
        # Between aware moments of one zone Python subtracts wall clocks; UTC counts real hours.
        if local.timestamp() + left.total_seconds() <= midnight.timestamp():
            return datetime.fromtimestamp(local.timestamp() + left.total_seconds(), zone)
        left -= timedelta(seconds=midnight.timestamp() - local.timestamp())
        local = midnight


def freeze_starts(foc_date: date, hours: int, zone: tzinfo) -> datetime:
    """Return from when on a confirmed date can no longer be changed: so long before its midnight."""
    midnight = datetime.combine(foc_date, time(), zone)
    return datetime.fromtimestamp(midnight.timestamp() - hours * 3600, zone)


def is_frozen(foc_date: date, now: datetime, hours: int, zone: tzinfo) -> bool:
    """Return whether it is too late to change or cancel a port with this confirmed date."""
    return now >= freeze_starts(foc_date, hours, zone)


def age(since: date, today: date) -> int:
    """Return how many days old a paper is; 0 for one of the future."""
    return max(0, (today - since).days)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """Until when somebody is to act in a state, and how a person calls that."""

    words: str
    due: Callable[[datetime, tzinfo], datetime]


def _business(days: int, words: str) -> Deadline:
    return Deadline(words=words, due=lambda at, zone: after_business_days(at, days, zone))


def _hours(hours: int, words: str) -> Deadline:
    return Deadline(words=words, due=lambda at, zone: after_weekday_hours(at, hours, zone))


# How long each state may last; a confirmed date has its own clock, and ends have none.
DEADLINES: Final[dict[str, Deadline]] = {
    "draft": _business(5, "five business days to fill it in"),
    "customer_input": _business(5, "five business days for the customer"),
    "ready": _business(1, "one business day to submit it"),
    "submitted": _business(1, "one business day to acknowledge it"),
    "pending_documents": _business(1, "one business day to send the papers"),
    "with_losing_carrier": _hours(24, "24 hours for the losing carrier, weekends left out"),
    "exception": _business(1, "one business day to correct it"),
    "supplement_sent": _hours(24, "24 hours for the losing carrier, weekends left out"),
    "activating": _business(1, "one business day to move the numbers"),
    "partially_completed": _business(1, "one business day to settle the rest"),
    "cancel_requested": _business(1, "one business day to answer"),
    "snapback_requested": _hours(24, "24 hours to bring it back"),
}


def due_at(state: str, at: datetime, zone: tzinfo, *, foc_date: date | None) -> datetime | None:
    """Return until when somebody is to act who entered a state at a moment; None without a clock."""
    if state == "foc_set" and foc_date is not None:
        return end_of_business(foc_date, zone)
    deadline = DEADLINES.get(state)
    return deadline.due(at, zone) if deadline else None
