"""Carrying out one job: claim, check again, call part by part, apply, settle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from portal import operations, providers
from portal.jobs import reconcile, settle
from portal.jobs.run import LeaseKeeper, LeaseLost, Part, Run, claim
from portal.jobs.runtime import JobRuntime, patiently
from portal.models import JobItem
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.tn import TN

log = structlog.get_logger(__name__)


def execute(job_id: int) -> bool:
    """Carry out a due job if no other worker has it; return whether this call did.

    Never raises for what a provider or an operation does: every end is a status of the job. A job
    whose database went away keeps its lease until it lapses, and the sweeper decides.
    """
    taken = claim(job_id)
    if taken is None:
        return False
    job, token = taken
    structlog.contextvars.bind_contextvars(job=job.pk, kind=job.kind)
    try:
        run = Run(job=job, operation=operations.get(job.kind), token=token)
        with LeaseKeeper(job, token):
            _work(run)
    except LeaseLost:
        log.warning("lease_lost")
    except (OperationalError, InterfaceError) as error:
        log.warning("database_away_during_job", error=str(error))
    except Exception as error:
        log.exception("job_crashed")
        settle.crashed(job, token, error)
    finally:
        structlog.contextvars.unbind_contextvars("job", "kind")
    return True


def _work(run: Run) -> None:
    if run.operation.is_local:
        _work_here(run)
        return
    runtime = JobRuntime(run)
    if run.job.status == "unknown" or _only_pending_left(run):
        reconcile.ask(run, runtime)
        return
    if problem := _stands_against(run):
        settle.refuse_all(run, problem)
        return
    try:
        provider: Any = providers.get(run.account.as_account(), runtime)
    except ProviderError as unusable:
        settle.settle(run, unusable)
        return
    error: ProviderError | None = None
    try:
        for part in run.parts():
            error = _carry_out(run, provider, part, runtime)
            if error is not None:
                break
    except operations.Stopped as stopped:
        settle.stop(run, stopped)
        return
    finally:
        provider.close()
    settle.settle(run, error)


def _work_here(run: Run) -> None:
    """Carry out what reaches no provider; a defect ends it as it ends any job."""
    if problem := _stands_against(run):
        settle.refuse_all(run, problem)
        return
    try:
        for part in run.parts():
            run.current = part
            for outcome in run.operation.call(None, run, part):
                patiently(lambda outcome=outcome: run.store(outcome))  # type: ignore[misc]
            patiently(lambda: run.apply(is_complete=True))
            run.count()
    except operations.Stopped as stopped:
        settle.stop(run, stopped)
        return
    settle.settle(run, None)


def _only_pending_left(run: Run) -> bool:
    """Whether the provider works on all that is left; numbers not sent yet go first."""
    left = set(run.job.items.filter(status__in=JobItem.OPEN).values_list("status", flat=True))
    return JobItem.Status.PENDING in left and JobItem.Status.QUEUED not in left


def _stands_against(run: Run) -> str:
    """Check permission and rules once more: the world moved while the job was queued."""
    job = run.job
    if job.actor and not (job.actor.is_active and job.actor.has_perm(run.operation.permission)):
        return f"{job.actor} may not do this any more. Nothing was sent."
    queued = job.items.filter(status=JobItem.Status.QUEUED)
    problems = run.operation.check(
        actor=job.actor,
        account=job.account,
        params=job.params,
        targets=list(queued.values_list("target", flat=True)),
        job=job,
    )
    for problem in problems:
        if not problem.target:
            return problem.message
        queued.filter(target=problem.target).update(
            status=JobItem.Status.SKIPPED, message=problem.message, advice=problem.advice
        )
    if problems:  # what the intent changed is taken back, also where nothing is left to be sent
        patiently(run.apply)
    return ""


def _carry_out(run: Run, provider: Any, part: Part, runtime: JobRuntime) -> ProviderError | None:
    """Call one part; return the error that stops the job, None to go on with the next part."""
    run.current = part
    runtime.last_was_write = False
    try:
        for outcome in run.operation.call(provider, run, part):
            patiently(lambda outcome=outcome: run.store(outcome))  # type: ignore[misc]
    except ProviderRefused as error:
        for outcome in _all_left(run, part, Outcome.REFUSED, error):
            run.store(outcome)
        if not part.items:
            return error
    except ProviderError as error:
        _after_failure(run, part, error, runtime)
        patiently(run.apply)
        return error
    # A list is staged on this connection: where that is lost, the sweeper has it read again.
    patiently(lambda: run.apply(is_complete=True), needs_session=not run.job.total_count)
    run.count()
    return None


def _after_failure(run: Run, part: Part, error: ProviderError, runtime: JobRuntime) -> None:
    """Put the numbers of a broken part where they belong: back in the queue, refused, or unknown."""
    sent = run.job.items.filter(slice=part.number, status=JobItem.Status.SENT)
    nothing_done = isinstance(error, ProviderUnavailable) or not runtime.last_was_write
    if isinstance(error, ProviderAuthError):
        for outcome in _all_left(run, part, Outcome.REFUSED, error):
            run.store(outcome)
    elif isinstance(error, ProviderTimeout | ProviderProtocolError) and not nothing_done:
        patiently(
            lambda: sent.update(
                status=JobItem.Status.UNKNOWN, code=error.code[:64], message=error.message[:500]
            )
        )
    else:
        patiently(lambda: sent.update(status=JobItem.Status.QUEUED))


def _all_left(
    run: Run, part: Part, outcome: Outcome, error: ProviderError
) -> Iterator[ItemOutcome]:
    left = run.job.items.filter(
        slice=part.number, status__in=[JobItem.Status.QUEUED, JobItem.Status.SENT]
    )
    for target in list(left.values_list("target", flat=True)):
        yield ItemOutcome(tn=TN(target), outcome=outcome, code=error.code, message=error.message)
