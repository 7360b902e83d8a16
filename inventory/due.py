"""What ends by itself: holds, aging, numbers about to be given back; and what should have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from inventory.figures import FIGURE_SECONDS, kept
from inventory.lifecycle import today
from inventory.models import TelephoneNumber
from portal.models import User
from portal.panels import Task

CAP = 1000
HOLD_WARNING = timedelta(days=3)

Numbers = QuerySet[TelephoneNumber]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of end: its tab, its rows, the column of the day, and what to say without rows."""

    name: str
    title: str
    column: str
    rows: Callable[[], Numbers]
    empty: str

    def export_columns(self) -> dict[str, str]:
        """Return what an export tells of each number: head → source."""
        whose = "customer__code" if self.name == "hold" else "last_customer__code"
        return {
            "number": "tn",
            "last_day": self.column,
            "afterwards": "after_aging",
            "customer": whose,
            "label": "label",
        }


def holds() -> Numbers:
    """Return the holds that have an end."""
    return TelephoneNumber.objects.filter(state="held", held_until__isnull=False)


def aging(after: str) -> Numbers:
    """Return the aging numbers that have an end, by what follows."""
    return TelephoneNumber.objects.filter(
        state="aging", after_aging=after, release_on__isnull=False
    )


def overdue() -> Numbers:
    """Return the aging numbers whose day has passed: locked, or refused by the provider."""
    return TelephoneNumber.objects.filter(state="aging", release_on__lt=today())


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="release",
            title="Given back",
            column="release_on",
            rows=lambda: aging("release"),
            empty="No number waits to be given back. “Take out of service” with “Give it back to the provider” "
            "sets numbers aside until a day.",
        ),
        Kind(
            name="stock",
            title="Back to stock",
            column="release_on",
            rows=lambda: aging("stock"),
            empty="No number ages. What is taken out of service waits here before somebody else may have it.",
        ),
        Kind(
            name="hold",
            title="Holds",
            column="held_until",
            rows=holds,
            empty="No number is held for a customer until a day. “Hold” in the numbers list promises one.",
        ),
        Kind(
            name="overdue",
            title="Overdue",
            column="release_on",
            rows=overdue,
            empty="Everything ended on its day: nothing is locked, and no provider refused.",
        ),
    )
}


def tasks(user: User) -> Iterator[Task]:
    """Yield what ends soon, and what could not end, for who may do something about it."""
    if not user.has_perm("inventory.assign_telephonenumber"):
        return
    going, ending, stuck = kept("due", FIGURE_SECONDS, _figures)
    if going:
        yield Task(
            title=f"{_words(going)} given back by tomorrow",
            note="Nobody can undo that. Restore now what shall stay.",
            url=_page("release"),
            action="Look",
            weight=10,
        )
    if ending:
        yield Task(
            title=f"{_words(ending)} for a customer: the hold ends within three days",
            note="Assign, hold longer, or let go: it goes back to stock by itself.",
            url=_page("hold"),
            action="Look",
            weight=20,
        )
    if stuck:
        yield Task(
            title=f"{_words(stuck)} still aging after the last day",
            note="Locked, or the provider would not take it back.",
            url=_page("overdue"),
            action="Look",
            tone="bad",
            weight=25,
        )


def _figures() -> tuple[int, int, int]:
    """Return how many numbers go soon, whose holds end soon, and how many are overdue; capped."""
    tomorrow = today() + timedelta(days=1)
    rows = (
        aging("release").filter(release_on__range=(today(), tomorrow)),
        holds().filter(held_until__lte=today() + HOLD_WARNING),
        overdue(),
    )
    going, ending, stuck = (found.order_by()[: CAP + 1].count() for found in rows)
    return going, ending, stuck


def _words(count: int) -> str:
    shown = f"{CAP:,}+" if count > CAP else f"{count:,}"
    return f"{shown} number{'' if count == 1 else 's'}"


def _page(what: str) -> str:
    return f"{reverse('inventory:due-list')}?what={what}"
