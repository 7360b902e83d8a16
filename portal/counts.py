"""Figures beside the rows of a list, counted once while nothing changes.

Counting fifty of them can take longer than everything else of a page, and mostly nothing happened
since they were counted last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.cache import cache

from portal import prepared
from portal.keyset import REMEMBERED_SECONDS

V = TypeVar("V")


def remembered(
    name: str,
    ids: Sequence[int],
    count: Callable[[list[int]], dict[int, V]],
    *,
    changed: str,
    is_believed: Callable[[V], bool] = lambda told: False,
) -> dict[int, V]:
    """Return what `count` tells of these ids, under a `name` that no other figures have.

    A figure is remembered as a list's count is: for some seconds, and only until the one value that
    the statement `changed` returns is another. What `is_believed` is kept for these seconds anyway.
    """
    if not ids:
        return {}
    now = prepared.rows(changed)[0][0]
    keys = {f"{name}:{key}": key for key in ids}
    known: dict[str, tuple[V, Any]] = cache.get_many(keys)
    figures = {
        keys[key]: told for key, (told, since) in known.items() if since == now or is_believed(told)
    }
    if missing := [key for key in ids if key not in figures]:
        fresh = count(missing)
        kept = {key: (fresh[pk], now) for key, pk in keys.items() if pk in fresh}
        cache.set_many(kept, timeout=REMEMBERED_SECONDS)
        figures |= fresh
    return figures
