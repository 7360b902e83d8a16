"""What a customer does: start to move numbers here, complete what is missing, send it to us."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import htmx
from portal.access import Request, requires
from portal.jobs.submit import new_key
from portal.tn import TN
from porting import services
from porting.forms.own import OwnForm, OwnStartForm
from porting.models import PortDocument, PortOrder
from porting.views.order import find

REQUEST = "porting.request_own"
EDITED = ("draft", "customer_input")


@requires(REQUEST)
def own_new(request: Request) -> HttpResponse:
    """Draw and take the form that starts a move; the letter is signed on the page after it."""
    posted: Any = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OwnStartForm(*posted, user=request.user, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        try:
            orders = _start(form, request.user)
        except services.NotAccepted as refusal:
            form.add_error("bill", str(refusal))
        else:
            return _started(request, orders)
    context = {"form": form}
    return render(request, "porting/own_form.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def _start(form: OwnStartForm, user: Any) -> list[PortOrder]:
    """Make the drafts, toll-free numbers apart from others, and keep the bill with each."""
    found = []
    for kind, tns in _by_kind(form.cleaned_data["numbers"]):
        order = services.create_order(
            tns,
            actor=user,
            customer=user.customer,
            kind=kind,
            key=f"own-{form.cleaned_data['key']}-{kind}",
            facts=form.values(),
        )
        if bill := form.cleaned_data["bill"]:
            bill.seek(0)
            services.add_document(order, bill, kind=PortDocument.Kind.BILL, actor=user)
        found.append(order)
    return found


def _by_kind(tns: list[TN]) -> list[tuple[str, list[TN]]]:
    toll_free = [tn for tn in tns if tn.is_toll_free]
    local = [tn for tn in tns if not tn.is_toll_free]
    return [(kind, part) for kind, part in (("local", local), ("toll_free", toll_free)) if part]


def _started(request: Request, orders: list[PortOrder]) -> HttpResponse:
    if len(orders) > 1:
        messages.info(
            request, "Toll-free numbers move apart from others, so these are two moves. Sign both."
        )
        return htmx.go(request, "porting:port-board")
    messages.success(request, "Your move is started. One thing is left: sign the letter.")
    return htmx.go(request, "porting:letter-sign", pk=orders[0].pk)


@requires(REQUEST)
def own_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the facts of a move that is not sent off yet."""
    order = find(request, pk)
    if order.state not in EDITED:
        messages.info(request, "This move is under way, so its facts stay as they are.")
        return redirect(order)
    form = OwnForm(request.POST or None, order=order, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_order(order, form.values(), actor=request.user)
        except services.IllegalMove as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. Thank you.")
            return redirect(order)
    context = {"form": form, "order": order}
    return render(request, "porting/own_form.html", context, status=422 if form.is_bound else 200)


@requires(REQUEST)
@require_POST
def own_send(request: Request, pk: int) -> HttpResponse:
    """Tell us that everything we asked for is there; what is not is said."""
    order = find(request, pk)
    if order.state != PortOrder.State.CUSTOMER_INPUT:
        messages.info(request, "There is nothing to send now.")
        return redirect(order)
    services.move(order, "draft", actor=request.user, reason="Sent by the customer.")
    messages.success(request, "Thank you. We look at it and go on.")
    return redirect(order)
