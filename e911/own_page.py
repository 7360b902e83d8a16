"""What a customer reads of the 911 of his numbers: plain words, and what he is to do."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from django.db.models import F, Q
from django.utils.safestring import SafeString

from e911 import set_page
from e911.addresses import LINE_NAMES, Lines
from e911.models import EmergencyRecord, Standing
from inventory.models import TelephoneNumber
from portal.fetch import RowsByKey, text_of
from portal.models import ProviderAccount, User
from portal.rows import Cell, Row, draw_rows, small, tn_link
from portal.templatetags.portal import chip, tn

B = Standing.Bucket
# What a customer reads: the words, the tone, and whether he is to do something.
WORDS: Final = {
    B.NOT_REQUIRED: ("Not needed", "muted", False),
    B.LOST: ("911 may not work", "bad", True),
    B.INVALID: ("The address was refused", "bad", True),
    B.NONE: ("No address", "bad", True),
    B.UNCONFIRMED: ("Being confirmed", "info", False),
    B.CHANGED: ("Look at the address", "warn", True),
    B.NO_UNIT: ("Unit or floor missing", "warn", True),
    B.NO_ALERT: ("In order", "ok", False),
    B.NO_TEST: ("In order", "ok", False),
    B.VERIFIED: ("In order", "ok", False),
}
NEVER: Final = ("Nobody calls out from it", "muted", False)
TO_DO: Final = [bucket.value for bucket, (_, _, is_to_do) in WORDS.items() if is_to_do]


def is_to_do() -> Q:
    """Return the condition under which a number waits for its customer."""
    return Q(bucket__in=TO_DO) & ~(Q(bucket=B.NONE) & set_page.never())


# What a row is drawn from: dicts by the numbers.
fetch: Final = RowsByKey(
    lambda: Standing.objects.values(
        *("tn", "bucket"),
        id=F("number_id"),
        slug=text_of(ProviderAccount, "account_id", "slug"),
        label=text_of(TelephoneNumber, "number_id", "label"),
    )
)


def draw(standings: Sequence[Row], user: User) -> SafeString:
    """Return the table rows of a page of numbers, in a customer's words."""
    records = EmergencyRecord.objects.visible_to(user).filter(tn__in=[s["tn"] for s in standings])
    known = {record["tn"]: record for record in records.values("tn", *_ACCEPTED)}
    can_set = user.has_perm("e911.check_address")
    rows = ({**standing, **known.get(standing["tn"], _UNKNOWN)} for standing in standings)
    return draw_rows(rows, [*_CELLS, _CHANGE] if can_set else _CELLS)


def _number(row: Row) -> str:
    return tn_link("/e911/", row["tn"]) + small(row["label"])


def _can_have(row: Row) -> bool:
    return not set_page.why_never(row["tn"], row["slug"])


def _state(row: Row) -> str:
    word, tone, _ = WORDS[B(row["bucket"])]
    if row["bucket"] == B.NONE and not _can_have(row):
        word, tone, _ = NEVER
    return chip(word, tone)


def _address(row: Row) -> str:
    if not row["accepted_address1"]:
        return '<span class="nd-quiet">nowhere that we know of</span>'
    accepted = str(Lines(**{name: row[f"accepted_{name}"] for name in LINE_NAMES}))
    return escape(accepted) + small(row["accepted_caller_name"])


def _change(row: Row) -> str:
    if not _can_have(row):
        return ""
    words = "Correct…" if row["accepted_address1"] else "Set the address…"
    about = f'<span class="visually-hidden">: {escape(tn(row["tn"]))}</span>'
    address = f"/e911/set/?tn={quote(row['tn'], safe='')}"
    return f'<a class="btn btn-sm" href="{address}">{words}{about}</a>'


_ACCEPTED: Final = ("accepted_caller_name", *(f"accepted_{name}" for name in LINE_NAMES))
_UNKNOWN: Final = dict.fromkeys(_ACCEPTED, "")
_CELLS: Final = (
    Cell("Number", _number, is_head=True),
    Cell("State", _state),
    Cell("Help is sent to", _address),
)
_CHANGE: Final = Cell("Change", _change)
