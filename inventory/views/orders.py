"""Orders: preview, placing, the list, and one order as it is carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import order_rows, outcomes, welcome
from inventory.filters.order import OrderFilter
from inventory.forms.order import OrderForm, WelcomeForm
from inventory.models import CartLine, Order
from inventory.operations.finish import go_on
from inventory.operations.order import CART_CHANGED, place_order, problems_with
from inventory.plan import plan, total
from inventory.views.cart import page_context
from portal import htmx, jobs, kept, posted
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, fitting, name_of
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import Customer
from portal.operations import Problem

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]


@requires("inventory.order_telephonenumber")
def order_preview(request: Request) -> HttpResponse:
    """Return what ordering the cart would do at each provider; nothing is sent by this.

    The cart posts its form, so that a PIN stands in no address.
    """
    lines = _cart(request)
    if not lines:
        messages.info(request, "Your cart is empty, so there is nothing to order.")
        return redirect("inventory:cart")
    form = _form(request.POST if request.method == "POST" else request.GET, request, lines)
    if not form.is_valid():
        return _cart_again(request, form)
    problems = problems_with(lines, actor=request.user)
    return render(request, "inventory/order_preview.html", _preview(request, form, lines, problems))


@requires("inventory.order_telephonenumber")
@require_POST
def order_place(request: Request) -> HttpResponse:
    """Place the order that the preview showed; the form's key makes a second click harmless."""
    key = posted.key(request)
    known = Order.objects.visible_to(request.user).filter(job__key=key, actor=request.user)
    if key and (order := known.first()):
        return htmx.go(request, "inventory:order-detail", pk=order.pk)
    picked = set(posted.many_ids(request, "line"))
    lines = [line for line in _cart(request) if line.pk in picked]
    form = _form(request.POST, request, lines)
    if not form.is_valid():
        return _cart_again(request, form)
    try:
        if not key or len(lines) != len(picked):
            raise jobs.NotAccepted([Problem(message=CART_CHANGED)])
        order = _place(request, form, lines, key)
    except jobs.NotAccepted as refusal:
        context = _preview(request, form, lines, refusal.problems)
        page, fragment = "inventory/order_preview.html", "inventory/_order_preview.html"
        return htmx.render(request, page, fragment, context, status=409)
    return htmx.go(request, "inventory:order-detail", pk=order.pk)


@requires("inventory.view_order")
def order_list(request: Request) -> HttpResponse:
    """Return the orders that fit the filters of the address, newest first."""
    found = asked(request, lambda: _fitting(request, drawn=())[0])
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-id",
        is_narrow=found.is_narrow,
        fetch=order_rows.fetch,
    )
    return kept.render_rows(
        request,
        ("inventory/order_list.html", "inventory/_order_table.html"),
        page,
        order_rows.draw(page.rows),
        lambda: {
            "filter": _fitting(request)[0],
            "chips": _chips(request),
            "can_search": request.user.has_perm("inventory.search_stock"),
            "query": kept.slot("query"),
        },
        facts=() if found.is_valid else None,
        parts={"query": request.GET.urlencode()},
    )


def _fitting(request: Request, drawn: Collection[str] | None = None) -> tuple[OrderFilter, Any]:
    visible = Order.objects.visible_to(request.user)
    found = OrderFilter(request.GET, queryset=visible, user=request.user, drawn=drawn)
    return found, fitting(found)


def _tell_states(orders: Sequence[Any]) -> None:
    """Put on each order how many of its lines are where, and one word for the whole."""
    tallies = outcomes.tallies({order.pk: order.job_id for order in orders})
    for order in orders:
        order.tally = tallies.get(order.pk, outcomes.Tally())
        order.state = outcomes.word(order.tally, order.job.status if order.job else None)


@requires("inventory.view_order")
def order_export(request: Request) -> HttpResponseBase:
    """Return the orders that fit the filters as CSV, newest first."""
    _, rows = _fitting(request)
    head = ["order", "label", "state", "numbers", "bought", "not_bought", "customer", "who"]

    def lines() -> Iterator[tuple[Any, ...]]:
        known = rows.select_related("actor", "customer", "job").order_by("-pk")
        found = known.iterator(chunk_size=500)
        while orders := list(islice(found, 500)):
            _tell_states(orders)
            for one in orders:
                counts = (one.tally.total, one.tally.ok, one.tally.failed)
                holder = one.customer or "Our stock"
                yield (one.pk, one.label, one.state, *counts, holder, one.actor, one.created_at)

    return stream_csv("orders.csv", [*head, "when"], lines())


@requires("inventory.view_order")
def order_lines_export(request: Request, pk: int) -> HttpResponseBase:
    """Return what became of each number of an order as CSV."""
    order = _order(request, pk)
    went = outcomes.course(order)
    rows = (went.row(line) for line in went.lines)
    head = ["number", "provider", "outcome", "code", "words", "what_to_do", "charged"]
    lines = (
        (
            *(row.line.tn, row.line.account, row.state, row.code, row.message, row.advice),
            "" if row.line.charged is None else row.line.charged,
        )
        for row in rows
    )
    return stream_csv(f"order-{order.pk}.csv", head, lines)


@requires("inventory.view_order")
def order_detail(request: Request, pk: int) -> HttpResponse:
    """Return an order with what became of each of its lines."""
    page, fragment = "inventory/order_detail.html", "inventory/_order_lines.html"
    return htmx.render(request, page, fragment, _order_context(request, pk))


@requires("inventory.order_telephonenumber")
@require_POST
def order_finish(request: Request, pk: int) -> HttpResponse:
    """Send once more what was asked for with an order and did not come to pass."""
    order = _order(request, pk)
    begun, reasons = go_on(order, actor=request.user, again=True)  # type: ignore[arg-type]
    if begun:
        messages.info(request, "What is left is sent once more.")
    for sentence in reasons[:5] or ([] if begun else ["Nothing is left that could be sent."]):
        messages.warning(request, sentence)
    return htmx.go(request, "inventory:order-detail", pk=order.pk)


@requires("inventory.view_order")
def order_lines(request: Request, pk: int) -> HttpResponse:
    """Return the live part of an order; nothing (204) while it is what the page shows already."""
    if not htmx.wants_fragment(request):
        return redirect("inventory:order-detail", pk=pk)
    context = _order_context(request, pk)
    if request.headers.get("Seen-Version") == context["version"]:
        return HttpResponse(status=204)
    response = render(request, "inventory/_order_lines.html", context)
    if not context["is_polled"]:
        htmx.tell(response, job_finished={"id": context["order"].job_id})
    return response


@requires("inventory.order_telephonenumber")
def order_welcome(request: Request, pk: int) -> HttpResponse:
    """Show the welcome mail of an order to be changed, and send it."""
    order = _order(request, pk)
    lines = list(order.lines.select_related("account"))
    if order.customer is None or not welcome.bought(lines):
        words = "it has no customer" if order.customer is None else "nothing of it is bought"
        messages.info(request, f"There is nobody to write to about this order: {words}.")
        return redirect("inventory:order-detail", pk=pk)
    initial = asdict(welcome.write(order, lines)) | {"key": new_key()}
    form = WelcomeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        welcome.send(order, form.letter, actor=request.user, key=form.cleaned_data["key"])  # type: ignore[arg-type]
        messages.success(request, f"The mail is on its way to {form.letter.to}.")
        return redirect("inventory:order-detail", pk=pk)
    context = {"order": order, "form": form, "letters": welcome.letters(order)}
    status = 422 if form.is_bound else 200
    return render(request, "inventory/order_welcome.html", context, status=status)


def _order(request: Request, pk: int) -> Order:
    orders = Order.objects.select_related("actor", "customer", "job")
    return get_visible_or_404(orders, request.user, pk=pk)


def _order_context(request: Request, pk: int) -> dict[str, Any]:
    order = _order(request, pk)
    user: Any = request.user
    return outcomes.context(order, request) | {
        "can_change": user.has_perm("portal.change_job"),
        "can_order": user.has_perm("inventory.order_telephonenumber"),
        "can_configure": user.has_perm("inventory.configure_telephonenumber"),
    }


def _cart(request: Request) -> list[CartLine]:
    return list(CartLine.objects.visible_to(request.user).select_related("account"))


def _form(values: Any, request: Request, lines: Sequence[CartLine]) -> OrderForm:
    accounts = list(dict.fromkeys(line.account for line in lines))
    return OrderForm(values, user=request.user, accounts=accounts)


def _cart_again(request: Request, form: OrderForm) -> HttpResponse:
    return render(request, "inventory/cart.html", page_context(request, form), status=422)


def _place(request: Request, form: OrderForm, lines: Sequence[CartLine], key: str) -> Order:
    values = form.cleaned_data
    return place_order(
        lines,
        actor=request.user,  # type: ignore[arg-type]
        key=key,
        customer=values["customer"],
        label=values["label"],
        billing_id=form.billing(),
        note=values["note"],
        held_until=values["held_until"],
        routes=form.routes(),
        wishes=form.wishes(),
    )


def _preview(
    request: Request, form: OrderForm, lines: Sequence[CartLine], problems: Sequence[Problem]
) -> dict[str, Any]:
    plans = plan(lines, form.routes(), form.wishes())
    return {
        "plans": plans,
        "lines": lines,
        "line_ids": ".".join(str(line.pk) for line in lines),
        "is_sandbox": any(plan.account.is_sandbox for plan in plans),
        "problems": problems,
        "customer": form.cleaned_data["customer"],
        "label": form.cleaned_data["label"],
        "billing": form.billing(),
        "held_until": form.cleaned_data["held_until"],
        "note": form.cleaned_data["note"],
        "monthly": total(plan.monthly for plan in plans),
        "setup": total(plan.setup for plan in plans),
        "wishes": form.wishes(),
        "e911": Order.E911(form.cleaned_data["e911"]),
        "kept": form.kept(),
        "key": new_key(),
    }


def _chips(request: Request) -> list[dict[str, str]]:
    """Return the chips of the active filters, with words instead of ids."""
    chips = active_filters(request, OrderFilter.LABELS)
    for chip in chips:
        if chip["name"] == "customer":
            chip["value"] = name_of(Customer, request.user, chip["value"])
        elif chip["name"] == "state":
            chip["value"] = dict(OrderFilter.STATES).get(chip["value"], chip["value"])
        elif chip["name"] == "mine":
            chip["value"] = "yes"
    return chips
