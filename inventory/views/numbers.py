"""Numbers: the list, its count and its export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import bulk_actions, selection
from inventory.columns import (
    SORTS,
    allowed_columns,
    chosen_columns,
    export_columns,
    keep_list,
    kept_list,
    list_rows,
)
from inventory.filters import TelephoneNumberFilter
from inventory.rows import draw_rows
from portal import htmx
from portal.access import Request, requires
from portal.export import stream_csv
from portal.listing import (
    active_filters,
    capped_count,
    paginate,
    walk,
)


@requires("inventory.view_telephonenumber")
def tn_list(request: Request) -> HttpResponse:
    """Return the numbers that fit the filters of the address."""
    numbers, found = selection.filtered(request)
    columns = chosen_columns(request)
    count, is_exact = capped_count(numbers)
    chips = _chips(request, found)
    few = numbers if is_exact and chips else None
    page = paginate(request, list_rows(numbers), SORTS, few=few)
    context = {
        "filter": found,
        "page": page,
        "rows": draw_rows(page.rows, *zip(*[(c.name, c.label) for c in columns], strict=True)),
        "more": "more" in request.GET,
        "kept": _kept_by_fold(request),
        "columns": columns,
        "shown": {column.name for column in columns},
        "all_columns": allowed_columns(request.user),
        "count": count,
        "count_is_exact": is_exact,
        "chips": chips,
        "pasted": kept_list(request),
        "query": _query(request),
        "bulk_actions": bulk_actions.allowed(request.user),
        "can_search": request.user.has_perm("inventory.search_stock"),
    }
    if context["more"]:
        return htmx.render(request, "inventory/tn_list.html", "inventory/_tn_more.html", context)
    page_name, fragment = "inventory/tn_list.html", "inventory/_tn_table.html"
    response = htmx.render_list(request, page_name, fragment, context, left_out=["col"])
    if request.GET.getlist("col"):
        names = ".".join(column.name for column in columns)
        response.set_cookie("tn-columns", names, max_age=31_536_000, samesite="Lax")
    return response


@requires("inventory.view_telephonenumber")
@require_POST
def tn_paste(request: Request) -> HttpResponse:
    """Keep a pasted list of numbers and show the list of those that we know."""
    token = keep_list(request, request.POST.get("numbers", ""))
    return redirect(f"{reverse('inventory:tn-list')}?list={token}")


@requires("inventory.view_telephonenumber")
def tn_count(request: Request) -> HttpResponse:
    """Return the exact count as a fragment of its own; a list page never waits for it."""
    numbers, _ = selection.filtered(request)
    return render(request, "inventory/_tn_count.html", {"exact": numbers.order_by().count()})


@requires("inventory.export_telephonenumber")
def tn_export(request: Request) -> HttpResponseBase:
    """Return every number that fits the filters, in the list's order, as a streamed CSV.

    With ``picked`` in the address only the selection, and nothing without one.
    """
    if "picked" in request.GET:
        chosen = selection.read(request)
        if not chosen.count:
            messages.warning(request, "No number was chosen, so nothing was exported.")
            return redirect(chosen.back_url)
        numbers: Any = chosen.numbers
    else:
        numbers, _ = selection.filtered(request)
    columns = export_columns(request.user)
    rows = walk(request, numbers, SORTS, list(columns.values()))
    return stream_csv("numbers.csv", list(columns), rows)


def _query(request: Request) -> str:
    """Return what of the address picks and sorts numbers, for links to their export and count."""
    query = request.GET.copy()
    for name in ("col", "more", "after", "before", "last", "size"):
        query.pop(name, None)
    return query.urlencode()


def _kept_by_fold(request: Request) -> list[tuple[str, str]]:
    """Return the filters in effect whose fields the form draws only when the fold is opened."""
    drawn = {"q", "state", "has", "list"}
    folded = [name for name in TelephoneNumberFilter.LABELS if name not in drawn]
    return [(name, value) for name in folded for value in request.GET.getlist(name) if value]


def _chips(request: Request, found: TelephoneNumberFilter) -> list[dict[str, str]]:
    """Return the chips of the filters in effect, with words instead of ids."""
    labels = {
        name: label
        for name, label in TelephoneNumberFilter.LABELS.items()
        if name in found.filters or name == "list"
    }
    chips = active_filters(request, labels)
    for chip in chips:
        chip["value"] = found.word(request.user, chip["name"], chip["value"])
    return chips
