"""The rows of the list of pre-flights."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from django.core.cache import cache
from django.utils.safestring import SafeString

from portal import prepared
from portal.fetch import RowsByKey, text_of
from portal.keyset import REMEMBERED_SECONDS
from portal.models import Customer, User
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.moments import ago
from portal.templatetags.portal import status_chip
from porting.models import Preflight

# What a row is drawn from: dicts by the lists' keys.
fetch: Final = RowsByKey(
    lambda: Preflight.objects.values(
        *("id", "state", "file_name", "created_at"),
        customer_name=text_of(Customer, "customer_id"),
        actor_name=text_of(User, "actor_id"),
        actor_email=text_of(User, "actor_id", "email"),
    )
)


# Both stand in the index of lists and verdicts: no entry itself is looked at.
_COUNTS: Final = """
    SELECT preflight_id, count(*), count(*) FILTER (WHERE verdict = 'portable')
    FROM porting_preflightline WHERE preflight_id = ANY(%s) GROUP BY preflight_id
"""


# Only jobs write what was found out about an entry.
_CHANGED: Final = "SELECT max(finished_at)::text FROM portal_job"


def draw(rows: Sequence[Row]) -> SafeString:
    """Return the table rows of pre-flights, as `fetch` reads them, with their numbers."""
    counts = _counts(rows)
    return draw_rows(({**row, "counts": counts[row["id"]]} for row in rows), _CELLS)


def _counts(rows: Sequence[Row]) -> dict[int, tuple[int, int]]:
    """Return how many entries each list has, and how many of these can be ported.

    Those of a list that is checked are remembered: for some seconds, and only until a job is
    settled.
    """
    changed = prepared.rows(_CHANGED)[0][0]
    over = [row["id"] for row in rows if row["state"] != Preflight.State.CHECKING]
    known: dict[str, tuple[tuple[int, int], Any]] = cache.get_many([_remembered(k) for k in over])
    counts = {
        key: found[0]
        for key in over
        if (found := known.get(_remembered(key))) and found[1] == changed
    }
    if missing := [row["id"] for row in rows if row["id"] not in counts]:
        fresh = dict.fromkeys(missing, (0, 0))
        fresh |= {key: (total, good) for key, total, good in prepared.rows(_COUNTS, [missing])}
        told = {_remembered(key): (fresh[key], changed) for key in over if key in fresh}
        cache.set_many(told, timeout=REMEMBERED_SECONDS)
        counts |= fresh
    return counts


def _remembered(key: int) -> str:
    return f"entries-of-preflight:{key}"


def _name(row: Row) -> str:
    pk = int(row["id"])
    return link(f"/ports/checks/{pk}/", f"Pre-flight {pk}") + small(row["file_name"])


def _numbers(row: Row) -> str:
    total, portable = row["counts"]
    return f"{total:,}<small>{portable:,} can be ported</small>"


_CELLS: Final = (
    Cell("", _name, is_head=True),
    Cell("State", lambda row: status_chip(row["state"], "preflight")),
    Cell("Numbers", _numbers),
    Cell("Customer", lambda row: escape(row["customer_name"] or "Our stock")),
    Cell("Who", lambda row: escape(row["actor_name"] or row["actor_email"])),
    Cell("When", lambda row: ago(row["created_at"]), "is-num"),
)
