"""The rows of the list of billed calls."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape
from typing import Final

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.models import CallRecord
from portal.rows import Cell, draw_rows, small, tn_link
from portal.statement_page import End
from portal.templatetags.moments import day
from portal.templatetags.portal import duration, tn

Call = tuple[CallRecord, End, End]  # with where it came from and where it went


def draw(calls: Iterable[Call]) -> SafeString:
    """Return the table rows of calls, as `statement_page.calls` has them."""
    return draw_rows(calls, _CELLS)


def _began(call: Call) -> str:
    local = timezone.localtime(call[0].started_at)
    return f"{day(local)} {local:%H:%M:%S}"


def _end(end: End) -> str:
    return tn_link("/numbers/", end.text) if end.is_here else escape(tn(end.text)) or "–"


def _length(call: Call) -> str:
    seconds = call[0].seconds
    return f'<span title="{seconds:,} seconds">{duration(seconds)}</span>'


def _price(amount: Decimal | None) -> str:
    return "–" if amount is None else f"${floatformat(amount, 4)}"


_CELLS: Final = (
    Cell("Began", _began, is_head=True),
    Cell("From", lambda call: _end(call[1]) + small(call[0].caller_name), "is-tight"),
    Cell("To", lambda call: _end(call[2]), "is-tight"),
    Cell("Length", _length, "is-num"),
    Cell("Device", lambda call: escape(call[0].address or "–")),
    Cell("A minute", lambda call: _price(call[0].rate), "is-num"),
    Cell("Billed", lambda call: _price(call[0].amount), "is-num"),
)
