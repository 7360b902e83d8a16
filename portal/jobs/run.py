"""One run of a job by one worker: the lease, the parts, the outcomes as they come."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.jobs.submit import slice_key
from portal.models import Job, JobItem, ProviderAccount
from portal.operations import SETTLED_BY_OUTCOME, Operation
from portal.providers.dto import ItemOutcome
from portal.providers.errors import ProviderUnavailable
from portal.tn import TN

log = structlog.get_logger(__name__)

SLOTS_PER_ACCOUNT = 4  # jobs of one account at a time, beside the interactive ones
_SLOT_LOCK = 0x4E44  # first half of the advisory lock's name


class LeaseLost(Exception):
    """Another worker or the sweeper has taken the job over; this one must not touch it any more."""


class AccountPaused(ProviderUnavailable):
    """Somebody has paused the account, or its credentials were refused: nothing was tried."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One slice of a job: what one request to the provider carries."""

    number: int
    key: str
    items: list[JobItem]

    @property
    def tns(self) -> tuple[TN, ...]:
        """The numbers of this part, in order."""
        return tuple(TN(item.target) for item in self.items)


@dataclass
class Run:
    """What an operation sees of its job while it runs."""

    job: Job
    operation: Operation
    token: uuid.UUID | None
    scratch: dict[str, Any] = field(default_factory=dict)
    current: Part | None = None
    has_progress: bool = False  # whether this run learned the outcome of anything

    @property
    def account(self) -> ProviderAccount:
        """The provider account; raises for a job that has none."""
        if self.job.account is None:
            raise ValueError(f"job {self.job.pk} has no provider account")
        return self.job.account

    def parts(self) -> Iterator[Part]:
        """Yield the slices that still have queued items; stops when the job is canceled."""
        if not self.job.total_count:
            yield Part(number=0, key=slice_key(self.job, 0), items=[])
            return
        numbers = (
            self.job.items.filter(status=JobItem.Status.QUEUED)
            .order_by("slice")
            .values_list("slice", flat=True)
            .distinct()
        )
        for number in list(numbers):
            if self.is_cancel_requested():
                return
            items = list(
                self.job.items.filter(slice=number, status=JobItem.Status.QUEUED).order_by(
                    "position"
                )
            )
            yield Part(number=number, key=slice_key(self.job, number), items=items)

    def is_cancel_requested(self) -> bool:
        """Return whether somebody asked to stop; looked up afresh."""
        return Job.objects.filter(pk=self.job.pk, cancel_requested_at__isnull=False).exists()

    def store(self, outcome: ItemOutcome) -> None:
        """Record the outcome of one number at once, so that a later failure cannot lose it.

        A worker that was overtaken records nothing: its successor asks, or has sent again.
        """
        changes: dict[str, Any] = {
            "status": SETTLED_BY_OUTCOME[outcome.outcome],
            "code": outcome.code[:64],
            "message": outcome.message[:500],
            "advice": outcome.advice[:300],
            "updated_at": timezone.now(),
        }
        if outcome.provider_ref or outcome.reservation_ref:
            changes["provider_ref"] = (outcome.provider_ref or outcome.reservation_ref)[:64]
        after = {
            "expires_at": outcome.expires_at.isoformat() if outcome.expires_at else None,
            "charged": str(outcome.charged) if outcome.charged is not None else None,
            "reservation_ref": outcome.reservation_ref or None,
            "values": dict(outcome.values) or None,
        }
        changes["after"] = {name: value for name, value in after.items() if value is not None}
        if outcome.owned is not None:
            self.scratch.setdefault("owned", {})[outcome.tn] = outcome.owned
        self.job.items.filter(
            target=outcome.tn, status__in=JobItem.OPEN, job__lease_token=self.token
        ).update(**changes)
        self.has_progress = True

    def count(self) -> None:
        """Refresh the job's counts from its items."""
        if not self.job.total_count:
            return
        counts = self.job.items.aggregate(
            done=Count("pk", filter=Q(status=JobItem.Status.SUCCEEDED)),
            failed=Count("pk", filter=Q(status__in=["refused", "skipped", "canceled"])),
            unknown=Count("pk", filter=Q(status__in=["unknown", "sent"])),
        )
        self.job.done_count = counts["done"]
        self.job.failed_count = counts["failed"]
        self.job.unknown_count = counts["unknown"]
        Job.objects.filter(pk=self.job.pk, lease_token=self.token).update(
            done_count=counts["done"],
            failed_count=counts["failed"],
            unknown_count=counts["unknown"],
        )

    def apply(self, *, is_complete: bool = False) -> None:
        """Write settled items that were not applied yet into the models, in one transaction.

        A job without items is applied only when its call came to its end (`is_complete`). Items are marked in the same transaction, so that a run after a crash applies the rest and
        nothing twice.
        """
        with transaction.atomic():
            held = Job.objects.select_for_update().filter(pk=self.job.pk, lease_token=self.token)
            if not held.exists():
                raise LeaseLost(self.job.pk)
            self.apply_settled(is_complete=is_complete)

    def apply_settled(self, *, is_complete: bool = False) -> None:
        """As `apply`, in the caller's transaction, which must hold the job's row."""
        items = list(
            self.job.items.filter(is_applied=False)
            .exclude(status__in=["queued", "sent", "unknown"])
            .order_by("position")
        )
        if items or (is_complete and not self.job.total_count):
            self.operation.apply(self, items)
        settled = [item.pk for item in items if item.status != JobItem.Status.PENDING]
        self.job.items.filter(pk__in=settled).update(is_applied=True)


def claim(job_id: int) -> tuple[Job, uuid.UUID] | None:
    """Take a due job for this worker by a conditional UPDATE; None if there is nothing to take.

    Queued and waiting jobs become running. An unknown job stays unknown while it is asked about.
    Background work beyond the account's slots stays queued for a second.
    """
    now = timezone.now()
    token = uuid.uuid4()
    lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    with transaction.atomic():
        job = Job.objects.filter(pk=job_id).select_related("account", "actor").first()
        if job is None or job.is_group:
            return None
        if not _slot_is_free(job):
            Job.objects.filter(pk=job_id, status__in=["queued", "waiting"]).update(
                run_after=now + timedelta(seconds=1), delivered_at=None, delivery_count=0
            )
            return None
        due = Job.objects.filter(pk=job_id, run_after__lte=now)
        taken = due.filter(status__in=[Job.Status.QUEUED, Job.Status.WAITING]).update(
            status=Job.Status.RUNNING,
            lease_token=token,
            lease_until=lease,
            attempts=F("attempts") + 1,
            started_at=Coalesce("started_at", now),
            reason="",
        ) or due.filter(
            Q(lease_until=None) | Q(lease_until__lt=now), status=Job.Status.UNKNOWN
        ).update(lease_token=token, lease_until=lease)
    if not taken:
        return None
    job.refresh_from_db()
    return job, token


def _slot_is_free(job: Job) -> bool:
    if job.account_id is None or job.queue == "interactive":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SLOT_LOCK, job.account_id])
    busy = Job.objects.filter(
        account_id=job.account_id, status=Job.Status.RUNNING, queue=job.queue
    ).count()
    return busy < SLOTS_PER_ACCOUNT


class LeaseKeeper:
    """Extends a lease in the background while the job runs; a context manager."""

    def __init__(self, job: Job, token: uuid.UUID) -> None:
        self._job_id = job.pk
        self._token = token
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True, name=f"lease-{job.pk}")

    def __enter__(self) -> LeaseKeeper:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()

    def _keep(self) -> None:
        seconds = settings.JOB_LEASE_SECONDS
        while not self._stop.wait(seconds / 3):
            try:
                Job.objects.filter(pk=self._job_id, lease_token=self._token).update(
                    lease_until=timezone.now() + timedelta(seconds=seconds)
                )
            except Exception as error:
                # The database is away; if it stays away the lease lapses, which is right.
                log.warning("lease_not_extended", job=self._job_id, error=str(error))
            finally:
                connection.close()
