"""What the gap report shows: buckets with counts, and each number with the button that closes it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse

from e911 import gaps, set_page
from e911.models import EmergencyRecord, Standing
from portal.models import User

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


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number of the report."""

    standing: Standing
    record: EmergencyRecord | None
    fix: str  # what the button says; empty where there is nothing to fix
    url: str
    is_post: bool
    why: str = ""  # why it needs no record


def counts(standings: Any, key: str) -> dict[int, int]:
    """Return how many numbers are in each bucket, half a minute old at most."""
    name = f"e911-gaps:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    found = cache.get(name)
    if found is None:
        found = gaps.counts(standings)
        cache.set(name, found, COUNT_SECONDS)
    return dict(found)


def bars(found: dict[int, int], values: Any, chosen: int | None) -> list[Bar]:
    """Return every bucket in the order of precedence; `values` are the filters of the address."""
    made = []
    for bucket in B:
        query = values.copy()
        for name in ("after", "before", "last", "at", "bucket"):
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


def rows(standings: Sequence[Standing], user: User) -> list[Row]:
    """Return the numbers of a page with their records and buttons."""
    tns = [standing.tn for standing in standings]
    primary = EmergencyRecord.objects.visible_to(user).primary().filter(tn__in=tns)
    records = {record.tn: record for record in primary.select_related("account")}
    return [_row(standing, records.get(standing.tn), user) for standing in standings]


def _row(standing: Standing, record: EmergencyRecord | None, user: User) -> Row:
    fix, name, is_post, permission = _FIXES.get(B(standing.bucket), ("", "", False, ""))
    if standing.bucket in _UNSET and set_page.why_never(standing.tn, standing.account.slug):
        fix, name, is_post, permission = _WAIVE
    is_said = record is not None and record.state == EmergencyRecord.State.NOT_REQUIRED
    if standing.bucket == B.NOT_REQUIRED and not is_said:
        fix = ""  # nobody said so: there is nothing that a person could take back
    if fix and not user.has_perm(permission):
        fix = ""
    if name == "e911:record-set":
        url = f"{reverse(name)}?{urlencode({'tn': standing.tn})}"
    else:
        url = reverse(name, args=[standing.tn]) if name else ""
    return Row(
        standing=standing,
        record=record,
        fix=fix,
        url=url,
        is_post=is_post,
        why=_why(standing, record),
    )


def _why(standing: Standing, record: EmergencyRecord | None) -> str:
    """Return why a number needs no record, in the words of whoever said so; "" for any other."""
    if standing.bucket != B.NOT_REQUIRED:
        return ""
    said = record.not_required_reason if record is not None else ""
    return said or gaps.why_not_required(standing)


_CHANGE = "e911.change_emergencyrecord"
_ASK = "e911.check_address"
_UNSET: Final = (B.NONE, B.INVALID)
_WAIVE: Final = ("No record is needed…", "e911:record-waive", False, _CHANGE)
_FIXES: Final = {
    B.NOT_REQUIRED: ("Needed after all", "e911:record-require", True, _CHANGE),
    B.LOST: ("Restore the old address", "e911:record-restore", True, _CHANGE),
    B.INVALID: ("Correct…", "e911:record-set", False, _ASK),
    B.NONE: ("Set address…", "e911:record-set", False, _ASK),
    B.UNCONFIRMED: ("Check again", "e911:record-refresh", True, "e911.refresh_emergencyrecord"),
    B.CHANGED: ("Look…", "e911:record-detail", False, "e911.view_emergencyrecord"),
    B.NO_UNIT: ("Add the unit…", "e911:record-set", False, _ASK),
    B.NO_ALERT: ("Add a contact…", "e911:alert-add", False, _CHANGE),
    B.NO_TEST: ("Log a test…", "e911:test-log", False, _CHANGE),
}
