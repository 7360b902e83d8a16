"""The rows of a list's table, drawn without a template: fifty rows are most of a page's time.

A list names its cells, each with how it is drawn; what comes from the database is escaped there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from portal.templatetags.moments import at_one_moment
from portal.templatetags.portal import tn

Row = Mapping[str, Any]


class Cell(NamedTuple):
    """One cell of every row: its name on a narrow screen, what draws it, and its classes."""

    label: str
    draw: Callable[[Any], str]
    css: str = ""
    is_head: bool = False  # the one that names the row


def draw_rows(rows: Iterable[Any], cells: Iterable[Cell], *, prefix: str = "") -> SafeString:
    """Return table rows; with a `prefix` each has an id made of it and the row's own.

    Rows are dicts with an "id", or whatever has a `pk`.
    """
    parts = [(_start(cell), cell.draw, "</th>" if cell.is_head else "</td>") for cell in cells]
    lines = []
    with at_one_moment():
        for row in rows:
            drawn = "".join([f"{start}{draw(row)}{end}" for start, draw, end in parts])
            name = f' id="{prefix}{_key(row)}"' if prefix else ""
            lines.append(f"<tr{name}>{drawn}</tr>")
    return mark_safe("\n".join(lines))  # noqa: S308 (every value was escaped on the way)


def _key(row: Any) -> int:
    return int(row["id"] if isinstance(row, dict) else row.pk)


def _start(cell: Cell) -> str:
    tag = 'th scope="row"' if cell.is_head else "td"
    css = f' class="{cell.css}"' if cell.css else ""
    label = f' data-label="{escape(cell.label)}"' if cell.label else ""
    return f"<{tag}{css}{label}>"


def pick(name: str, value: Callable[[Any], Any], words: Callable[[Any], str]) -> Cell:
    """Return the cell with the box that selects a row; `words` say which row that is."""

    return Cell("", lambda row: _box(name, str(value(row)), words(row)), "is-tight")


@lru_cache(maxsize=4096)
def _box(name: str, value: str, words: str) -> str:
    return (
        f'<input class="form-check-input nd-select" type="checkbox" name="{name}"'
        f' value="{escape(value)}" aria-label="Select {escape(words)}">'
    )


TN_PICK = pick("tn", lambda row: row["tn"], lambda row: tn(row["tn"]))


def tn_head(address: str) -> Cell:
    """Return the cell with a row's number, leading to the page under `address`."""
    return Cell("Number", lambda row: tn_link(address, row["tn"]), is_head=True)


@lru_cache(maxsize=4096)
def tn_link(address: str, number: str) -> str:
    """Return a number as people read it, leading to its page under `address`."""
    number = escape(number)
    return f'<a class="nd-tn" href="{address}{number}/">{tn(number)}</a>'


def link(address: str, words: object, css: str = "") -> str:
    """Return a link; address and words are escaped."""
    style = f' class="{css}"' if css else ""
    return f'<a{style} href="{escape(address)}">{escape(str(words))}</a>'


def small(words: object) -> str:
    """Return a second, smaller line of a cell, nothing for no words; they are escaped."""
    return f"<small>{escape(str(words))}</small>" if words else ""


def or_dash(name: str) -> Callable[[Row], str]:
    """Return what draws a column, a dash where it is empty."""
    return lambda row: escape(str(row[name] or "–"))
