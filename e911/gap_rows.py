"""The numbers of the gap report: what stands of each, and the button that closes its gap."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import F, FilteredRelation, Q
from django.urls import reverse
from django.utils.safestring import SafeString

from e911 import gaps, set_page
from e911.addresses import LINE_NAMES, PART_NAMES, Lines, Parts
from e911.models import EmergencyRecord, Standing
from portal.fetch import RowsByKey, text_of
from portal.models import Customer, ProviderAccount, User
from portal.rows import TN_PICK, Cell, Row, draw_rows, or_dash, tn_head
from portal.templatetags.moments import ago
from portal.templatetags.portal import status_chip, tn

B = Standing.Bucket
_RECORD: Final = (
    *(f"accepted_{name}" for name in LINE_NAMES),
    *("accepted_caller_name", "not_required_reason"),
    *PART_NAMES,
)
# Dicts by number: the standing, and of the record that the number goes by null where it has none.
fetch: Final = RowsByKey(
    lambda: Standing.objects.annotate(
        going=FilteredRelation(
            "number__e911_records", condition=~Q(number__e911_records__state="orphan")
        )
    ).values(
        *("tn", "bucket", "since"),
        id=F("number_id"),
        account_name=text_of(ProviderAccount, "account_id"),
        slug=text_of(ProviderAccount, "account_id", "slug"),
        customer_name=text_of(Customer, "customer_id"),
        record_state=F("going__state"),
        **{name: F(f"going__{name}") for name in _RECORD},
    )
)


class Fix(NamedTuple):
    """What closes a gap: the words of its button, and the page or verb behind it."""

    words: str
    name: str
    is_post: bool
    permission: str


_CHANGE: Final = "e911.change_emergencyrecord"
_ASK: Final = "e911.check_address"
_UNSET: Final = (B.NONE, B.INVALID)
_WAIVE: Final = Fix("No record is needed…", "e911:record-waive", False, _CHANGE)
_FIXES: Final = {
    B.NOT_REQUIRED: Fix("Needed after all", "e911:record-require", True, _CHANGE),
    B.LOST: Fix("Restore the old address", "e911:record-restore", True, _CHANGE),
    B.INVALID: Fix("Correct…", "e911:record-set", False, _ASK),
    B.NONE: Fix("Set address…", "e911:record-set", False, _ASK),
    B.UNCONFIRMED: Fix("Check again", "e911:record-refresh", True, "e911.refresh_emergencyrecord"),
    B.CHANGED: Fix("Look…", "e911:record-detail", False, "e911.view_emergencyrecord"),
    B.NO_UNIT: Fix("Add the unit…", "e911:record-set", False, _ASK),
    B.NO_ALERT: Fix("Add a contact…", "e911:alert-add", False, _CHANGE),
    B.NO_TEST: Fix("Log a test…", "e911:test-log", False, _CHANGE),
}


def draw(rows: Iterable[Row], user: User, *, can_select: bool) -> SafeString:
    """Return the table rows of the report: its numbers, each with what the user may do."""
    may = {fix.permission: user.has_perm(fix.permission) for fix in (*_FIXES.values(), _WAIVE)}
    cells = [
        _NUMBER,
        Cell("Address", _address),
        *_HOLDERS,
        Cell("Since", lambda row: ago(row["since"], "short"), "is-num"),
        Cell("Close it", lambda row: _button(row, may)),
    ]
    return draw_rows(rows, [TN_PICK, *cells] if can_select else cells)


def draw_preview(rows: Iterable[Row]) -> SafeString:
    """Return the table rows of numbers that something is about to be done to."""
    return draw_rows(rows, _PREVIEW)


def _accepted(row: Row) -> str:
    return str(Lines(**{name: row[f"accepted_{name}"] or "" for name in LINE_NAMES}))


def _address(row: Row) -> str:
    if why := _why(row):
        return f'<span class="nd-quiet">{escape(why)}</span>'
    if row["accepted_address1"]:
        return f"{escape(_accepted(row))}<small>{escape(row['accepted_caller_name'])}</small>"
    if row["street"]:
        typed = Parts(**{name: row[name] for name in PART_NAMES}).lines
        chip = status_chip(row["record_state"], "e911")
        return f"{escape(str(typed))}<small>{chip}</small>"
    return '<span class="nd-quiet">none</span>'


def _why(row: Row) -> str:
    """Return why a number needs no record, in the words of whoever said so; "" for any other."""
    if row["bucket"] != B.NOT_REQUIRED:
        return ""
    return row["not_required_reason"] or gaps.why_not_required(row["slug"])


def _button(row: Row, may: dict[str, bool]) -> str:
    fix = _fix(row)
    if fix is None or not may[fix.permission]:
        return ""
    about = f'<span class="visually-hidden">: {escape(tn(row["tn"]))}</span>'
    words, address = escape(fix.words), escape(_where(fix.name, row["tn"]))
    if fix.is_post:
        return (
            f'<button class="btn btn-sm" type="submit" form="gap-one" formaction="{address}">'
            f"{words}{about}</button>"
        )
    return f'<a class="btn btn-sm" href="{address}">{words}{about}</a>'


def _fix(row: Row) -> Fix | None:
    if row["bucket"] in _UNSET and set_page.why_never(row["tn"], row["slug"]):
        return _WAIVE
    is_said = row["record_state"] == EmergencyRecord.State.NOT_REQUIRED
    if row["bucket"] == B.NOT_REQUIRED and not is_said:
        return None  # nobody said so: there is nothing that a person could take back
    return _FIXES.get(row["bucket"])


def _where(name: str, number: str) -> str:
    if name == "e911:record-set":
        return f"{_pattern(name)}?{urlencode({'tn': number})}"
    return _pattern(name).replace(_ANY, number)


_ANY: Final = "+10000000000"


@lru_cache(maxsize=16)
def _pattern(name: str) -> str:
    """Return the address of a page, with `_ANY` in the place of a number."""
    return reverse(name, args=() if name == "e911:record-set" else (_ANY,))


_NUMBER: Final = tn_head("/e911/")
_HOLDERS: Final = (
    Cell("Customer", lambda row: escape(row["customer_name"] or "none")),
    Cell("Provider", or_dash("account_name")),
)
_PREVIEW: Final = (
    Cell("Number", lambda row: escape(tn(row["tn"])), "nd-tn", is_head=True),
    Cell("Gap", lambda row: status_chip(str(row["bucket"]), "standing")),
    Cell("Address", lambda row: escape(_accepted(row) or "none")),
    *_HOLDERS,
)
