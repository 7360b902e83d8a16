"""One order: its page, its numbers, filling it in, what single numbers get."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory.models import TelephoneNumber
from portal import htmx
from portal.access import Request, get_visible_or_404, requires
from portal.listing import Sort, paginate
from portal.models import Job
from porting import order_page, services
from porting.forms.order import PortForm, PresetsForm
from porting.models import PortLine, PortOrder

VIEW, CHANGE = "porting.view_portorder", "porting.change_portorder"
LINE_SORTS = [Sort(name="tn", label="Number", column="tn", is_unique=True, jump="number")]
_WITH = ("customer", "account", "created_by", "submit_job")


def find(request: Request, pk: int) -> PortOrder:
    """Return the order where the user may see it; else raise Http404."""
    rows = PortOrder.objects.with_papers().select_related(*_WITH)
    return get_visible_or_404(rows, request.user, pk=pk)


@requires(VIEW)
def port_detail(request: Request, pk: int) -> HttpResponse:
    """Return the page of an order: everything for staff, plain words for a customer."""
    job = order_page.open_job(pk)
    return page(request, find(request, pk), job=job)


def page(
    request: Request,
    order: PortOrder,
    *,
    job: Job | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the page of an order; `more` stands in for parts of its context."""
    user: Any = request.user
    shown = order_page.context(order, user, job=job, all_events="all" in request.GET) | more
    name = "porting/port_detail.html" if user.is_staff_role else "porting/own_detail.html"
    return render(request, name, shown, status=status)


@requires("porting.view_providerword")
def port_live(request: Request, pk: int) -> HttpResponse:
    """Return the state of an order while a job about it is open."""
    job = order_page.open_job(pk)
    order = find(request, pk)
    if not htmx.wants_fragment(request):
        return redirect(order)
    context = order_page.context(order, request.user, job=job)
    return render(request, "porting/_port_live.html", context)


@requires(VIEW)
def port_lines(request: Request, pk: int) -> HttpResponse:
    """Return the numbers of an order, a page at a time."""
    order = find(request, pk)
    user: Any = request.user
    lines = PortLine.objects.visible_to(user).filter(order=order)
    shown = paginate(request, lines, LINE_SORTS, default="tn")
    for line in shown.rows:
        line.order = order
    tns = [line.tn for line in shown.rows]
    known = TelephoneNumber.objects.visible_to(user).filter(tn__in=tns)
    context = {
        "order": order,
        "page": shown,
        "count": lines.count(),
        "count_is_exact": True,
        "known": set(known.values_list("tn", flat=True)),
        "can_remove": user.has_perm(CHANGE) and order.state in PortOrder.PREPARING,
    }
    return htmx.render(request, "porting/lines.html", "porting/_port_lines.html", context)


@requires(CHANGE)
def port_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take everything of an order that is being prepared; it may stay incomplete."""
    order = find(request, pk)
    if order.state not in ("draft", "customer_input"):
        messages.warning(request, f"{order} is “{order.get_state_display()}”: it stays as it is.")
        return redirect(order)
    form = PortForm(request.POST or None, order=order, user=request.user)
    context = {"order": order, "form": form, "dates": order_page.earliest()}
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_order(order, form.values(), actor=request.user)
        except services.IllegalMove as refusal:
            context["refusal"] = str(refusal)
            return render(request, "porting/port_form.html", context, status=409)
        messages.success(request, f"{order} is saved." if changed else "Nothing was changed.")
        return redirect(order)
    status = 422 if form.is_bound else 200
    return render(request, "porting/port_form.html", context, status=status)


@requires(CHANGE)
def port_presets(request: Request, pk: int) -> HttpResponse:
    """Draw and take what single numbers get once they are here, a page of numbers at a time."""
    order = find(request, pk)
    lines = order.lines.active()
    shown = paginate(request, lines, LINE_SORTS, default="tn")
    form = PresetsForm(request.POST or None, order=order, lines=shown.rows)
    if request.method == "POST" and form.is_valid():
        count = services.set_presets(order, form.presets(), actor=request.user)
        told = (
            f"{count} number{'' if count == 1 else 's'} changed." if count else "Nothing changed."
        )
        messages.success(request, told)
        return redirect(order)
    context = {"order": order, "form": form, "page": shown, "count": lines.count()}
    status = 422 if form.is_bound else 200
    return render(request, "porting/port_presets.html", context, status=status)


@requires(CHANGE)
@require_POST
def line_remove(request: Request, pk: int, line: int) -> HttpResponse:
    """Take a number off an order that is being prepared."""
    order = find(request, pk)
    row = get_visible_or_404(PortLine.objects.filter(order=order), request.user, pk=line)
    try:
        services.remove_line(row, actor=request.user)
    except services.IllegalMove as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{row} was taken off {order}.")
    return redirect(order)
