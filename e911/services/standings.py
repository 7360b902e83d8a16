"""Keeping the gap report true: after the numbers that changed, and at night for all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from e911 import gaps
from e911.models import GapRun
from e911.services import numbers, sets
from inventory.models import TelephoneNumber
from portal import prepared

CHUNK: Final = 5000
RANGE: Final = 50_000
# A change is written with the time of its beginning and is seen when it ends.
OVERLAP: Final = timedelta(minutes=2)


def catch_up(*, chunks: int = 400) -> int:
    """Follow the numbers that changed since the last time; return how many were looked at.

    Bounded by `chunks` of five thousand; the rest is for the next call. Where another process is at
    it, nothing is done. The first call goes through all numbers.
    """
    seen = 0
    for _ in range(chunks):
        found = _next_chunk()
        seen += found
        if found < CHUNK:
            break
    return seen


def is_behind() -> bool:
    """Return whether numbers wait to be looked at: always before the first round has ended."""
    return not prepared.rows(
        "SELECT 1 FROM e911_gaprun"
        " WHERE id = 1 AND started_at IS NULL AND followed_until IS NOT NULL"
    )


@transaction.atomic
def _next_chunk() -> int:
    run = _locked_run()
    if run is None:
        return 0
    run.started_at = run.started_at or timezone.now()
    rows = TelephoneNumber.objects.order_by("updated_at", "id")
    if run.followed_until is not None:
        until, after = run.followed_until, run.followed_id
        rows = rows.filter(Q(updated_at__gt=until) | Q(updated_at=until, id__gt=after))
        rows = rows.filter(updated_at__gte=until)  # what the index is entered by
    found = list(rows.values_list("id", "updated_at")[:CHUNK])
    numbers.follow([pk for pk, _ in found])
    if len(found) == CHUNK:
        run.followed_id, run.followed_until = found[-1]
    else:  # the end: next time from where this round began, and a little before
        run.followed_id, run.followed_until = 0, run.started_at - OVERLAP
        run.started_at = None
    run.save()
    return len(found)


def _locked_run() -> GapRun | None:
    GapRun.objects.get_or_create(pk=1)
    return GapRun.objects.select_for_update(skip_locked=True).filter(pk=1).first()


def rebuild() -> int:
    """Look at every number: what only time changes shows by it; return the highest id.

    Records that do not fit their numbers are found for all at once, standings by ranges of ids.
    """
    for ids in sets.chunks(numbers.unfitting()):
        numbers.follow(ids)
    last = TelephoneNumber.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(1, last + 1, RANGE):
        gaps.refresh_range(first, first + RANGE - 1)
    GapRun.objects.update_or_create(pk=1, defaults={"counted_at": timezone.now()})
    return int(last)
