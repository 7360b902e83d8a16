"""The rows of the port desk's list, and the cards of its board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from html import escape
from operator import itemgetter
from typing import Any, Final

from django.db.models import DateTimeField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from portal.fetch import RowsByKey, text_of
from portal.models import Customer, ProviderAccount
from portal.rows import Cell, Row, draw_rows, link, small
from portal.templatetags.moments import ago, at_one_moment, day
from portal.templatetags.portal import chip, status_chip
from porting import cards
from porting.models import PortOrder

_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_facts: Final = itemgetter(*cards.Facts._fields)
# What a row is drawn from: dicts by the orders' keys.
_fetch: Final = RowsByKey(
    lambda: PortOrder.objects.with_papers().values(
        *cards.Facts._fields,
        *("id", "label", "state_since", "provider_ref", "losing_carrier", "name"),
        *("desired_date", "number_count", "updated_at"),
        customer_name=text_of(Customer, "customer_id"),
        account_name=text_of(ProviderAccount, "account_id"),
    )
)


def sortable(orders: Any) -> Any:
    """Return orders with the columns that some sorts go by; what has no date comes last."""
    never = Value(_NEVER, DateTimeField())
    return orders.annotate(
        due_sort=Coalesce("sla_due_at", never),
        foc_sort=Coalesce(Cast("foc_date", DateTimeField()), never),
    )


def fetch(keys: Sequence[Any], key: str = "pk") -> list[dict[str, Any]]:
    """Return a row for each order, with its `card`, in the order of the keys."""
    now = timezone.now()
    rows = _fetch(keys, key)
    for row in rows:
        date = row["foc_date"]
        row["card"] = cards.card(cards.Facts(*_facts(row)), now)
        row["due_sort"] = row["sla_due_at"] or _NEVER  # as `sortable` has them
        row["foc_sort"] = datetime.combine(date, time.min, UTC) if date else _NEVER
    return rows


def draw(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of port orders, as `fetch` reads them."""
    return draw_rows(rows, _CELLS, prefix="port-row-")


def _count(row: Row) -> str:
    return f"{row['number_count']:,} number{'' if row['number_count'] == 1 else 's'}"


def _port(row: Row) -> str:
    label = f" · {row['label']}" if row["label"] else ""
    return link(f"/ports/{row['id']}/", f"Port {row['id']}") + small(f"{_count(row)}{label}")


def _state(row: Row) -> str:
    flags = "".join(f" {chip(f.word, f.tone, f.hover)}" for f in row["card"].flags)
    return f"{_chip(row)}<small>{ago(row['state_since'])}</small>{flags}"


def _chip(row: Row) -> str:
    return status_chip(row["state"], "port", row["provider_word"])


def _account(row: Row) -> str:
    word = f" · “{row['provider_word']}”" if row["provider_word"] else ""
    told = small(f"{row['provider_ref']}{word}") if row["provider_ref"] else ""
    return escape(row["account_name"] or "–") + told


def _who(row: Row) -> str:
    card = row["card"]
    late = ' class="nd-late"' if card.is_late else ""
    due = f"<small{late}>{escape(card.due_words)}</small>" if card.due else ""
    return escape(card.who or "–") + due


def _date(row: Row) -> str:
    if row["foc_date"]:
        return day(row["foc_date"]) + small(row["card"].foc_words)
    if row["desired_date"]:
        wished = day(row["desired_date"]).partition(",")[0]
        return f'<span class="nd-quiet">{wished} wished</span>'
    return "–"


_CELLS: Final = (
    Cell("Port", _port, is_head=True),
    Cell("State", _state),
    Cell("Customer", lambda row: escape(row["customer_name"] or "–") + small(row["name"])),
    Cell("Losing carrier", lambda row: escape(row["losing_carrier"] or "not told")),
    Cell("Provider", _account),
    Cell("Who, until", _who),
    Cell("Date", _date),
    Cell("Changed", lambda row: ago(row["updated_at"]), "is-num"),
)


def draw_cards(rows: Iterable[Row]) -> SafeString:
    """Return the cards of port orders, as `fetch` reads them, as items of a list."""
    with at_one_moment():
        drawn = [_card(row) for row in rows]
    return mark_safe("\n".join(drawn))  # noqa: S308 (escaped on the way)


def _card(row: Row) -> str:
    card = row["card"]
    late = " is-late" if card.is_late else ""
    title = row["label"] or row["customer_name"] or row["name"] or f"Port {row['id']}"
    note = " · ".join(filter(None, (f"Port {row['id']}", _count(row), row["losing_carrier"])))
    clock = (
        f'<span class="nd-port-clock"><span>{escape(card.who)}</span><span title="since it is in'
        f' this state">{ago(row["state_since"], "short")}</span></span>'
    )
    if card.foc:
        words = f"{card.foc:%a, %b} {card.foc.day}"
        clock += (
            f'<span class="nd-port-clock{late}"><span>{words}</span>'
            f"<span>{escape(card.foc_words)}</span></span>"
        )
    elif card.due:
        clock += f'<span class="nd-port-clock{late}"><span>{escape(card.due_words)}</span></span>'
    flags = "".join(f"<li>{chip(f.word, f.tone, f.hover)}</li>" for f in card.flags)
    flagged = f'<ul class="nd-port-flags">{flags}</ul>' if flags else ""
    return (
        f'<li class="nd-port-card{late}">'
        f'<a class="nd-port-title" href="/ports/{row["id"]}/">{escape(title)}</a>'
        f"<small>{escape(note)}</small><span>{_chip(row)}</span>{clock}{flagged}</li>"
    )
