"""Numbers: the list, its count and its export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory.columns import (
    SORTS,
    allowed_columns,
    chosen_columns,
    keep_list,
    kept_list,
    list_rows,
)
from inventory.filters import TelephoneNumberFilter
from inventory.models import TelephoneNumber
from portal import htmx
from portal.access import Request, requires
from portal.export import stream_csv
from portal.jobs.submit import new_key
from portal.listing import active_filters, capped_count, paginate
from portal.models import Customer, ProviderAccount

EXPORT_HEAD = [
    *("number", "state", "provider", "customer", "label", "rate_center", "us_state", "lata"),
    *("tier", "billing_id", "monthly_cost", "deletion_lock", "e911", "messaging", "sync", "note"),
]
EXPORT_SOURCES = [
    *("tn", "state", "account__name", "customer__code", "label", "rate_center", "region", "lata"),
    *("tier", "billing_id", "monthly_cost", "deletion_lock", "e911_state", "messaging_state"),
    *("sync_state", "note"),
]
STAFF_EXPORT = {"account__name", "tier", "monthly_cost", "sync_state", "note", "deletion_lock"}


@requires("inventory.view_telephonenumber")
def tn_list(request: Request) -> HttpResponse:
    """Return the numbers that fit the filters of the address."""
    numbers, found = filtered(request)
    columns = chosen_columns(request)
    page = paginate(request, list_rows(numbers), SORTS)
    count, is_exact = capped_count(numbers)
    context = {
        "filter": found,
        "page": page,
        "more": "more" in request.GET,
        "kept": _kept_by_fold(request),
        "columns": columns,
        "shown": {column.name for column in columns},
        "all_columns": allowed_columns(request.user),
        "count": count,
        "count_is_exact": is_exact,
        "chips": _chips(request),
        "pasted": kept_list(request),
        "query": request.GET.urlencode(),
        "key": new_key(),
        "can_release": request.user.has_perm("inventory.release_telephonenumber"),
        "can_search": request.user.has_perm("inventory.search_stock"),
    }
    fragment = "inventory/_tn_more.html" if context["more"] else "inventory/_tn_table.html"
    response = htmx.render(request, "inventory/tn_list.html", fragment, context)
    if request.GET.getlist("col"):
        names = ".".join(column.name for column in columns)
        response.set_cookie("tn-columns", names, max_age=31_536_000, samesite="Lax")
    return response


@requires("inventory.view_telephonenumber")
@require_POST
def tn_paste(request: Request) -> HttpResponse:
    """Keep a pasted list of numbers and show the list of those that we know."""
    token = keep_list(request, request.POST.get("numbers", "")[:2_000_000])
    return redirect(f"{reverse('inventory:tn-list')}?list={token}")


@requires("inventory.view_telephonenumber")
def tn_count(request: Request) -> HttpResponse:
    """Return the exact count as a fragment of its own; a list page never waits for it."""
    numbers, _ = filtered(request)
    return render(request, "inventory/_tn_count.html", {"exact": numbers.order_by().count()})


@requires("inventory.export_telephonenumber")
def tn_export(request: Request) -> StreamingHttpResponse:
    """Return every number that fits the filters, in the list's order, as a streamed CSV."""
    numbers, _ = filtered(request)
    if picked := request.GET.getlist("tn"):
        numbers = numbers.filter(tn__in=picked)
    sort = next((s for s in SORTS if s.name == request.GET.get("sort", "").lstrip("-")), SORTS[0])
    down = "-" if request.GET.get("sort", "").startswith("-") else ""
    pairs = [
        (head, source)
        for head, source in zip(EXPORT_HEAD, EXPORT_SOURCES, strict=True)
        if request.user.is_staff_role or source not in STAFF_EXPORT
    ]
    ordered = numbers.order_by(f"{down}{sort.column}", f"{down}pk")
    rows = ordered.values_list(*[source for _, source in pairs])
    return stream_csv("numbers.csv", [head for head, _ in pairs], _rows(rows))


def filtered(request: Request) -> tuple[Any, TelephoneNumberFilter]:
    """Return the numbers that the user may see and the address asks for, and the filter."""
    visible = TelephoneNumber.objects.visible_to(request.user)
    if pasted := kept_list(request):
        visible = visible.filter(tn__in=pasted["tns"])
    found = TelephoneNumberFilter(request.GET, queryset=visible, user=request.user)
    return found.qs, found


def _kept_by_fold(request: Request) -> list[tuple[str, str]]:
    """Return the filters in effect whose fields the form draws only when the fold is opened."""
    drawn = {"q", "state", "has", "list"}
    folded = [name for name in TelephoneNumberFilter.LABELS if name not in drawn]
    return [(name, value) for name in folded for value in request.GET.getlist(name) if value]


def _rows(rows: Any) -> Iterator[tuple[Any, ...]]:
    yield from rows.iterator(chunk_size=5000)


def _chips(request: Request) -> list[dict[str, str]]:
    """Return the chips of the active filters, with words instead of ids."""
    chips = active_filters(request, TelephoneNumberFilter.LABELS)
    words = dict(TelephoneNumber.State.choices) | dict(TelephoneNumber.Sync.choices)
    for chip in chips:
        value = chip["value"]
        if chip["name"] == "list":
            chip["value"] = "numbers you pasted"
        elif chip["name"] in {"account", "customer"} and value.isdigit():
            model = ProviderAccount if chip["name"] == "account" else Customer
            row = model.objects.visible_to(request.user).filter(pk=int(value)).first()
            chip["value"] = str(row) if row else "unknown"
        else:
            chip["value"] = str(words.get(value, value.replace("_", " ")))
    return chips
