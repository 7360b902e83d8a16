"""The rows of the lists of approvals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.fetch import RowsByKey
from portal.models import Approval, User
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.moments import ago, day
from portal.templatetags.portal import status_chip


def _name_of(key: str) -> Subquery:
    """Return how the person is called that a foreign key names, as `User` does."""
    shown = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
    return Subquery(User.objects.filter(pk=OuterRef(key)).order_by().values_list(shown))


# What a row is drawn from: dicts by the approvals' keys.
fetch: Final = RowsByKey(
    lambda: Approval.objects.values(
        *("id", "title", "reason", "count", "status", "asked_at", "expires_at", "decided_at"),
        asker=_name_of("asked_by_id"),
        decider=_name_of("decided_by_id"),
    )
)


def draw(rows: Iterable[Row], *, is_waiting: bool) -> SafeString:
    """Return the table rows of approvals, as `fetch` reads them.

    The last cell says until when each can be decided, or who decided it.
    """
    now = timezone.now()
    shown = ({**row, "state": _state(row, now)} for row in rows)
    return draw_rows(shown, (*_CELLS, _UNTIL if is_waiting else _DECIDED))


def _state(row: Row, now: datetime) -> str:
    """Return what `Approval.state` says."""
    is_late = row["status"] == Approval.Status.WAITING and row["expires_at"] <= now
    return str(Approval.Status.EXPIRED.value if is_late else row["status"])


def _asker(row: Row) -> str:
    return f"{escape(row['asker'])}<small>{ago(row['asked_at'])}</small>"


def _until(row: Row) -> str:
    local = timezone.localtime(row["expires_at"])
    return f"{day(local).partition(',')[0]}, {local.hour:02}:{local.minute:02}"


def _decider(row: Row) -> str:
    if not row["decider"]:
        return "–"
    return f"{escape(row['decider'])}<small>{ago(row['decided_at'])}</small>"


_CELLS: Final = (
    Cell(
        "What",
        lambda row: link(f"/approvals/{row['id']}/", row["title"]) + small(row["reason"]),
        is_head=True,
    ),
    Cell("State", lambda row: status_chip(row["state"], "approval")),
    Cell("Numbers", lambda row: f"{row['count']:,}", "is-num"),
    Cell("Asked by", _asker),
)
_UNTIL: Final = Cell("Until", _until)
_DECIDED: Final = Cell("Decided by", _decider)
