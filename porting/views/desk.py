"""The port desk: the board, the list, its export. Customers find their own ports there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from portal import htmx, kept
from portal.access import Request, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.listing import Sort, capped_count, paginate, walk
from portal.models import Customer, ProviderAccount
from porting import board, follow, rows
from porting.filters.orders import FLAGS, LABELS, STATES, PortFilter
from porting.models import PortOrder

VIEW = "porting.view_portorder"
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
    lanes = board.lanes()
    cards = {row["id"]: row for row in rows.fetch([pk for lane in lanes for pk in lane.keys])}
    parts = {
        lane.kind.name: rows.draw_cards([cards[pk] for pk in lane.keys if pk in cards])
        for lane in lanes
    }
    is_used = any(lane.count for lane in lanes) or PortOrder.objects.exists()

    def context() -> dict[str, Any]:
        can_change = request.user.has_perm("porting.change_portorder")
        return {
            "lanes": [(lane, kept.slot(lane.kind.name)) for lane in lanes],
            "shown": board.CARDS,
            "is_empty": not is_used,
            "start_url": reverse("porting:preflight-new") if can_change else "",
            "can_change": can_change,
        }

    key = (is_used, *(lane.count for lane in lanes))
    page, fragment = "porting/port_board.html", "porting/_port_board.html"
    return kept.render_list(request, page, fragment, key=key, parts=parts, context=context)


@requires(VIEW)
def port_list(request: Request) -> HttpResponse:
    """Return the orders that fit the filters of the address, the newest first."""
    return _listed(request)


def _listed(request: Request) -> HttpResponse:
    if not request.user.is_staff_role:
        return _own(request)
    found = asked(request, lambda: _found(request, drawn=()), shape=rows.sortable)
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-id",
        is_narrow=found.is_narrow,
        fetch=rows.fetch,
    )
    return kept.render_rows(
        request,
        ("porting/port_list.html", "porting/_port_table.html"),
        page,
        rows.draw(page.rows),
        lambda: {
            "filter": _found(request),
            "chips": _chips(request),
            "query": kept.slot("query"),
            "can_change": request.user.has_perm("porting.change_portorder"),
        },
        facts=() if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


def _own(request: Request) -> HttpResponse:
    """Return the ports of a customer, each with its steps."""
    found = _found(request)
    fit = fitting(found)
    page = paginate(request, rows.sortable(fit).for_list(), SORTS, default="-id")
    count, is_exact = capped_count(fit)
    context = {
        "filter": found,
        "page": page,
        "owned": [follow.own(order) for order in page.rows],
        "start_url": reverse("porting:own-new"),
        "count": count,
        "count_is_exact": is_exact,
        "chips": _chips(request),
        "query": request.GET.urlencode(),
        "can_request": request.user.has_perm("porting.request_own"),
    }
    return htmx.render_list(request, "porting/own_list.html", "porting/_own_table.html", context)


@requires(VIEW)
def port_export(request: Request) -> HttpResponseBase:
    """Return exactly what the list shows, all of it, as CSV."""
    head = dict(OWN_COLUMNS if not request.user.is_staff_role else COLUMNS)
    orders = rows.sortable(fitting(_found(request)))
    lines = walk(request, orders, SORTS, list(head.values()), default="-id")
    return stream_csv("ports.csv", list(head), _cells(lines))


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


def _cells(lines: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    for line in lines:
        yield [
            value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for value in line
        ]


def _found(request: Request, drawn: Collection[str] | None = None) -> PortFilter:
    visible = PortOrder.objects.visible_to(request.user)
    return PortFilter(request.GET, queryset=visible, request=request, drawn=drawn)


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
