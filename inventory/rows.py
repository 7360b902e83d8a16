"""The rows of the numbers list, drawn without a template: fifty rows are most of a page's time.

Each column knows how its cell is drawn (`CELLS`); everything that comes from the database is
escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from portal.templatetags.portal import ago, day, status_chip, tn

Row = dict[str, Any]


def draw_rows(rows: Iterable[Row], names: Sequence[str], labels: Sequence[str]) -> SafeString:
    """Return the table rows of numbers: a box to select, the number, and a cell for each column.

    `rows` are those of `columns.row_reader`, `names` the columns' names and `labels` their heads.
    """
    cells = [
        (f'<td{_CLASSES.get(name, "")} data-label="{escape(label)}">', CELLS[name])
        for name, label in zip(names, labels, strict=True)
    ]
    lines = [_row(row, cells) for row in rows]
    return mark_safe("\n".join(lines))  # noqa: S308 (every value was escaped on the way)


def _row(row: Row, cells: Sequence[tuple[str, Callable[[Row], str]]]) -> str:
    number, shown = escape(row["tn"]), escape(tn(row["tn"]))
    drawn = "".join(f"{start}{draw(row)}</td>" for start, draw in cells)
    return (
        f'<tr id="tn-row-{int(row["id"])}">'
        f'<td class="is-tight"><input class="form-check-input nd-select" type="checkbox" name="tn"'
        f' value="{number}" aria-label="Select {shown}"></td>'
        f'<th scope="row" data-label="Number"><a class="nd-tn" href="/numbers/{number}/">{shown}'
        f"</a></th>{drawn}</tr>"
    )


def _state(row: Row) -> str:
    chip = status_chip(row["state"], "number")
    if row["state"] == "aging" and row["release_on"]:
        return f"{chip}<small>until {day(row['release_on'])}</small>"
    return chip


def _customer(row: Row) -> str:
    label = f"<small>{escape(row['label'])}</small>" if row["label"] else ""
    return f"{escape(row['customer_name'] or '–')}{label}"


def _place(row: Row) -> str:
    region = f", {escape(row['region'])}" if row["region"] else ""
    return f"{escape(row['rate_center'] or '–')}{region}"


def _cost(row: Row) -> str:
    return "–" if row["monthly_cost"] is None else f"${row['monthly_cost']}"


CELLS: Final[dict[str, Callable[[Row], str]]] = {
    "state": _state,
    "provider": lambda row: escape(row["account_name"]),
    "customer": _customer,
    "place": _place,
    "e911": lambda row: status_chip(row["e911_state"], "e911"),
    "messaging": lambda row: status_chip(row["messaging_state"], "messaging"),
    "sync": lambda row: status_chip(row["sync_state"], "sync"),
    "lata": lambda row: escape(row["lata"]),
    "tier": lambda row: escape(row["tier"]),
    "cost": _cost,
    "tags": lambda row: escape(", ".join(row["tags"])),
    "billing": lambda row: escape(row["billing_id"]),
    "updated": lambda row: ago(row["updated_at"], "short"),
}
_CLASSES: Final = {"cost": ' class="is-num"', "updated": ' class="is-num"'}
