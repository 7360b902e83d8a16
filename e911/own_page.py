"""What a customer reads of the 911 of his numbers: plain words, and what he is to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q

from e911 import set_page
from e911.models import EmergencyRecord, Standing
from portal.models import User

B = Standing.Bucket
# What a customer reads: the words, the tone, and whether he is to do something.
WORDS: Final = {
    B.NOT_REQUIRED: ("Not needed", "muted", False),
    B.LOST: ("911 may not work", "bad", True),
    B.INVALID: ("The address was refused", "bad", True),
    B.NONE: ("No address", "bad", True),
    B.UNCONFIRMED: ("Being confirmed", "info", False),
    B.CHANGED: ("Look at the address", "warn", True),
    B.NO_UNIT: ("Unit or floor missing", "warn", True),
    B.NO_ALERT: ("In order", "ok", False),
    B.NO_TEST: ("In order", "ok", False),
    B.VERIFIED: ("In order", "ok", False),
}
NEVER: Final = ("Nobody calls out from it", "muted", False)
TO_DO: Final = [bucket.value for bucket, (_, _, is_to_do) in WORDS.items() if is_to_do]


def is_to_do() -> Q:
    """Return the condition under which a number waits for its customer."""
    return Q(bucket__in=TO_DO) & ~(Q(bucket=B.NONE) & set_page.never())


def rows(standings: Sequence[Standing], user: User) -> list[dict[str, Any]]:
    """Return the numbers of a page with their records, in a customer's words."""
    tns = [standing.tn for standing in standings]
    records = EmergencyRecord.objects.visible_to(user).filter(tn__in=tns)
    known = {record.tn: record for record in records}
    return [_row(standing, known.get(standing.tn)) for standing in standings]


def _row(standing: Standing, record: EmergencyRecord | None) -> dict[str, Any]:
    word, tone, is_to_do = WORDS[B(standing.bucket)]
    can_have = not set_page.why_never(standing.tn, standing.account.slug)
    if standing.bucket == B.NONE and not can_have:
        word, tone, is_to_do = NEVER
    return {
        "standing": standing,
        "record": record,
        "word": word,
        "tone": tone,
        "is_to_do": is_to_do,
        "can_have": can_have,
    }
