"""The rows of the lists of what ends: holds, aging, numbers about to be given back."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final
from urllib.parse import quote

from django.utils.safestring import SafeString

from inventory.models import TelephoneNumber
from inventory.operations.release import against
from portal.fetch import RowsByKey, text_of
from portal.models import Customer
from portal.rows import Cell, Row, draw_rows, small, tn_link
from portal.templatetags.moments import day
from portal.templatetags.portal import status_chip

# Of a number, in the order of its columns: what `against` looks at, and what is shown beside.
_FIELDS: Final = [
    field.attname
    for field in TelephoneNumber._meta.concrete_fields
    if field.attname
    in {
        *("id", "tn", "state", "label", "release_on", "held_until", "after_aging"),
        *("deletion_lock", "legal_hold", "port_state", "e911_state", "messaging_state"),
    }
]
# What a row is drawn from: dicts by the numbers' keys.
fetch: Final = RowsByKey(
    lambda: TelephoneNumber.objects.values(
        *_FIELDS,
        customer_name=text_of(Customer, "customer_id"),
        last_customer_name=text_of(Customer, "last_customer_id"),
    )
)


def draw(rows: Iterable[Row], kind: str) -> SafeString:
    """Return the table rows of numbers, as `fetch` reads them; `kind` is a name of `due.KINDS`."""
    return draw_rows(rows, _HELD if kind == "hold" else _STOCK if kind == "stock" else _AGING)


def _hindrance(row: Row) -> str:
    """Return why a number would not be given back on its day; empty where it would, or stays."""
    if row["state"] != "aging" or row["after_aging"] != TelephoneNumber.AfterAging.RELEASE:
        return "is under legal hold." if row["legal_hold"] else ""
    number: Any = TelephoneNumber.from_db(None, _FIELDS, [row[name] for name in _FIELDS])
    words, _ = against(number) or ("", "")
    return words


def _state(row: Row) -> str:
    words = _hindrance(row)
    why = f'<small class="nd-warn">It {escape(words)}</small>' if words else ""
    return status_chip(row["state"], "number") + why


def _verbs(*verbs: tuple[str, str]) -> Cell:
    """Return the cell with the ways to these verbs, each by its name and its words."""

    def draw(row: Row) -> str:
        tn = quote(row["tn"])
        return " · ".join(
            f'<a href="/numbers/{name}/?tn={tn}">{words}</a>' for name, words in verbs
        )

    return Cell("Do", draw)


_NUMBER: Final = Cell("Number", lambda row: tn_link("/numbers/", row["tn"]), is_head=True)
_STATE: Final = Cell("State", _state)
_HELD: Final = (
    _NUMBER,
    Cell("Last day", lambda row: day(row["held_until"])),
    Cell("Customer", lambda row: escape(row["customer_name"] or "–") + small(row["label"])),
    _STATE,
    _verbs(("assign", "Assign…"), ("prolong", "Hold longer…"), ("free", "Free…")),
)
_AGED: Final = (
    _NUMBER,
    Cell("Last day", lambda row: day(row["release_on"])),
    Cell("Customer", lambda row: escape(row["last_customer_name"] or "–") + small(row["label"])),
    _STATE,
)
_BACK: Final = (("restore", "Restore…"), ("replan", "Change…"))
_STOCK: Final = (*_AGED, _verbs(*_BACK))
_AGING: Final = (*_AGED, _verbs(*_BACK, ("release", "Give back now…")))
