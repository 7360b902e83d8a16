"""The lifecycle's verbs and the edit of many numbers: a form, a preview for many, and doing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from inventory import (
    approvals,
    lifecycle_page,
    selection,
    services,
    taking_over,
    walks,
)
from inventory.forms.edit import EditManyForm
from inventory.forms.lifecycle import LifecycleForm
from inventory.lifecycle import ANY, VERBS, done_by, needs_approval
from inventory.operations.walks import EditMany, MoveMany
from inventory.selection import Selection
from inventory.services.edit import changed_by, edit_many, overfilled_by
from inventory.services.lifecycle import Preview, preview
from portal import jobs, posted
from portal.access import Request, requires
from portal.jobs.submit import new_key


@requires("inventory.assign_telephonenumber")
def lifecycle(request: Request, verb: str) -> HttpResponse:
    """Ask what a verb must know, show what it would do to many, and do it.

    One number goes at once; of many a preview of the same answers must have been seen. What takes
    two people is asked for and not done.
    """
    chosen = selection.read(request)
    if not chosen.count:
        return _nothing_chosen(request, chosen)
    form = LifecycleForm(
        request.POST or None,
        verb=VERBS[verb],
        user=request.user,
        set_on=lifecycle_page.set_features(verb, chosen),
        initial=lifecycle_page.initial(verb, chosen, request.GET.get("after", "")),
    )
    is_valid = form.is_bound and form.is_valid() and not chosen.problem
    seen = preview(VERBS[verb], chosen.numbers, form.choice if is_valid else ANY)
    token = form.token(chosen.mark) if is_valid else ""
    is_confirmed = chosen.count == 1 or form.data.get("seen") == token
    if is_valid and is_confirmed and seen.going:
        if needs_approval(form.verb, form.choice, seen.going):
            return _asked(request, form, chosen, seen)
        if walks.is_large(chosen):
            kept = {"verb": verb, "choice": form.choice.kept()}
            return _by_job(request, MoveMany.kind, chosen, kept)
        return _carried_out(request, form, chosen, seen)
    context = lifecycle_page.context(form, chosen, seen, token=token)
    context["is_possible"] = bool(seen.going or preview(form.verb, chosen.numbers, ANY).going)
    return render(request, "inventory/lifecycle_form.html", context, status=_status(form, seen))


def _status(form: LifecycleForm, seen: Preview) -> int:
    if form.is_bound and not form.is_valid():
        return 422
    return 409 if form.is_bound and not seen.going else 200


def _asked(request: Request, form: LifecycleForm, chosen: Selection, seen: Preview) -> HttpResponse:
    try:
        approval = approvals.ask_verb(
            form.verb,
            chosen,
            form.choice,
            count=seen.going,
            actor=request.user,
            key=posted.key_or_new(request),
        )
    except jobs.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.error(request, f"{problem.message} {problem.advice}")
        return redirect(chosen.back_url)
    messages.info(request, "Asked. Nothing is changed until another person approves it.")
    return redirect("portal:approval-detail", pk=approval.pk)


def _carried_out(
    request: Request, form: LifecycleForm, chosen: Selection, seen: Preview
) -> HttpResponse:
    verb = form.verb
    try:
        count, job = taking_over.carry_out(verb, chosen.numbers, form.choice, actor=request.user)
    except (services.IllegalMove, jobs.NotAccepted) as error:
        messages.error(request, f"{error} Nothing was changed.")
        return redirect(chosen.back_url)
    done = done_by(verb, form.choice)
    which = "The number is" if count == 1 else f"{count:,} numbers are"
    messages.success(request, f"{which} {done}.")
    if job:
        gone = taking_over.labels(form.choice.take_off)
        messages.info(request, f"Being taken off at the provider, by job {job.pk}: {gone}.")
    for refusal in seen.refusals:
        messages.warning(
            request, f"{refusal.count:,} stayed as before: {refusal.words}. {refusal.advice}"
        )
    return _back(chosen)


@requires("inventory.change_telephonenumber")
def tn_edit_many(request: Request) -> HttpResponse:
    """Change label, billing, cost, note, tags and locks of many numbers, after a preview."""
    chosen = selection.read(request)
    if not chosen.count:
        return _nothing_chosen(request, chosen)
    form = EditManyForm(request.POST or None, user=request.user)
    is_valid = form.is_bound and form.is_valid() and not chosen.problem
    if is_valid and (count := overfilled_by(chosen.numbers, form.edit)):
        form.refuse_tags(count)
        is_valid = False
    context: dict[str, Any] = {"form": form, "selection": chosen}
    if is_valid:
        token = form.token(chosen.mark)
        if form.data.get("seen") == token and walks.is_large(chosen):
            return _by_job(request, EditMany.kind, chosen, {"edit": form.edit.kept()})
        if form.data.get("seen") == token:
            count = edit_many(chosen.numbers, form.edit, actor=request.user)
            messages.success(request, f"{count:,} number{'' if count == 1 else 's'} changed.")
            return _back(chosen)
        changed = changed_by(chosen.numbers, form.edit)
        context |= lifecycle_page.edit_preview(changed, form.edit)
        context |= {"token": token, "key": new_key()}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "inventory/edit_many.html", context, status=status)


def _by_job(request: Request, kind: str, chosen: Selection, params: dict[str, Any]) -> HttpResponse:
    """Have very many numbers done by a job; its page is shown at once."""
    job = jobs.submit(
        kind,
        actor=request.user,  # type: ignore[arg-type]
        params=params | walks.facts(chosen),
        key=posted.key_or_new(request),
    )
    return redirect("portal:job-detail", pk=job.pk)


def _nothing_chosen(request: Request, chosen: Selection) -> HttpResponse:
    messages.warning(request, f"{chosen.problem} Nothing was changed.")
    return redirect(chosen.back_url)


def _back(chosen: Selection) -> HttpResponse:
    """Lead back to the number, or to the list that the numbers were chosen from."""
    if chosen.count == 1 and not chosen.is_all and (number := chosen.numbers.first()):
        return redirect(number)
    return redirect(chosen.back_url)
