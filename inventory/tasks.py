"""Scheduled entries of the inventory."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inventory import route_changes, services, stock_days
from inventory.drift.compare import reopen_lapsed
from inventory.operations import lifecycle
from inventory.operations.accounts import SyncRoutes
from inventory.operations.sync import sync_account
from portal import jobs, providers
from portal.models import Job, ProviderAccount


@shared_task(name="inventory.tasks.sync_due_accounts")
def sync_due_accounts() -> None:
    """Submit a sync of numbers, and of what is around them, for every account whose time has come.

    Differences that were ignored until a day that has come are open again. The next time is set at
    once, or a list that fails would be fetched again every minute.
    """
    with transaction.atomic():
        reopen_lapsed()
    due = ProviderAccount.objects.usable().filter(
        Q(next_sync_at=None) | Q(next_sync_at__lte=timezone.now())
    )
    for account in due.offering("inventory_list"):
        pause = timedelta(minutes=max(1, account.sync_interval_minutes))
        ProviderAccount.objects.filter(pk=account.pk).update(next_sync_at=timezone.now() + pause)
        sync_account(account, actor=None, source=Job.Source.SCHEDULE)
        if providers.offers(account.slug, SyncRoutes.capability):
            jobs.submit(
                SyncRoutes.kind,
                actor=None,
                account=account,
                params={"account": account.name},
                source=Job.Source.SCHEDULE,
            )
        route_changes.refresh_around(account, actor=None, source=Job.Source.SCHEDULE)


@shared_task(name="inventory.tasks.expire_holds")
def expire_holds() -> None:
    """Show holds that have run out as what they are."""
    services.expire_holds()


@shared_task(name="inventory.tasks.move_lifecycle")
def move_lifecycle() -> None:
    """End holds and aging whose day is over, and give back what was set aside for it."""
    lifecycle.move_all()


@shared_task(name="inventory.tasks.count_stock")
def count_stock() -> None:
    """Keep how many numbers each account has in each state today; the last count of a day stands."""
    stock_days.count_today()
