"""What is done to an order by hand: moves, corrections, other dates, tickets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from portal import jobs
from portal.access import Request, requires
from portal.jobs.submit import new_key
from porting import desk_mail, rejections, services, verbs
from porting.forms.acts import CorrectionForm, DateForm, ReasonForm, TicketForm
from porting.models import PortOrder
from porting.services.moving import why_not
from porting.views.order import CHANGE, find
from porting.views.papers import ANSWER

NO_CALL = "{account} has no call for this, so a ticket is written to its help desk."
NO_DESK = (
    "{account} takes neither calls nor tickets for this: write to it yourself, then go on here."
)


@requires(CHANGE)
def port_move(request: Request, pk: int, to: str) -> HttpResponse:
    """Ask before an order is moved by hand and, confirmed, move it; what stands against it is said."""
    order = find(request, pk)
    verb = verbs.find(order, to)
    if verb is None:
        if to not in PortOrder.State.values:
            raise Http404("There is no such state.")
        return _not_now(request, order, to)
    if not verbs.is_allowed(order, verb, request.user):
        raise PermissionDenied("Your role does not allow this.")
    refusal = why_not(order, to)
    form = ReasonForm(request.POST or None, initial={"key": new_key()})
    form.fields["reason"].required = verb.has_reason
    status = 409 if refusal else (422 if form.is_bound else 200)
    if request.method == "POST" and form.is_valid() and not refusal:
        try:
            job = _moved(request, order, verb, form)
        except (services.IllegalMove, jobs.NotAccepted) as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, _told(order, job))
            return redirect(order)
    steps = [_provider_words(order)] if verb.is_told_to_provider else []
    context = {
        "order": order,
        "title": verb.title,
        "button": verb.button,
        "explanation": verb.explanation,
        "steps": steps,
        "is_grave": verb.is_grave,
        "is_possible": not refusal,
        "refusal": refusal,
        "form": form,
    }
    return render(request, "porting/act_form.html", context, status=status)


def _moved(request: Request, order: PortOrder, verb: verbs.Verb, form: ReasonForm) -> Any:
    """Move the order and write to the provider where it must be told; return the ticket's job."""
    reason = form.cleaned_data["reason"]
    with transaction.atomic():
        services.move(order, verb.to, actor=request.user, reason=reason)
        if not verb.is_told_to_provider:
            return None
        return desk_mail.write(
            order,
            subject=desk_mail.subject(order, verb.title),
            message=f"{desk_mail.opening(order)}{verb.title}. {reason}",
            actor=request.user,
            key=form.cleaned_data["key"],
        )


def _told(order: PortOrder, job: Any) -> str:
    word = order.get_state_display()
    ticket = f" A ticket is on its way to {order.account}, by job {job.pk}." if job else ""
    return f"{order} is “{word}” now.{ticket}"


def _provider_words(order: PortOrder) -> str:
    words = NO_CALL if desk_mail.takes_tickets(order) else NO_DESK
    return words.format(account=order.account)


def _not_now(request: Request, order: PortOrder, to: str) -> HttpResponse:
    messages.error(
        request, f"{order.why_not(to) or 'This is not done by hand.'} Nothing was changed."
    )
    return redirect(order)


@requires(ANSWER)
def port_correct(request: Request, pk: int) -> HttpResponse:
    """Draw and take just the fields that a rejection names.

    Staff's correction goes to the provider; a customer's comes back to us first.
    """
    order = find(request, pk)
    user: Any = request.user
    rejection = rejections.find(order.reject_code) or rejections.OTHER
    if order.state != PortOrder.State.EXCEPTION or not rejection.fields:
        messages.info(request, "There is nothing to correct now.")
        return redirect(order)
    is_staff = user.is_staff_role
    form = CorrectionForm(
        request.POST or None,
        order=order,
        names=rejection.fields,
        is_staff=is_staff,
        initial={"key": new_key()},
    )
    refusal, status = "", 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            words = _corrected(order, form, user)
        except (services.IllegalMove, jobs.NotAccepted) as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, words)
            return redirect(order)
    context = {
        "order": order,
        "title": "Correct it" if is_staff else "Correct what was refused",
        "button": "Send the correction",
        "explanation": rejection.advice if is_staff else rejection.customer_words,
        "steps": [_provider_words(order)] if is_staff else [],
        "said": order.reject_words if is_staff else "",
        "is_possible": True,
        "refusal": refusal,
        "form": form,
    }
    return render(request, "porting/act_form.html", context, status=status)


@transaction.atomic
def _corrected(order: PortOrder, form: CorrectionForm, user: Any) -> str:
    """Write the corrected fields and pass the order on; return what to say to the person."""
    changed = services.change_order(order, form.values(), actor=user)
    if not changed:
        raise services.IllegalMove("Everything stands as before, so there is nothing to send.")
    labels = ", ".join(str(form.fields[name].label) for name in changed)
    if not user.is_staff_role:
        services.hand_back(order, actor=user, text=f"Corrected: {labels}.")
        return "Thank you. We check it and send it on."
    reason = form.cleaned_data["reason"]
    services.move(
        order, "supplement_sent", actor=user, reason=f"Corrected: {labels}. {reason}".strip()
    )
    job = desk_mail.write(
        order,
        subject=desk_mail.subject(order, "Correction"),
        message=desk_mail.correction(order, changed, reason),
        actor=user,
        key=form.cleaned_data["key"],
    )
    return _told(order, job)


@requires(CHANGE)
def port_date(request: Request, pk: int) -> HttpResponse:
    """Ask the provider for another date than the confirmed one."""
    order = find(request, pk)
    refusal = (
        why_not(order, "supplement_sent")
        if order.state == "foc_set"
        else order.why_not("supplement_sent") or "No date is confirmed yet."
    )
    form = DateForm(request.POST or None, initial={"key": new_key()})
    status = 409 if refusal else (422 if form.is_bound else 200)
    if request.method == "POST" and form.is_valid() and not refusal:
        try:
            job = _new_date(order, form, request.user)
        except (services.IllegalMove, jobs.NotAccepted) as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, _told(order, job))
            return redirect(order)
    context = {
        "order": order,
        "title": "Ask for another date",
        "button": "Ask for this date",
        "explanation": "The confirmed date holds until the losing carrier agrees to another one.",
        "steps": [_provider_words(order)],
        "is_possible": not refusal,
        "refusal": refusal,
        "form": form,
    }
    return render(request, "porting/act_form.html", context, status=status)


@transaction.atomic
def _new_date(order: PortOrder, form: DateForm, user: Any) -> Any:
    day, reason = form.cleaned_data["desired_date"], form.cleaned_data["reason"]
    words = f"Another date is asked for: {day:%A, %B} {day.day}, {day.year}. {reason}".strip()
    services.move(order, "supplement_sent", actor=user, reason=words, desired_date=day)
    return desk_mail.write(
        order,
        subject=desk_mail.subject(order, "Another date"),
        message=f"{desk_mail.opening(order)}{words}",
        actor=user,
        key=form.cleaned_data["key"],
    )


@requires(CHANGE)
def port_ticket(request: Request, pk: int) -> HttpResponse:
    """Draw and take a ticket to the provider about an order."""
    order = find(request, pk)
    can_write = desk_mail.takes_tickets(order)
    initial = {
        "key": new_key(),
        "subject": desk_mail.subject(order, "About"),
        "message": desk_mail.opening(order),
    }
    form = TicketForm(request.POST or None, initial=initial)
    refusal = "" if can_write else f"{order.account or 'Nobody'} takes no tickets from here."
    status = 409 if refusal else (422 if form.is_bound else 200)
    if request.method == "POST" and form.is_valid() and can_write:
        given = form.cleaned_data
        try:
            job = desk_mail.write(
                order,
                subject=given["subject"],
                message=given["message"],
                actor=request.user,
                key=given["key"],
            )
        except jobs.NotAccepted as error:
            refusal, status = str(error), 409
        else:
            messages.success(request, f"On its way to {order.account}, by job {job.pk}.")  # type: ignore[union-attr]
            return redirect(order)
    context = {
        "order": order,
        "title": "Write to the provider",
        "button": "Send",
        "explanation": f"A ticket at the help desk of {order.account}; its answers come back here.",
        "known_ticket": desk_mail.ticket_of(order, request.user),
        "is_possible": can_write,
        "refusal": refusal,
        "form": form,
    }
    return render(request, "porting/act_form.html", context, status=status)
