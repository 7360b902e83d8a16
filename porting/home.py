"""What porting shows on Home: what waits for somebody, a figure, and pictures of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.listing import capped_counts
from portal.models import User
from portal.panels import Plot, Task, Tile
from porting import board, follow, pictures, rejections
from porting.models import PortOrder, PortOut, ProviderWord

T = TypeVar("T")
NAMED: Final = 3  # exceptions that are named; more are one line
FREEZE_SOON: Final = timedelta(hours=24)
TILE_SECONDS, PICTURE_SECONDS = 60, 120


def kept(key: str, seconds: int, make: Callable[[], T]) -> T:
    """Return a figure that was made at most `seconds` ago."""
    value: T | None = cache.get(f"porting:{key}")
    if value is None:
        value = make()
        cache.set(f"porting:{key}", value, seconds)
    return value


def tasks(user: User) -> Iterator[Task]:
    """Yield what waits at the port desk: rejections by name, the rest as one line for each kind."""
    if not user.is_staff_role:
        return
    orders = PortOrder.objects.visible_to(user)
    yield from _rejected(orders.filter(state="exception", who_must_act="us"))
    lines = _lines(orders)
    *counts, unknown, suspected, undone = capped_counts(
        *(found for found, *_ in lines),
        ProviderWord.objects.filter(meaning=""),
        PortOut.objects.filter(state="suspected"),
        PortOut.objects.to_follow_up(),
    )
    for count, (_, title, note, url, weight) in zip(counts, lines, strict=True):
        if count:
            words = f"{count:,} {title.format(s=_s(count))}"
            yield Task(title=words, note=note, url=url, action="Look", weight=weight)
    if unknown:
        yield Task(
            title=f"{unknown} provider word{_s(unknown)} that nobody explained",
            note="Orders that show one stay as they are until somebody says what it means.",
            url=reverse("porting:word-list"),
            action="Explain",
            tone="bad",
            weight=12,
        )
    yield from _leaving(suspected, undone)


def _rejected(orders: board.PortOrderQuerySet) -> Iterator[Task]:
    rows = list(orders.for_list().order_by("state_since")[: NAMED + 1])
    for order in rows[:NAMED]:
        rejection = rejections.find(order.reject_code) or rejections.OTHER
        yield Task(
            title=f"{order} was rejected: {rejection.title.lower()}",
            note=" · ".join(filter(None, (str(order.customer or ""), order.losing_carrier))),
            url=order.get_absolute_url(),
            action="Correct",
            tone="bad",
            weight=10,
        )
    if len(rows) > NAMED:
        url = _list(state="exception", who="us")
        yield Task(title="More rejected ports", url=url, action="All", tone="bad", weight=11)


def _lines(orders: board.PortOrderQuerySet) -> tuple[tuple[Any, str, str, str, int], ...]:
    """Return what waits by number alone: the orders, what is said of them, where they are, weight."""
    now = timezone.now()
    soon = timezone.localdate(now + FREEZE_SOON + timedelta(hours=settings.PORT_FREEZE_HOURS))
    first = timezone.localdate(now + timedelta(hours=settings.PORT_FREEZE_HOURS))
    unsent = Q(loa_sent_at=None, foc_date=None, state__in=PortOrder.AT_PROVIDER)
    asked = Q(state="draft", is_requested_by_customer=True)
    going = orders.exclude(state__in=board.FINISHED)
    return (
        (
            orders.filter(unsent),
            "port{s} whose letter was not sent",
            "Providers close a port that waits too long for its letter.",
            _list(flag="letter"),
            25,
        ),
        (
            going.filter(who_must_act="us", sla_due_at__lt=now),
            "port{s} late, and it is our turn",
            "The clock counts business days.",
            _list(flag="late", who="us"),
            22,
        ),
        (
            orders.filter(asked),
            "port{s} that a customer started",
            "Check the numbers and go on.",
            _list(flag="asked", state="draft"),
            30,
        ),
        (
            orders.filter(state="foc_set", foc_date__gt=first, foc_date__lte=soon),
            "date{s} that can be changed for a day at most",
            "Then the date is frozen.",
            _list(lane="dated", sort="foc"),
            33,
        ),
    )


def _leaving(suspected: int, undone: int) -> Iterator[Task]:
    base = reverse("porting:port-out-list")
    if suspected:
        yield Task(
            title=f"{suspected} number{_s(suspected)} that seem{_s(suspected, 's', '')} to have left",
            note="Two full lists of the provider do not hold them, or a ticket speaks of it.",
            url=f"{base}?state=suspected",
            action="Look",
            weight=28,
        )
    if undone:
        yield Task(
            title=f"{undone} number{_s(undone)} that left, and not all is done",
            note="Billing, the E911 record, the campaign.",
            url=f"{base}?state=undone",
            action="Finish",
            tone="bad",
            weight=20,
        )


def tiles(user: User) -> Iterator[Tile]:
    """Yield how many ports are open; for a customer his own, and whether one needs him."""
    orders = PortOrder.objects.visible_to(user).open()
    base = reverse("porting:port-board")
    if user.is_staff_role:
        count, late = kept(
            "open",
            TILE_SECONDS,
            lambda: (orders.count(), orders.filter(sla_due_at__lt=timezone.now()).count()),
        )
        note = f"{late:,} late" if late else ""
        yield Tile(label="Open ports", value=f"{count:,}", url=base, note=note)
        return
    own = list(orders.for_list()[:200])
    if own:
        asked = sum(follow.is_asked(order) for order in own)
        note = f"{asked} need{'s' if asked == 1 else ''} something from you" if asked else ""
        yield Tile(label="Numbers moving to us", value=f"{len(own):,}", url=base, note=note)


def plots(user: User) -> list[Plot]:
    """Return the pictures of the port desk, for staff, once there was a port."""
    return kept("plots", PICTURE_SECONDS, pictures.all_of_them) if user.is_staff_role else []


def _list(**filters: str) -> str:
    return f"{reverse('porting:port-list')}?{urlencode(filters)}"


def _s(count: int, one: str = "", many: str = "s") -> str:
    return one if count == 1 else many
