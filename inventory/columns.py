"""The columns of the numbers list: what is shown, sorted and exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Case, F, Func, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import NullIf
from django.http import QueryDict

from inventory.models import CarrierNumber, TelephoneNumber
from portal import posted
from portal.access import Request
from portal.fetch import RowsByKey, text_of
from portal.listing import Sort, sort_of
from portal.models import Customer, ProviderAccount

SORTS = [
    Sort(name="tn", label="Number", column="tn", is_unique=True, jump="number"),
    Sort(name="since", label="State since", column="state_since", jump="date"),
    Sort(name="label", label="Label", column="label", jump="text"),
    Sort(name="place", label="Rate center", column="rate_center", jump="text"),
    Sort(name="updated", label="Changed", column="updated_at", jump="date"),
]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name in the address, its head, and the fields that its cell is drawn from."""

    name: str
    label: str
    reads: tuple[str, ...]
    sort: str = ""
    staff_only: bool = False
    customers_only: bool = False
    by_default: bool = True


COLUMNS = (
    Column(name="state", label="State", reads=("state", "release_on"), sort="since"),
    Column(name="provider", label="Provider", reads=("account_name",), staff_only=True),
    Column(
        name="customer",
        label="Customer / label",
        reads=("customer_name", "label"),
        sort="label",
        staff_only=True,
    ),
    Column(name="label", label="Label", reads=("label",), sort="label", customers_only=True),
    Column(name="place", label="Rate center", reads=("rate_center", "region"), sort="place"),
    Column(name="e911", label="E911", reads=("e911_state",)),
    Column(name="messaging", label="Messaging", reads=("messaging_state",)),
    Column(name="sync", label="Sync", reads=("sync_state", "state_word"), staff_only=True),
    Column(name="checked", label="Checked", reads=("synced_at",), staff_only=True),
    Column(
        name="word", label="At provider", reads=("state_word",), staff_only=True, by_default=False
    ),
    Column(name="lata", label="LATA", reads=("lata",), by_default=False),
    Column(name="tier", label="Tier", reads=("tier",), staff_only=True, by_default=False),
    Column(
        name="cost",
        label="Monthly cost",
        reads=("monthly_cost",),
        staff_only=True,
        by_default=False,
    ),
    Column(name="tags", label="Tags", reads=("tags",), staff_only=True, by_default=False),
    Column(name="billing", label="Billing id", reads=("billing_id",), by_default=False),
    Column(
        name="updated", label="Changed", reads=("updated_at",), sort="updated", by_default=False
    ),
)
_ELSEWHERE = {
    "account_name": text_of(ProviderAccount, "account_id"),
    "customer_name": text_of(Customer, "customer_id"),
    "state_word": Subquery(
        CarrierNumber.objects.filter(account=OuterRef("account_id"), tn=OuterRef("tn"))
        .order_by()
        .values("state_word")
    ),
}


def row_reader(request: Request, columns: Sequence[Column]) -> RowsByKey:
    """Return what reads the rows of the list as dicts: what its columns show and its sort goes by.

    Fifty objects with their providers and customers cost five times as much, most of it for secrets
    that the list does not show; and each column that nobody looks at is read for nothing.
    """
    sort, _, _ = sort_of(request, SORTS)
    shown = {name for column in columns for name in column.reads}
    return _reader(frozenset({"id", "tn", sort.column, *shown}))


@lru_cache(maxsize=256)
def _reader(names: frozenset[str]) -> RowsByKey:
    own = sorted(names - _ELSEWHERE.keys())
    joined = {name: _ELSEWHERE[name] for name in sorted(names & _ELSEWHERE.keys())}
    return RowsByKey(lambda: TelephoneNumber.objects.values(*own, **joined))


def allowed_columns(user: Any) -> list[Column]:
    """Return the columns that a user may see."""
    hidden = "customers_only" if user.is_staff_role else "staff_only"
    return [column for column in COLUMNS if not getattr(column, hidden)]


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
    return posted.tns(values.getlist("tn"))
