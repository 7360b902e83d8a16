"""Jobs: the list, one job live, its rows and exchanges, and what a person can do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal import htmx, job_page, jobs, kept, operations, row_drawing
from portal.access import Request, get_visible_or_404, requires
from portal.export import stream_csv
from portal.filtering import active_filters, asked, name_of
from portal.filters import JobFilter
from portal.jobs.submit import new_key
from portal.listing import Sort, paginate
from portal.models import Customer, Exchange, Job, JobItem, ProviderAccount
from portal.pretty import readable

SORTS = [Sort(name="id", label="Newest", column="id", is_unique=True)]
FILTER_LABELS = {
    "q": "Text",
    "status": "State",
    "account": "Provider",
    "customer": "Customer",
    "by": "Started by",
    "mine": "Mine",
}
NAMED: dict[str, Any] = {"account": ProviderAccount, "customer": Customer}


@requires("portal.view_job")
def job_list(request: Request) -> HttpResponse:
    """Return the jobs that the user may see, newest first."""
    visible = Job.objects.visible_to(request.user).roots()
    found = asked(
        request, lambda: JobFilter(request.GET, queryset=visible, request=request, drawn=())
    )
    page = paginate(
        request,
        found.rows,
        SORTS,
        default="-id",
        is_narrow=found.is_narrow,
        fetch=row_drawing.fetch_jobs,
    )

    return kept.render_rows(
        request,
        ("portal/job_list.html", "portal/_job_table.html"),
        page,
        row_drawing.draw_jobs(page.rows, is_staff=request.user.is_staff_role),
        lambda: {
            "filter": JobFilter(request.GET, queryset=visible, request=request),
            "chips": _chips(request),
            "address": kept.slot("address"),
        },
        facts=() if found.is_valid else None,
        parts={"address": request.get_full_path()},
    )


@requires("portal.view_job")
def open_jobs(request: Request) -> HttpResponse:
    """Return the top bar's indicator of open jobs."""
    return render(request, "portal/_open_jobs.html")


@requires("portal.view_job")
def job_detail(request: Request, pk: int) -> HttpResponse:
    """Return one job with its rows and, for staff, what was said on the wire."""
    context = _context(request, _visible_job(request, pk))
    return htmx.render(request, "portal/job_detail.html", "portal/_job_live.html", context)


@requires("portal.view_job")
def job_status(request: Request, pk: int) -> HttpResponse:
    """Return the live part of a job's page; a settled job tells the page so, once."""
    job = _visible_job(request, pk)
    response = render(request, "portal/_job_live.html", _context(request, job))
    if not job.is_open:
        htmx.tell(response, job_finished={"id": job.pk, "status": job.status})
    return response


@requires("portal.change_job")
@require_POST
def job_cancel(request: Request, pk: int) -> HttpResponse:
    """Cancel what was not sent yet."""
    job = _visible_job(request, pk)
    messages.info(request, jobs.cancel(job, actor=request.user))
    return _back_to(request, job)


@requires("portal.change_job")
@require_POST
def job_hurry(request: Request, pk: int) -> HttpResponse:
    """Ask or try at once instead of at the planned time."""
    job = _visible_job(request, pk)
    messages.info(request, jobs.hurry(job, actor=request.user))
    return _back_to(request, job)


@requires("portal.change_job")
@require_POST
def job_retry(request: Request, pk: int) -> HttpResponse:
    """Send the failed rows again as a new job; the form's key makes a second click harmless."""
    job = _visible_job(request, pk)
    operation = operations.kinds().get(job.kind)
    if operation is None or not request.user.has_perm(operation.permission):
        messages.error(request, "Your role does not allow this operation. Nothing was sent.")
        return _back_to(request, job)
    key = request.POST.get("key", "")[:64] or new_key()
    try:
        again = jobs.retry_failed(job, actor=request.user, key=key)
    except jobs.NotAccepted as refusal:
        for problem in refusal.problems:
            messages.error(request, f"{problem.message} {problem.advice}".strip())
        return _back_to(request, job)
    messages.success(request, f"The failed rows are sent again as job {again.pk}.")
    return htmx.go(request, "portal:job-detail", pk=again.pk)


@requires("portal.review_job")
@require_POST
def job_review(request: Request, pk: int) -> HttpResponse:
    """Settle by hand what the provider could not tell; a reason is kept with every row."""
    job = _visible_job(request, pk)
    said = {
        item.pk: request.POST[f"item-{item.pk}"]
        for item in job.items.filter(status__in=JobItem.OPEN)
        if request.POST.get(f"item-{item.pk}") in {"done", "not_done"}
    }
    reason = request.POST.get("reason", "").replace("\x00", "")[:250]
    verdicts = {pk: word == "done" for pk, word in said.items()}
    try:
        jobs.settle_by_person(job, actor=request.user, verdicts=verdicts, reason=reason)
    except jobs.NotAccepted as refusal:
        job.refresh_from_db()
        context: dict[str, Any] = _context(request, job) | {
            "problems": refusal.problems,
            "reason": reason,
        }
        for item in context["open_rows"]:
            item.said = said.get(item.pk, "")
        status = 422 if job.status == Job.Status.NEEDS_REVIEW else 409
        return render(request, "portal/job_detail.html", context, status=status)
    messages.success(request, f"Job {job.pk} is settled as you said.")
    return htmx.go(request, "portal:job-detail", pk=job.pk)


@requires("portal.view_job")
def job_rows_csv(request: Request, pk: int) -> StreamingHttpResponse:
    """Return the rows as CSV, all or (``?failed=1``) only those that did not go through."""
    job = _visible_job(request, pk)
    only_failed = bool(request.GET.get("failed"))
    head, rows = job_page.table(job, request.user, only_failed=only_failed)
    name = f"job-{job.pk}-failed.csv" if only_failed else f"job-{job.pk}.csv"
    return stream_csv(name, head, rows)


@requires("portal.view_exchange")
def exchange_detail(request: Request, pk: int) -> HttpResponse:
    """Return one call on the wire, as it was kept: redacted."""
    exchange = get_visible_or_404(
        Exchange.objects.select_related("account", "job"), request.user, pk=pk
    )
    context = {
        "exchange": exchange,
        "request_body": readable(exchange.request_body),
        "reply_body": readable(exchange.reply_body),
    }
    return render(request, "portal/exchange_detail.html", context)


def _visible_job(request: Request, pk: int) -> Job:
    visible = Job.objects.select_related("actor", "account", "parent", "customer")
    return get_visible_or_404(visible, request.user, pk=pk)


def _context(request: Request, job: Job) -> dict[str, object]:
    return job_page.context(job, request)


def _back_to(request: Request, job: Job) -> HttpResponse:
    """Return the job as it is now: its live part for htmx, else its page by redirect."""
    if not htmx.wants_fragment(request):
        return redirect("portal:job-detail", pk=job.pk)
    context = _context(request, _visible_job(request, job.pk))
    response = htmx.with_messages(request, "portal/_job_live.html", context)
    return htmx.tell(response, job_changed={"id": job.pk})


def _chips(request: Request) -> list[dict[str, str]]:
    """Return the chips of the active filters, with words instead of ids."""
    chips = active_filters(request, FILTER_LABELS)
    for chip in chips:
        if chip["name"] == "status":
            chip["value"] = dict(JobFilter.STATUSES).get(chip["value"], chip["value"])
        elif chip["name"] == "by":
            chip["value"] = dict(JobFilter.STARTERS).get(chip["value"], chip["value"])
        elif chip["name"] in NAMED:
            chip["value"] = name_of(NAMED[chip["name"]], request.user, chip["value"])
        elif chip["name"] == "mine":
            chip["value"] = "only those that I started"
    return chips
