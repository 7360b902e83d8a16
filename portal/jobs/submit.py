"""Recording an intent as a job, and telling a worker about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import audit, operations, providers
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Operation, Problem

log = structlog.get_logger(__name__)


class NotAccepted(Exception):
    """The intent stands against a rule or a lock; `problems` are sentences. Nothing was recorded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class Child:
    """One job of a group: an operation at one provider account."""

    kind: str
    account: ProviderAccount | None
    params: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[Item] = ()


def submit(
    kind: str,
    *,
    actor: User | None,
    account: ProviderAccount | None = None,
    params: Mapping[str, Any] | None = None,
    items: Sequence[Item] = (),
    key: str | None = None,
    customer_id: int | None = None,
    source: str = Job.Source.PERSON,
    parent: Job | None = None,
) -> Job:
    """Record one job in the caller's transaction and wake a worker after commit.

    The same `key` by the same actor returns the same job, whatever else is given. Raises
    `NotAccepted` when a check or a lock stands against it (nothing is recorded then) and
    `PermissionDenied` when the actor may not. An operation whose subject has an open job already
    returns that job.
    """
    operation = operations.get(kind)
    _check_permission(operation, actor)
    if key and (known := _by_key(key, actor)):
        return known
    values = dict(params or {})
    problems = _not_offered(operation, account) or operation.check(
        actor=actor, account=account, params=values, targets=[item.target for item in items]
    )
    if problems:
        raise NotAccepted(problems)
    job = Job(
        kind=kind,
        title=operation.title(values, items)[:160],
        actor=actor,
        customer_id=customer_id,
        account=account,
        parent=parent,
        source=source,
        params=values,
        key=key,
        subject=operation.subject(values, account),
        queue=_queue(operation, account, items),
        is_write=operation.is_write,
        total_count=len(items),
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            _save_items(job, items)
            operation.begin(job, items)
            audit.record(actor, f"{kind}.submitted", job, after=_facts(job, items), job=job)
    except IntegrityError as error:
        return _explain_conflict(error, job, items)
    deliver_on_commit(job)
    return job


def submit_group(
    title: str,
    *,
    kind: str,
    actor: User | None,
    children: Sequence[Child],
    key: str | None = None,
    params: Mapping[str, Any] | None = None,
    customer_id: int | None = None,
    source: str = Job.Source.PERSON,
) -> Job:
    """Record a group with one job per child, all or none; return the group.

    The group's status follows from its children. Raises as `submit`.
    """
    if key and (known := _by_key(key, actor)):
        return known
    with transaction.atomic():
        group = Job(
            kind=kind,
            title=title[:160],
            actor=actor,
            customer_id=customer_id,
            params=dict(params or {}),
            source=source,
            key=key,
            queue="",
            is_group=True,
            status=Job.Status.RUNNING,
            started_at=timezone.now(),
            total_count=sum(len(child.items) for child in children),
        )
        try:
            with transaction.atomic():
                group.save(force_insert=True)
        except IntegrityError:
            if key and (known := _by_key(key, actor)):
                return known
            raise
        for child in children:
            submit(
                child.kind,
                actor=actor,
                account=child.account,
                params=child.params,
                items=child.items,
                customer_id=customer_id,
                source=source,
                parent=group,
            )
    return group


def slice_key(job: Job, number: int) -> str:
    """Return the idempotency key of a slice: at most 36 characters of ``[A-Za-z0-9-]``."""
    return f"{job.uid.hex}-{number:x}"


def deliver_on_commit(job: Job, *, delay: float = 0.0) -> None:
    """Send the job's id to its queue after the commit; a broker that is down is no error here.

    The ledger holds the intent; the sweeper sends again what the broker lost.
    """
    transaction.on_commit(lambda: deliver(job.pk, job.queue, job.priority, delay), robust=True)


def deliver(job_id: int, queue: str, priority: int, delay: float = 0.0) -> None:
    """Send one id; note the delivery only if the broker took it."""
    from portal.tasks import run_job

    try:
        run_job.apply_async(
            args=[job_id], queue=queue, countdown=delay or None, retry=False, ignore_result=True
        )
    except Exception as error:
        # Any broker failure: the row stays due and the sweeper sends it again.
        log.warning("job_not_delivered", job=job_id, error=str(error))
        return
    Job.objects.filter(pk=job_id).update(delivered_at=timezone.now() + timedelta(seconds=delay))


def _check_permission(operation: Operation, actor: User | None) -> None:
    if actor is not None and not actor.has_perm(operation.permission):
        raise PermissionDenied("Your role does not allow this.")


def _not_offered(operation: Operation, account: ProviderAccount | None) -> list[Problem]:
    """Return why an account's provider cannot do this at all; empty when it can."""
    if account is None or not operation.capability:
        return []
    if providers.offers(account.slug, operation.capability):
        return []
    reason = providers.why_not(account.slug, operation.capability)
    return [Problem(message=f"{account}: {reason} Nothing was sent.")]


def _by_key(key: str, actor: User | None) -> Job | None:
    job = Job.objects.filter(key=key).first()
    if job and job.actor_id != (actor.pk if actor else None):
        raise PermissionDenied("This form belongs to somebody else.")
    return job


def _queue(operation: Operation, account: ProviderAccount | None, items: Sequence[Item]) -> str:
    queue = operation.queue_for(items)
    if queue == "provider":
        return account.queue if account else "default"
    return queue


def _save_items(job: Job, items: Sequence[Item]) -> None:
    JobItem.objects.bulk_create(
        [
            JobItem(
                job=job,
                position=position,
                slice=item.slice,
                target=item.target,
                is_lock=job.is_write,
                before=dict(item.before),
                params=dict(item.params),
            )
            for position, item in enumerate(items)
        ],
        batch_size=2000,
    )


def _facts(job: Job, items: Sequence[Item]) -> dict[str, Any]:
    return {
        "account": str(job.account) if job.account else "",
        "count": len(items),
        "numbers": [item.target for item in items[:20]],
    }


def _explain_conflict(error: IntegrityError, job: Job, items: Sequence[Item]) -> Job:
    """Turn a broken constraint into the job that stands in the way, or into sentences."""
    if job.key and (known := _by_key(job.key, job.actor)):
        return known
    if job.subject:
        known = Job.objects.open().filter(kind=job.kind, subject=job.subject).first()
        if known:
            return known
    locked = list(
        JobItem.objects.filter(
            target__in=[item.target for item in items], is_lock=True, status__in=JobItem.OPEN
        ).select_related("job")[:20]
    )
    if not locked:
        raise error
    raise NotAccepted(
        [
            Problem(
                message=f"{item.target} is part of job {item.job_id} (“{item.job.title}”), "
                "which is not settled yet. Nothing was sent.",
                target=item.target,
                advice=f"Wait for job {item.job_id}, or open it to see what it waits for.",
            )
            for item in locked
        ]
    )


def new_key() -> str:
    """Return a fresh idempotency key for a form."""
    return str(uuid.uuid4())
