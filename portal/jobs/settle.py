"""Deriving a job's status from its items and the error that ended the run."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.jobs.run import AccountPaused, LeaseLost, Run
from portal.jobs.submit import deliver_on_commit
from portal.models import Job, JobItem
from portal.operations import Stopped, get, kinds
from portal.providers.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)

log = structlog.get_logger(__name__)

FIRST_QUESTION_SECONDS = 2.0
# Seconds between questions; after the last one a person decides. About 40 minutes in all.
QUESTION_SECONDS = (2, 3, 5, 10, 20, 30, *([60] * 10), *([300] * 6))
PAUSED_SECONDS = 300.0  # between two looks at a pause; its end wakes what waits
WATCHED_SECONDS = 60.0  # longer than this nobody sits and waits for the answer to a question
LOST = frozenset({JobItem.Status.UNKNOWN, JobItem.Status.SENT})
CANCELED_WORDS = "Canceled before it was sent."


def settle(run: Run, error: ProviderError | None) -> None:
    """Give the job the status that its items and `error` mean, and free the lease."""
    is_canceled = run.is_cancel_requested() and _let_go_of_queued(run, CANCELED_WORDS)
    run.count()
    statuses = _statuses(run.job)
    if statuses & LOST:
        _unknown(run, error)
    elif is_canceled:
        _conclude(run, reason="Canceled.")
    elif error is not None:
        _after_error(run, error)
    elif JobItem.Status.PENDING not in statuses and JobItem.Status.QUEUED in statuses:
        later(run, Job.Status.QUEUED, "", 0.0)
    else:
        _conclude(run, empty=Job.Status.SUCCEEDED)


def _statuses(job: Job) -> set[str]:
    return set(job.items.order_by().values_list("status", flat=True).distinct())


def _let_go_of_queued(run: Run, words: str) -> int:
    """Cancel what was not sent; return how many items that were."""
    count = run.job.items.filter(status=JobItem.Status.QUEUED).update(
        status=JobItem.Status.CANCELED, message=words
    )
    if count:
        run.apply()
    return count


def _conclude(
    run: Run, *, reason: str = "", code: str = "", empty: str = Job.Status.FAILED
) -> None:
    """Finish the job; one with a number that was sent and has no outcome stays open instead.

    `empty` is the status of a job without items.
    """
    run.count()
    statuses = _statuses(run.job)
    if statuses & LOST:
        _unknown(run, None)
    elif JobItem.Status.PENDING in statuses:
        words = "The provider works on it."
        later(run, Job.Status.WAITING, f"{words} {reason}".strip(), FIRST_QUESTION_SECONDS)
    else:
        finish(run, derived_status(statuses) if statuses else empty, reason=reason, code=code)


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
    """Wait and try again where nothing was carried out; else fail with the provider's words.

    Attempts in a row count: a run that settled at least one number starts the count afresh, or a
    large order would be given up for nothing but a budget of calls a minute. A pause counts for
    none: whatever nobody sits and waits for goes on when calls are resumed.
    """
    job = run.job
    # A timeout that may have carried something out has left unknown items and is not seen here.
    is_transient = isinstance(error, ProviderUnavailable | ProviderTimeout)
    limit = min(run.operation.max_attempts, settings.JOB_MAX_ATTEMPTS)
    is_paused = isinstance(error, AccountPaused)
    attempts = 1 if run.has_progress else job.attempts - is_paused
    pause = PAUSED_SECONDS if is_paused else _pause(attempts, error)
    is_watched = job.queue == "interactive" and not job.is_write
    if (
        is_transient
        and attempts < limit
        and not (is_watched and pause > WATCHED_SECONDS)
        and not run.is_cancel_requested()
    ):
        later(run, Job.Status.WAITING, error.message, pause, code=error.code, attempts=attempts)
        return
    left = job.items.filter(status=JobItem.Status.QUEUED)
    left.update(
        status=JobItem.Status.REFUSED,
        code=error.code[:64],
        message=error.message[:500],
        advice="Nothing was carried out for this number. Try again.",
    )
    run.apply()
    _conclude(run, reason=error.message, code=error.code)


def _pause(attempts: int, error: ProviderError) -> float:
    """Return the seconds to wait: what the provider asked for, else exponential with jitter."""
    backoff = min(2.0 ** min(attempts, 9), 300.0) * random.uniform(0.7, 1.3)  # noqa: S311
    retry_at: datetime | None = getattr(error, "retry_at", None)
    if retry_at is not None:
        return max((retry_at - timezone.now()).total_seconds(), 0.5) + random.uniform(0, 1)  # noqa: S311
    return backoff


def refuse_all(run: Run, problem: str, *, code: str = "") -> None:
    """End a job that may not go (any more), or that was asked to stop; nothing was sent."""
    run.job.items.filter(status=JobItem.Status.QUEUED).update(
        status=JobItem.Status.SKIPPED, message=problem[:500]
    )
    run.apply()
    is_canceled = run.is_cancel_requested()
    empty = Job.Status.CANCELED if is_canceled else Job.Status.FAILED
    _conclude(run, reason=problem, code=code, empty=empty)


def stop(run: Run, stopped: Stopped) -> None:
    """End a job that must not apply what came back; what it found is kept with it."""
    run.job.result = stopped.result or run.job.result
    refuse_all(run, str(stopped), code=stopped.code)


def hand_to_person(run: Run, reason: str) -> None:
    """Stop asking; only a person with the provider on the telephone can tell now.

    What was never sent is let go of: that it was not carried out is known.
    """
    _let_go_of_queued(run, "Never sent: an earlier part of this job waits for a person.")
    run.job.items.filter(status=JobItem.Status.PENDING).update(status=JobItem.Status.UNKNOWN)
    run.count()
    later(run, Job.Status.NEEDS_REVIEW, reason, 0.0)


def later(
    run: Run, status: str, reason: str, seconds: float, *, code: str = "", **changes: Any
) -> None:
    """Leave the job open with `status`, due in `seconds`, and free the lease; set `changes` along."""
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
            **changes,
        )
        if seconds <= 60 and status != Job.Status.NEEDS_REVIEW:
            deliver_on_commit(run.job, delay=seconds)


def finish(run: Run, status: str, *, reason: str = "", code: str = "") -> None:
    """Settle the job for good, audit it, and let the group follow."""
    with transaction.atomic():
        finish_row(run.job, run.token, status, reason=reason, code=code)


def _told(job: Job, reason: str) -> dict[str, Any]:
    """Return what the audit log keeps of a settled job: counts where it had rows at all."""
    counts = {"done": job.done_count, "failed": job.failed_count, "total": job.total_count}
    return {**(counts if job.total_count else {}), "reason": reason}


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
        after=_told(job, reason),
        job=job,
    )
    _tell(job, "finished")
    if job.parent_id:
        settle_group(job.parent_id)


def _tell(job: Job, hook: str) -> None:
    """Let the operation follow what was settled; its defects change nothing of that."""
    operation = kinds().get(job.kind)
    if operation is None:
        return
    try:
        with transaction.atomic():
            getattr(operation, hook)(job)
    except Exception:
        log.exception("operation_did_not_follow", job=job.pk, hook=hook)


def settle_group(group_id: int) -> None:
    """Give a group the status of its children; the last one to settle closes it."""
    group = Job.objects.select_for_update().get(pk=group_id)
    _tell(group, "part_finished")
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
    """Settle a run that ended in a defect of ours; what was sent and has no outcome stays open.

    It is asked about as usual, and each such end counts as a question. Outcomes that cannot be
    filed wait for a person, for the next run would break in the same place.
    """
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job.pk, lease_token=token).first()
        if locked is None:
            return
        run = Run(job=locked, operation=get(locked.kind), token=token)
        words = f"An error in Numberdesk stopped this job ({type(error).__name__})."
        locked.items.filter(status=JobItem.Status.SENT).update(status=JobItem.Status.UNKNOWN)
        locked.items.filter(status=JobItem.Status.QUEUED).update(
            status=JobItem.Status.REFUSED, message=f"{words} Nothing was sent for this number."
        )
        is_filed = _file_after_crash(run)
        run.count()
        statuses = _statuses(locked)
        if statuses & {JobItem.Status.UNKNOWN, JobItem.Status.PENDING}:
            _ask_after_crash(run, words, statuses)
        elif is_filed:
            finish_row(locked, token, Job.Status.FAILED, reason=words, code="defect")
        else:
            reason = f"{words} What is known could not be filed."
            later(run, Job.Status.NEEDS_REVIEW, reason, 0.0)


def _file_after_crash(run: Run) -> bool:
    """Apply what is known and return whether that worked: it may be what broke."""
    try:
        with transaction.atomic():
            run.apply_settled()
    except Exception:
        log.exception("outcomes_not_filed", job=run.job.pk)
        return False
    return True


def _ask_after_crash(run: Run, words: str, statuses: set[str]) -> None:
    asked = run.job.asked_count + 1
    if asked >= len(QUESTION_SECONDS):
        run.job.items.filter(status=JobItem.Status.PENDING).update(status=JobItem.Status.UNKNOWN)
        run.count()
        later(run, Job.Status.NEEDS_REVIEW, words, 0.0, asked_count=asked)
        return
    is_lost = JobItem.Status.UNKNOWN in statuses
    status = Job.Status.UNKNOWN if is_lost else Job.Status.WAITING
    later(run, status, words, QUESTION_SECONDS[asked], asked_count=asked)


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
