"""Bringing accounts in: sync on demand, and what a sync found that we do not list."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from inventory import sync
from inventory.operations.sync import sync_account
from inventory.panels import unknown_here
from portal import audit
from portal.access import Request, get_visible_or_404, requires
from portal.listing import Sort, capped_count, paginate
from portal.models import ProviderAccount

SORTS = [Sort(name="tn", label="Number", column="tn")]


@requires("inventory.sync_account")
@require_POST
def account_sync(request: Request, pk: int) -> HttpResponse:
    """Submit a sync; one of an account runs at a time. Forcing past the brake is for administrators."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    force = bool(request.POST.get("force")) and request.user.has_perm(
        "portal.change_provideraccount"
    )
    job = sync_account(account, actor=request.user, force=force)
    return redirect("portal:job-detail", pk=job.pk)


@requires("inventory.sync_account")
def unknown_list(request: Request) -> HttpResponse:
    """Return the numbers that providers list and the inventory lacks."""
    account = None
    if request.GET.get("account", "").isdigit():
        account = get_visible_or_404(ProviderAccount, request.user, pk=request.GET["account"])
    rows = unknown_here(account).select_related("account")
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
    account = get_visible_or_404(
        ProviderAccount, request.user, pk=request.POST.get("account") or None
    )
    with transaction.atomic():
        count = sync.import_unknown(account, None, actor_name=str(request.user))
        audit.record(request.user, "inventory.unknown.imported", account, after={"count": count})
    messages.success(request, f"{count:,} number(s) of {account} are in stock now.")
    return redirect("inventory:unknown-list")
