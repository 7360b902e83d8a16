"""The rows of the numbers list: how each column's cell is drawn (`CELLS`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from portal.rows import TN_PICK, Cell, Row, tn_head
from portal.rows import draw_rows as table_rows
from portal.templatetags.moments import ago, day
from portal.templatetags.portal import price, status_chip


def draw_rows(rows: Iterable[Row], names: Sequence[str], labels: Sequence[str]) -> SafeString:
    """Return the table rows of numbers: a box to select, the number, and a cell for each column.

    `rows` are those of `columns.row_reader`, `names` the columns' names and `labels` their heads.
    """
    cells = [
        Cell(label, CELLS[name], _CLASSES.get(name, ""))
        for name, label in zip(names, labels, strict=True)
    ]
    return table_rows(rows, [TN_PICK, _NUMBER, *cells], prefix="tn-row-")


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


def _sync(row: Row) -> str:
    told = row["state_word"]
    return status_chip(row["sync_state"], "sync", f"The provider says: {told}" if told else "")


def _cost(row: Row) -> str:
    return "–" if row["monthly_cost"] is None else f"${price(row['monthly_cost'])}"


CELLS: Final[dict[str, Callable[[Row], str]]] = {
    "state": _state,
    "provider": lambda row: escape(row["account_name"]),
    "customer": _customer,
    "label": lambda row: escape(row["label"] or "–"),
    "place": _place,
    "e911": lambda row: status_chip(row["e911_state"], "e911"),
    "messaging": lambda row: status_chip(row["messaging_state"], "messaging"),
    "sync": _sync,
    "checked": lambda row: ago(row["synced_at"], "short"),
    "word": lambda row: escape(row["state_word"] or "–"),
    "lata": lambda row: escape(row["lata"]),
    "tier": lambda row: escape(row["tier"]),
    "cost": _cost,
    "tags": lambda row: escape(", ".join(row["tags"])),
    "billing": lambda row: escape(row["billing_id"]),
    "updated": lambda row: ago(row["updated_at"], "short"),
}
_CLASSES: Final = {
    **dict.fromkeys(("cost", "updated", "checked"), "is-num"),
    **dict.fromkeys(("state", "e911", "messaging", "sync"), "is-wrap"),
    "provider": "is-name",
}
_NUMBER: Final = tn_head("/numbers/")
