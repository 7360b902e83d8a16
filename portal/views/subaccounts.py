"""Accounts themselves: profile settings, sub-accounts, sign-up, recovery, and passwords shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from portal import htmx, jobs, passwords, providers, services, statement_page, told_words
from portal.access import Request, get_visible_or_404, requires
from portal.forms_subaccount import RecoverForm, SettingsForm, SignUpForm, SubaccountForm
from portal.jobs.submit import new_key
from portal.models import AccountFact, Job, ProviderAccount
from portal.operations import Item
from portal.sealed import Unreadable

OPENED_SHOWN = 50


@requires("portal.change_provideraccount")
def account_settings(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form for the settings that the provider keeps."""
    account = _account(request, pk, "account_settings")
    known = _known_settings(account)
    form = SettingsForm(request.POST or None, known=known, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        params = {"account": account.name, "changes": form.changes, "before": known}
        if answer := _submitted(request, form, "portal.change_settings", account, params):
            return answer
    return _form(request, form, account, "account_settings")


@requires("portal.view_statement")
def subaccount_list(request: Request, pk: int) -> HttpResponse:
    """Return the customers under an account, and the accounts that were opened from here."""
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    opened = Job.objects.filter(account=account, kind="portal.open_subaccount")
    can_manage = request.user.has_perm("portal.manage_subaccount")
    part = statement_page.parts(account, "clients")["clients"]
    context = {
        "account": account,
        "tabs": statement_page.tabs(account, request.user, "subaccounts"),
        "part": part,
        "clients": [(row, told_words.told(row["details"])) for row in part.content.get("rows", [])],
        "opened": opened.prefetch_related("items").select_related("actor")[:OPENED_SHOWN],
        "why_not": providers.why_not(account.slug, "account_creation"),
        "can_open": can_manage and providers.offers(account.slug, "account_creation"),
        "can_refresh": request.user.has_perm("portal.refresh_statement"),
    }
    return render(request, "portal/subaccount_list.html", context)


@requires("portal.manage_subaccount")
def subaccount_new(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form for an account under ours."""
    account = _account(request, pk, "account_creation")
    form = SubaccountForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        params = {name: value for name, value in form.cleaned_data.items() if name != "key"}
        if answer := _submitted(request, form, "portal.open_subaccount", account, params):
            return answer
    return _form(request, form, account, "subaccount_new")


@requires("portal.manage_subaccount")
def provider_sign_up(request: Request) -> HttpResponse:
    """Draw and take the form for a new account at the provider in ``?provider=``."""
    slug = request.GET.get("provider", "")
    if slug not in providers.REGISTRY or not providers.offers(slug, "account_signup"):
        raise Http404("This provider opens no accounts from here.")
    cls = providers.provider_class(slug)
    like = ProviderAccount.objects.filter(slug=slug).first()
    address = like.base_url if like else cls.default_base_url
    known = Job.objects.filter(key=request.POST.get("key") or "-", actor=request.user).first()
    if known is not None:  # the form was sent twice
        return htmx.go(request, "portal:job-detail", pk=known.pk)
    initial = {"key": new_key(), "base_url": address, "label": f"{cls.name} new"}
    form = SignUpForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        params = {"provider": cls.name} | {n: given[n] for n in ("name", "email", "promo")}
        with transaction.atomic():
            account = services.make_unopened(
                slug, name=given["label"], base_url=given["base_url"], like=like
            )
            answer = _submitted(request, form, "portal.sign_up", account, params)
            if answer is not None:
                return answer
            transaction.set_rollback(True)
    return _form(request, form, None, "provider_sign_up", provider_name=cls.name)


@requires("portal.manage_subaccount")
def account_recover(request: Request, pk: int) -> HttpResponse:
    """Draw and take the form that has the way back into an account mailed."""
    account = _account(request, pk, "account_recovery")
    form = RecoverForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        params = {"account": account.name, "email": form.cleaned_data["email"]}
        if answer := _submitted(request, form, "portal.recover_account", account, params):
            return answer
    return _form(request, form, account, "account_recover")


@requires("portal.manage_subaccount")
@never_cache
def job_password(request: Request, pk: int) -> HttpResponse:
    """Ask whether to show the password of an opened account and, by POST, show it this once."""
    job = get_visible_or_404(Job.objects.filter(kind__in=passwords.KINDS), request.user, pk=pk)
    context: dict[str, Any] = {"job": job, "is_there": passwords.is_there(job)}
    if request.method == "POST":
        try:
            context["username"], context["password"] = passwords.take(job, actor=request.user)
        except Unreadable as error:
            messages.error(request, str(error))
    return render(request, "portal/subaccount_password.html", context)


def _submitted(
    request: Request, form: Any, kind: str, account: ProviderAccount, params: dict[str, Any]
) -> HttpResponse | None:
    """Submit the job and return the way to it; None where the form now says why not."""
    try:
        job = jobs.submit(
            kind,
            actor=request.user,
            account=account,
            params=params,
            items=[Item(target=f"account:{account.pk}")],
            key=form.cleaned_data["key"],
        )
    except jobs.NotAccepted as refusal:
        form.add_error(None, str(refusal))
        return None
    return htmx.go(request, "portal:job-detail", pk=job.pk)


def _form(
    request: Request, form: Any, account: ProviderAccount | None, what: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "account": account, "what": what, **more}
    status = 422 if form.is_bound else 200
    return render(request, "portal/subaccount_form.html", context, status=status)


def _account(request: Request, pk: int, capability: str) -> ProviderAccount:
    account = get_visible_or_404(ProviderAccount, request.user, pk=pk)
    if not providers.offers(account.slug, capability):
        raise Http404(providers.why_not(account.slug, capability))
    return account


def _known_settings(account: ProviderAccount) -> dict[str, Any]:
    """Return the settings as told last, by the names of the form."""
    fact = AccountFact.objects.filter(account=account, kind="profile").first()
    content = fact.content if fact else {}
    switched = content.get("services", {})
    names = ("time_zone", "is_warned", "warn_below", "caller_id", "concurrent_calls")
    services_told = ("sms", "mms", "international", "e911")
    return {name: content.get(name) for name in names} | {
        f"has_{name}": switched.get(name) for name in services_told
    }
