"""Jobs: the list, one job live, its rows and exchanges, and what a person can do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import htmx, jobs, operations
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filters import JobFilter
from portal.jobs.submit import new_key
from portal.listing import Sort, active_filters, capped_count, paginate
from portal.models import Exchange, Job, JobItem

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
ROW_SORTS = [Sort(name="position", label="Row", column="position", is_unique=True)]
FILTER_LABELS = {"status": "Status", "account": "Provider", "q": "Text", "mine": "Mine"}


@requires("portal.view_job")
def job_list(request: Request) -> HttpResponse:
    """Return the jobs that the user may see, newest first."""
    visible = Job.objects.visible_to(request.user).roots().select_related("actor", "account")
    found = JobFilter(request.GET, queryset=visible, request=request)
    page = paginate(request, found.qs, SORTS, default="-id")
    count, is_exact = capped_count(found.qs)
    return htmx.render(
        request,
        "portal/job_list.html",
        "portal/_job_table.html",
        {
            "filter": found,
            "page": page,
            "count": count,
            "count_is_exact": is_exact,
            "chips": active_filters(request, FILTER_LABELS),
        },
    )


@requires("portal.view_job")
def open_jobs(request: Request) -> HttpResponse:
    """Return the top bar's indicator of open jobs."""
    return render(request, "portal/_open_jobs.html")


@requires("portal.view_job")
def job_detail(request: Request, pk: int) -> HttpResponse:
    """Return one job with its rows and, for staff, what was said on the wire."""
    job = _visible_job(request, pk)
    return render(request, "portal/job_detail.html", _detail_context(request, job))


@requires("portal.view_job")
def job_status(request: Request, pk: int) -> HttpResponse:
    """Return the live part of a job's page; a settled job tells the page so, once."""
    job = _visible_job(request, pk)
    response = render(request, "portal/_job_live.html", _detail_context(request, job))
    if not job.is_open:
        htmx.tell(response, job_finished={"id": job.pk, "status": job.status})
    return response


@requires("portal.change_job")
@require_POST
def job_cancel(request: Request, pk: int) -> HttpResponse:
    """Cancel what was not sent yet."""
    job = _visible_job(request, pk)
    messages.info(request, jobs.cancel(job, actor=request.user))
    return _back_to(job)


@requires("portal.change_job")
@require_POST
def job_hurry(request: Request, pk: int) -> HttpResponse:
    """Ask or try at once instead of at the planned time."""
    job = _visible_job(request, pk)
    messages.info(request, jobs.hurry(job, actor=request.user))
    return _back_to(job)


@requires("portal.change_job")
@require_POST
def job_retry(request: Request, pk: int) -> HttpResponse:
    """Send the failed rows again as a new job; the form's key makes a second click harmless."""
    job = _visible_job(request, pk)
    if not request.user.has_perm(operations.get(job.kind).permission):
        messages.error(request, "Your role does not allow this operation. Nothing was sent.")
        return _back_to(job)
    try:
        again = jobs.retry_failed(job, actor=request.user, key=request.POST.get("key") or new_key())
    except jobs.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.error(request, f"{problem.message} {problem.advice}".strip())
        return _back_to(job)
    messages.success(request, f"The failed rows are sent again as job {again.pk}.")
    return _back_to(again)


@requires("portal.review_job")
@require_POST
def job_review(request: Request, pk: int) -> HttpResponse:
    """Settle by hand what the provider could not tell; a reason is kept with every row."""
    job = _visible_job(request, pk)
    verdicts = {
        item.pk: request.POST.get(f"item-{item.pk}") == "done"
        for item in job.items.filter(status__in=JobItem.OPEN)
        if request.POST.get(f"item-{item.pk}") in {"done", "not_done"}
    }
    try:
        jobs.settle_by_person(
            job,
            actor=request.user,
            verdicts=verdicts,
            reason=request.POST.get("reason", ""),
        )
    except jobs.NotAccepted as refusal:
        context = _detail_context(request, job) | {"problems": refusal.problems}
        return render(request, "portal/job_detail.html", context, status=422)
    messages.success(request, f"Job {job.pk} is settled as you said.")
    return _back_to(job)


@requires("portal.view_job")
def job_rows_csv(request: Request, pk: int) -> StreamingHttpResponse:
    """Return the rows as CSV, all or (``?failed=1``) only those that did not go through."""
    job = _visible_job(request, pk)
    rows = JobItem.objects.filter(job__in=_family(job)).order_by("job_id", "position")
    if request.GET.get("failed"):
        rows = rows.filter(status__in=["refused", "skipped", "canceled", "unknown"])
    head = ["number", "row_state", "error_code", "error_text", "advice", "provider_ref"]
    return stream_csv(f"job-{job.pk}.csv", head, _csv_rows(rows))


@requires("portal.view_exchange")
def exchange_detail(request: Request, pk: int) -> HttpResponse:
    """Return one call on the wire, as it was kept: redacted."""
    exchange = get_visible_or_404(Exchange, request.user, pk=pk)
    return render(request, "portal/exchange_detail.html", {"exchange": exchange})


def _visible_job(request: Request, pk: int) -> Job:
    visible = Job.objects.select_related("actor", "account", "parent", "customer")
    return get_visible_or_404(visible, request.user, pk=pk)


def _back_to(job: Job) -> HttpResponse:
    return redirect("portal:job-detail", pk=job.pk)


def _family(job: Job) -> list[int]:
    return [job.pk, *job.children.values_list("pk", flat=True)] if job.is_group else [job.pk]


def _detail_context(request: Request, job: Job) -> dict[str, Any]:
    family = _family(job)
    rows = JobItem.objects.filter(job__in=family).select_related("job__account")
    if status := request.GET.get("row"):
        rows = rows.filter(status=status)
    context: dict[str, Any] = {
        "job": job,
        "children": list(job.children.select_related("account").order_by("pk")),
        "rows": rows.order_by("job_id", "position")[:200],
        "rows_total": job.total_count,
        "open_rows": job.items.filter(status__in=JobItem.OPEN)
        if job.status == Job.Status.NEEDS_REVIEW
        else (),
        "result": job.result,
        "key": new_key(),
        "can_change": request.user.has_perm("portal.change_job"),
        "can_review": request.user.has_perm("portal.review_job"),
        "can_retry": not job.is_group and not job.is_open and job.failed_count > 0,
    }
    if request.user.has_perm("portal.view_exchange"):
        context["exchanges"] = (
            Exchange.objects.filter(job__in=family)
            .select_related("account")
            .defer("request_body", "reply_body", "request_headers")
            .order_by("-id")[:50]
        )
    return context


def _csv_rows(rows: Any) -> Iterator[list[str]]:
    columns = ("target", "status", "code", "message", "advice", "provider_ref")
    for values in rows.values_list(*columns).iterator(chunk_size=5000):
        yield list(values)
