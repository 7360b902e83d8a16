"""The columns of the numbers list: what is shown, sorted and exported; and the pasted lists."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.functions import NullIf
from django.http import QueryDict

from inventory.models import TelephoneNumber
from portal.access import Request
from portal.fetch import RowsByKey
from portal.listing import Sort
from portal.tn import parse_many

SORTS = [
    Sort(name="tn", label="Number", column="tn", is_unique=True, jump="number"),
    Sort(name="since", label="State since", column="state_since", jump="date"),
    Sort(name="label", label="Label", column="label", jump="text"),
    Sort(name="place", label="Rate center", column="rate_center", jump="text"),
    Sort(name="updated", label="Changed", column="updated_at", jump="date"),
]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name in the address, its head, what the export takes."""

    name: str
    label: str
    source: str
    sort: str = ""
    staff_only: bool = False
    by_default: bool = True


COLUMNS = (
    Column(name="state", label="State", source="state", sort="since"),
    Column(name="provider", label="Provider", source="account__name", staff_only=True),
    Column(name="customer", label="Customer / label", source="customer__name", sort="label"),
    Column(name="place", label="Rate center", source="rate_center", sort="place"),
    Column(name="e911", label="E911", source="e911_state"),
    Column(name="messaging", label="Messaging", source="messaging_state"),
    Column(name="sync", label="Sync", source="sync_state", staff_only=True),
    Column(name="lata", label="LATA", source="lata", by_default=False),
    Column(name="tier", label="Tier", source="tier", staff_only=True, by_default=False),
    Column(
        name="cost",
        label="Monthly cost",
        source="monthly_cost",
        staff_only=True,
        by_default=False,
    ),
    Column(name="tags", label="Tags", source="tags", staff_only=True, by_default=False),
    Column(name="billing", label="Billing id", source="billing_id", by_default=False),
    Column(name="updated", label="Changed", source="updated_at", sort="updated", by_default=False),
)


# What a row of the list is drawn from. Rows are dicts: fifty objects with their providers and
# customers cost five times as much, most of it for secrets that the list does not show.
ROW = (
    *("id", "tn", "state", "state_since", "release_on", "label", "billing_id", "monthly_cost"),
    *("rate_center", "region", "lata", "tier", "e911_state", "messaging_state", "sync_state"),
    "updated_at",
    "tags",
)


# Dicts with the columns of `ROW`, `account_name` and `customer_name`, by the numbers' keys.
fetch_rows = RowsByKey(
    lambda: TelephoneNumber.objects.values(
        *ROW, account_name=F("account__name"), customer_name=F("customer__name")
    )
)


def allowed_columns(user: Any) -> list[Column]:
    """Return the columns that a user may see."""
    return [column for column in COLUMNS if user.is_staff_role or not column.staff_only]


def chosen_columns(request: Request) -> list[Column]:
    """Return the columns to show: those of the address, else of the cookie, else the usual."""
    allowed = allowed_columns(request.user)
    asked = request.GET.getlist("col") or request.COOKIES.get("tn-columns", "").split(".")
    chosen = [column for column in allowed if column.name in asked]
    return chosen or [column for column in allowed if column.by_default]


def _text(source: Any) -> Any:
    """Return a text whose empty values are written as nothing at all."""
    return NullIf(source, Value(""), output_field=TextField())


# What the export takes, head → source; customers get what is theirs to know. The number comes first.
_EXPORT: dict[str, Any] = {
    "number": "tn",
    "state": "state",
    "provider": "account__name",
    "customer": "customer__code",
    "label": _text("label"),
    "tags": _text(
        Func(F("tags"), Value(", "), function="array_to_string", output_field=TextField())
    ),
    "rate_center": _text("rate_center"),
    "us_state": _text("region"),
    "lata": _text("lata"),
    "tier": _text("tier"),
    "billing_id": _text("billing_id"),
    "monthly_cost": "monthly_cost",
    "deletion_lock": Case(When(deletion_lock=True, then=Value("True")), default=Value("False")),
    "e911": "e911_state",
    "messaging": "messaging_state",
    "sync": "sync_state",
    "note": _text("note"),
}
_STAFF_EXPORT = {"provider", "tags", "tier", "monthly_cost", "deletion_lock", "sync", "note"}


def export_columns(user: Any) -> dict[str, Any]:
    """Return the columns of the export that a user may see: head → source."""
    if user.is_staff_role:
        return dict(_EXPORT)
    return {head: source for head, source in _EXPORT.items() if head not in _STAFF_EXPORT}


def chosen_tns(values: QueryDict) -> list[str]:
    """Return the numbers that were ticked in a list; what is no E.164 is left out."""
    return [tn for tn in values.getlist("tn") if tn.startswith("+") and tn[1:].isdecimal()]


# --- Pasted lists: kept in the session under a short token, so that the address stays short

LIST_CAP = 10_000  # numbers; a session is read with every request
_LISTS_KEPT = 3
_BAD_KEPT = 200


def keep_list(request: Request, text: str) -> str:
    """Keep a pasted list of numbers for this session; return its token for the address."""
    good, bad = parse_many(text)
    token = secrets.token_hex(4)
    lists = dict(request.session.get("tn-lists", {}))
    lists[token] = {
        "tns": list(good[:LIST_CAP]),
        "left_out": max(0, len(good) - LIST_CAP),
        "bad": [list(entry) for entry in bad[:_BAD_KEPT]],
        "bad_count": len(bad),
    }
    request.session["tn-lists"] = dict(list(lists.items())[-_LISTS_KEPT:])
    return token


def kept_list(request: Request, values: QueryDict | None = None) -> dict[str, Any] | None:
    """Return the pasted list that the address (or `values`) names, None where it names none.

    `tns` are its numbers, `left_out` how many were too many, `bad` what was no number, `is_gone`
    whether the list is no longer kept: nothing may be listed then, least of all everything.
    """
    token = (request.GET if values is None else values).get("list", "")
    if not token:
        return None
    found = request.session.get("tn-lists", {}).get(token)
    if found is None:
        return {"tns": [], "left_out": 0, "bad": [], "bad_count": 0, "is_gone": True}
    return {**found, "is_gone": False}
