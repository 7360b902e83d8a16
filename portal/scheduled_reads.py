"""What is asked of provider accounts by the clock, within their budgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from portal import account_facts, call_windows, jobs, providers
from portal.models import AccountFact, Job, ProviderAccount
from portal.statement_page import CALLS, SOURCES

# Half of what the strictest provider allows (six an hour and address), the rest is for people.
FACT_HOURS: Final = 6
CALL_MINUTES: Final = 20
TICKET_MINUTES: Final = 10  # nobody limits these


def submit_due() -> list[Job]:
    """Submit the reads whose answer is old; return their jobs.

    A kind that was asked for lately is left alone, whether it answered or not.
    """
    submitted = []
    for account in ProviderAccount.objects.usable():
        if not account.has_readable_credentials or not account.credentials:
            continue
        for name in SOURCES:
            if _is_due(account, name):
                submitted.append(_submit(account, SOURCES[name].kind))
        if providers.offers(account.slug, "support_tickets") and not _was_asked(
            account, "portal.sync_tickets", timedelta(minutes=TICKET_MINUTES)
        ):
            submitted.append(_submit(account, "portal.sync_tickets"))
    return submitted


def _is_due(account: ProviderAccount, name: str) -> bool:
    source, now = SOURCES[name], timezone.now()
    if not providers.offers(account.slug, source.capability):
        return False
    if name == "balance" and providers.offers(account.slug, "account_profile"):
        return False  # the profile tells it
    pause = timedelta(minutes=CALL_MINUTES) if name == CALLS else timedelta(hours=FACT_HOURS)
    if _was_asked(account, source.kind, pause):
        return False
    if name == CALLS:
        known = account_facts.covered(account)
        patience = account_facts.CALLS_PATIENCE
        return call_windows.next_window(known, now, patience=patience) is not None
    fact = AccountFact.objects.filter(account=account, kind=name, fetched_at__gt=now - pause)
    return not fact.exists()


def _was_asked(account: ProviderAccount, kind: str, lately: timedelta) -> bool:
    since = timezone.now() - lately
    return Job.objects.filter(account=account, kind=kind, created_at__gt=since).exists()


def _submit(account: ProviderAccount, kind: str) -> Job:
    return jobs.submit(
        kind,
        actor=None,
        account=account,
        params={"account": account.name},
        source=Job.Source.SCHEDULE,
    )
