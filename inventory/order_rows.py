"""The rows of the list of orders."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from django.utils.safestring import SafeString

from inventory import outcomes
from inventory.models import Order
from portal.fetch import RowsByKey, text_of
from portal.models import Customer, Job, User
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.drawing import progress_bar
from portal.templatetags.moments import ago
from portal.templatetags.portal import status_chip

# What a row is drawn from: dicts by the orders' keys.
fetch: Final = RowsByKey(
    lambda: Order.objects.values(
        *("id", "label", "created_at", "job_id"),
        job_status=text_of(Job, "job_id", "status"),
        customer_name=text_of(Customer, "customer_id"),
        actor_name=text_of(User, "actor_id"),
        actor_email=text_of(User, "actor_id", "email"),
    )
)


def draw(rows: Sequence[Row]) -> SafeString:
    """Return the table rows of orders, as `fetch` reads them, with what became of their lines."""
    tallies = outcomes.tallies({row["id"]: row["job_id"] for row in rows})
    told = ({**row, "tally": tallies.get(row["id"], outcomes.Tally())} for row in rows)
    return draw_rows(told, _CELLS, prefix="order-row-")


def _order(row: Row) -> str:
    pk = int(row["id"])
    return f"{link(f'/orders/{pk}/', f'Order {pk}')}{small(row['label'])}"


def _numbers(row: Row) -> str:
    tally = row["tally"]
    failed = f", {tally.failed} not" if tally.failed else ""
    bar = progress_bar(tally.ok, tally.failed, tally.total, tally.unknown)
    return f"{bar}<small>{tally.ok} of {tally.total} bought{failed}</small>"


_CELLS: Final = (
    Cell("Order", _order, is_head=True),
    Cell("State", lambda r: status_chip(outcomes.word(r["tally"], r["job_status"]), "order")),
    Cell("Numbers", _numbers),
    Cell("Customer", lambda row: escape(row["customer_name"] or "Our stock")),
    Cell("Who", lambda row: escape(row["actor_name"] or row["actor_email"])),
    Cell("When", lambda row: ago(row["created_at"]), "is-num"),
)
