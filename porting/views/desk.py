"""The port desk: the board, the list, its export. Customers find their own ports there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, Value
from django.db.models.functions import Cast, Coalesce
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from portal import htmx
from portal.access import Request, requires
from portal.export import stream_csv
from portal.listing import Sort, active_filters, capped_count, fitting, name_of, paginate, walk
from portal.models import Customer, ProviderAccount
from porting import board, follow
from porting.filters.orders import FLAGS, LABELS, STATES, PortFilter
from porting.models import PortOrder

VIEW = "porting.view_portorder"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SORTS = [
    Sort(name="id", label="Newest", column="id", is_unique=True),
    Sort(name="since", label="State since", column="state_since", jump="date"),
    Sort(name="updated", label="Changed", column="updated_at", jump="date"),
    Sort(name="due", label="Due", column="due_sort"),
    Sort(name="foc", label="Date", column="foc_sort"),
]


@requires(VIEW)
def port_board(request: Request) -> HttpResponse:
    """Return the board for staff; a customer's own ports for a customer."""
    if not request.user.is_staff_role:
        return _listed(request)
    lanes = board.lanes(request.user)
    can_change = request.user.has_perm("porting.change_portorder")
    is_used = any(lane.count for lane in lanes) or PortOrder.objects.exists()
    context = {
        "lanes": lanes,
        "is_empty": not is_used,
        "start_url": reverse("porting:preflight-new") if can_change else "",
        "can_change": can_change,
    }
    page, fragment = "porting/port_board.html", "porting/_port_board.html"
    return htmx.render(request, page, fragment, context)


@requires(VIEW)
def port_list(request: Request) -> HttpResponse:
    """Return the orders that fit the filters of the address, the newest first."""
    return _listed(request)


def _listed(request: Request) -> HttpResponse:
    found = _found(request)
    rows = _sortable(fitting(found))
    page = paginate(request, rows.for_list().with_papers(), SORTS, default="-id")
    count, is_exact = capped_count(fitting(found))
    user: Any = request.user
    context = {
        "filter": found,
        "page": page,
        "cards": board.cards(page.rows),
        "owned": [] if user.is_staff_role else [follow.own(order) for order in page.rows],
        "start_url": reverse("porting:own-new"),
        "count": count,
        "count_is_exact": is_exact,
        "chips": _chips(request),
        "query": request.GET.urlencode(),
        "can_change": user.has_perm("porting.change_portorder"),
        "can_request": user.has_perm("porting.request_own"),
    }
    if user.is_staff_role:
        names = "porting/port_list.html", "porting/_port_table.html"
    else:
        names = "porting/own_list.html", "porting/_own_table.html"
    return htmx.render_list(request, *names, context)


@requires(VIEW)
def port_export(request: Request) -> HttpResponseBase:
    """Return exactly what the list shows, all of it, as CSV."""
    head = dict(OWN_COLUMNS if not request.user.is_staff_role else COLUMNS)
    rows = walk(
        request, _sortable(fitting(_found(request))), SORTS, list(head.values()), default="-id"
    )
    return stream_csv("ports.csv", list(head), _cells(rows))


OWN_COLUMNS = (
    ("port", "id"),
    ("state", "state"),
    ("state_since", "state_since"),
    ("numbers", "number_count"),
    ("label", "label"),
    ("name_on_bill", "name"),
    ("current_carrier", "losing_carrier"),
    ("wished_date", "desired_date"),
    ("date", "foc_date"),
    ("started_at", "created_at"),
    ("completed_at", "completed_at"),
)
COLUMNS = (
    *OWN_COLUMNS[:4],
    ("customer", "customer__name"),
    ("provider", "account__name"),
    ("provider_ref", "provider_ref"),
    ("provider_word", "provider_word"),
    ("who_must_act", "who_must_act"),
    ("due_at", "sla_due_at"),
    *OWN_COLUMNS[4:],
    ("submitted_at", "submitted_at"),
    ("rejection", "reject_code"),
    ("price_total", "price_total"),
)


def _cells(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for value in row
        ]


def _found(request: Request) -> PortFilter:
    visible = PortOrder.objects.visible_to(request.user)
    return PortFilter(request.GET, queryset=visible, request=request)


def _sortable(orders: Any) -> Any:
    """Return the orders with the columns that some sorts go by; what has no date comes last."""
    never = Value(NEVER, DateTimeField())
    return orders.annotate(
        due_sort=Coalesce("sla_due_at", never),
        foc_sort=Coalesce(Cast("foc_date", DateTimeField()), never),
    )


def _chips(request: Request) -> list[dict[str, str]]:
    """Return the chips of the active filters, with words instead of names."""
    chips = active_filters(request, LABELS)
    words = {
        "lane": {lane.name: lane.title for lane in board.LANES},
        "state": dict(STATES),
        "flag": dict(FLAGS),
        "who": dict(PortOrder.Actor.choices),
    }
    models = {"customer": Customer, "account": ProviderAccount}
    for chip in chips:
        name, value = chip["name"], chip["value"]
        if name in words:
            chip["value"] = str(words[name].get(value, value))
        elif name in models:
            chip["value"] = name_of(models[name], request.user, value)
    return chips
