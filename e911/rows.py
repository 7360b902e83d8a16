"""The rows of the list of records: how each column's cell is drawn (`CELLS`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from e911.addresses import PART_NAMES, Parts
from e911.columns import Column
from portal.rows import TN_PICK, Cell, Row, tn_head
from portal.rows import draw_rows as table_rows
from portal.templatetags.moments import ago
from portal.templatetags.portal import chip, status_chip


def draw_rows(rows: Iterable[Row], columns: Sequence[Column], *, can_select: bool) -> SafeString:
    """Return the table rows of records: a box to select, the number, and a cell for each column."""
    cells = [Cell(c.label, CELLS[c.name], "is-num" if c.name in _TIMES else "") for c in columns]
    first = [TN_PICK, _NUMBER] if can_select else [_NUMBER]
    return table_rows(rows, [*first, *cells], prefix="record-row-")


def _state(row: Row) -> str:
    drawn = str(status_chip(row["state"], "e911"))
    if row["is_location_lost"]:
        drawn += f"<small>{chip('Location lost', 'bad')}</small>"
    elif row["differs"]:
        drawn += f"<small>{chip('Differs at the provider', 'warn')}</small>"
    return drawn


def _bucket(row: Row) -> str:
    if row["bucket"] is None:
        return f'<span class="nd-quiet">{"not ours" if row["number_id"] is None else "–"}</span>'
    return str(status_chip(str(row["bucket"]), "standing"))


def _address(row: Row) -> str:
    if not row["accepted_address1"]:
        typed = Parts(**{name: row[name] for name in PART_NAMES}).lines
        return f'<span class="nd-quiet">{escape(str(typed) or "none")}</span>'
    street = ", ".join(filter(None, (row["accepted_address1"], row["accepted_address2"])))
    code = "-".join(filter(None, (row["accepted_zip"], row["accepted_plus4"])))
    place = ", ".join(filter(None, (row["accepted_city"], row["accepted_region"])))
    return f"{escape(street)}<small>{escape(f'{place} {code}'.strip())}</small>"


CELLS: Final[dict[str, Callable[[Row], str]]] = {
    "state": _state,
    "bucket": _bucket,
    "address": _address,
    "name": lambda row: escape(row["accepted_caller_name"] or row["caller_name"]),
    "customer": lambda row: escape(row["customer_name"] or "–"),
    "provider": lambda row: escape(row["account_name"]),
    "tested": lambda row: str(ago(row["tested_at"], "short")),
    "verified": lambda row: str(ago(row["verified_at"], "short")),
    "place": lambda row: escape(row["place"] or "–"),
    "word": lambda row: escape(row["word"] or "–"),
    "updated": lambda row: str(ago(row["updated_at"], "short")),
}
_TIMES: Final = ("tested", "verified", "updated")
_NUMBER: Final = tn_head("/e911/")
