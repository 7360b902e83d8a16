"""Numbers: the list, its count and its export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import saved_views, selection
from inventory.columns import SORTS, chosen_columns, export_columns, row_reader
from inventory.number_list import TNList
from inventory.pasted import keep_list
from portal import htmx, kept
from portal.access import Request, requires
from portal.copying import copied
from portal.export import stream_lines
from portal.listing import paginate


@requires("inventory.view_telephonenumber")
def tn_list(request: Request) -> HttpResponse:
    """Return the numbers that fit the filters of the address; without any, those of one's view."""
    views = saved_views.of(request.user)
    if not request.GET and (first := next((v for v in views if v.is_default), None)):
        return redirect(f"{request.path}?{first.address_query}")
    found = selection.asked(request)
    columns = chosen_columns(request)
    page = paginate(
        request,
        found.rows,
        SORTS,
        is_narrow=found.is_narrow or "list" in request.GET,
        fetch=row_reader(request, columns),
        changed="updated_at",
    )
    shown = TNList(
        request=request,
        page=page,
        columns=columns,
        views=tuple(views),
        is_valid=found.is_valid,
    )
    page_name, fragment = "inventory/tn_list.html", "inventory/_tn_table.html"
    if "more" in request.GET:
        filled = shown.context() | shown.parts_filled
        return htmx.render(request, page_name, "inventory/_tn_more.html", filled)
    response = kept.render_list(
        request,
        page_name,
        fragment,
        key=shown.key,
        parts=shown.parts,
        context=shown.context,
        left_out=["col"],
    )
    if request.GET.getlist("col") and "view" not in request.GET:
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
    lines = copied(request, numbers, SORTS, list(columns.values()))
    return stream_lines("numbers.csv", list(columns), lines)
