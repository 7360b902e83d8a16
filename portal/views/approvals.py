"""The second person: what waits for an approval, one of it with its preview, and the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from portal import approval_page, approval_rows, approvals, htmx, jobs, kept
from portal.access import Request, get_visible_or_404, requires
from portal.forms_approval import ApproveForm, RefuseForm
from portal.listing import Sort, paginate
from portal.models import Approval

SORTS = [Sort(name="asked", label="Asked", column="asked_at")]


@requires("portal.view_approval")
def approval_list(request: Request) -> HttpResponse:
    """Return what waits, what the user asked for, or what was decided; the newest first."""
    chosen = approval_page.TABS.get(request.GET.get("what", ""), approval_page.TABS["waiting"])
    rows = chosen.rows(Approval.objects.visible_to(request.user), request.user)
    page = paginate(
        request, rows, SORTS, default="-asked", is_narrow=True, fetch=approval_rows.fetch
    )
    return kept.render_rows(
        request,
        ("portal/approval_list.html", "portal/_approval_table.html"),
        page,
        approval_rows.draw(page.rows, is_waiting=chosen.name == "waiting"),
        lambda: {"tabs": approval_page.TABS.values(), "chosen": chosen},
    )


@requires("portal.view_approval")
def approval_detail(request: Request, pk: int) -> HttpResponse:
    """Return one approval: who asks for what and why, and what it would do now."""
    return _page(request, _approval(request, pk))


@requires("portal.decide_approval")
@require_POST
def approval_approve(request: Request, pk: int) -> HttpResponse:
    """Approve it, and have it carried out."""
    approval = _approval(request, pk)
    kind = approvals.get(approval.kind)
    form = ApproveForm(request.POST, expected=approval.count if kind.is_final else None)
    if not form.is_valid():
        return _page(request, approval, status=422, approve_form=form)
    try:
        done = approvals.approve(approval, actor=request.user, reason=form.cleaned_data["reason"])
    except approvals.NotDecided as error:
        return _not_decided(request, pk, error)
    except jobs.NotAccepted as refusal:
        words = "Nothing was done: it is not any more what was asked for."
        messages.error(request, words)
        return _page(request, approval, status=409, problems=refusal.problems)
    messages.success(request, f"Approved. {done.words}")
    return htmx.go(request, "portal:approval-detail", pk=pk)


@requires("portal.decide_approval")
@require_POST
def approval_refuse(request: Request, pk: int) -> HttpResponse:
    """Refuse it, with a reason; nothing is done."""
    approval = _approval(request, pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, approval, status=422, refuse_form=form)
    try:
        approvals.refuse(approval, actor=request.user, reason=form.cleaned_data["reason"])
    except approvals.NotDecided as error:
        return _not_decided(request, pk, error)
    messages.success(request, f"Refused. {approval.asked_by} is told why; nothing was done.")
    return htmx.go(request, "portal:approval-list")


@requires("portal.decide_approval")
@require_POST
def approval_withdraw(request: Request, pk: int) -> HttpResponse:
    """Take one's own question back."""
    try:
        approvals.withdraw(_approval(request, pk), actor=request.user)
    except approvals.NotDecided as error:
        return _not_decided(request, pk, error)
    messages.success(request, "Withdrawn. Nothing was done.")
    return htmx.go(request, "portal:approval-detail", pk=pk)


def _approval(request: Request, pk: int) -> Approval:
    rows = Approval.objects.select_related("asked_by", "decided_by")
    return get_visible_or_404(rows, request.user, pk=pk)


def _not_decided(request: Request, pk: int, error: approvals.NotDecided) -> HttpResponse:
    messages.error(request, str(error))
    return _page(request, _approval(request, pk), status=409)


def _page(request: Request, approval: Approval, *, status: int = 200, **shown: Any) -> HttpResponse:
    context = approval_page.context(approval, request.user, **shown)
    return render(request, "portal/approval_detail.html", context, status=status)
