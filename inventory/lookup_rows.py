"""The rows of the list of lookups."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from inventory.lookup_page import told
from inventory.lookups import KINDS
from inventory.models import Lookup
from portal.fetch import RowsByKey, text_of
from portal.models import ProviderAccount
from portal.rows import Cell, Row, draw_rows, small
from portal.templatetags.moments import ago
from portal.templatetags.portal import tn

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


def _answer(row: Row) -> str:
    summary, details = told(KINDS[row["kind"]], row["answer"])
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
