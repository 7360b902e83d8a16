"""The rows of the list of numbers that leave."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from django.db.models import F
from django.utils.safestring import SafeString

from portal.fetch import RowsByKey, text_of
from portal.models import Customer
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.moments import ago, day
from portal.templatetags.portal import chip, status_chip, tn
from porting.models import PortOut

_WAYS: Final = dict(PortOut.Way.choices)
# What a row is drawn from: dicts by the cases' keys.
fetch: Final = RowsByKey(
    lambda: PortOut.objects.values(
        *("id", "tn", "state", "state_since", "detected_by", "evidence", "gaining_carrier"),
        *("due_on", "left_on", "is_followed_up"),
        account_name=F("number__account__name"),
        customer_name=text_of(Customer, "customer_id"),
    ),
)


def draw(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of cases, as `fetch` reads them."""
    return draw_rows(rows, _CELLS, prefix="out-row-")


def _number(row: Row) -> str:
    return link(f"/ports/out/{row['id']}/", tn(row["tn"]), "nd-tn") + small(row["account_name"])


def _state(row: Row) -> str:
    is_left_over = row["state"] == PortOut.State.COMPLETED and not row["is_followed_up"]
    mark = f" {chip('Not all done', 'warn')}" if is_left_over else ""
    since = ago(row["state_since"])
    return f"{status_chip(row['state'], 'port_out')}<small>{since}</small>{mark}"


def _evidence(row: Row) -> str:
    told = small(row["evidence"][-1].get("words")) if row["evidence"] else ""
    return escape(str(_WAYS.get(row["detected_by"], row["detected_by"]))) + told


def _day(row: Row) -> str:
    date = row["due_on"] or row["left_on"]
    return day(date) if date else "–"


_CELLS: Final = (
    Cell("Number", _number, is_head=True),
    Cell("State", _state),
    Cell("Customer", lambda row: escape(row["customer_name"] or "–")),
    Cell("What speaks for it", _evidence),
    Cell("To", lambda row: escape(row["gaining_carrier"] or "not told")),
    Cell("Goes on", _day),
)
