"""Who is told when somebody dials 911, and the addresses that a provider keeps for a number."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from e911 import operations
from e911.forms.records import AlertForm, KeptForm
from e911.models import AddressCheck, AlertContact, EmergencyRecord, KeptLocation
from e911.subjects import Subject, subject_or_404
from portal import jobs, posted, providers
from portal.access import Request, get_visible_or_404, requires
from portal.jobs.submit import new_key
from portal.models import Job
from portal.operations import Problem

CHANGE = "e911.change_emergencyrecord"
REFRESH = "e911.refresh_emergencyrecord"


@requires(CHANGE)
def alert_add(request: Request, tn: str) -> HttpResponse:
    """Draw and take the form of a contact who is told of 911 calls."""
    subject, record = _both(request, tn)
    form = AlertForm(request.POST or None, initial={"key": new_key()})
    status, problems = (422 if form.is_bound else 200), _not_offered(subject, "e911_alerts")
    if request.method == "POST" and form.is_valid() and not problems:
        given = form.cleaned_data
        try:
            operations.add_alert(
                record, email=given["email"], actor=request.user, key=given["key"] or None
            )
        except jobs.NotAccepted as refusal:
            problems = refusal.problems
        else:
            return redirect("e911:record-detail", tn=subject.tn)
    if problems:
        status = 409 if request.method == "POST" else 200
    context = {"subject": subject, "record": record, "form": form, "problems": problems}
    return render(request, "e911/alert_form.html", context, status=status)


@requires(REFRESH)
@require_POST
def alert_read(request: Request, tn: str) -> HttpResponse:
    """Ask the provider who is told of 911 calls from the number."""
    subject, record = _both(request, tn)
    return _submit(request, subject, lambda: operations.read_alerts(record, actor=request.user))


@requires(CHANGE)
def alert_remove(request: Request, tn: str, pk: int) -> HttpResponse:
    """Ask whether a contact is to be told no more and, confirmed, do it."""
    subject, record = _both(request, tn)
    contact = get_visible_or_404(AlertContact, request.user, pk=pk, record=record)
    if request.method == "POST":
        key = posted.key(request) or None
        return _submit(
            request, subject, lambda: operations.remove_alert(contact, actor=request.user, key=key)
        )
    context = {"subject": subject, "contact": contact, "key": new_key()}
    return render(request, "e911/alert_remove.html", context)


@requires(REFRESH)
def kept_list(request: Request, tn: str) -> HttpResponse:
    """Return the addresses that a provider keeps for a number; by POST ask it for them."""
    subject, record = _both(request, tn)
    problems = _not_offered(subject, "e911_locations")
    if request.method == "POST" and not problems:
        return _submit(
            request,
            subject,
            lambda: operations.read_locations(record, actor=request.user),
            page="e911:kept-list",
        )
    rows = KeptLocation.objects.visible_to(request.user).filter(
        account=subject.account, tn=subject.tn
    )
    opened = Job.objects.visible_to(request.user).filter(
        items__target=subject.tn, kind__startswith="e911.", status__in=Job.OPEN
    )
    context = {
        "subject": subject,
        "record": record,
        "kept": list(rows),
        "form": KeptForm(checks=_usable(request, subject)),
        "problems": problems,
        "open_job": opened.order_by("-pk").first(),
        "can_change": request.user.has_perm(CHANGE),
        "key": new_key(),
    }
    status = 409 if problems and request.method == "POST" else 200
    return render(request, "e911/kept_list.html", context, status=status)


@requires(CHANGE)
@require_POST
def kept_add(request: Request, tn: str) -> HttpResponse:
    """Have the provider keep an address that was found valid."""
    subject, record = _both(request, tn)
    form = KeptForm(request.POST, checks=_usable(request, subject))
    if not form.is_valid():
        messages.error(request, "Choose an address that was checked. Nothing was sent.")
        return redirect("e911:kept-list", tn=subject.tn)
    check = form.cleaned_data["check"]
    key = posted.key(request) or None
    return _submit(
        request,
        subject,
        lambda: operations.add_location(record, check, actor=request.user, key=key),
        page="e911:kept-list",
    )


@requires(CHANGE)
@require_POST
def kept_change(request: Request, tn: str, pk: int) -> HttpResponse:
    """Make a kept address the active one, or have the provider forget it."""
    subject, _ = _both(request, tn)
    rows = KeptLocation.objects.filter(account=subject.account, tn=subject.tn)
    kept = get_visible_or_404(rows, request.user, pk=pk)
    drawn = posted.key(request)  # one for the page: what else is done there is another intent
    key = f"{drawn}:{request.POST.get('step', '')[:6]}:{kept.pk}" if drawn else None
    deeds: dict[str, Callable[[], Job]] = {
        "use": lambda: operations.provision_location(kept, actor=request.user, key=key),
        "forget": lambda: operations.remove_location(kept, actor=request.user, key=key),
    }
    deed = deeds.get(request.POST.get("step", ""))
    if deed is None:
        raise Http404("There is no such step.")
    is_typed = request.POST.get("typed", "").strip() == subject.tn[-4:]
    if request.POST.get("step") == "forget" and kept.is_active and not is_typed:
        is_bound = "typed" in request.POST
        context = {"subject": subject, "kept": kept, "is_bound": is_bound, "key": drawn}
        return render(request, "e911/kept_forget.html", context, status=422)
    return _submit(request, subject, deed, page="e911:kept-list")


def _usable(request: Request, subject: Subject) -> list[AddressCheck]:
    """Return the newest checks of a number that may be used."""
    rows = AddressCheck.objects.visible_to(request.user).filter(
        account=subject.account, tns__contains=[subject.tn]
    )
    return [check for check in rows[:20] if check.is_usable]


def _not_offered(subject: Subject, capability: str) -> list[Problem]:
    slug = subject.account.slug
    if providers.offers(slug, capability):
        return []
    return [Problem(message=providers.provider_class(slug).not_offered.get(capability, ""))]


def _both(request: Request, tn: str) -> tuple[Subject, EmergencyRecord]:
    subject = subject_or_404(request.user, tn)
    if subject.record is None:
        raise Http404("There is no E911 record of this number yet.")
    return subject, subject.record


def _submit(
    request: Request,
    subject: Subject,
    submit: Callable[[], Job],
    *,
    page: str = "e911:record-detail",
) -> HttpResponse:
    """Submit a job and return to a page that follows it."""
    try:
        submit()
    except jobs.NotAccepted as refusal:
        messages.error(request, f"{refusal}")
    return redirect(page, tn=subject.tn)
