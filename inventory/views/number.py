"""One number: its page, edit, refresh, and giving back (one or many)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import approvals, number_page, operations, release_page, selection, services
from inventory.forms.number import NumberForm, ReleaseForm
from inventory.models import TelephoneNumber
from inventory.operations import read_features
from inventory.operations.release import needs_approval
from inventory.selection import Selection
from portal import htmx, jobs
from portal.access import Request, requires
from portal.jobs.submit import new_key
from portal.models import Job
from portal.operations import Problem


@requires("inventory.view_telephonenumber")
def tn_detail(request: Request, tn: str) -> HttpResponse:
    """Return everything that is known of one number; other spellings lead to its address."""
    number = number_page.find(tn, request.user)
    if number.tn != tn:
        return redirect(number)
    return render(request, "inventory/tn_detail.html", _context(request, number))


@requires("inventory.view_telephonenumber")
def tn_live(request: Request, tn: str) -> HttpResponse:
    """Return the live part of a number's page; while a job goes on as before, its sentence alone.

    So nothing that somebody opened on the page closes under his hands.
    """
    number = number_page.find(tn, request.user)
    item = number_page.open_item(number)
    if item and request.GET.get("seen") == number_page.version(number, item):
        context = number_page.waiting(number, item, request.user, all_events="all" in request.GET)
        return render(request, "inventory/_tn_open_job.html", context)
    context = _context(request, number)
    if (
        context["open_item"] is None
    ):  # the last answer: it shows what was filed since the first read
        context = _context(request, number_page.find(tn, request.user))
    response = render(request, "inventory/_tn_live.html", context)
    response["HX-Retarget"] = "#tn-live"
    return response


@requires("portal.view_exchange")
def tn_calls(request: Request, tn: str) -> HttpResponse:
    """Return the last calls on the wire about a number."""
    number = number_page.find(tn, request.user)
    context = {"number": number, "exchanges": number_page.calls(number)}
    return render(request, "inventory/tn_calls.html", context)


@requires("inventory.change_telephonenumber")
def tn_edit(request: Request, tn: str) -> HttpResponse:
    """Draw and take the form for what is ours alone: label, billing, note, lock, cost."""
    number = number_page.find(tn, request.user)
    form = NumberForm(request.POST or None, instance=number, user=request.user)
    if request.method == "POST" and form.is_valid():
        services.edit_number(form, actor=request.user)
        messages.success(request, f"{number} is saved.")
        return redirect(number)
    context = {"number": number, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "inventory/tn_form.html", context, status=status)


@requires("inventory.refresh_telephonenumber")
@require_POST
def tn_refresh(request: Request, tn: str) -> HttpResponse:
    """Ask the provider about the number, as a job."""
    number = number_page.find(tn, request.user)
    status = 200
    try:
        read_features(number, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        status = 409
    if not htmx.wants_fragment(request):
        return redirect(number)
    response = htmx.with_messages(request, "inventory/_tn_live.html", _context(request, number))
    response.status_code = status
    return htmx.tell(response, job_changed={})


@requires("inventory.release_telephonenumber")
def tn_release(request: Request) -> HttpResponse:
    """Preview giving numbers back and, typed and confirmed, do it."""
    chosen = selection.read(request, limit=release_page.LIMIT)
    numbers = release_page.read(chosen.numbers)
    if not numbers:
        messages.warning(request, "No number was chosen, so nothing is given back.")
        return redirect("inventory:tn-list")
    form = ReleaseForm(request.POST or None, numbers=numbers, initial={"key": new_key()})
    refused = [Problem(message=chosen.problem)] if chosen.has_changed else []
    if request.method == "POST" and form.is_valid() and not chosen.problem:
        try:
            return _give_back(request, chosen, numbers, form)
        except jobs.NotAccepted as refusal:
            refused = refusal.problems
    found = release_page.split(numbers)
    if found.staying:  # the others go by a form of their own
        form = ReleaseForm(numbers=found.going, initial={"key": new_key()})
    context = release_page.context(chosen, numbers, found, form, refused)
    is_late = request.method == "POST" and bool(found.staying)
    status = 409 if refused or is_late else (422 if form.is_bound else 200)
    return render(request, "inventory/tn_release.html", context, status=status)


def _give_back(
    request: Request, chosen: Selection, numbers: list[TelephoneNumber], form: ReleaseForm
) -> HttpResponse:
    """Give the numbers back or, where it takes two, ask for that; raises `jobs.NotAccepted`."""
    key, reason = form.cleaned_data["key"], form.reason_words
    if not needs_approval(len(numbers)):
        submitted = operations.release(numbers, actor=request.user, reason=reason, key=key)
        return _released(request, len(numbers), submitted)
    approval = approvals.ask_release(chosen, actor=request.user, reason=reason, key=key)
    messages.info(request, "Asked. Nothing is given back until another person approves it.")
    return redirect("portal:approval-detail", pk=approval.pk)


def _released(request: Request, count: int, submitted: list[Job]) -> HttpResponse:
    if len(submitted) == 1:
        return redirect("portal:job-detail", pk=submitted[0].pk)
    messages.info(
        request, f"{count:,} numbers are being given back, by one job for each provider account."
    )
    return redirect("portal:job-list")


def _context(request: Request, number: TelephoneNumber) -> dict[str, Any]:
    return number_page.context(number, request.user, all_events="all" in request.GET)
