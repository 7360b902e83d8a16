"""What is done to the 911 of one number beside giving it an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from e911 import operations, record_page, services
from e911.forms.records import CallTestForm, ReasonForm
from e911.models import EmergencyRecord
from e911.subjects import Subject, subject_or_404
from portal import jobs, posted
from portal.access import Request, requires
from portal.models import Job

CHANGE = "e911.change_emergencyrecord"
REFRESH = "e911.refresh_emergencyrecord"


@requires(CHANGE)
@require_POST
def record_restore(request: Request, tn: str) -> HttpResponse:
    """Set the last valid address again, as a job."""
    record = _record(request, tn)
    key = posted.key(request) or None
    return _submit(request, tn, lambda: operations.restore([record], actor=request.user, key=key))


@requires(REFRESH)
@require_POST
def history_read(request: Request, tn: str) -> HttpResponse:
    """Ask the provider what was ever put on the number, as a job."""
    subject = subject_or_404(request.user, tn)
    record = record_page.record_for(subject)
    return _submit(request, tn, lambda: operations.read_history(record, actor=request.user))


@requires(CHANGE)
def record_waive(request: Request, tn: str) -> HttpResponse:
    """Say with a reason that the number needs no record."""
    subject = subject_or_404(request.user, tn)
    if subject.number is None:
        raise Http404("This number is not in the inventory.")
    number = subject.number

    def do(reason: str) -> None:
        _, refused = services.mark_not_required([number], reason=reason, actor=request.user)
        if refused:
            raise services.IllegalMove(refused[0])

    return _with_reason(request, subject, _WAIVE, do)


@requires(CHANGE)
@require_POST
def record_require(request: Request, tn: str) -> HttpResponse:
    """Say that the number needs a record after all."""
    services.mark_required(_record(request, tn), actor=request.user)
    messages.success(request, "A record is needed again. Set the address now.")
    return redirect("e911:record-detail", tn=tn)


@requires(CHANGE)
def record_keep(request: Request, tn: str) -> HttpResponse:
    """Keep the record of a number that is not in service, with a reason."""
    subject = subject_or_404(request.user, tn)
    record = _record(request, tn)

    def do(reason: str) -> None:
        services.keep_on_purpose(record, reason=reason, actor=request.user)

    return _with_reason(request, subject, _KEEP, do)


_WAIVE = {
    "title": "No 911 record is needed",
    "note": "Only for a number from which nobody can call: then nobody can call 911 either.",
    "button": "No record is needed",
    "done": "It is noted that no record is needed.",
}
_KEEP = {
    "title": "Keep the record on purpose",
    "note": "The number is not in service, and the provider bills the record all the same.",
    "button": "Keep the record",
    "done": "The record is kept.",
}


def _with_reason(
    request: Request, subject: Subject, words: dict[str, str], do: Callable[[str], None]
) -> HttpResponse:
    """Ask for a reason and, once it is there, do it."""
    form = ReasonForm(request.POST or None)
    status = 422 if form.is_bound else 200
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            do(form.cleaned_data["reason"])
        except services.IllegalMove as refusal:
            refused, status = f"{refusal} Nothing was changed.", 409
        else:
            messages.success(request, words["done"])
            return redirect("e911:record-detail", tn=subject.tn)
    context = {"subject": subject, "form": form, "words": words, "refused": refused}
    return render(request, "e911/reason_form.html", context, status=status)


@requires(CHANGE)
def test_log(request: Request, tn: str) -> HttpResponse:
    """Draw and take the form of a 933 test call."""
    subject = subject_or_404(request.user, tn)
    record = _record(request, tn)
    initial = {"tested_on": timezone.localdate(), "person": str(request.user)[:80]}
    form = CallTestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        test = services.log_test(record, **form.cleaned_data, actor=request.user)
        if test.result == test.Result.CORRECT:
            messages.success(request, "The test call is logged.")
        else:
            messages.warning(
                request, "The test call is logged. It was not right: read the record back."
            )
        return redirect("e911:record-detail", tn=subject.tn)
    context: dict[str, Any] = {"subject": subject, "form": form, "record": record}
    status = 422 if form.is_bound else 200
    return render(request, "e911/test_form.html", context, status=status)


def _record(request: Request, tn: str) -> EmergencyRecord:
    """Return the record of a number; raises Http404 where it has none."""
    record = subject_or_404(request.user, tn).record
    if record is None:
        raise Http404("There is no E911 record of this number yet.")
    return record


def _submit(request: Request, tn: str, submit: Callable[[], Job]) -> HttpResponse:
    """Submit a job and return to the record's page, which follows it."""
    try:
        submit()
    except jobs.NotAccepted as refusal:
        messages.error(request, f"{refusal}")
    return redirect("e911:record-detail", tn=tn)
