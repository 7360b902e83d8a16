"""Who had a number and when, and what ends when: holds, aging, numbers about to be given back."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase

from inventory import due
from inventory.models import Assignment, TelephoneNumber
from inventory.operations.release import against
from portal import htmx
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.listing import Sort, capped_count, paginate, walk
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
    found = rows.select_related("customer", "number", "actor")
    count, is_exact = capped_count(rows)
    context |= {
        "page": paginate(request, found, HISTORY_SORTS, default="-since"),
        "count": count,
        "count_is_exact": is_exact,
    }
    whole, fragment = "inventory/assign_history.html", "inventory/_assign_table.html"
    return htmx.render_list(request, whole, fragment, context)


def _hindrance(number: TelephoneNumber) -> str:
    """Return why a number would not be given back on its day; empty where it would, or stays."""
    if number.state != "aging" or number.after_aging != TelephoneNumber.AfterAging.RELEASE:
        return "is under legal hold." if number.legal_hold else ""
    words, _ = against(number) or ("", "")
    return words


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
    count, is_exact = capped_count(rows)
    page = paginate(request, rows.select_related("customer", "last_customer"), sorts)
    context = {
        "kinds": due.KINDS.values(),
        "chosen": chosen,
        "page": page,
        "rows": [(number, _hindrance(number)) for number in page.rows],
        "count": count,
        "count_is_exact": is_exact,
    }
    whole, fragment = "inventory/lifecycle_due.html", "inventory/_lifecycle_due.html"
    return htmx.render_list(request, whole, fragment, context)
