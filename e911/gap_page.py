"""The lines of the gap report: buckets with their words and counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.cache import cache

from e911 import gaps
from e911.models import EmergencyRecord, Standing
from portal import prepared
from portal.listing import COUNT_CAP, PAGING_PARAMETERS

COUNT_SECONDS: Final = 30
B = Standing.Bucket
TONES: Final = {
    **dict.fromkeys((B.LOST, B.INVALID, B.NONE), "bad"),
    **dict.fromkeys((B.UNCONFIRMED, B.CHANGED, B.NO_UNIT, B.NO_ALERT, B.NO_TEST), "warn"),
    B.NOT_REQUIRED: "muted",
    B.VERIFIED: "ok",
}
NOTES: Final = {
    B.NOT_REQUIRED: "Nobody can call from them; the reason stands on each.",
    B.LOST: "A change took the old address away. 911 may not work: restore it at once.",
    B.INVALID: "The provider does not know the address, or did not set it.",
    B.NONE: "Nobody knows where to send help.",
    B.UNCONFIRMED: "Set, and not read back yet.",
    B.CHANGED: "What stands at the provider is not what is wanted now.",
    B.NO_UNIT: "Several share the building, and no unit, floor or room is named.",
    B.NO_ALERT: "Set, and nobody at the place hears of a 911 call.",
    B.NO_TEST: "Set and confirmed, and nobody dialled 933 within a year.",
    B.VERIFIED: "Everything is as it should be.",
}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bucket: its words, how many numbers it has, and whether it is the one shown."""

    bucket: int
    label: str
    note: str
    tone: str
    count: int
    query: str
    is_on: bool


def orphan_count() -> int:
    """Return how many records no number in service goes by; counting stops beyond the cap."""
    return int(prepared.rows(_orphans_sql())[0][0])


@lru_cache(maxsize=1)
def _orphans_sql() -> str:
    orphans = EmergencyRecord.objects.orphans().order_by().values("pk")[: COUNT_CAP + 1]
    sql = prepared.text(orphans.query.sql_with_params())
    return f"SELECT count(*) FROM ({sql}) AS found"  # noqa: S608 (Django's own)


def counts(standings: Callable[[], Any], key: str) -> dict[int, int]:
    """Return how many numbers are in each bucket, half a minute old at most.

    `key` names what `standings` returns.
    """
    name = f"e911-gaps:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    found = cache.get(name)
    if found is None:
        found = gaps.counts(standings())
        cache.set(name, found, COUNT_SECONDS)
    return dict(found)


def bars(found: dict[int, int], values: Any, chosen: int | None) -> list[Bar]:
    """Return every bucket in the order of precedence; `values` are the filters of the address."""
    made = []
    for bucket in B:
        query = values.copy()
        for name in (*PAGING_PARAMETERS, "bucket"):
            query.pop(name, None)
        query["bucket"] = str(bucket.value)
        made.append(
            Bar(
                bucket=bucket.value,
                label=str(bucket.label),
                note=NOTES[bucket],
                tone=TONES[bucket],
                count=found.get(bucket.value, 0),
                query=query.urlencode(),
                is_on=bucket.value == chosen,
            )
        )
    return made
