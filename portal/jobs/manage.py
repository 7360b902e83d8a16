"""What a person does with a job: cancel it, send its failed rows again, settle it by hand."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.jobs import settle
from portal.jobs.run import Run
from portal.jobs.submit import NotAccepted, deliver_on_commit, submit
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Problem, get

WOKEN_AT_ONCE = 100


def cancel(job: Job, *, actor: User) -> str:
    """Cancel what was not sent yet; return a sentence that says what happens now.

    A running job stops between two parts. What was sent already is not taken back.
    """
    now = timezone.now()
    if job.is_group:
        for child in job.children.filter(status__in=Job.OPEN):
            cancel(child, actor=actor)
        return "What was not sent yet is canceled. What was sent is settled as usual."
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if not row.is_open:
            return "This job is settled already. Nothing was changed."
        audit.record(actor, "jobs.cancel_requested", row, job=row)
        row.cancel_requested_at = row.cancel_requested_at or now
        row.save(update_fields=["cancel_requested_at"])
        sent = row.items.filter(status__in=["sent", "unknown", "pending"]).exists()
        if row.status in {Job.Status.QUEUED, Job.Status.WAITING} and not sent:
            row.items.filter(status=JobItem.Status.QUEUED).update(
                status=JobItem.Status.CANCELED, message="Canceled before it was sent."
            )
            Run(job=row, operation=get(row.kind), token=None).apply_settled()
            row.failed_count = row.items.exclude(status=JobItem.Status.SUCCEEDED).count()
            row.save(update_fields=["failed_count"])
            settle.finish_row(row, None, Job.Status.CANCELED, reason=f"Canceled by {actor}.")
            return "Canceled. Nothing more is sent."
    return "The job stops before the next request. What was sent already is settled as usual."


def hurry(job: Job, *, actor: User) -> str:
    """Make a waiting or unknown job due at once; return a sentence that says what happens now.

    A group hurries its parts. A job that a worker has at this moment is left alone.
    """
    if job.is_group:
        for part in job.children.filter(status__in=[Job.Status.WAITING, Job.Status.UNKNOWN]):
            hurry(part, actor=actor)
        return "The parts that wait are tried at once."
    with transaction.atomic():
        due = Job.objects.filter(
            pk=job.pk, status__in=[Job.Status.WAITING, Job.Status.UNKNOWN], lease_token=None
        )
        if not due.update(run_after=timezone.now(), delivered_at=None):
            return "This job does not wait for anything at this moment. Nothing was changed."
        audit.record(actor, "jobs.hurried", job, job=job)
        deliver_on_commit(job)
    return "The provider is asked now." if job.status == "unknown" else "It is tried now."


def wake(account: ProviderAccount) -> int:
    """Make every job due that waits at an account which may be called again; return how many.

    Workers take them as their slots and the account's budgets allow.
    """
    now = timezone.now()
    waiting = Job.objects.filter(
        account=account,
        status__in=[Job.Status.WAITING, Job.Status.UNKNOWN],
        lease_token=None,
        run_after__gt=now,
    )
    first = list(waiting.order_by("pk")[:WOKEN_AT_ONCE])
    count = waiting.update(run_after=now, delivered_at=None, delivery_count=0)
    for job in first:
        deliver_on_commit(job)
    return count  # the sweeper delivers the rest


def retry_failed(job: Job, *, actor: User, key: str) -> Job:
    """Submit a new job with the refused, skipped and canceled rows; return it.

    Rows with an unknown outcome are never sent again. Raises `NotAccepted` when nothing is left.
    """
    rows = list(
        job.items.filter(status__in=["refused", "skipped", "canceled"]).order_by("position")
    )
    if not rows and job.total_count:
        raise NotAccepted([Problem(message="There is no failed row that could be sent again.")])
    if job.is_open or job.is_group:
        raise NotAccepted([Problem(message="The job is not settled yet. Nothing was sent.")])
    slices = {number: new for new, number in enumerate(sorted({row.slice for row in rows}))}
    return submit(
        job.kind,
        actor=actor,
        account=job.account,
        params=job.params,
        items=[
            Item(target=row.target, slice=slices[row.slice], before=row.before, params=row.params)
            for row in rows
        ],
        key=key,
        customer_id=job.customer_id,
        parent=None,
    )


def settle_by_person(job: Job, *, actor: User, verdicts: Mapping[int, bool], reason: str) -> None:
    """Settle a job that needs review: for each item's id, whether it was carried out.

    The reason is kept with each row and audited. Raises `NotAccepted` for a job in another state,
    an item left out, or no reason.
    """
    if not reason.strip():
        raise NotAccepted([Problem(message="Say how you know. Nothing was changed.")])
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        items = list(row.items.filter(status__in=JobItem.OPEN))
        if row.status != Job.Status.NEEDS_REVIEW:
            raise NotAccepted([Problem(message="This job does not wait for a person (any more).")])
        if {item.pk for item in items} - set(verdicts):
            raise NotAccepted([Problem(message="Say for every row whether it was carried out.")])
        for item in items:
            done = verdicts[item.pk]
            item.status = JobItem.Status.SUCCEEDED if done else JobItem.Status.REFUSED
            item.message = f"Settled by {actor}: {reason.strip()}"[:500]
            item.save(update_fields=["status", "message", "updated_at"])
        Run(job=row, operation=get(row.kind), token=None).apply_settled()
        statuses = set(row.items.order_by().values_list("status", flat=True).distinct())
        row.done_count = row.items.filter(status=JobItem.Status.SUCCEEDED).count()
        row.failed_count = row.items.exclude(status=JobItem.Status.SUCCEEDED).count()
        row.unknown_count = 0
        row.save(update_fields=["done_count", "failed_count", "unknown_count"])
        audit.record(actor, "jobs.settled_by_person", row, reason=reason, job=row)
        settle.finish_row(
            row, None, settle.derived_status(statuses), reason=f"Settled by {actor}: {reason}"
        )
