"""The rows of the list of records that no number in service goes by."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from django.utils.safestring import SafeString

from e911.addresses import LINE_NAMES, Lines
from e911.models import EmergencyRecord
from inventory.models import TelephoneNumber
from portal.fetch import RowsByKey, text_of
from portal.models import ProviderAccount
from portal.rows import TN_PICK, Cell, Row, draw_rows, small, tn_head
from portal.templatetags.moments import ago
from portal.templatetags.portal import chip, status_chip, tn

# What a row is drawn from: dicts by the records' keys.
fetch: Final = RowsByKey(
    lambda: EmergencyRecord.objects.values(
        *("id", "tn", "number_id", "state_since", "accepted_caller_name"),
        *(f"accepted_{name}" for name in LINE_NAMES),
        account_name=text_of(ProviderAccount, "account_id"),
        number_state=text_of(TelephoneNumber, "number_id", "state"),
    )
)


def draw(rows: Iterable[Row], *, can_change: bool) -> SafeString:
    """Return the table rows of records, as `fetch` reads them."""
    return draw_rows(rows, [TN_PICK, *_CELLS, _CLOSE] if can_change else _CELLS)


def _why(row: Row) -> str:
    if row["number_id"] is None:
        return chip("Not in our inventory", "warn")
    return status_chip(row["number_state"], "number")


def _address(row: Row) -> str:
    accepted = str(Lines(**{name: row[f"accepted_{name}"] for name in LINE_NAMES}))
    return escape(accepted or "not known") + small(row["accepted_caller_name"])


def _close(row: Row) -> str:
    number = row["tn"]
    about = f'<span class="visually-hidden">: {escape(tn(number))}</span>'
    off = (
        f'<a class="btn btn-sm btn-danger" href="/e911/remove/?tn={quote(number, safe="")}">'
        f"Take off…{about}</a>"
    )
    if row["number_id"] is None:
        return off
    return f'<a class="btn btn-sm" href="/e911/{escape(number)}/keep/">Keep it…{about}</a> {off}'


_CELLS: Final = (
    tn_head("/e911/"),
    Cell("Why", _why),
    Cell("Address", _address),
    Cell("Provider", lambda row: escape(row["account_name"])),
    Cell("Since", lambda row: ago(row["state_since"], "short"), "is-num"),
)
_CLOSE: Final = Cell("Close it", _close)
