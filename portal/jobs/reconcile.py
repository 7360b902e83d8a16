"""Settling by asking: what became of items whose answer was lost or is still to come."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from portal import providers
from portal.jobs import settle
from portal.jobs.run import Run
from portal.jobs.runtime import JobRuntime, patiently
from portal.models import Job, JobItem
from portal.operations import SETTLED_BY_OUTCOME, Answer
from portal.providers.errors import ProviderError

log = structlog.get_logger(__name__)

# Seconds between questions; after the last one a person decides. About 40 minutes in all.
QUESTION_SECONDS = (2, 3, 5, 10, 20, 30, *([60] * 10), *([300] * 6))
# So often must "not done" be heard before it is believed: a provider may still be at work on it.
NOT_DONE_ANSWERS = 2


def ask(run: Run, runtime: JobRuntime) -> None:
    """Ask about every unknown or pending item of the job, then settle it or ask again later."""
    job = run.job
    items = list(job.items.filter(status__in=["unknown", "sent", "pending"]).order_by("position"))
    words = ""
    provider = None
    try:
        provider = providers.get(run.account.as_account(), runtime)
        for answer in run.operation.ask(provider, run, items):
            words = answer.words or words
            patiently(lambda answer=answer: _take(run, answer))  # type: ignore[misc]
    except ProviderError as error:
        words = error.message
    finally:
        if provider is not None:
            provider.close()
    _put_back_not_done(job)
    patiently(run.apply)
    run.count()
    Job.objects.filter(pk=job.pk, lease_token=run.token).update(asked_count=F("asked_count") + 1)
    job.asked_count += 1
    _settle(run, words)


def _take(run: Run, answer: Answer) -> None:
    """Record what one answer means for its item."""
    item = answer.item
    if answer.verdict in {"done", "refused"} and answer.outcome is not None:
        run.store(answer.outcome)
    elif answer.verdict == "not_done":
        JobItem.objects.filter(pk=item.pk).update(
            not_done_count=F("not_done_count") + 1,
            message=(answer.words or "The provider says that it was not carried out.")[:500],
            updated_at=timezone.now(),
        )
    elif answer.verdict == "pending":
        JobItem.objects.filter(pk=item.pk).update(
            status=SETTLED_BY_OUTCOME[answer.outcome.outcome]
            if answer.outcome
            else JobItem.Status.PENDING,
            not_done_count=0,
            updated_at=timezone.now(),
        )
    else:
        JobItem.objects.filter(pk=item.pk).update(
            not_done_count=0, message=answer.words[:500], updated_at=timezone.now()
        )


def _put_back_not_done(job: Job) -> None:
    """Queue again what was proven not carried out.

    A slice of which nothing was carried out keeps its key, so that a provider that knows the key
    can still recognise it. One that was carried out in part gets a new slice for the rest: a
    repeated key must always carry the same numbers.
    """
    believed = job.items.filter(
        status__in=["unknown", "sent"], not_done_count__gte=NOT_DONE_ANSWERS
    )
    with transaction.atomic():
        for number in list(believed.values_list("slice", flat=True).distinct()):
            members = job.items.filter(slice=number)
            back = believed.filter(slice=number)
            fields: dict[str, object] = {"status": JobItem.Status.QUEUED, "not_done_count": 0}
            if members.count() != back.count():
                top = job.items.aggregate(top=Max("slice"))["top"] or 0
                fields["slice"] = top + 1
            back.update(**fields)


def _settle(run: Run, words: str) -> None:
    job = run.job
    statuses = set(job.items.values_list("status", flat=True).distinct())
    unknown = statuses & {JobItem.Status.UNKNOWN, JobItem.Status.SENT}
    if unknown or JobItem.Status.PENDING in statuses:
        if job.asked_count >= len(QUESTION_SECONDS):
            _needs_person(run, words)
            return
        pause = QUESTION_SECONDS[min(job.asked_count, len(QUESTION_SECONDS) - 1)]
        status = Job.Status.UNKNOWN if unknown else Job.Status.WAITING
        settle.later(run, status, words or job.reason, pause)
    elif JobItem.Status.QUEUED in statuses:
        settle.later(run, Job.Status.QUEUED, "", 0.0)
    else:
        settle.finish(run, settle.derived_status(statuses))


def _needs_person(run: Run, words: str) -> None:
    """Stop asking; only a person with the provider on the telephone can tell now."""
    run.job.items.filter(status=JobItem.Status.PENDING).update(status=JobItem.Status.UNKNOWN)
    reason = f"Asked {run.job.asked_count} times without a clear answer. {words}".strip()
    if run.job.status == Job.Status.RUNNING:  # a waiting job that was claimed as running
        settle.later(run, Job.Status.UNKNOWN, reason, 0.0)
        run.job.refresh_from_db()
        settle.review(run.job, reason)
        return
    settle.later(run, Job.Status.NEEDS_REVIEW, reason, 0.0)
