"""Bringing accounts in: sync on demand, and what a sync found that we do not list."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import home, sync
from inventory.operations.sync import sync_account
from portal import audit, jobs
from portal.access import Request, get_visible_or_404, requires
from portal.listing import Sort, capped_count, paginate
from portal.models import ProviderAccount

SORTS = [Sort(name="tn", label="Number", column="tn")]


@requires("inventory.sync_account")
@require_POST
def account_sync(request: Request, pk: int) -> HttpResponse:
    """Submit a sync; one of an account runs at a time. Forcing past the brake is for administrators."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    force = bool(request.POST.get("force"))
    if force and not request.user.has_perm("portal.change_provideraccount"):
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


@requires("inventory.sync_account")
def unknown_list(request: Request) -> HttpResponse:
    """Return the numbers that providers list and the inventory lacks."""
    account = None
    if wanted := request.GET.get("account"):
        account = get_visible_or_404(ProviderAccount, request.user, pk=wanted)
    rows = home.unknown_here(account).select_related("account")
    count, is_exact = capped_count(rows)
    context = {
        "page": paginate(request, rows, SORTS),
        "count": count,
        "count_is_exact": is_exact,
        "account": account,
        "accounts": ProviderAccount.objects.visible_to(request.user),
    }
    return render(request, "inventory/unknown_list.html", context)


@requires("inventory.sync_account")
@require_POST
def unknown_import(request: Request) -> HttpResponse:
    """Take what one account lists and we lack into stock."""
    wanted = request.POST.get("account") or None
    account = get_visible_or_404(ProviderAccount, request.user, pk=wanted)
    with transaction.atomic():
        count = sync.import_unknown(account, actor=request.user)
        audit.record(request.user, "inventory.unknown.imported", account, after={"count": count})
    home.forget_unknown(account)
    if count:
        words = "1 number is" if count == 1 else f"{count:,} numbers are"
        messages.success(request, f"{words} in stock now, at {account}.")
    else:
        messages.info(request, f"{account} lists nothing that we lack. Nothing was changed.")
    return redirect("inventory:unknown-list")
