"""What lists, board and page show of a port order at a glance: flags, who must act, how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from porting import clock
from porting.board import DATED, FINISHED
from porting.models import PortOrder

_ACTORS = {str(value): str(label) for value, label in PortOrder.Actor.choices}


class Facts(NamedTuple):
    """As much of an order as is looked at here; an order of `with_papers` serves as well."""

    state: str
    who_must_act: str
    sla_due_at: datetime | None
    foc_date: date | None
    loa_sent_at: datetime | None
    provider_word: str
    is_word_known: bool
    has_loa: bool
    has_bill: bool


class Flag(NamedTuple):
    """One thing to know of an order at a glance."""

    word: str
    tone: str
    hover: str = ""


class Card(NamedTuple):
    """One order as lists and board show it."""

    flags: tuple[Flag, ...]
    due: datetime | None
    due_words: str
    is_late: bool
    foc: date | None
    foc_words: str
    who: str


def card(order: Any, now: datetime) -> Card:
    """Return what lists show of one order at a moment."""
    is_over = order.state in FINISHED
    due = None if is_over else order.sla_due_at
    foc = order.foc_date if order.state in DATED else None
    return Card(
        flags=tuple(_flags(order, now)),
        due=due,
        due_words=due_words(due, now) if due else "",
        is_late=due is not None and due < now,
        foc=foc,
        foc_words=foc_words(foc) if foc else "",
        who="" if is_over else _ACTORS.get(order.who_must_act, order.who_must_act),
    )


def due_words(due: datetime, now: datetime) -> str:
    """Return how far a deadline is in business days: “due in 2 business days”, “3 … late”."""
    zone = timezone.get_default_timezone()
    today, day = now.astimezone(zone).date(), due.astimezone(zone).date()
    if due < now:
        days = clock.business_days_between(day, today)
        return f"{_days(days)} late" if days > 0 else "late since today"
    days = clock.business_days_between(today, day)
    return f"due in {_days(days)}" if days > 0 else "due today"


def _days(count: int) -> str:
    return f"{count} business day{'' if count == 1 else 's'}"


def foc_words(day: date) -> str:
    """Return how far a day is: “today”, “in 3 days”, “2 days ago”."""
    days = (day - timezone.localdate()).days
    if days == 0:
        return "today"
    many = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"in {many}" if days > 0 else f"{many} ago"


def _flags(order: Any, now: datetime) -> Iterator[Flag]:
    if not order.is_word_known:
        hover = f"The provider says “{order.provider_word}”; nobody said yet what that means."
        yield Flag(word="New provider word", tone="bad", hover=hover)
    if order.state in FINISHED:
        return
    if order.state in PortOrder.AT_PROVIDER:
        if order.loa_sent_at is None and order.foc_date is None:
            yield Flag(word="Letter not sent", tone="warn")
    else:
        if not order.has_loa:
            yield Flag(word="No letter", tone="muted")
        if not order.has_bill:
            yield Flag(word="No bill", tone="muted")
    if is_frozen(order, now):
        yield Flag(word="Frozen", tone="info", hover="Too close to the date to change it.")


def freeze_starts(order: Any) -> datetime | None:
    """Return from when on a confirmed date cannot be changed; None where no date is confirmed."""
    if order.state != "foc_set" or order.foc_date is None:
        return None
    zone = timezone.get_default_timezone()
    return clock.freeze_starts(order.foc_date, settings.PORT_FREEZE_HOURS, zone)


def is_frozen(order: Any, now: datetime) -> bool:
    """Return whether the confirmed date is too close to be changed."""
    starts = freeze_starts(order)
    return starts is not None and now >= starts
