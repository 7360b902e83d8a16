"""The rows of the list of saved places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from e911.addresses import PART_NAMES, Parts
from e911.models import Location
from portal.fetch import RowsByKey, text_of
from portal.models import Customer
from portal.rows import Cell, Row, draw_rows, link
from portal.templatetags.portal import chip

# What a row is drawn from: dicts by the places' keys.
fetch: Final = RowsByKey(
    lambda: Location.objects.values(
        *("id", "name", "is_archived", "is_multi_unit", "caller_name"),
        *PART_NAMES,
        customer_name=text_of(Customer, "customer_id"),
    )
)


def draw(rows: Sequence[Row], used: Mapping[int, int], *, is_staff: bool) -> SafeString:
    """Return the table rows of places, with how many numbers use each."""
    holder = [Cell("Customer", lambda row: escape(row["customer_name"] or "our own"))]
    numbers = Cell("Numbers", lambda row: str(used.get(row["id"], 0)), "is-num")
    return draw_rows(rows, [_NAME, *(holder if is_staff else ()), *_CELLS, numbers])


def _name(row: Row) -> str:
    archived = f" {chip('Archived', 'muted')}" if row["is_archived"] else ""
    return link(f"/e911/locations/{row['id']}/", row["name"]) + archived


def _address(row: Row) -> str:
    parts = Parts(**{name: row[name] for name in PART_NAMES})
    is_lacking = row["is_multi_unit"] and not parts.has_unit
    lacking = f"<small>{chip('Unit missing', 'warn')}</small>" if is_lacking else ""
    return escape(str(parts.lines)) + lacking


_NAME: Final = Cell("Name", _name, is_head=True)
_CELLS: Final = (
    Cell("Address", _address),
    Cell("Caller name", lambda row: escape(row["caller_name"])),
)
