"""The pictures of Home: where numbers are, in which state, and how that grew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.urls import reverse

from inventory import stock_days, thresholds
from inventory.figures import by_account
from inventory.models import StockDay, TelephoneNumber
from portal.models import ProviderAccount
from portal.panels import Bar, Cell, Part, Plot

PLACES_SHOWN = 10
DAYS_SHOWN = 60
LEVELS = 5
# The pieces of “numbers by provider” with their colours; every other state is “other”.
STATES = {
    "in_service": ("In service", "ok"),
    "stock": ("Stock", "info"),
    "held": ("Held", "warn"),
    "aging": ("Aging", "muted"),
}
OTHER = ("Other", "other")
LINES = (("in_service", "In service", "ok"), ("stock", "Stock", "info"))


def all_of_them() -> list[Plot]:
    """Return every picture that has something to show."""
    found = stock()
    made = [growth(), by_provider(), npas(found), by_region(found), by_rate_center(found)]
    return [plot for plot in made if plot.bars or plot.data or plot.cells]


def by_provider() -> Plot:
    """Return how many numbers each account has, and in which states."""
    counts: dict[int, dict[str, int]] = {}
    for (account, state), n in by_account().items():
        if state not in TelephoneNumber.GONE:
            counts.setdefault(account, {})[state] = n
    names = dict(ProviderAccount.objects.values_list("pk", "name"))
    largest = sorted(counts.items(), key=lambda pair: -sum(pair[1].values()))
    return Plot(
        name="providers",
        title="Numbers by provider",
        bars=tuple(
            Bar(
                label=names[pk],
                value=sum(states.values()),
                url=_list(account=pk),
                parts=tuple(_parts(states)),
            )
            for pk, states in largest
        ),
        head=("Provider", *(label for label, _ in (*STATES.values(), OTHER)), "All"),
        rows=tuple(
            (
                names[pk],
                *(f"{part.value:,}" for part in _parts(states)),
                f"{sum(states.values()):,}",
            )
            for pk, states in largest
        ),
    )


def _parts(states: dict[str, int]) -> Iterator[Part]:
    for state, look in STATES.items():
        yield Part(look[0], states.get(state, 0), look[1])
    others = (n for state, n in states.items() if state not in STATES)
    yield Part(OTHER[0], sum(others), OTHER[1])


@dataclass(frozen=True, kw_only=True)
class Stock:
    """How many numbers are in stock by area code, US state, and rate center with its state."""

    npas: Counter[str] = field(default_factory=Counter)
    regions: Counter[tuple[str, str]] = field(default_factory=Counter)
    rate_centers: Counter[tuple[str, str]] = field(default_factory=Counter)


def stock() -> Stock:
    """Return where the stock is; one query for all pictures."""
    rows = TelephoneNumber.objects.filter(state="stock").order_by()
    places = rows.values_list("npa", "region", "rate_center").annotate(n=Count("pk"))
    found = Stock()
    for npa, region, rate_center, n in places:
        found.npas[npa or ""] += n
        found.regions[(region, "")] += n
        found.rate_centers[(rate_center, region)] += n
    return found


def npas(found: Stock) -> Plot:
    """Return the stock by area code as a grid; codes below their threshold are marked."""
    counts = {npa: n for npa, n in found.npas.items() if npa}
    low = {level.npa: level.minimum for level in thresholds.low()}
    counts |= {npa: 0 for npa in low if npa not in counts}
    most = max(counts.values(), default=0)
    cells = tuple(
        Cell(
            label=npa,
            value=n,
            level=_level(n, most),
            url=_list(state="stock", npa=npa),
            note=f"below {low[npa]:,}" if npa in low else "",
        )
        for npa, n in sorted(counts.items())
    )
    return Plot(name="npas", title="Stock by area code", cells=cells)


def _level(n: int, most: int) -> int:
    """Return how deep a cell's colour is, from 0 for none to `LEVELS`; each step doubles or more."""
    if not n:
        return 0
    if most <= LEVELS:
        return n
    step = most ** (1 / LEVELS)
    return next(level for level in range(1, LEVELS + 1) if n <= step**level or level == LEVELS)


def by_region(found: Stock) -> Plot:
    """Return the US states with most stock."""
    return _places("regions", "Stock by US state", found.regions, ("region",))


def by_rate_center(found: Stock) -> Plot:
    """Return the rate centers with most stock."""
    fields = ("rate_center", "region")
    return _places("rate-centers", "Stock by rate center", found.rate_centers, fields)


def _places(
    name: str, title: str, counts: Counter[tuple[str, str]], fields: tuple[str, ...]
) -> Plot:
    named = sorted((-n, place) for place, n in counts.items() if place[0])
    return Plot(
        name=name,
        title=title,
        bars=tuple(
            Bar(
                label=", ".join(filter(None, place)),
                value=-n,
                url=_list(
                    state="stock",
                    **{one: word for one, word in zip(fields, place, strict=False) if word},
                ),
            )
            for n, place in named[:PLACES_SHOWN]
        ),
    )


def growth() -> Plot:
    """Return how the inventory grew; nothing until it has a second day."""
    first = stock_days.today() - timedelta(days=stock_days.LONGEST)
    kept = StockDay.objects.filter(day__gte=first).exclude(state__in=TelephoneNumber.GONE)
    days: dict[date, dict[str, int]] = {}
    for row in kept.order_by("day").values("day", "state").annotate(n=Sum("count")):
        days.setdefault(row["day"], {})[row["state"]] = row["n"]
    lines: list[dict[str, Any]] = [
        {"label": label, "tone": tone, "values": [d.get(state, 0) for d in days.values()]}
        for state, label, tone in LINES
    ]
    totals = [sum(states.values()) for states in days.values()]
    lines.insert(0, {"label": "All", "tone": "muted", "values": totals})
    xs = [int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) for d in days]
    table = [
        (day.isoformat(), f"{total:,}", *(f"{states.get(state, 0):,}" for state, _, _ in LINES))
        for (day, states), total in zip(days.items(), totals, strict=True)
    ]
    return Plot(
        name="growth",
        title="Numbers over time",
        data={"x": xs, "series": lines, "kind": "line"} if len(xs) > 1 else {},
        head=("Day", "All", *(label for _, label, _ in LINES)),
        rows=tuple(table[-DAYS_SHOWN:]),
    )


def _list(**filters: Any) -> str:
    return f"{reverse('inventory:tn-list')}?{urlencode(filters)}"
