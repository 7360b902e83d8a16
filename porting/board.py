"""The port desk's board: every order stands in one lane, by who must act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, DateTimeField, F, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from portal.models import User
from porting import clock
from porting.models import PortOrder
from porting.querysets import PortOrderQuerySet

CARDS: Final = 25
LATELY: Final = timedelta(days=14)
DATED: Final = ("foc_set", "activating")
FINISHED: Final = ("completed", "cancelled", "expired", "failed")
_OPEN = ~Q(state__in=[*FINISHED, *DATED])
_CUSTOMER = Q(who_must_act="customer")
_PREPARED = Q(state__in=["draft", "ready"])


@dataclass(frozen=True, kw_only=True)
class LaneKind:
    """One lane: which orders stand in it, in what order, and what it says when it is empty."""

    name: str
    title: str
    rule: Q
    order: tuple[str, ...]
    first_words: str
    none: str

    @property
    def url(self) -> str:
        """Where all of its orders are listed."""
        return f"{reverse('porting:port-list')}?{urlencode({'lane': self.name})}"


LANES: Final = (
    LaneKind(
        name="preparing",
        title="Being prepared",
        rule=_OPEN & _PREPARED & ~_CUSTOMER,
        order=("state_since", "id"),
        first_words="oldest",
        none="No drafts.",
    ),
    LaneKind(
        name="us",
        title="Needs us",
        rule=_OPEN & ~_PREPARED & Q(who_must_act="us"),
        order=("state_since", "id"),
        first_words="oldest",
        none="Nothing waits for us.",
    ),
    LaneKind(
        name="customer",
        title="Needs the customer",
        rule=_OPEN & _CUSTOMER,
        order=("state_since", "id"),
        first_words="oldest",
        none="No customer is asked for anything.",
    ),
    LaneKind(
        name="carriers",
        title="With the carriers",
        rule=_OPEN & ~_PREPARED & ~Q(who_must_act__in=["us", "customer"]),
        order=("state_since", "id"),
        first_words="oldest",
        none="Nothing is with a carrier.",
    ),
    LaneKind(
        name="dated",
        title="Date set",
        rule=Q(state__in=DATED),
        order=("foc_date", "id"),
        first_words="next",
        none="No date is confirmed.",
    ),
    LaneKind(
        name="done",
        title="Done lately",
        rule=Q(state__in=FINISHED),
        order=("-state_since", "-id"),
        first_words="newest",
        none="Nothing ended in the last two weeks.",
    ),
)
BY_NAME: Final = {lane.name: lane for lane in LANES}


@dataclass(frozen=True, kw_only=True)
class Flag:
    """One thing to know of an order at a glance."""

    word: str
    tone: str
    hover: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One order as lists and board show it."""

    order: PortOrder
    flags: tuple[Flag, ...]
    due: datetime | None
    due_words: str
    is_late: bool
    foc: date | None
    foc_words: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane: how many orders it has, and which of them it shows."""

    kind: LaneKind
    count: int
    keys: tuple[int, ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether it has more orders than it shows."""
        return self.count > len(self.keys)


def in_lane(orders: PortOrderQuerySet, name: str) -> PortOrderQuerySet:
    """Return the orders that stand in a lane; of those that ended only the latest."""
    found = orders.filter(BY_NAME[name].rule)
    return found.filter(state_since__gte=timezone.now() - LATELY) if name == "done" else found


def lanes(user: User) -> list[Lane]:
    """Return the lanes with the keys of their first orders; three queries."""
    visible = PortOrder.objects.visible_to(user)
    counts = _counts(visible)
    keys = _first_keys(visible, [kind for kind in LANES if counts[kind.name]])
    return [
        Lane(kind=kind, count=counts[kind.name], keys=keys.get(kind.name, ())) for kind in LANES
    ]


def _first_keys(
    visible: PortOrderQuerySet, kinds: Sequence[LaneKind]
) -> dict[str, tuple[int, ...]]:
    """Return the keys of the first orders of some lanes, by the lane's name; one query."""
    found = [
        in_lane(visible, kind.name)
        .order_by(*kind.order)
        .values_list(Value(kind.name), Cast(kind.order[0].lstrip("-"), DateTimeField()), F("pk"))[
            :CARDS
        ]
        for kind in kinds
    ]
    if not found:
        return {}
    rows = list(found[0].union(*found[1:], all=True) if found[1:] else found[0])
    # A union promises no order, so that of each lane is made again.
    return {
        kind.name: tuple(
            pk
            for _, _, pk in sorted(
                (row for row in rows if row[0] == kind.name),
                key=lambda row: (row[1] is None, row[1], row[2]),
                reverse=kind.order[0].startswith("-"),
            )
        )
        for kind in kinds
    }


def _counts(visible: PortOrderQuerySet) -> dict[str, int]:
    going = {kind.name: Count("pk", filter=kind.rule) for kind in LANES if kind.name != "done"}
    counts = visible.exclude(state__in=FINISHED).order_by().aggregate(**going)
    return counts | {"done": in_lane(visible, "done").order_by().count()}


def card(order: PortOrder, now: datetime) -> Card:
    """Return what lists show of one order at a moment."""
    is_over = order.state in FINISHED
    due = None if is_over else order.sla_due_at
    foc = order.foc_date if order.state in DATED else None
    return Card(
        order=order,
        flags=tuple(_flags(order, now)),
        due=due,
        due_words=due_words(due, now) if due else "",
        is_late=due is not None and due < now,
        foc=foc,
        foc_words=foc_words(foc) if foc else "",
        who="" if is_over else order.get_who_must_act_display(),
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


def _flags(order: Any, now: datetime) -> Iterable[Flag]:
    if not order.is_word_known:
        hover = f"The provider says “{order.provider_word}”; nobody said yet what that means."
        yield Flag(word="New provider word", tone="bad", hover=hover)
    if order.state in FINISHED:
        return
    if order.is_loa_outstanding:
        yield Flag(word="Letter not sent", tone="warn")
    elif not order.is_at_provider and not order.has_loa:
        yield Flag(word="No letter", tone="muted")
    if not order.is_at_provider and not order.has_bill:
        yield Flag(word="No bill", tone="muted")
    if is_frozen(order, now):
        yield Flag(word="Frozen", tone="info", hover="Too close to the date to change it.")


def freeze_starts(order: PortOrder) -> datetime | None:
    """Return from when on a confirmed date cannot be changed; None where no date is confirmed."""
    if order.state != "foc_set" or order.foc_date is None:
        return None
    zone = timezone.get_default_timezone()
    return clock.freeze_starts(order.foc_date, settings.PORT_FREEZE_HOURS, zone)


def is_frozen(order: PortOrder, now: datetime) -> bool:
    """Return whether the confirmed date is too close to be changed."""
    starts = freeze_starts(order)
    return starts is not None and now >= starts
