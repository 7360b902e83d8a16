"""What a job's page shows: its rows by outcome, its parts, its calls, and the time that is left.

A customer sees what became of his numbers, and nothing of what a provider said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from portal import item_rows, operations, panels
from portal.access import Request
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import Exchange, Job, JobItem, User
from portal.tn import TN, InvalidTN

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
_BY_POSITION = Sort(name="row", label="Row", column="position", is_unique=True)
_BY_JOB = Sort(name="row", label="Row", column="job_id")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How many rows ended one way; `is_on` where only these are shown."""

    word: str
    count: int
    is_on: bool


def context(job: Job, request: Request) -> dict[str, Any]:
    """Return everything that the page of one job shows: of its rows those that the address asks for."""
    user, family = request.user, family_of(job)
    shown: dict[str, Any] = _rows(job, family, request) | {
        "job": job,
        "children": list(job.children.select_related("account").order_by("pk")),
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


def _rows(job: Job, family: list[int], request: Request) -> dict[str, Any]:
    """Return a page of a job's rows: those of one outcome, and about one number, where asked for."""
    status, asked = request.GET.get("row", ""), request.GET.get("about", "")
    text = asked.replace("\x00", "").strip()[:40]
    rows = JobItem.objects.filter(job__in=family)
    outcomes = _outcomes(rows, status)
    chosen = [outcome for outcome in outcomes if outcome.is_on]
    if chosen:
        rows = rows.filter(status=status)
    if text:
        rows = rows.filter(_about(text))
    page = paginate(request, rows, [_BY_JOB if job.is_group else _BY_POSITION])
    here = panels.numbers_here(request.user, (item.target for item in page.rows))
    return {
        "page": page,
        "rows": item_rows.draw(page.rows, here, is_staff=request.user.is_staff_role),
        "rows_total": sum(outcome.count for outcome in outcomes),
        "row_count": rows.count() if text else sum(o.count for o in chosen or outcomes),
        "outcomes": outcomes,
        "row_status": status if chosen else "",
        "about": text,
        "query": request.GET.urlencode(),
    }


def _about(text: str) -> Q:
    """Return the condition for rows about a number, in any spelling or by some of its digits."""
    try:
        return Q(target=TN.parse(text))
    except InvalidTN:
        digits = re.sub(r"[^0-9]", "", text)
        return Q(target__contains=digits) if digits else Q(target__icontains=text)


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
