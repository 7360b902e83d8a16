"""Writes of the platform that stay in our database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit, jobs
from portal.models import Customer, ProviderAccount, ProviderToken, User


@transaction.atomic
def pause_account(account: ProviderAccount, *, actor: User, reason: str) -> None:
    """Stop all calls to an account; jobs that need it wait or refuse with the reason."""
    account.paused_at, account.pause_reason = timezone.now(), reason[:200]
    account.save(update_fields=["paused_at", "pause_reason"])
    audit.record(actor, "portal.account.paused", account, reason=reason)


@transaction.atomic
def resume_account(account: ProviderAccount, *, actor: User) -> None:
    """Allow calls again: no pause, breaker closed, failures forgotten. What waits is tried at once."""
    before = {"health": account.health, "pause_reason": account.pause_reason}
    account.paused_at, account.pause_reason = None, ""
    account.breaker, account.breaker_until = ProviderAccount.Breaker.CLOSED, None
    account.failure_count = account.opened_count = 0
    account.save(
        update_fields=[
            *("paused_at", "pause_reason", "breaker", "breaker_until"),
            *("failure_count", "opened_count"),
        ]
    )
    audit.record(actor, "portal.account.resumed", account, before=before)
    jobs.wake(account)


@transaction.atomic
def save_account(form: Any, *, actor: User) -> ProviderAccount:
    """Save a bound, valid `ProviderAccountForm` and audit it without its secrets.

    Only what the form holds is written: workers change health and budgets at the same time. New
    secrets end a pause for refused ones: what was wrong is mended.
    """
    is_new = form.instance.pk is None
    before, after = form.changes()
    account: ProviderAccount = form.save(commit=False)
    if is_new:
        account.save()
    else:
        account.save(update_fields=[*form.Meta.fields, "credentials", "settings"])
    if form.has_new_secrets:
        ProviderToken.objects.filter(account=account).delete()
        account.refresh_from_db(fields=["paused_at", "pause_reason"])
    if after:
        verb = "portal.account.added" if is_new else "portal.account.changed"
        audit.record(actor, verb, account, before=before, after=after)
    if form.has_new_secrets and account.pause_reason == ProviderAccount.REFUSED_CREDENTIALS:
        resume_account(account, actor=actor)
    return account


def make_unopened(
    slug: str, *, name: str, base_url: str, like: ProviderAccount | None
) -> ProviderAccount:
    """Return a saved account without credentials, for a provider to fill in; nothing syncs it yet.

    It is the sandbox where an account of the same provider at the same address is.
    """
    is_sandbox = bool(like and like.is_sandbox and like.base_url == base_url)
    return ProviderAccount.objects.create(
        slug=slug,
        name=name,
        base_url=base_url,
        credentials={},
        is_sandbox=is_sandbox,
        next_sync_at=timezone.now() + timedelta(days=1),
    )


@transaction.atomic
def save_customer(form: Any, *, actor: User) -> Customer:
    """Save a bound, valid `CustomerForm` and audit what it changes."""
    is_new = form.instance.pk is None
    before = {} if is_new else {name: str(form.initial[name]) for name in form.changed_data}
    customer: Customer = form.save()
    after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
    if after:
        verb = "portal.customer.added" if is_new else "portal.customer.changed"
        facts = {"before": before, "after": after, "customer_id": customer.pk}
        audit.record(actor, verb, customer, **facts)
    return customer
