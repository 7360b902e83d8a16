"""The rows of the list of pre-flights."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from portal import counts, prepared
from portal.fetch import RowsByKey, text_of
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
    found = _counts(rows)
    return draw_rows(({**row, "counts": found[row["id"]]} for row in rows), _CELLS)


def _counts(rows: Sequence[Row]) -> dict[int, tuple[int, int]]:
    """Return how many entries each list has, and how many of these can be ported.

    Those of a list that is checked are remembered: for some seconds, and only until a job is
    settled.
    """
    checking = [row["id"] for row in rows if row["state"] == Preflight.State.CHECKING]
    over = [row["id"] for row in rows if row["state"] != Preflight.State.CHECKING]
    known = counts.remembered("entries-of-preflight", over, _count, changed=_CHANGED)
    return known | (_count(checking) if checking else {})


def _count(ids: list[int]) -> dict[int, tuple[int, int]]:
    told = {key: (total, good) for key, total, good in prepared.rows(_COUNTS, [ids])}
    return dict.fromkeys(ids, (0, 0)) | told


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
