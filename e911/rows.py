"""The rows of the list of records, drawn without a template: fifty rows are most of a page's time.

Each column knows how its cell is drawn (`CELLS`); everything that comes from the database is
escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from e911.addresses import PART_NAMES, Parts
from e911.columns import Column
from portal.templatetags.portal import ago, chip, status_chip, tn

Row = dict[str, Any]


def draw_rows(rows: Iterable[Row], columns: Sequence[Column], *, can_select: bool) -> SafeString:
    """Return the table rows of records: a box to select, the number, and a cell for each column."""
    cells = [
        (f'<td{_CLASSES.get(c.name, "")} data-label="{escape(c.label)}">', CELLS[c.name])
        for c in columns
    ]
    lines = [_row(row, cells, can_select=can_select) for row in rows]
    return mark_safe("\n".join(lines))  # noqa: S308 (every value was escaped on the way)


def _row(row: Row, cells: Sequence[tuple[str, Callable[[Row], str]]], *, can_select: bool) -> str:
    number, shown = escape(row["tn"]), escape(tn(row["tn"]))
    drawn = "".join(f"{start}{draw(row)}</td>" for start, draw in cells)
    box = (
        f'<td class="is-tight"><input class="form-check-input nd-select" type="checkbox" name="tn"'
        f' value="{number}" aria-label="Select {shown}"></td>'
    )
    return (
        f'<tr id="record-row-{int(row["id"])}">{box if can_select else ""}'
        f'<th scope="row" data-label="Number"><a class="nd-tn" href="/e911/{number}/">{shown}'
        f"</a></th>{drawn}</tr>"
    )


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
_CLASSES: Final = dict.fromkeys(("tested", "verified", "updated"), ' class="is-num"')
