"""Provider accounts: health, budgets, capabilities, test call, pause, settings and secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Avg, Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal import audit, jobs, panels, providers, services
from portal.access import Request, get_visible_or_404, requires
from portal.forms import PauseForm, ProviderAccountForm
from portal.models import BudgetSpend, Exchange, Job, ProviderAccount, ProviderToken


@requires("portal.view_provideraccount")
def provider_list(request: Request) -> HttpResponse:
    """Return all accounts with their health."""
    accounts: list[Any] = list(
        ProviderAccount.objects.visible_to(request.user).annotate(
            waiting=Count("jobs", filter=Q(jobs__status__in=["queued", "waiting", "unknown"]))
        )
    )
    recent = _latency(Exchange.objects.all())
    for account in accounts:
        account.latency = recent.get(account.pk, {})
        account.budgets = _budgets(account)
    slugs = [(slug, providers.provider_class(slug).name) for slug in providers.REGISTRY]
    return render(request, "portal/provider_list.html", {"accounts": accounts, "slugs": slugs})


@requires("portal.view_provideraccount")
def provider_detail(request: Request, pk: int) -> HttpResponse:
    """Return one account: what it offers, how it is, what was said lately."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    provider = providers.provider_class(account.slug)
    exchanges = Exchange.objects.filter(account=account).defer(
        "request_body", "reply_body", "request_headers"
    )
    context = {
        "account": account,
        "limits": provider.limits,
        "capabilities": [
            (name.replace("_", " ").capitalize(), providers.why_not(account.slug, name))
            for name in providers.CAPABILITIES
        ],
        "budgets": _budgets(account),
        "latency": _latency(exchanges).get(account.pk, {}),
        "series": [
            round((seconds or 0) * 1000)
            for seconds in exchanges.filter(seconds__isnull=False)
            .order_by("-id")
            .values_list("seconds", flat=True)[:60]
        ][::-1],
        "exchanges": exchanges.order_by("-id")[:15],
        "queue": Job.objects.filter(account=account).open().order_by("id")[:10],
        "pause_form": PauseForm(),
        "can_test": request.user.has_perm("portal.test_provideraccount"),
        "panels": [source(request, account) for source in panels.account_panels],
        "last_test": Job.objects.filter(account=account, kind="inventory.check_account").first(),
    }
    return render(request, "portal/provider_detail.html", context)


@requires("portal.change_provideraccount")
def provider_add(request: Request) -> HttpResponse:
    """Draw and take the form for a new account of the provider in ``?provider=``."""
    slug = request.GET.get("provider", "")
    if slug not in providers.REGISTRY:
        raise Http404("There is no such provider.")
    return _account_form(request, slug, None)


@requires("portal.change_provideraccount")
def provider_edit(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form for an account's settings and secrets."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    return _account_form(request, account.slug, account)


def _account_form(request: Request, slug: str, account: ProviderAccount | None) -> HttpResponse:
    form = ProviderAccountForm(request.POST or None, instance=account, slug=slug)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            # New credentials: a token that the old ones gave is not theirs.
            if any(name.startswith("secret_") for name in form.changed_data):
                ProviderToken.objects.filter(account=saved).delete()
            verb = "portal.account.changed" if account else "portal.account.added"
            audit.record(request.user, verb, saved, after=form.changed_facts())
        messages.success(request, f"{saved} is saved. Make a test call to see that it works.")
        return redirect("portal:provider-detail", pk=saved.pk)
    context = {"form": form, "account": account, "provider_name": form.provider.name}
    status = 422 if form.is_bound else 200
    return render(request, "portal/provider_form.html", context, status=status)


@requires("portal.test_provideraccount")
@require_POST
def provider_test(request: Request, pk: int) -> HttpResponse:
    """Make the test call, as a job."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    job = jobs.submit(
        "inventory.check_account",
        actor=request.user,
        account=account,
        params={"account": account.name},
    )
    return redirect("portal:job-detail", pk=job.pk)


@requires("portal.change_provideraccount")
@require_POST
def provider_pause(request: Request, pk: int) -> HttpResponse:
    """Stop all calls to an account until somebody resumes them."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why. Nothing was paused.")
    else:
        services.pause_account(account, actor=request.user, reason=form.cleaned_data["reason"])
        messages.info(request, f"{account} is paused. Jobs wait or refuse with your reason.")
    return redirect("portal:provider-detail", pk=account.pk)


@requires("portal.change_provideraccount")
@require_POST
def provider_resume(request: Request, pk: int) -> HttpResponse:
    """Allow calls again and close the breaker."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    services.resume_account(account, actor=request.user)
    messages.success(request, f"Calls to {account} go on.")
    return redirect("portal:provider-detail", pk=account.pk)


def _latency(exchanges: Any) -> dict[int, dict[str, Any]]:
    """Return per account: average seconds, calls and failures of the last hour."""
    since = timezone.now() - timedelta(hours=1)
    rows = (
        exchanges.filter(sent_at__gte=since)
        .order_by()
        .values("account")
        .annotate(
            average=Avg("seconds"),
            calls=Count("id"),
            failures=Count("id", filter=Q(outcome__in=["timeout", "unavailable", "protocol"])),
        )
    )
    return {row["account"]: row for row in rows}


def _budgets(account: ProviderAccount) -> list[dict[str, Any]]:
    """Return each budget that was used lately: bucket, used, limit where it is ours, refill time."""
    now = timezone.now()
    rows = (
        BudgetSpend.objects.filter(
            scope__in=[f"account:{account.pk}", f"source:{account.slug}"], expires_at__gt=now
        )
        .values("scope", "bucket")
        .annotate(used=Count("id"))
        .order_by("bucket")
    )
    limits = {"calls": account.calls_per_minute}
    return [
        {
            "bucket": row["bucket"],
            "used": row["used"],
            "limit": limits.get(row["bucket"], 6 if row["scope"].startswith("source:") else None),
            "is_shared": row["scope"].startswith("source:"),
        }
        for row in rows
    ]
