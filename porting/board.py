"""The port desk's board: every order stands in one lane, by who must act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, DateTimeField, F, Q, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from portal import prepared
from porting.models import PortOrder
from porting.querysets import PortOrderQuerySet

CARDS: Final = 20
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
    return _in_lane(orders, name, _lately())


def _lately() -> datetime:
    """Return since when an end is late news, to the minute: within it the SQL is the same."""
    return timezone.now().replace(second=0, microsecond=0) - LATELY


def _in_lane(orders: PortOrderQuerySet, name: str, since: datetime) -> PortOrderQuerySet:
    found = orders.filter(BY_NAME[name].rule)
    return found.filter(state_since__gte=since) if name == "done" else found


def lanes() -> list[Lane]:
    """Return the lanes of all orders with the keys of their first ones; two queries."""
    since = _lately()
    told = prepared.rows(_counted(since)) or [(0,) * len(BY_NAME)]
    counts = dict(zip(BY_NAME, told[0], strict=True))
    # A union promises no order, so that of each lane is made again.
    first = sorted(prepared.rows(_first(since)), key=lambda row: (row[1] is None, row[1], row[2]))
    keys = {name: [pk for lane, _, pk in first if lane == name] for name in BY_NAME}
    return [
        Lane(
            kind=kind,
            count=counts[kind.name],
            keys=tuple(keys[kind.name][:: -1 if kind.order[0].startswith("-") else 1]),
        )
        for kind in LANES
    ]


@lru_cache(maxsize=4)
def _first(since: datetime) -> str:
    """Return the SQL of the first orders of each lane; making it takes longer than running it.

    Its columns are the lane's name, what the lane is sorted by, and the order's key.
    """
    found = [
        _in_lane(PortOrder.objects.all(), kind.name, since)
        .order_by(*kind.order)
        .values_list(Value(kind.name), Cast(kind.order[0].lstrip("-"), DateTimeField()), F("pk"))[
            :CARDS
        ]
        for kind in LANES
    ]
    return prepared.text(found[0].union(*found[1:], all=True).query.sql_with_params())


@lru_cache(maxsize=4)
def _counted(since: datetime) -> str:
    """Return the SQL of how many orders each lane has, a column for each in their order."""
    rules = {
        kind.name: Count("pk", filter=kind.rule & Q(state_since__gte=since))
        if kind.name == "done"
        else Count("pk", filter=kind.rule)
        for kind in LANES
    }
    rows = PortOrder.objects.filter(~Q(state__in=FINISHED) | Q(state_since__gte=since))
    # Grouped by a constant: all in one row, and none where there are no orders.
    grouped = rows.order_by().annotate(all=Value(1)).values("all").annotate(**rules)
    return prepared.text(grouped.values_list(*rules).query.sql_with_params())
