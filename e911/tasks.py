"""Scheduled entries of E911."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from e911.models import EmergencyRecord
from e911.operations.reading import read
from e911.operations.syncing import sync_records
from e911.services import differences, standings
from portal.models import Job, ProviderAccount

PATIENCE = timedelta(hours=1)  # a list that failed is not fetched again before
LOST_AT_ONCE = 50  # numbers whose alarm is looked at again in one round


@shared_task(name="e911.tasks.catch_up")
def catch_up() -> None:
    """Let records and gap report follow the numbers that changed."""
    standings.catch_up()


@shared_task(name="e911.tasks.rebuild")
def rebuild() -> None:
    """Look at every number: tests grow old, and nothing is left out for ever."""
    differences.reopen_lapsed()
    standings.rebuild()


@shared_task(name="e911.tasks.sync_due_accounts")
def sync_due_accounts() -> None:
    """Submit a reading of the list of every account whose last one is old."""
    now = timezone.now()
    for account in ProviderAccount.objects.usable().offering("e911_list"):
        asked = Job.objects.filter(account=account, kind="e911.sync")
        age = timedelta(hours=settings.E911_SYNC_HOURS)
        is_fresh = asked.filter(status=Job.Status.SUCCEEDED, created_at__gt=now - age).exists()
        # Before its numbers are known every record would look like an orphan.
        if is_fresh or account.last_sync_at is None:
            continue
        if not asked.filter(created_at__gt=now - PATIENCE).exists():
            sync_records(account, actor=None, source=Job.Source.SCHEDULE)


@shared_task(name="e911.tasks.look_at_lost")
def look_at_lost() -> None:
    """Ask again about numbers whose address is lost: the alarm ends when one is active again."""
    lost = EmergencyRecord.objects.lost().select_related("account", "number").order_by("lost_at")
    for record in lost.exclude(state__in=EmergencyRecord.OPEN)[:LOST_AT_ONCE]:
        if record.account.is_enabled and record.account.paused_at is None:
            read([record], actor=None, source=Job.Source.SCHEDULE)
