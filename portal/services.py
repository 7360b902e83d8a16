"""Writes of the platform that stay in our database."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import ProviderAccount, User


@transaction.atomic
def pause_account(account: ProviderAccount, *, actor: User, reason: str) -> None:
    """Stop all calls to an account; jobs that need it wait or refuse with the reason."""
    account.paused_at, account.pause_reason = timezone.now(), reason[:200]
    account.save(update_fields=["paused_at", "pause_reason"])
    audit.record(actor, "portal.account.paused", account, reason=reason)


@transaction.atomic
def resume_account(account: ProviderAccount, *, actor: User) -> None:
    """Allow calls again: no pause, breaker closed, failures forgotten."""
    before = {"health": account.health, "pause_reason": account.pause_reason}
    account.paused_at, account.pause_reason = None, ""
    account.breaker, account.breaker_until = ProviderAccount.Breaker.CLOSED, None
    account.failure_count = account.opened_count = 0
    account.save()
    audit.record(actor, "portal.account.resumed", account, before=before)
