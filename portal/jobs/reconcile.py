"""Settling by asking: what became of items whose answer was lost or is still to come."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone

from portal import providers
from portal.jobs import settle
from portal.jobs.run import Run
from portal.jobs.runtime import JobRuntime, patiently
from portal.jobs.settle import QUESTION_SECONDS
from portal.models import Exchange, Job, JobItem
from portal.operations import SETTLED_BY_OUTCOME, Answer
from portal.providers.errors import ProviderError, ProviderUnavailable

log = structlog.get_logger(__name__)

# So often, and so long after the request, must "not done" be heard before it is believed: a
# provider may still be at work on it, and what is sent again may carry another key.
NOT_DONE_ANSWERS = 2
NOT_DONE_AFTER = timedelta(seconds=30)
# So often is one request sent that the provider meets with an error and does not carry out.
SENDINGS = 3
GIVEN_UP = "Sent {n} times, and the provider did not carry it out."
GIVEN_UP_ADVICE = "Look at the calls of this job, and ask the provider what is wrong."
# A provider that cannot be asked at all is waited for so long; then a person decides.
UNASKED_FOR = timedelta(hours=24)
UNASKED_SECONDS = 30.0
# So long may a provider work on what it accepted; after the first 40 minutes it is asked seldom.
PENDING_FOR = timedelta(hours=48)
PENDING_SECONDS = 900.0


def ask(run: Run, runtime: JobRuntime) -> None:
    """Ask about every unknown or pending item of the job, then settle it or ask again later.

    A round that a pause, a budget or a dead line cut short is not counted as a question.
    """
    job = run.job
    items = list(job.items.filter(status__in=["unknown", "sent", "pending"]).order_by("position"))
    words = ""
    verdicts: list[str] = []
    unasked: ProviderUnavailable | None = None
    provider = None
    try:
        provider = providers.get(run.account.as_account(), runtime)
        for answer in run.operation.ask(provider, run, items):
            words = answer.words or words
            verdicts.append(answer.verdict)
            patiently(lambda answer=answer: _take(run, answer))  # type: ignore[misc]
    except ProviderError as error:
        words = error.message
        if isinstance(error, ProviderUnavailable) and error.code in {"", "429"}:
            unasked = error
    finally:
        if provider is not None:
            provider.close()
    _put_back_not_done(job)
    patiently(run.apply)
    run.count()
    if unasked is None:
        Job.objects.filter(pk=job.pk, lease_token=run.token).update(
            asked_count=F("asked_count") + 1
        )
        job.asked_count += 1
    _settle(run, words, unasked, is_untold=verdicts == ["untold"] * len(items))


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
    """Queue again what was proven not carried out, or refuse what was sent often enough.

    A slice of which nothing was carried out keeps its key, so that a provider that knows the key
    can still recognise it. One that was carried out in part gets a new slice for the rest: a
    repeated key must always carry the same numbers.
    """
    writes = job.exchanges.filter(is_write=True)
    if writes.filter(sent_at__gt=timezone.now() - NOT_DONE_AFTER).exists():
        return
    believed = job.items.filter(
        status__in=["unknown", "sent"], not_done_count__gte=NOT_DONE_ANSWERS
    )
    with transaction.atomic():
        for number in list(believed.values_list("slice", flat=True).distinct()):
            members = job.items.filter(slice=number)
            back = believed.filter(slice=number)
            if _is_given_up(writes.filter(slice=number), back):
                continue
            fields: dict[str, object] = {"status": JobItem.Status.QUEUED, "not_done_count": 0}
            if members.count() != back.count():
                top = job.items.aggregate(top=Max("slice"))["top"] or 0
                fields["slice"] = top + 1
            back.update(**fields)


def _is_given_up(writes: QuerySet[Exchange], back: QuerySet[JobItem]) -> bool:
    """Refuse the items of a slice that was sent often enough, in the words of the last reply."""
    each = writes.order_by().values("operation").annotate(n=Count("pk")).values_list("n", flat=True)
    most = max(each, default=0)
    if most < SENDINGS:
        return False
    last = writes.order_by("pk").last()
    words = f"{GIVEN_UP.format(n=most)} {last.note if last else ''}".strip()
    back.update(
        status=JobItem.Status.REFUSED,
        message=words[:500],
        advice=GIVEN_UP_ADVICE,
        updated_at=timezone.now(),
    )
    return True


def _settle(run: Run, words: str, unasked: ProviderUnavailable | None, *, is_untold: bool) -> None:
    job = run.job
    statuses = set(job.items.order_by().values_list("status", flat=True).distinct())
    unknown = statuses & settle.LOST
    if unknown or JobItem.Status.PENDING in statuses:
        # No use in asking what is never told: a person looks there.
        never = words if unknown and is_untold and unasked is None else ""
        if reason := never or _why_a_person(job, words, unasked, is_lost=bool(unknown)):
            settle.hand_to_person(run, reason)
            return
        status = Job.Status.UNKNOWN if unknown else Job.Status.WAITING
        settle.later(run, status, words or job.reason, _pause(job, unasked))
    elif JobItem.Status.QUEUED in statuses:
        settle.later(run, Job.Status.QUEUED, "", 0.0, attempts=0)
    else:
        settle.finish(run, settle.derived_status(statuses))


def _why_a_person(
    job: Job, words: str, unasked: ProviderUnavailable | None, *, is_lost: bool
) -> str:
    """Return why asking leads nowhere; empty while it may."""
    age = timezone.now() - (job.started_at or job.created_at)
    if unasked is not None:
        is_over, why = age > UNASKED_FOR, "The provider could not be asked for a day."
    elif is_lost:
        is_over = job.asked_count >= len(QUESTION_SECONDS)
        why = f"Asked {job.asked_count} times without a clear answer."
    else:
        is_over, why = age > PENDING_FOR, "The provider accepted it two days ago and is not done."
    return f"{why} {words}".strip() if is_over else ""


def _pause(job: Job, unasked: ProviderUnavailable | None) -> float:
    """Return the seconds to the next question."""
    if unasked is None:
        is_long = job.asked_count >= len(QUESTION_SECONDS)
        return PENDING_SECONDS if is_long else QUESTION_SECONDS[job.asked_count]
    if unasked.retry_at is None:
        return UNASKED_SECONDS
    return min(max((unasked.retry_at - timezone.now()).total_seconds(), 1.0), 3600.0)
