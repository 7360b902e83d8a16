"""How many numbers an area code should have in stock at least, and which have fewer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from inventory import figures
from inventory.models import StockThreshold, TelephoneNumber
from portal import audit
from portal.models import User

KEY = "thresholds"


@dataclass(frozen=True, kw_only=True)
class Level:
    """An area code with its threshold and what is in stock."""

    pk: int
    npa: str
    minimum: int
    note: str
    count: int

    @property
    def lacking(self) -> int:
        """How many are missing; 0 where there are enough."""
        return max(0, self.minimum - self.count)


def levels() -> list[Level]:
    """Return every threshold with its stock, those that lack most first; a minute old at most."""

    def make() -> list[Level]:
        return sorted(_levels(), key=lambda level: (-level.lacking, level.npa))

    return figures.kept(KEY, figures.FIGURE_SECONDS, make)


def low() -> list[Level]:
    """Return the area codes that have fewer than they should."""
    return [level for level in levels() if level.lacking]


def _levels() -> list[Level]:
    thresholds = list(StockThreshold.objects.all())
    stock = TelephoneNumber.objects.filter(state="stock", npa__in=[row.npa for row in thresholds])
    counts = dict(stock.order_by().values_list("npa").annotate(n=Count("pk")))
    return [
        Level(
            pk=row.pk, npa=row.npa, minimum=row.minimum, note=row.note, count=counts.get(row.npa, 0)
        )
        for row in thresholds
    ]


@transaction.atomic
def save(threshold: StockThreshold, *, actor: User, minimum_before: int | None) -> None:
    """Write a threshold and audit it."""
    threshold.save()
    audit.record(
        actor,
        "inventory.threshold.set",
        threshold,
        before={} if minimum_before is None else {"minimum": minimum_before},
        after={"npa": threshold.npa, "minimum": threshold.minimum, "note": threshold.note},
    )
    _forget()


@transaction.atomic
def remove(threshold: StockThreshold, *, actor: User) -> None:
    """Delete a threshold and audit it."""
    audit.record(
        actor,
        "inventory.threshold.removed",
        threshold,
        before={"npa": threshold.npa, "minimum": threshold.minimum},
    )
    threshold.delete()
    _forget()


def _forget() -> None:
    """Have the levels and the picture that marks them made afresh."""
    figures.forget(KEY)
    figures.forget("plots")
