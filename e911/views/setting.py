"""Giving an address to numbers: type it, have it checked, accept what comes back, set it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from e911 import operations, services, set_page
from e911.forms.records import SetForm, address_of
from e911.models import AddressCheck
from e911.set_page import Chosen
from portal import htmx, jobs, posted
from portal.access import Request, requires
from portal.jobs.submit import new_key
from portal.models import Job
from portal.operations import Problem

ASK = "e911.check_address"
SET = "e911.correct_own"


@requires(ASK)
def record_set(request: Request) -> HttpResponse:
    """Draw the form of an address for one number or several, and have it checked."""
    values = request.POST if request.method == "POST" else request.GET
    found = set_page.chosen(request.user, values)
    if not found.numbers:
        messages.warning(request, f"{found.problem} Nothing was changed.")
        return redirect("e911:record-list")
    places = set_page.places_of(found)
    initial = set_page.begin_with(found, request.user, request.GET) | {"key": new_key()}
    is_filling = request.POST.get("step") == "fill"
    form = SetForm(
        request.POST if request.method == "POST" and not is_filling else None,
        places=places,
        initial=initial,
    )
    if is_filling:
        place = places.filter(pk=_id(request.POST.get("place", ""))).first()
        filled = {**address_of(place), "place": place.pk} if place else {}
        form = SetForm(places=places, initial=initial | filled)
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        try:
            return _ask(request, found, form)
        except jobs.NotAccepted as refusal:
            problems = refusal.problems
    context = {"found": found, "form": form, "problems": problems}
    status = 409 if problems else 422 if form.is_bound else 200
    page, fragment = "e911/record_set.html", "e911/_set_form.html"
    return htmx.render(request, page, fragment, context, status=status)


def _ask(request: Request, found: Chosen, form: SetForm) -> HttpResponse:
    """Submit one check for each account; return the page that follows them."""
    with transaction.atomic():
        location = form.location
        if request.user.has_perm("e911.change_location"):
            location = set_page.keep_place(form, found, actor=request.user)
        asked = []
        for place, (account, numbers) in enumerate(found.by_account.items()):
            check = services.new_check(
                account=account,
                parts=form.parts,
                caller_name=form.cleaned_data["caller_name"],
                is_multi_unit=form.cleaned_data["is_multi_unit"],
                customer=found.customer,
                location=location,
                numbers=numbers,
                actor=request.user,
            )
            key = f"{form.cleaned_data['key']}:{place}" if form.cleaned_data["key"] else None
            job = operations.validate(check, actor=request.user, key=key)
            if job.params["check"] != check.pk:  # the form was sent twice: it is asked already
                check.delete()
            asked.append(job.params["check"])
    return htmx.go(request, f"{reverse('e911:check-list')}?{_query(asked)}")


@requires(ASK)
def check_list(request: Request) -> HttpResponse:
    """Return what the providers say of an address, while they are asked and afterwards."""
    return _checks(request, _checks_or_404(request))


@requires(SET)
@require_POST
def check_accept(request: Request) -> HttpResponse:
    """Accept exactly the texts that are shown."""
    checks = _checks_or_404(request)
    try:
        for check in checks:
            if check.verdict == AddressCheck.Verdict.SUGGESTED:
                services.accept(check, actor=request.user)
    except services.NotAcceptable as refusal:
        return _checks(request, checks, problems=[Problem(message=str(refusal))], status=409)
    if htmx.wants_fragment(request):
        return _checks(request, _checks_or_404(request))
    return redirect(f"{reverse('e911:check-list')}?{_query([check.pk for check in checks])}")


@requires(SET)
@require_POST
def check_provision(request: Request) -> HttpResponse:
    """Put the accepted address on the numbers; a customer confirms the legal sentence with it."""
    checks = _checks_or_404(request)
    is_customer = not request.user.is_staff_role
    if is_customer and request.POST.get("confirm") != "on":
        words = "Tick the sentence below. Nothing was changed."
        return _checks(request, checks, problems=[Problem(message=words)], status=422)
    try:
        with transaction.atomic():
            submitted = [_provision(request, check, place) for place, check in enumerate(checks)]
    except services.NotAcceptable as refusal:
        return _checks(request, checks, problems=[Problem(message=str(refusal))], status=409)
    except jobs.NotAccepted as refusal:
        return _checks(request, checks, problems=refusal.problems, status=409)
    return _submitted(request, checks, submitted)


def _provision(request: Request, check: AddressCheck, place: int) -> Job:
    if not request.user.is_staff_role:
        check = services.accept(check, actor=request.user, legal_text=set_page.LEGAL_TEXT)
    shown = set_page.shown([check], request.user)[0]
    key = posted.key(request)
    return operations.provision(
        check,
        numbers=shown.numbers,
        actor=request.user,
        key=f"{key}:{place}" if key else None,
    )


def _submitted(request: Request, checks: list[AddressCheck], submitted: list[Job]) -> HttpResponse:
    """Lead to where the outcome shows: the record of one number, else the job."""
    tns = [tn for check in checks for tn in check.tns]
    if len(tns) == 1:
        return htmx.go(request, "e911:record-detail", tn=tns[0])
    if len(submitted) == 1:
        return htmx.go(request, "portal:job-detail", pk=submitted[0].pk)
    messages.info(
        request, f"The address is being set on {len(tns)} numbers, by one job for each provider."
    )
    return htmx.go(request, "portal:job-list")


def _checks(
    request: Request,
    checks: list[AddressCheck],
    *,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = set_page.shown(checks, request.user)
    context: dict[str, Any] = {
        "checks": shown,
        "query": _query([check.pk for check in checks]),
        "tns": " ".join(tn for check in checks for tn in check.tns),
        "is_polled": any(one.is_polled for one in shown),
        "is_usable": bool(shown) and all(one.check.is_usable for one in shown),
        "to_accept": [one for one in shown if one.is_waiting],
        "changing": [record for one in shown for record in one.changing],
        "numbers": [number for one in shown for number in one.numbers],
        "problems": problems or [],
        "legal_text": set_page.LEGAL_TEXT,
        "can_set": request.user.has_perm(SET),
        "key": new_key(),
    }
    page, fragment = "e911/check_list.html", "e911/_check_list.html"
    return htmx.render(request, page, fragment, context, status=status)


def _checks_or_404(request: Request) -> list[AddressCheck]:
    """Return the checks that ``id`` names, as far as the user may see them, at most ten."""
    values = request.POST if request.method == "POST" else request.GET
    ids = [pk for text in values.getlist("id") if (pk := _id(text))][:10]
    rows = AddressCheck.objects.visible_to(request.user).filter(pk__in=ids)
    found = list(rows.select_related("account", "job", "accepted_by", "location").order_by("pk"))
    if not found:
        raise Http404("There is no such check here, or it is not yours to see.")
    return found


def _query(ids: list[int]) -> str:
    return "&".join(f"id={pk}" for pk in ids)


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
