"""What a job's page shows: its rows by outcome, its parts, its calls, and the time that is left.

A customer sees what became of his numbers, and nothing of what a provider said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from portal import operations, panels
from portal.jobs.submit import new_key
from portal.models import Exchange, Job, JobItem, User

ROWS_SHOWN = 200
CALLS_SHOWN = 50
CANCELABLE = ("queued", "running", "waiting")  # what is unknown was sent already
FAILED = ("refused", "skipped", "canceled", "unknown")
STAFF_COLUMNS = {
    "number": "target",
    "row_state": "status",
    "error_code": "code",
    "error_text": "message",
    "advice": "advice",
    "provider_ref": "provider_ref",
}
CUSTOMER_COLUMNS = {"number": "target", "row_state": "status"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many rows ended one way; `is_on` where only these are shown."""

    word: str
    count: int
    is_on: bool


def context(job: Job, user: User, *, row_status: str = "") -> dict[str, Any]:
    """Return everything that the page of one job shows; `row_status` picks rows by their outcome."""
    family = family_of(job)
    rows = JobItem.objects.filter(job__in=family)
    outcomes = _outcomes(rows, row_status)
    if any(outcome.is_on for outcome in outcomes):
        rows = rows.filter(status=row_status)
    items = list(rows.order_by("job_id", "position")[:ROWS_SHOWN])
    shown: dict[str, Any] = {
        "job": job,
        "children": list(job.children.select_related("account").order_by("pk")),
        "rows": items,
        "here": panels.numbers_here(user, (item.target for item in items)),
        "rows_total": sum(outcome.count for outcome in outcomes),
        "rows_cut": rows_cut(outcomes),
        "outcomes": outcomes,
        "row_status": row_status,
        "open_rows": _undecided(job),
        "left": time_left(job),
        "key": new_key(),
        "can_change": user.has_perm("portal.change_job"),
        "can_review": user.has_perm("portal.review_job"),
        "can_retry": can_retry(job),
        "links": [link for make in panels.job_links for link in make(job, user)],
        "can_cancel": job.status in CANCELABLE and not job.cancel_requested_at,
    }
    if user.is_staff_role:
        shown |= {"result": job.result, "result_template": _result_template(job)}
    if user.has_perm("portal.view_exchange"):
        shown["exchanges"] = (
            Exchange.objects.filter(job__in=family)
            .select_related("account")
            .defer("request_body", "reply_body", "request_headers")
            .order_by("-id")[:CALLS_SHOWN]
        )
    return shown


def can_retry(job: Job) -> bool:
    """Return whether there is something that did not go through and may be sent again."""
    if job.is_group or job.is_open:
        return False
    return job.failed_count > 0 or (not job.total_count and job.status == Job.Status.FAILED)


def family_of(job: Job) -> list[int]:
    """Return the ids of a job and, for a group, of its parts."""
    return [job.pk, *job.children.values_list("pk", flat=True)] if job.is_group else [job.pk]


def rows_cut(outcomes: list[Outcome]) -> bool:
    """Return whether more rows fit than the page shows."""
    fitting = [outcome for outcome in outcomes if outcome.is_on] or outcomes
    return sum(outcome.count for outcome in fitting) > ROWS_SHOWN


def time_left(job: Job) -> timedelta | None:
    """Return how long a running job will take at the pace it had so far; None where nobody knows."""
    settled = job.done_count + job.failed_count
    if job.status != Job.Status.RUNNING or not job.started_at or not settled:
        return None
    return (timezone.now() - job.started_at) / settled * job.left_count


def table(
    job: Job, user: User, *, only_failed: bool
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Return the head and the rows of a job's CSV, read as a stream."""
    columns = STAFF_COLUMNS if user.is_staff_role else CUSTOMER_COLUMNS
    rows = JobItem.objects.filter(job__in=family_of(job)).order_by("job_id", "position")
    if only_failed:
        rows = rows.filter(status__in=FAILED)
    return list(columns), rows.values_list(*columns.values()).iterator(chunk_size=5000)


def _outcomes(rows: QuerySet[JobItem], row_status: str) -> list[Outcome]:
    counted = rows.order_by().values("status").annotate(n=Count("pk"))
    counts = {row["status"]: row["n"] for row in counted}
    return [
        Outcome(word=word, count=counts[word], is_on=word == row_status)
        for word in JobItem.Status.values
        if counts.get(word)
    ]


def _undecided(job: Job) -> list[JobItem]:
    """Return the rows that a person must say something of."""
    if job.status != Job.Status.NEEDS_REVIEW:
        return []
    return list(job.items.filter(status__in=JobItem.OPEN).order_by("position"))


def _result_template(job: Job) -> str:
    operation = operations.kinds().get(job.kind)
    return operation.result_template if operation and not job.is_group else ""
