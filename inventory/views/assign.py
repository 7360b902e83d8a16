"""Who had a number and when, and what ends when: holds, aging, numbers about to be given back."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase

from inventory import assign_rows, due, due_rows
from inventory.models import Assignment, TelephoneNumber
from portal import kept
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.listing import Sort, paginate, walk
from portal.models import Customer
from portal.tn import TN, InvalidTN

HISTORY_SORTS = [Sort(name="since", label="Since", column="since")]
HISTORY_COLUMNS = {
    "number": "number__tn",
    "customer": "customer__code",
    "since": "since",
    "until": "until",
    "reason": "reason",
}


@requires("inventory.view_telephonenumber")
def tn_history(request: Request, tn: str) -> HttpResponseBase:
    """Return who had one number; a customer sees his own times."""
    try:
        value = TN.parse(tn)
    except InvalidTN as error:
        raise Http404(str(error)) from error
    number = get_visible_or_404(TelephoneNumber, request.user, tn=value)
    rows = Assignment.objects.visible_to(request.user).filter(number=number)
    return _history(request, rows, {"number": number})


@requires("inventory.view_telephonenumber")
def customer_history(request: Request, pk: int) -> HttpResponseBase:
    """Return which numbers a customer has and had."""
    customer = get_visible_or_404(Customer, request.user, pk=pk)
    rows = Assignment.objects.visible_to(request.user).filter(customer=customer)
    return _history(request, rows, {"customer": customer})


def _history(request: Request, rows: Any, context: dict[str, Any]) -> HttpResponseBase:
    if "export" in request.GET:
        names = dict(HISTORY_COLUMNS)
        if not request.user.is_staff_role:
            del names["reason"]
        lines = walk(request, rows, HISTORY_SORTS, list(names.values()), default="-since")
        return stream_csv("number-history.csv", list(names), lines)
    page = paginate(
        request, rows, HISTORY_SORTS, default="-since", is_narrow=True, fetch=assign_rows.fetch
    )
    is_staff = request.user.is_staff_role
    return kept.render_rows(
        request,
        ("inventory/assign_history.html", "inventory/_assign_table.html"),
        page,
        assign_rows.draw(page.rows, of_number="number" in context, is_staff=is_staff),
        lambda: context,
        facts=(request.path, *map(str, context.values())),
    )


@requires("inventory.assign_telephonenumber")
def due_list(request: Request) -> HttpResponseBase:
    """Return what ends, soonest first: one kind of it at a time; with ``export`` all of it as CSV."""
    chosen = due.KINDS.get(request.GET.get("what", ""), due.KINDS["release"])
    rows = chosen.rows()
    sorts = [Sort(name="day", label="Day", column=chosen.column)]
    if "export" in request.GET:
        names = chosen.export_columns()
        lines = walk(request, rows, sorts, list(names.values()))
        return stream_csv(f"ends-{chosen.name}.csv", list(names), lines)
    page = paginate(
        request, rows, sorts, is_narrow=True, fetch=due_rows.fetch, changed="updated_at"
    )
    return kept.render_rows(
        request,
        ("inventory/lifecycle_due.html", "inventory/_lifecycle_due.html"),
        page,
        due_rows.draw(page.rows, chosen.name),
        lambda: {"kinds": due.KINDS.values(), "chosen": chosen},
    )
