"""What reaches a provider about an order: submitting it, asking about it, finding it there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal import jobs, posted
from portal.access import Request, requires
from portal.jobs.submit import new_key
from portal.models import Job
from portal.operations import Problem
from porting import operations, order_page
from porting.forms.acts import MatchForm, SubmitForm
from porting.models import PortOrder
from porting.views.order import CHANGE, find


@requires("porting.submit_portorder")
def port_submit(request: Request, pk: int) -> HttpResponse:
    """Show what is sent and what it costs and, typed and confirmed, submit it once."""
    order = find(request, pk)
    if request.method == "POST" and (known := _known(request, order)):
        return redirect("portal:job-detail", pk=known.pk)
    form = SubmitForm(
        request.POST or None,
        order=order,
        initial={"key": new_key(), "price": order.price_total or 0},
    )
    refused: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            operations.submit(
                order,
                actor=request.user,  # type: ignore[arg-type]
                key=form.cleaned_data["key"],
                price_total=form.cleaned_data["price"],
            )
        except jobs.NotAccepted as refusal:
            refused = refusal.problems
        else:
            messages.info(request, f"{order} is on its way to {order.account}.")
            return redirect(order)
    why = _why_not(order)
    status = 409 if refused or why else (422 if form.is_bound else 200)
    context = _context(order, form, refused) | {"can_go": not why, "why_not": why}
    return render(request, "porting/port_submit.html", context, status=status)


def _known(request: Request, order: PortOrder) -> Job | None:
    """Return the job that a form sent twice made the first time."""
    key = posted.key(request)
    return Job.objects.filter(key=key, actor=request.user).first() if key else None


def _why_not(order: PortOrder) -> str:
    if order.is_manual:
        return f"{order.account} takes port requests in its back office only."
    if order.state != PortOrder.State.READY:
        return f"{order} is “{order.get_state_display()}”, so it cannot be submitted now."
    if order.submit_job is not None and order.submit_job.is_open:
        return f"It is being submitted already, by job {order.submit_job_id}."
    return ""


def _context(order: PortOrder, form: SubmitForm, refused: list[Problem]) -> dict[str, Any]:
    until = order.portability_valid_until
    return {
        "order": order,
        "form": form,
        "problems": refused,
        "is_fresh": until is not None and until > timezone.now(),
        "statuses": order_page.statuses(order.lines.all()),
    }


@requires(CHANGE)
@require_POST
def port_poll(request: Request, pk: int) -> HttpResponse:
    """Ask the provider how far an order is, as a job."""
    order = find(request, pk)
    try:
        job = operations.poll(order, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, f"{order.account} is being asked, by job {job.pk}.")
    return redirect(order)


@requires(CHANGE)
@require_POST
def port_check(request: Request, pk: int) -> HttpResponse:
    """Ask the provider again whether the numbers of an order can be ported, as a job."""
    order = find(request, pk)
    try:
        if order.account is None or order.state not in PortOrder.PREPARING:
            raise jobs.NotAccepted([Problem(message="There is nobody to ask. Nothing was sent.")])
        job = operations.check_again(order, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, f"{order.account} is being asked, by job {job.pk}.")
    return redirect(order)


@requires(CHANGE)
def port_match(request: Request, pk: int) -> HttpResponse:
    """Take the provider's id of an order that was entered by hand, or look for it there."""
    order = find(request, pk)
    is_possible = order.account is not None and order.state not in (
        *("draft", "customer_input"),
        *PortOrder.OVER,
    )
    refusal = "" if is_possible else f"{order} is “{order.get_state_display()}”."
    form = MatchForm(request.POST or None, initial={"provider_ref": order.provider_ref})
    if request.method == "POST" and form.is_valid() and is_possible:
        ref = form.cleaned_data["provider_ref"]
        try:
            job = operations.match(order, ref, actor=request.user)  # type: ignore[arg-type]
        except jobs.NotAccepted as error:
            refusal = str(error)
        else:
            messages.info(request, f"{order.account} is being asked, by job {job.pk}.")
            return redirect(order)
    status = 409 if refusal else (422 if form.is_bound else 200)
    context = {
        "order": order,
        "title": "Find it at the provider",
        "button": "Find it",
        "explanation": f"Enter the order in the back office of {order.account} with the facts of "
        "its page. Then it is found there by its numbers, or by its id.",
        "steps": ["Nothing is changed where the numbers there are others than here."],
        "is_possible": is_possible,
        "refusal": refusal,
        "form": form,
    }
    return render(request, "porting/act_form.html", context, status=status)
