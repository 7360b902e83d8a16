"""Bringing accounts in: sync on demand."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from inventory.operations.sync import sync_account
from portal import brake, jobs
from portal.access import Request, get_visible_or_404, requires
from portal.models import ProviderAccount


@requires("inventory.sync_account")
@require_POST
def account_sync(request: Request, pk: int) -> HttpResponse:
    """Submit a sync; one of an account runs at a time. Forcing past the brake is for administrators."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    force = bool(request.POST.get("force"))
    if force and not request.user.has_perm(brake.OVERRULES):
        raise PermissionDenied("Only an administrator applies a list that the brake has stopped.")
    try:
        job = sync_account(account, actor=request.user, force=force)
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:provider-detail", pk=account.pk)
    if force and not job.params.get("force"):
        messages.warning(
            request,
            "A sync of this account is open already, so that nothing was forced. "
            "Wait until it has ended.",
        )
    return redirect("portal:job-detail", pk=job.pk)
