"""The rows of the list of lookups."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from inventory import lookup_page
from inventory.lookup_page import told
from inventory.lookups import KINDS
from inventory.models import Lookup
from portal.fetch import RowsByKey, text_of
from portal.models import ProviderAccount
from portal.rows import Cell, Row, draw_rows, small
from portal.templatetags.moments import ago
from portal.templatetags.portal import chip, status_chip, tn

# What a row is drawn from: dicts by the answers' keys.
fetch: Final = RowsByKey(
    lambda: Lookup.objects.values(
        *("id", "kind", "tn", "answer", "cost", "looked_up_at", "job_id"),
        account_name=text_of(ProviderAccount, "account_id"),
    ),
)


def draw(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of answers, as `fetch` reads them."""
    return draw_rows(rows, _CELLS)


def draw_items(rows: Iterable[lookup_page.Row]) -> SafeString:
    """Return the table rows of a job's numbers, each with its outcome and its answer."""
    return draw_rows(rows, _ITEM)


def _answer(row: Row) -> str:
    return _told(*told(KINDS[row["kind"]], row["answer"]))


def _told(summary: str, details: Iterable[tuple[str, str]]) -> str:
    more = small(" · ".join(f"{label}: {words}" for label, words in details))
    return f"<span>{escape(summary)}</span>{more}"


def _cost(row: Row) -> str:
    if row["cost"] is None:
        return '<span class="nd-quiet">not told</span>'
    return f"${row['cost']:,f}" if row["cost"] else "free"


def _when(row: Row) -> str:
    when = ago(row["looked_up_at"])
    return f'<a href="/lookups/{row["job_id"]}/">{when}</a>' if row["job_id"] else when


_CELLS: Final = (
    Cell("", lambda row: f'<span class="nd-tn">{escape(tn(row["tn"]))}</span>', is_head=True),
    Cell("What", lambda row: escape(KINDS[row["kind"]].label)),
    Cell("Answer", _answer),
    Cell("Asked", lambda row: escape(row["account_name"])),
    Cell("Cost", _cost, "is-num"),
    Cell("When", _when, "is-num"),
)


def _outcome(row: lookup_page.Row) -> str:
    return chip("Outcome unknown", "warn") if row.is_lost else status_chip(row.item)


def _found(row: lookup_page.Row) -> str:
    if row.lookup:
        return _told(row.summary, row.details)
    message = row.item.message if row.item else ""
    return f'<span class="nd-quiet">{escape(message or "–")}</span>'


_ITEM: Final = (
    Cell("", lambda row: f'<span class="nd-tn">{escape(tn(row.tn))}</span>', is_head=True),
    Cell("Outcome", _outcome),
    Cell("Answer", _found),
    Cell("Known since", lambda row: ago(row.lookup.looked_up_at) if row.lookup else "–", "is-num"),
)
