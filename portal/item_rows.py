"""The rows of a job."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from portal.models import JobItem
from portal.rows import Cell, draw_rows, link
from portal.templatetags.portal import status_chip, target


def draw(items: Iterable[JobItem], here: Collection[str], *, is_staff: bool) -> SafeString:
    """Return the table rows of a job's items; numbers in `here` are links.

    Only staff see codes, the provider's words and what to do.
    """

    def about(item: JobItem) -> str:
        words = target(item.target)
        if item.target in here:
            return link(f"/numbers/{item.target}/", words, "nd-tn")
        return escape(words)

    head = Cell("Number", about, "nd-tn", is_head=True)
    return draw_rows(items, (head, *(_STAFF if is_staff else _OUTCOME)))


_OUTCOME: Final = (Cell("Outcome", lambda item: status_chip(item.status, "item")),)
_STAFF: Final = (
    *_OUTCOME,
    Cell("Code", lambda item: escape(item.code)),
    Cell("Words", lambda item: escape(item.message)),
    Cell("What to do", lambda item: escape(item.advice)),
)
