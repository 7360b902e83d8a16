"""Changing what numbers do: one number, many numbers, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from inventory import (
    approvals,
    feature_changes,
    feature_counts,
    feature_panels,
    feature_undo,
    features,
    number_page,
    selection,
    walks,
)
from inventory.features import Feature
from inventory.forms.features import FeatureForm, PickFeatureForm
from inventory.models import TelephoneNumber
from inventory.operations.features import needs_approval, why_not
from portal import htmx, jobs, posted
from portal.access import Request, get_visible_or_404, requires
from portal.jobs.submit import new_key
from portal.models import Job, ProviderAccount
from portal.operations import Problem
from portal.tn import TN

PERMISSION = "inventory.configure_telephonenumber"


@requires(PERMISSION)
def feature_change(request: Request, tn: str, name: str) -> HttpResponse:
    """Draw and take the form of one feature of one number."""
    number = number_page.find(tn, request.user)
    feature = _feature(name)
    mirror = number_page.mirror_of(number)
    why = why_not(feature, number, account=number.account) or feature.why_not_told(mirror)
    expected = number.tn[-4:] if feature.no_undo else ""
    form = FeatureForm(
        request.POST if request.method == "POST" else None,
        feature=feature,
        accounts=[number.account],
        expected=expected,
        initial=_initial(feature, feature.present(mirror)) | {"key": new_key()},
    )
    status, problems = 200, [Problem(message=why)] if why else []
    if request.method == "POST":
        status = 409 if why else 422
        if not why and form.is_valid():
            problems = _submit(request, feature, {number.tn: form.values[number.account_id]}, form)
            if not problems:
                return _changed(request, number, feature)
            status = 409
    context = _form_context(number, feature, feature.present(mirror))
    # On its own page the form posts as forms do; in the dialog its answer goes to the number's page.
    in_dialog = htmx.wants_fragment(request)
    context |= {"form": form, "problems": problems, "in_dialog": in_dialog}
    page, fragment = "inventory/feature_form.html", "inventory/_feature_form.html"
    response = htmx.render(request, page, fragment, context, status=status)
    if request.method == "POST":
        response["HX-Retarget"] = "#feature-form"
    return response


def _submit(
    request: Request, feature: Feature, values: dict[str, str], form: FeatureForm
) -> list[Problem]:
    """Submit the change of one number; return what stands against it."""
    try:
        feature_changes.change(
            feature,
            values,
            actor=request.user,
            key=form.cleaned_data["key"],
            reason=form.cleaned_data["reason"],
        )
    except jobs.NotAccepted as refusal:
        return refusal.problems
    return []


def _changed(request: Request, number: TelephoneNumber, feature: Feature) -> HttpResponse:
    """Return the number's page, which follows the job."""
    if not htmx.wants_fragment(request):
        messages.info(request, f"{feature.label} of {number} is being changed.")
        return redirect(number)
    number = number_page.find(number.tn, request.user)  # as it is by now
    context = number_page.context(number, request.user)
    response = htmx.with_messages(request, "inventory/_tn_live.html", context)
    return htmx.tell(response, job_changed={}, tn_changed={"tn": number.tn})


def _form_context(number: TelephoneNumber, feature: Feature, present: str | None) -> dict[str, Any]:
    return {
        "number": number,
        "feature": feature,
        "present": feature_panels.untold(feature, number.account.slug)
        if present is None
        else feature.shown(present, number.account),
        "is_unknown": present is None,
        "is_asked": feature.has_question(number.account.slug),
        "why_not_clear": feature.why_not_clear(number.account.slug),
        "can_clear": present != "" and not feature.why_not_clear(number.account.slug),
    }


def _initial(feature: Feature, present: str | None) -> dict[str, str]:
    """Return what the form begins with: what holds now, and nothing of a secret."""
    if not present or feature.is_secret or feature.is_action:
        return {}
    if feature.widget == "destination":
        kind, _, target = present.partition(":")
        return {"kind": kind, "value": target}
    return {"value": TN(present).pretty if feature.widget == "tn" else present}


@requires(PERMISSION)
def feature_bulk(request: Request) -> HttpResponse:
    """Change one feature of many numbers: choose it, say the value, look at the plan, confirm."""
    values = request.POST if request.method == "POST" else request.GET
    feature = features.FEATURES.get(values.get("feature", ""))
    limit = (
        feature_changes.LEAVING_LIMIT if feature and feature.is_action else feature_changes.LIMIT
    )
    chosen = selection.read(request, limit=limit)
    if not chosen.count:
        messages.warning(request, "No number was chosen, so nothing is changed.")
        return redirect(chosen.back_url)
    context: dict[str, Any] = {"chosen": chosen, "problem": chosen.problem, "feature": feature}
    status = 409 if chosen.problem else 200
    if feature is None or chosen.problem or request.POST.get("step") == "pick":
        bound = request.POST if "feature" in request.POST else None
        slugs = set(chosen.numbers.order_by().values_list("account__slug", flat=True))
        context["pick"] = PickFeatureForm(bound, slugs=slugs)
        context["feature"] = None
        if bound is not None and not context["pick"].is_valid():
            status = 422
        return render(request, "inventory/feature_bulk.html", context, status=status)
    return _bulk_value(request, chosen, feature, context)


def _bulk_value(
    request: Request, chosen: selection.Selection, feature: Feature, context: dict[str, Any]
) -> HttpResponse:
    """Take the value: without it draw its form, with it the plan, once confirmed submit."""
    held = {row["account_id"]: row["n"] for row in _per_account(chosen)}
    accounts = list(ProviderAccount.objects.filter(pk__in=list(held)).order_by("name"))
    step = request.POST.get("step", "")
    data = request.POST if step in {"plan", "confirm"} else None
    form = FeatureForm(data, feature=feature, accounts=accounts, initial={"key": new_key()})
    context |= {"form": form, "can_clear": _clearable(feature, accounts)}
    if data is None or not form.is_valid():
        status = 422 if data is not None else 200
        return render(request, "inventory/feature_bulk.html", context, status=status)
    plans: list[Any]
    if walks.is_large(chosen):
        plans = feature_counts.plan(feature, chosen.numbers, form.values)
    else:
        owned = chosen.numbers.order_by().values_list("tn", "account_id")
        values = {tn: form.values[pk] for tn, pk in owned if pk in form.values}
        plans = feature_changes.plan(feature, values)
    left = sum(count for pk, count in held.items() if pk not in form.values)
    context |= _plan_context(feature, plans, form) | {"left_count": left}
    context["is_large"] = walks.is_large(chosen)
    status = 200
    if step == "confirm":
        if context["expected"] and request.POST.get("typed", "") != context["expected"]:
            context["typed_error"] = f"Type {context['expected']}. Nothing was sent."
            status = 422
        else:
            return _confirmed(request, feature, chosen, plans, form, context)
    return render(request, "inventory/feature_bulk.html", context, status=status)


def _per_account(chosen: selection.Selection) -> Any:
    """Return how many of the chosen numbers each account has."""
    return chosen.numbers.order_by().values("account_id").annotate(n=Count("pk"))


def _confirmed(
    request: Request,
    feature: Feature,
    chosen: selection.Selection,
    plans: list[Any],
    form: FeatureForm,
    context: dict[str, Any],
) -> HttpResponse:
    said = {
        "actor": request.user,
        "key": form.cleaned_data["key"],
        "reason": form.cleaned_data["reason"],
    }
    try:
        if context["needs_approval"]:
            count = context["change_count"]
            approval = approvals.ask_leaving(feature, chosen, count=count, **said)
            messages.info(request, "Asked. Nothing is sent until another person approves it.")
            return redirect("portal:approval-detail", pk=approval.pk)
        if context["is_large"]:
            job = feature_counts.submit(feature, chosen, form.values, **said)
        else:
            job = feature_changes.submit(feature, plans, **said)
    except jobs.NotAccepted as refusal:
        context["problems"] = refusal.problems
        return render(request, "inventory/feature_bulk.html", context, status=409)
    return redirect("portal:job-detail", pk=job.pk)


def _plan_context(feature: Feature, plans: list[Any], form: FeatureForm) -> dict[str, Any]:
    count = sum(entry.change_count for entry in plans)
    shown = [
        (
            entry.account,
            "set" if feature.is_secret and value else feature.shown(value, entry.account),
        )
        for entry in plans
        if (entry.change_count or entry.same_count)
        and (value := form.values.get(entry.account.pk)) is not None
    ]
    return {
        "plans": plans,
        "change_count": count,
        "expected": str(count) if feature.no_undo and count else "",
        "needs_approval": needs_approval(feature, count),
        "shown": shown,
        "sent": form.resent(),
    }


def _clearable(feature: Feature, accounts: list[ProviderAccount]) -> bool:
    return any(not feature.why_not_clear(account.slug) for account in accounts)


@requires(PERMISSION)
def feature_undo_page(request: Request, pk: int) -> HttpResponse:
    """Show what taking a change back does, and do it."""
    job = get_visible_or_404(Job, request.user, pk=pk)
    digits = (request.POST if request.method == "POST" else request.GET).get("tn", "")
    tn = f"+{digits}" if digits.isascii() and digits.isdigit() else ""
    try:
        found = feature_undo.look(job, tn=tn)
    except KeyError as error:
        raise Http404("This job changed no feature.") from error
    context: dict[str, Any] = {"undo": found, "job": job, "tn": tn.lstrip("+"), "key": new_key()}
    if request.method != "POST":
        return render(request, "inventory/feature_undo.html", context)
    try:
        back = feature_undo.undo(job, actor=request.user, key=posted.key_or_new(request), tn=tn)
    except jobs.NotAccepted as refusal:
        context |= {"problems": refusal.problems, "undo": feature_undo.look(job, tn=tn)}
        return render(request, "inventory/feature_undo.html", context, status=409)
    messages.info(request, f"{found.feature.label} is being taken back.")
    if tn:
        return redirect("inventory:tn-detail", tn=tn)
    return redirect("portal:job-detail", pk=back.pk)


def _feature(name: str) -> Feature:
    if name not in features.FEATURES:
        raise Http404("There is no such feature.")
    return features.get(name)
