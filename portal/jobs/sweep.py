"""The sweeper: starts again what was lost, and prunes what is old."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Least, Power
from django.utils import timezone

from portal.jobs.submit import deliver
from portal.models import BudgetSpend, Exchange, Job, JobItem

log = structlog.get_logger(__name__)

DELIVERIES_PER_SWEEP = 500


def sweep() -> dict[str, int]:
    """Take back lapsed leases and deliver every due job that no worker has; return the counts.

    Safe to run at any time and by several processes: moves are conditional UPDATEs, and a job
    delivered twice is carried out once.
    """
    lapsed = _take_back_lapsed()
    return {"lapsed": lapsed, "delivered": _deliver_due()}


def _take_back_lapsed() -> int:
    now = timezone.now()
    count = 0
    lapsed = Job.objects.filter(status=Job.Status.RUNNING, is_group=False, lease_until__lt=now)
    for job_id in list(lapsed.values_list("pk", flat=True)[:1000]):
        with transaction.atomic():
            job = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(pk=job_id, status=Job.Status.RUNNING, lease_until__lt=now)
                .first()
            )
            if job is None:
                continue
            count += 1
            _take_back(job)
    return count


def _take_back(job: Job) -> None:
    """Return a job whose worker is gone to the queue, or call it unknown if anything was sent."""
    open_exchanges = job.exchanges.filter(outcome="open")
    was_sent = job.is_write and (
        job.items.filter(status__in=[JobItem.Status.SENT, JobItem.Status.UNKNOWN]).exists()
        or open_exchanges.filter(is_write=True).exists()
    )
    open_exchanges.update(
        outcome="lost", note="The worker went away before the reply was recorded."
    )
    if was_sent:
        job.items.filter(status=JobItem.Status.SENT).update(
            status=JobItem.Status.UNKNOWN, message="The worker went away before the reply came."
        )
        job.status = Job.Status.UNKNOWN
        job.reason = "The worker went away after the request was sent and before the reply came."
        job.unknown_count = job.items.filter(status=JobItem.Status.UNKNOWN).count()
    else:
        job.status = Job.Status.QUEUED
        job.reason = ""
    job.lease_token = job.lease_until = job.delivered_at = None
    job.delivery_count = 0
    job.run_after = timezone.now()
    job.save(
        update_fields=[
            "status",
            "reason",
            "unknown_count",
            "lease_token",
            "lease_until",
            "delivered_at",
            "delivery_count",
            "run_after",
        ]
    )
    log.warning("lease_lapsed", job=job.pk, now=job.status)


def _deliver_due() -> int:
    """Send due jobs that were never sent, or so long ago that the broker must have lost them."""
    now = timezone.now()
    again = ExpressionWrapper(
        Value(timedelta(seconds=settings.JOB_REDELIVER_SECONDS))
        * Power(2.0, Least(F("delivery_count"), 5)),
        output_field=DurationField(),
    )
    due = (
        Job.objects.filter(
            status__in=[Job.Status.QUEUED, Job.Status.WAITING, Job.Status.UNKNOWN],
            is_group=False,
            run_after__lte=now,
        )
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .filter(Q(delivered_at=None) | Q(delivered_at__lt=now - again))
        .order_by("priority", "run_after")
    )
    rows = list(due.values_list("pk", "queue", "priority")[:DELIVERIES_PER_SWEEP])
    Job.objects.filter(pk__in=[row[0] for row in rows]).update(
        delivery_count=F("delivery_count") + 1
    )
    for job_id, queue, priority in rows:
        deliver(job_id, queue, priority)
    return len(rows)


def prune() -> dict[str, int]:
    """Delete old exchanges, settled jobs and spent budgets; the audit log stays."""
    now = timezone.now()
    exchanges, _ = Exchange.objects.filter(
        sent_at__lt=now - timedelta(days=settings.EXCHANGE_KEEP_DAYS),
        job__status__in=Job.SETTLED,
    ).delete()
    jobs, _ = Job.objects.filter(
        finished_at__lt=now - timedelta(days=settings.JOB_KEEP_DAYS), parent=None
    ).delete()
    spends, _ = BudgetSpend.objects.filter(expires_at__lt=now).delete()
    return {"exchanges": exchanges, "jobs": jobs, "spends": spends}
