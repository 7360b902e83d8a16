"""Deriving a job's status from its items and the error that ended the run."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.jobs.run import LeaseLost, Run
from portal.jobs.submit import deliver_on_commit
from portal.models import Job, JobItem
from portal.operations import get
from portal.providers.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)

FIRST_QUESTION_SECONDS = 2.0


def settle(run: Run, error: ProviderError | None) -> None:
    """Give the job the status that its items and `error` mean, and free the lease."""
    run.count()
    job = run.job
    statuses = _statuses(job)
    cancel = run.is_cancel_requested()
    if statuses & {JobItem.Status.UNKNOWN, JobItem.Status.SENT}:
        _unknown(run, error)
    elif error is not None:
        _after_error(run, error)
    elif JobItem.Status.PENDING in statuses:
        later(run, Job.Status.WAITING, "The provider works on it.", FIRST_QUESTION_SECONDS)
    elif JobItem.Status.QUEUED in statuses:
        if cancel:
            cancel_left(run)
        else:
            later(run, Job.Status.QUEUED, "", 0.0)
    else:
        finish(run, derived_status(statuses))


def _statuses(job: Job) -> set[str]:
    return set(job.items.values_list("status", flat=True).distinct())


def derived_status(statuses: set[str]) -> str:
    """Return the end status that a set of settled item statuses means; no items: succeeded."""
    good = {JobItem.Status.SUCCEEDED}
    if not statuses or statuses <= good:
        return Job.Status.SUCCEEDED
    if statuses & good:
        return Job.Status.PARTIAL
    return Job.Status.CANCELED if statuses == {JobItem.Status.CANCELED} else Job.Status.FAILED


def _unknown(run: Run, error: ProviderError | None) -> None:
    run.job.items.filter(status=JobItem.Status.SENT).update(status=JobItem.Status.UNKNOWN)
    reason = error.message if error else "No answer came. It may or may not have been carried out."
    later(run, Job.Status.UNKNOWN, reason, FIRST_QUESTION_SECONDS, code=error.code if error else "")


def _after_error(run: Run, error: ProviderError) -> None:
    """Wait and try again where nothing was carried out; else fail with the provider's words."""
    job = run.job
    # A timeout that may have carried something out has left unknown items and is not seen here.
    is_transient = isinstance(error, ProviderUnavailable | ProviderTimeout)
    limit = min(run.operation.max_attempts, settings.JOB_MAX_ATTEMPTS)
    if is_transient and job.attempts < limit and not run.is_cancel_requested():
        later(run, Job.Status.WAITING, error.message, _pause(job, error), code=error.code)
        return
    left = job.items.filter(status=JobItem.Status.QUEUED)
    left.update(
        status=JobItem.Status.REFUSED,
        code=error.code[:64],
        message=error.message[:500],
        advice="Nothing was carried out for this number. Try again.",
    )
    run.apply()
    run.count()
    statuses = _statuses(job)
    finish(
        run,
        derived_status(statuses) if statuses else Job.Status.FAILED,
        reason=error.message,
        code=error.code,
    )


def _pause(job: Job, error: ProviderError) -> float:
    """Return the seconds to wait: what the provider asked for, else exponential with jitter."""
    backoff = min(2.0 ** min(job.attempts, 9), 300.0) * random.uniform(0.7, 1.3)  # noqa: S311
    retry_at: datetime | None = getattr(error, "retry_at", None)
    if retry_at is not None:
        return max((retry_at - timezone.now()).total_seconds(), 0.5) + random.uniform(0, 1)  # noqa: S311
    return backoff


def refuse_all(run: Run, problem: str, *, code: str = "") -> None:
    """End a job that may not go (any more); nothing was sent."""
    run.job.items.filter(status=JobItem.Status.QUEUED).update(
        status=JobItem.Status.SKIPPED, message=problem[:500]
    )
    run.apply()
    run.count()
    statuses = _statuses(run.job)
    status = derived_status(statuses) if statuses else Job.Status.FAILED
    finish(run, status, reason=problem, code=code)


def cancel_left(run: Run) -> None:
    """Cancel the items that were not sent and settle the job."""
    run.job.items.filter(status=JobItem.Status.QUEUED).update(
        status=JobItem.Status.CANCELED, message="Canceled before it was sent."
    )
    run.apply()
    run.count()
    statuses = _statuses(run.job)
    finish(run, derived_status(statuses) if statuses else Job.Status.CANCELED, reason="Canceled.")


def later(run: Run, status: str, reason: str, seconds: float, *, code: str = "") -> None:
    """Leave the job open with `status`, due in `seconds`, and free the lease."""
    with transaction.atomic():
        _move(
            run.job,
            run.token,
            status=status,
            reason=reason[:500],
            error_code=code[:64],
            run_after=timezone.now() + timedelta(seconds=seconds),
            lease_token=None,
            lease_until=None,
            delivered_at=None,
            delivery_count=0,
        )
        if seconds <= 60:
            deliver_on_commit(run.job, delay=seconds)


def finish(run: Run, status: str, *, reason: str = "", code: str = "") -> None:
    """Settle the job for good, audit it, and let the group follow."""
    with transaction.atomic():
        finish_row(run.job, run.token, status, reason=reason, code=code)


def finish_row(
    job: Job, token: uuid.UUID | None, status: str, *, reason: str = "", code: str = ""
) -> None:
    """As `finish`, in the caller's transaction and for a caller that has no run."""
    _move(
        job,
        token,
        status=status,
        reason=reason[:500],
        error_code=code[:64],
        result=job.result,
        lease_token=None,
        lease_until=None,
        finished_at=timezone.now(),
    )
    audit.record(
        job.actor,
        f"{job.kind}.{status}",
        job,
        after={
            "done": job.done_count,
            "failed": job.failed_count,
            "total": job.total_count,
            "reason": reason,
        },
        job=job,
    )
    if job.parent_id:
        settle_group(job.parent_id)


def settle_group(group_id: int) -> None:
    """Give a group the status of its children; the last one to settle closes it."""
    group = Job.objects.select_for_update().get(pk=group_id)
    children = list(group.children.all())
    group.done_count = sum(child.done_count for child in children)
    group.failed_count = sum(child.failed_count for child in children)
    group.unknown_count = sum(child.unknown_count for child in children)
    fields = ["done_count", "failed_count", "unknown_count"]
    statuses = {child.status for child in children}
    if group.is_open and not statuses & set(Job.OPEN):
        if len(statuses) == 1:
            group.status = statuses.pop()
        elif statuses & {Job.Status.SUCCEEDED, Job.Status.PARTIAL}:
            group.status = Job.Status.PARTIAL
        else:
            group.status = Job.Status.FAILED
        group.finished_at = timezone.now()
        fields += ["status", "finished_at"]
    group.save(update_fields=fields)


def crashed(job: Job, token: uuid.UUID, error: Exception) -> None:
    """Settle a run that ended in a defect of ours: unknown if anything was sent, else failed."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, lease_token=token).first()
        if locked is None:
            return
        words = f"An error in Numberdesk stopped this job ({type(error).__name__})."
        sent = locked.items.filter(status__in=[JobItem.Status.SENT, JobItem.Status.UNKNOWN])
        if locked.is_write and sent.exists():
            sent.update(status=JobItem.Status.UNKNOWN)
            _move(
                locked,
                token,
                status=Job.Status.UNKNOWN,
                reason=words,
                run_after=timezone.now() + timedelta(seconds=FIRST_QUESTION_SECONDS),
                lease_token=None,
                lease_until=None,
                delivered_at=None,
            )
            return
        locked.items.filter(status=JobItem.Status.QUEUED).update(
            status=JobItem.Status.REFUSED, message=f"{words} Nothing was sent for this number."
        )
        Run(job=locked, operation=get(locked.kind), token=token).apply_settled()
        finish_row(locked, token, Job.Status.FAILED, reason=words, code="defect")


def _move(job: Job, token: uuid.UUID | None, **changes: Any) -> None:
    """Change the status by the table in the model; raises `LeaseLost` if the row moved on."""
    status = changes["status"]
    allowed = [old for old, new in Job.MOVES.items() if status in new or old == status]
    row = Job.objects.filter(pk=job.pk, status__in=allowed)
    if token is not None:
        row = row.filter(lease_token=token)
    if not row.update(**changes):
        raise LeaseLost(job.pk)
    for name, value in changes.items():
        setattr(job, name, value)


def review(job: Job, reason: str) -> None:
    """Hand an unknown job without a lease to a person."""
    _move(job, None, status=Job.Status.NEEDS_REVIEW, reason=reason[:500], delivered_at=None)
