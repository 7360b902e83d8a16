"""One number: its page, edit, refresh, and giving back (one or many)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import operations, services
from inventory.forms_number import NumberForm, ReleaseForm
from inventory.models import CarrierNumber, Route, TelephoneNumber
from inventory.operations.sync import refresh_tn
from inventory.timeline import timeline
from inventory.views.numbers import filtered
from portal import jobs, providers
from portal.access import Request, get_visible_or_404, requires
from portal.jobs.submit import new_key
from portal.models import Exchange, JobItem
from portal.tn import TN, InvalidTN

RELEASE_LIMIT = 1000


@requires("inventory.view_telephonenumber")
def tn_detail(request: Request, tn: str) -> HttpResponse:
    """Return everything that is known of one number; other spellings lead to its address."""
    number = _number(request, tn)
    if number.tn != tn:
        return redirect(number)
    return render(request, "inventory/tn_detail.html", _context(request, number))


@requires("inventory.view_telephonenumber")
def tn_live(request: Request, tn: str) -> HttpResponse:
    """Return the live part of a number's page while a job about it is open."""
    return render(request, "inventory/_tn_live.html", _context(request, _number(request, tn)))


@requires("inventory.change_telephonenumber")
def tn_edit(request: Request, tn: str) -> HttpResponse:
    """Draw and take the form for what is ours alone: label, billing, note, lock, cost."""
    number = _number(request, tn)
    form = NumberForm(request.POST or None, instance=number)
    if request.method == "POST" and form.is_valid():
        services.edit_number(form, actor=request.user)
        messages.success(request, f"{number} is saved.")
        return redirect(number)
    status = 422 if form.is_bound else 200
    return render(
        request, "inventory/tn_form.html", {"number": number, "form": form}, status=status
    )


@requires("inventory.refresh_telephonenumber")
@require_POST
def tn_refresh(request: Request, tn: str) -> HttpResponse:
    """Ask the provider about the number, as a job."""
    number = _number(request, tn)
    try:
        refresh_tn(number, actor=request.user)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
    if getattr(request, "htmx", False):
        return render(request, "inventory/_tn_live.html", _context(request, number))
    return redirect(number)


@requires("inventory.release_telephonenumber")
def tn_release(request: Request) -> HttpResponse:
    """Preview giving numbers back and, typed and confirmed, do it."""
    picked = (request.POST if request.method == "POST" else request.GET).getlist("tn")
    chosen = TelephoneNumber.objects.visible_to(request.user)
    if request.GET.get("all") == "1" and not picked:
        chosen, _ = filtered(request)
    else:
        chosen = chosen.filter(tn__in=picked)
    numbers = list(chosen.select_related("account", "customer").order_by("tn")[: RELEASE_LIMIT + 1])
    if not numbers:
        raise Http404("None of these numbers is here.")
    form = ReleaseForm(request.POST or None, numbers=numbers, initial={"key": new_key()})
    problems: list[Any] = []
    if request.method == "POST" and form.is_valid() and len(numbers) <= RELEASE_LIMIT:
        try:
            submitted = operations.release(
                numbers,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                key=form.cleaned_data["key"],
            )
        except jobs.NotAccepted as refusal:
            problems = refusal.problems
        else:
            messages.info(request, f"{len(numbers)} number(s) are being given back.")
            return redirect("portal:job-detail", pk=submitted[0].pk)
    context = _release_context(numbers, form, problems)
    status = 409 if problems else (422 if form.is_bound else 200)
    return render(request, "inventory/tn_release.html", context, status=status)


def _release_context(
    numbers: list[TelephoneNumber], form: ReleaseForm, problems: list[Any]
) -> dict[str, Any]:
    checked = operations.ReleaseTNs().check(
        actor=None, account=None, params={}, targets=[number.tn for number in numbers]
    )
    per_account: dict[str, int] = {}
    for number in numbers:
        per_account[number.account.name] = per_account.get(number.account.name, 0) + 1
    return {
        "numbers": numbers[:200],
        "form_numbers": numbers[:RELEASE_LIMIT],
        "count": len(numbers),
        "too_many": len(numbers) > RELEASE_LIMIT,
        "limit": RELEASE_LIMIT,
        "form": form,
        "problems": problems or checked,
        "per_account": per_account,
    }


def _number(request: Request, text: str) -> TelephoneNumber:
    try:
        value = TN.parse(text)
    except InvalidTN as error:
        raise Http404(str(error)) from error
    known = TelephoneNumber.objects.select_related("account", "customer")
    return get_visible_or_404(known, request.user, tn=value)


def _context(request: Request, number: TelephoneNumber) -> dict[str, Any]:
    """Return what the number's page shows; what customers must not see is not even looked up."""
    items = JobItem.objects.filter(target=number.tn).select_related("job__account", "job__actor")
    holding = items.filter(status__in=JobItem.OPEN).order_by("-id")
    context: dict[str, Any] = {
        "number": number,
        "open_item": next(iter(holding[:1]), None),
        "timeline": timeline(number, request.user, limit=None if "all" in request.GET else 30),
        "timeline_is_cut": "all" not in request.GET,
        "can_change": request.user.has_perm("inventory.change_telephonenumber"),
        "can_release": request.user.has_perm("inventory.release_telephonenumber"),
        "release_url": f"{reverse('inventory:tn-release')}?tn={number.tn.replace('+', '%2B')}",
    }
    mirror = CarrierNumber.objects.filter(account=number.account, tn=number.tn).first()
    context["values"] = _values(mirror)
    if request.user.is_staff_role:
        context |= {
            "mirror": mirror,
            "route": Route.objects.filter(
                account=number.account, provider_ref=mirror.route_ref
            ).first()
            if mirror and mirror.route_ref
            else None,
            "provider": providers.provider_class(number.account.slug),
            "exchanges": Exchange.objects.filter(job__items__target=number.tn)
            .defer("request_body", "reply_body", "request_headers")
            .order_by("-id")[:5],
        }
    return context


VALUE_LABELS = {
    "forward_to": "Forward",
    "failover_to": "Failover",
    "translated_to": "Translation",
    "cnam_name": "Caller name at carrier",
    "inbound_cnam": "Inbound caller-name lookup",
    "fax_email": "Fax to e-mail",
    "sms_enabled": "SMS",
}


def _values(mirror: CarrierNumber | None) -> list[tuple[str, str]]:
    """Return the feature values that the provider told of, with their labels."""
    if mirror is None:
        return []
    return [
        (VALUE_LABELS.get(name, name.replace("_", " ").capitalize()), str(value) or "None")
        for name, value in sorted(mirror.values.items())
    ]
