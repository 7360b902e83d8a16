"""How many numbers go to each route or are in each group, counted once while nothing changes.

Counting fifty of them takes a second where each has thousands; most of the time nothing happened
since they were counted last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.core.cache import cache

from inventory.services.routes import COUNT_CAP
from portal import prepared
from portal.keyset import REMEMBERED_SECONDS

# Only syncs and jobs write where calls go; a number that comes or goes is one that changed.
_CHANGED: Final = """
    SELECT concat((SELECT max(finished_at) FROM portal_job), ' ',
                  (SELECT max(updated_at) FROM inventory_telephonenumber))
"""


def remembered(
    count: Callable[[Sequence[int]], dict[int, int]], ids: Sequence[int]
) -> dict[int, int]:
    """Return what `count` tells of these ids: `numbers_on` or `numbers_in` of the routes' services.

    A count is remembered as a list's is: for some seconds, and below the cap only until a job is
    settled or a number changes.
    """
    if not ids:
        return {}
    changed = prepared.rows(_CHANGED)[0][0]
    names = {f"{count.__name__}:{key}": key for key in ids}
    known: dict[str, tuple[int, Any]] = cache.get_many(names)
    counts = {
        names[name]: told
        for name, (told, since) in known.items()
        if told > COUNT_CAP or since == changed
    }
    if missing := [key for key in ids if key not in counts]:
        fresh = count(missing)
        kept = {name: (fresh[key], changed) for name, key in names.items() if key in fresh}
        cache.set_many(kept, timeout=REMEMBERED_SECONDS)
        counts |= fresh
    return counts
