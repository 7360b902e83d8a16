"""The rows of the list of E911 differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode

from django.db.models import F
from django.utils.safestring import SafeString

from e911 import repairs
from e911.addresses import Word, marked
from e911.models import Difference
from portal.fetch import RowsByKey
from portal.rows import Cell, Row, draw_rows, link, pick, small, tn_head
from portal.templatetags.moments import ago, day
from portal.templatetags.portal import status_chip, tn

_KINDS: Final = dict(Difference.Kind.choices)
# What a row is drawn from: dicts by the differences' keys.
fetch: Final = RowsByKey(
    lambda: Difference.objects.values(
        *("id", "kind", "ours", "theirs", "status", "ignored_until", "reason", "first_seen_at"),
        *("last_seen_at", "job_id"),
        tn=F("record__tn"),
        account_name=F("record__account__name"),
    )
)


def draw(rows: Iterable[Row], *, query: str, can_repair: bool) -> SafeString:
    """Return the table rows of differences; `query` are the filters that a repair leads back to."""
    if not can_repair:
        return draw_rows(rows, _CELLS)
    around = urlencode({"filters": query})
    return draw_rows(rows, [_PICK, *_CELLS, Cell("Repair", lambda row: _repairs(row, around))])


def _kind(row: Row) -> str:
    return str(_KINDS.get(row["kind"], row["kind"]))


def _words(words: Sequence[Word]) -> str:
    if not words:
        return '<span class="nd-quiet">nothing</span>'
    return " ".join(
        f'<mark class="nd-changed">{escape(word.text)}</mark>'
        if word.is_changed
        else escape(word.text)
        for word in words
    )


def _ours(row: Row) -> str:
    return _words(marked(row["ours"], row["theirs"])[0])


def _theirs(row: Row) -> str:
    words = _words(marked(row["ours"], row["theirs"])[1])
    return f"{words}<small>seen {ago(row['last_seen_at'])}</small>"


def _found(row: Row) -> str:
    chip = status_chip(row["status"], "finding")
    if row["status"] == Difference.Status.IGNORED:
        until = f"until {day(row['ignored_until'])}: " if row["ignored_until"] else ""
        told = escape(until + row["reason"])
    elif row["status"] == Difference.Status.REPAIRING and row["job_id"]:
        told = link(f"/jobs/{row['job_id']}/", f"job {row['job_id']}")
    else:
        told = ago(row["first_seen_at"])
    return f"{chip}<small>{told}</small>"


def _repairs(row: Row, around: str) -> str:
    about = f'<span class="visually-hidden"> {escape(tn(row["tn"]))}</span>'
    lines: list[str] = []
    for repair in repairs.of(row["kind"], row["status"]):
        address = f"/e911/differences/{repair.name}/?difference={row['id']}&{around}"
        css = "btn btn-sm btn-link" if lines else "btn btn-sm"
        lines.append(
            f'<a class="{css}" href="{escape(address)}">{escape(repair.label)}…{about}</a> '
        )
    return "".join(lines)


_PICK: Final = pick(
    "difference", lambda row: row["id"], lambda row: f"{tn(row['tn'])}, {_kind(row)}"
)
_CELLS: Final = (
    tn_head("/e911/"),
    Cell("What", lambda row: escape(_kind(row)) + small(row["account_name"])),
    Cell("Here", _ours),
    Cell("There", _theirs),
    Cell("Found", _found),
)
