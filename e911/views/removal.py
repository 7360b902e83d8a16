"""Taking 911 off: one number or several, with a reason and what must be typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from e911 import operations, record_page
from e911.forms.records import RemoveForm
from e911.models import EmergencyRecord
from portal import jobs, posted
from portal.access import Request, requires
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount
from portal.operations import Problem

LIMIT = 500


@requires("e911.change_emergencyrecord")
def record_remove(request: Request) -> HttpResponse:
    """Preview taking 911 off the chosen numbers and, typed and confirmed, do it."""
    going, staying = _chosen(request)
    if not going:
        words = "No number was chosen" if not staying else f"{staying[0][1]}"
        messages.warning(request, f"{words.rstrip('.')}. Nothing was taken off.")
        return redirect("e911:record-list")
    form = RemoveForm(
        request.POST if request.method == "POST" else None,
        tns=[record.tn for record in going],
        initial={"key": new_key()},
    )
    problems: list[Problem] = []
    if len(going) > LIMIT:
        problems = [Problem(message=f"These are more than {LIMIT} numbers. Do it in parts.")]
    if request.method == "POST" and form.is_valid() and not problems:
        try:
            return _done(request, _submit(request, going, form.cleaned_data), going)
        except jobs.NotAccepted as refusal:
            problems = refusal.problems
    context = {"going": going, "staying": staying, "form": form, "problems": problems}
    status = 409 if problems else 422 if form.is_bound else 200
    return render(request, "e911/record_remove.html", context, status=status)


def _chosen(request: Request) -> tuple[list[EmergencyRecord], list[tuple[EmergencyRecord, str]]]:
    """Return the records that can be taken off, and the others with why not."""
    values = request.POST if request.method == "POST" else request.GET
    asked = dict.fromkeys(posted.tns([*values.getlist("tn"), *values.get("tns", "").split()]))
    rows = EmergencyRecord.objects.visible_to(request.user).filter(tn__in=list(asked)[: LIMIT + 1])
    going, staying = [], []
    for record in rows.select_related("account", "number", "customer").order_by("tn"):
        if record.state in record_page.TAKEN_OFF:
            going.append(record)
        else:
            words = f"{record} is “{record.get_state_display()}”: there is nothing to take off."
            staying.append((record, words))
    return going, staying


def _submit(request: Request, going: list[EmergencyRecord], given: dict[str, Any]) -> list[Job]:
    """Submit one job for each account, all or none."""
    by_account: dict[ProviderAccount, list[EmergencyRecord]] = {}
    for record in going:
        by_account.setdefault(record.account, []).append(record)
    with transaction.atomic():
        return [
            operations.remove(
                records,
                actor=request.user,
                reason=given["reason"],
                key=f"{given['key']}:{place}" if given["key"] else None,
            )
            for place, records in enumerate(by_account.values())
        ]


def _done(request: Request, submitted: list[Job], going: list[EmergencyRecord]) -> HttpResponse:
    if len(going) == 1:
        return redirect("e911:record-detail", tn=going[0].tn)
    if len(submitted) == 1:
        return redirect("portal:job-detail", pk=submitted[0].pk)
    messages.info(request, f"911 is taken off {len(going)} numbers, by one job for each account.")
    return redirect("portal:job-list")
