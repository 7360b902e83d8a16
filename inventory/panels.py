"""What the inventory shows on Home, on a provider's page and in the global search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, Coverage, Order, Route, TelephoneNumber
from portal import panels
from portal.models import ProviderAccount, User
from portal.panels import Hit, Hits, Panel, Plot, Task, Tile
from portal.tn import TN, InvalidTN

CACHE_SECONDS = 60
TILE_STATES = ("in_service", "stock", "held", "aging", "purchasing")


def unknown_here(account: ProviderAccount | None = None) -> Any:
    """Return mirror rows that the inventory lacks: the provider lists them, we do not."""
    held = TelephoneNumber.objects.filter(tn=OuterRef("tn")).exclude(state__in=TelephoneNumber.GONE)
    rows = CarrierNumber.objects.filter(missing_since=None).filter(~Exists(held))
    return rows.filter(account=account) if account else rows


def counts_by_state(user: User) -> dict[str, int]:
    """Return how many numbers are in each state; a minute old at most."""
    key = f"inventory:states:{user.customer_id or 'all'}"
    counts = cache.get(key)
    if counts is None:
        rows = TelephoneNumber.objects.visible_to(user).order_by().values("state")
        counts = {row["state"]: row["n"] for row in rows.annotate(n=Count("id"))}
        cache.set(key, counts, CACHE_SECONDS)
    return counts


def home_tiles(user: User) -> Iterator[Tile]:
    """Yield the figures of Home."""
    counts = counts_by_state(user)
    labels = dict(TelephoneNumber.State.choices)
    base = reverse("inventory:tn-list")
    total = sum(n for state, n in counts.items() if state not in TelephoneNumber.GONE)
    yield Tile(label="Numbers", value=f"{total:,}", url=base)
    for state in TILE_STATES:
        if counts.get(state) or (user.is_staff_role and state in {"in_service", "stock"}):
            yield Tile(
                label=labels[state],
                value=f"{counts.get(state, 0):,}",
                url=f"{base}?state={state}",
            )


def home_tasks(user: User) -> Iterator[Task]:
    """Yield what waits: holds running out, numbers unknown here, numbers missing there."""
    if not user.is_staff_role:
        return
    soon = timezone.now() + timedelta(minutes=10)
    ending = CartLine.objects.visible_to(user).filter(hold="active", expires_at__lte=soon).count()
    if ending:
        yield Task(
            title=f"{ending} hold{'s' if ending != 1 else ''} in your cart run out soon",
            note="Order them now, or the provider may sell them to somebody else.",
            url=reverse("inventory:cart"),
            action="Open the cart",
            weight=5,
        )
    unknown = unknown_here()[:1000].count()
    if unknown:
        yield Task(
            title=f"{unknown:,} number{'s' if unknown != 1 else ''} at a provider that we do not list",
            note="A sync found them. Import them, or find out why they are there.",
            url=reverse("inventory:unknown-list"),
            action="Look",
            weight=40,
        )
    missing = TelephoneNumber.objects.filter(sync_state="missing")[:1000].count()
    if missing:
        yield Task(
            title=f"{missing:,} number{'s' if missing != 1 else ''} that the provider no longer lists",
            note="Two full lists in a row do not hold them.",
            url=f"{reverse('inventory:tn-list')}?sync=missing",
            action="Look",
            tone="bad",
            weight=30,
        )


def home_plots(user: User) -> Iterator[Plot]:
    """Yield the pictures of Home: growth over time, stock by state."""
    if not user.is_staff_role:
        return
    plots = cache.get("inventory:plots")
    if plots is None:
        plots = [_growth(), _stock_by_region()]
        cache.set("inventory:plots", plots, CACHE_SECONDS)
    yield from (plot for plot in plots if plot.rows)


def _growth() -> Plot:
    rows = (
        TelephoneNumber.objects.order_by()
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(n=Count("id"))
        .order_by("day")
    )
    total, xs, ys, table = 0, [], [], []
    for row in rows:
        total += row["n"]
        stamp = datetime(row["day"].year, row["day"].month, row["day"].day, tzinfo=UTC)
        xs.append(int(stamp.timestamp()))
        ys.append(total)
        table.append((row["day"].isoformat(), f"{row['n']:,}", f"{total:,}"))
    data = {"x": xs, "series": [{"label": "Numbers", "values": ys, "tone": "info"}], "kind": "line"}
    return Plot(
        name="growth",
        title="Numbers over time",
        data=data if len(xs) > 1 else {},
        head=("Day", "New", "In all"),
        rows=table[-60:],
    )


def _stock_by_region() -> Plot:
    rows = (
        TelephoneNumber.objects.filter(state="stock")
        .exclude(region="")
        .order_by()
        .values("region")
        .annotate(n=Count("id"))
        .order_by("-n")[:12]
    )
    return Plot(
        name="stock",
        title="Stock by state",
        data={},
        head=("State", "Numbers in stock"),
        rows=[(row["region"], f"{row['n']:,}") for row in rows],
    )


def search_numbers(user: User, text: str) -> Hits:
    """Return numbers by any spelling, fragment or label; an exact number leads to its page."""
    visible = TelephoneNumber.objects.visible_to(user)
    try:
        exact = visible.filter(tn=TN.parse(text)).first()
    except InvalidTN:
        exact = None
    found = [exact] if exact else list(_find(visible, text))
    more = f"{reverse('inventory:tn-list')}?q={text}" if len(found) > 8 else ""
    return Hits(
        title="Numbers",
        hits=[
            Hit(
                title=str(number),
                note=" · ".join(filter(None, [number.get_state_display(), number.label])),
                url=number.get_absolute_url(),
            )
            for number in found[:8]
        ],
        more_url=more,
        exact_url=exact.get_absolute_url() if exact else "",
    )


def _find(visible: Any, text: str) -> Any:
    if len([c for c in text if c.isalnum()]) < 3:
        return []
    return visible.matching(text).order_by("tn")[:9]


def search_orders(user: User, text: str) -> Hits:
    """Return the order of this id."""
    digits = text.lower().removeprefix("order").strip(" #")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        return Hits(title="Orders")
    orders = Order.objects.visible_to(user).filter(pk=int(digits)).select_related("actor")
    return Hits(
        title="Orders",
        hits=[
            Hit(
                title=str(order),
                note=f"by {order.actor}",
                url=reverse("inventory:order-detail", args=[order.pk]),
            )
            for order in orders
        ],
    )


def account_panel(request: HttpRequest, account: ProviderAccount) -> Panel:
    """Return what the inventory shows on a provider account's page."""
    return Panel(
        template="inventory/_account_panel.html",
        context={
            "account": account,
            "numbers": TelephoneNumber.objects.filter(account=account).ours()[:10_001].count(),
            "unknown": unknown_here(account)[:1001].count(),
            "routes": Route.objects.filter(account=account, missing_since=None)[:50],
            "states": Coverage.objects.filter(account=account, rate_center="", npa="").count(),
        },
    )


def numbers_per_customer() -> dict[int, int]:
    """Return how many numbers each customer has."""
    rows = TelephoneNumber.objects.exclude(customer=None).order_by().values("customer")
    return {row["customer"]: row["n"] for row in rows.annotate(n=Count("id"))}


def register() -> None:
    """Make the inventory's parts known to the platform's pages."""
    panels.tasks.append(home_tasks)
    panels.tiles.append(home_tiles)
    panels.plots.append(home_plots)
    panels.searches.extend([search_numbers, search_orders])
    panels.account_panels.append(account_panel)
    panels.customer_counts.append(numbers_per_customer)
