"""Provider accounts: health, budgets, capabilities, test call, pause, settings and secrets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import health, jobs, panels, plots, provider_page, providers, services, statement_page
from portal.access import Request, get_visible_or_404, requires
from portal.forms import PauseForm, ProviderAccountForm
from portal.models import ProviderAccount


@requires("portal.view_provideraccount")
def provider_list(request: Request) -> HttpResponse:
    """Return all accounts with their health."""
    visible = ProviderAccount.objects.visible_to(request.user).order_by("name")
    context: dict[str, Any] = {
        "accounts": provider_page.with_figures(visible),
        "slugs": [(slug, providers.provider_class(slug).name) for slug in providers.REGISTRY],
        "can_manage": request.user.has_perm("portal.change_provideraccount"),
    }
    if request.user.has_perm("portal.manage_subaccount"):
        context["signups"] = [
            pair for pair in context["slugs"] if providers.offers(pair[0], "account_signup")
        ]
        context["recoverable"] = [
            account
            for account in context["accounts"]
            if providers.offers(account.slug, "account_recovery")
        ]
    return render(request, "portal/provider_list.html", context)


@requires("portal.view_provideraccount")
def provider_detail(request: Request, pk: int) -> HttpResponse:
    """Return one account: what it offers, how it is, what was said lately."""
    return _detail(request, _account(request, pk), PauseForm())


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
    account = _account(request, pk)
    return _account_form(request, account.slug, account)


@requires("portal.test_provideraccount")
@require_POST
def provider_test(request: Request, pk: int) -> HttpResponse:
    """Make the test call, as a job."""
    account = _account(request, pk)
    try:
        job = jobs.submit(
            "inventory.check_account",
            actor=request.user,
            account=account,
            params={"account": account.name},
        )
    except jobs.NotAccepted as refusal:
        messages.error(request, str(refusal))
        return _detail(request, account, PauseForm(), status=409)
    return redirect("portal:job-detail", pk=job.pk)


@requires("portal.change_provideraccount")
@require_POST
def provider_pause(request: Request, pk: int) -> HttpResponse:
    """Stop all calls to an account until somebody resumes them."""
    account = _account(request, pk)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _detail(request, account, form, status=422)
    services.pause_account(account, actor=request.user, reason=form.cleaned_data["reason"])
    messages.info(request, f"{account} is paused. Jobs wait or refuse with your reason.")
    return redirect("portal:provider-detail", pk=account.pk)


@requires("portal.change_provideraccount")
@require_POST
def provider_resume(request: Request, pk: int) -> HttpResponse:
    """Allow calls again and close the breaker."""
    account = _account(request, pk)
    services.resume_account(account, actor=request.user)
    messages.success(request, f"Calls to {account} go on.")
    return redirect("portal:provider-detail", pk=account.pk)


def _account(request: Request, pk: int) -> ProviderAccount:
    return get_visible_or_404(ProviderAccount, request.user, pk=pk)


def _detail(
    request: Request, account: ProviderAccount, pause_form: PauseForm, *, status: int = 200
) -> HttpResponse:
    user: Any = request.user
    context = provider_page.context(account) | {
        "pause_form": pause_form,
        "can_test": user.has_perm("portal.test_provideraccount"),
        "can_manage": user.has_perm("portal.change_provideraccount"),
        "can_list": providers.offers(account.slug, "inventory_list"),
        "tabs": statement_page.tabs(account, request.user, "overview"),
        "panels": [source(request, account) for source in panels.account_panels],
        "plots": plots.draw(health.plots([account]), request.user),
    }
    return render(request, "portal/provider_detail.html", context, status=status)


def _account_form(request: Request, slug: str, account: ProviderAccount | None) -> HttpResponse:
    form = ProviderAccountForm(request.POST or None, instance=account, slug=slug)
    if request.method == "POST" and form.is_valid():
        saved = services.save_account(form, actor=request.user)
        messages.success(request, f"{saved} is saved. Make a test call to see that it works.")
        return redirect("portal:provider-detail", pk=saved.pk)
    name = str(form.initial.get("name", "")) if account else ""
    context = {"form": form, "account": account, "name": name, "provider_name": form.provider.name}
    return render(
        request, "portal/provider_form.html", context, status=422 if form.is_bound else 200
    )
