"""The rows of the lists of who had a number, and what a customer has and had."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString

from inventory.models import Assignment, TelephoneNumber
from portal.fetch import RowsByKey, text_of
from portal.models import Customer, User
from portal.rows import Cell, Row, draw_rows, link, small, tn_link
from portal.templatetags.moments import day
from portal.templatetags.portal import chip, tn

_DECISIONS: Final = dict(Assignment.E911.choices)
# What a row is drawn from: dicts by the keys of the times.
fetch: Final = RowsByKey(
    lambda: Assignment.objects.values(
        *("id", "customer_id", "since", "until", "is_disconnect", "e911_decision", "e911_reason"),
        "reason",
        tn=text_of(TelephoneNumber, "number_id", "tn"),
        customer_name=text_of(Customer, "customer_id"),
        actor_name=text_of(User, "actor_id"),
        actor_email=text_of(User, "actor_id", "email"),
    )
)


def draw(rows: Iterable[Row], *, of_number: bool, is_staff: bool) -> SafeString:
    """Return the table rows of times, as `fetch` reads them: of one number, or of one customer.

    Only staff see who assigned it and why it ended, and open what is not theirs any more.
    """
    head = _CUSTOMER if of_number else _NUMBER
    return draw_rows(rows, (head[is_staff], *(_STAFF if is_staff else _TIMES)))


def _day(moment: datetime) -> str:
    return day(timezone.localtime(moment))


def _until(row: Row) -> str:
    if row["until"] is None:
        return chip("Now", "ok")
    return _day(row["until"]) + small("disconnected" if row["is_disconnect"] else "")


def _since(row: Row) -> str:
    actor = row["actor_name"] or row["actor_email"]
    return _day(row["since"]) + small(f"by {actor}" if actor else "")


def _own_number(row: Row) -> str:
    if row["until"] is None:
        return tn_link("/numbers/", row["tn"])
    return f'<span class="nd-tn">{escape(tn(row["tn"]))}</span>'


def _customer(row: Row) -> str:
    return link(f"/customers/{row['customer_id']}/history/", row["customer_name"])


def _decision(row: Row) -> str:
    told = _DECISIONS.get(row["e911_decision"]) or row["e911_decision"] or "–"
    return escape(str(told)) + small(row["e911_reason"])


# For customers, and for staff.
_CUSTOMER: Final = (
    Cell("Customer", lambda row: escape(row["customer_name"]), is_head=True),
    Cell("Customer", _customer, is_head=True),
)
_NUMBER: Final = (
    Cell("Number", _own_number, is_head=True),
    Cell("Number", lambda row: tn_link("/numbers/", row["tn"]), is_head=True),
)
_TIMES: Final = (Cell("Since", lambda row: _day(row["since"])), Cell("Until", _until))
_STAFF: Final = (
    Cell("Since", _since),
    Cell("Until", _until),
    Cell("E911 decided", _decision),
    Cell("Why it ended", lambda row: escape(row["reason"] or "–")),
)
