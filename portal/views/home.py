"""Home: what waits for me, and pictures of the whole."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal import health, panels, plots
from portal.access import Request, requires
from portal.models import Job, ProviderAccount, User
from portal.panels import Task

JOBS_NAMED = 5  # of each kind that waits; the rest is one line
RECENT_SHOWN = 8


@requires("portal.view_home")
def home(request: Request) -> HttpResponse:
    """Return the first page of the day."""
    user = request.user
    accounts = health.with_health(ProviderAccount.objects.visible_to(user).defer("credentials"))
    tasks = sorted(
        [*_job_tasks(user), *_account_tasks(accounts)]
        + [task for source in panels.tasks for task in source(user)],
        key=lambda task: task.weight,
    )
    recent = Job.objects.visible_to(user).roots().for_list()
    context = {
        "tasks": tasks,
        "can_search": user.has_perm("inventory.search_stock"),
        "tiles": [tile for source in panels.tiles for tile in source(user)],
        "plots": plots.draw(
            [plot for source in panels.plots for plot in source(user)] + health.plots(accounts),
            user,
        ),
        "recent": recent.order_by("-id")[:RECENT_SHOWN],
        "accounts": accounts,
    }
    return render(request, "portal/home.html", context)


def _job_tasks(user: User) -> Iterator[Task]:
    """Yield the jobs whose outcome nobody knows; customers are told on the job alone."""
    if not user.is_staff_role:
        return
    can_review = user.has_perm("portal.review_job")
    jobs = Job.objects.visible_to(user).filter(is_group=False).order_by("-id")
    few = [
        jobs.filter(status=status)[: JOBS_NAMED + 1]
        for status in (Job.Status.NEEDS_REVIEW, Job.Status.UNKNOWN)
    ]
    found = sorted(few[0].union(few[1], all=True), key=lambda job: -job.pk)  # one query
    review = [job for job in found if job.status == Job.Status.NEEDS_REVIEW]
    unknown = [job for job in found if job.status == Job.Status.UNKNOWN]
    for job in review[:JOBS_NAMED]:
        yield Task(
            title=f"{job.title}: a person must decide",
            note=job.reason,
            url=reverse("portal:job-detail", args=[job.pk]),
            action="Decide" if can_review else "Look",
            tone="bad",
            weight=10,
        )
    if len(review) > JOBS_NAMED:
        yield _more("needs_review", "More jobs that a person must decide", tone="bad", weight=11)
    for job in unknown[:JOBS_NAMED]:
        yield Task(
            title=f"{job.title}: outcome unknown",
            note="Sent, and no answer came. The provider is being asked; nothing is sent again.",
            url=reverse("portal:job-detail", args=[job.pk]),
            action="Look",
            weight=20,
        )
    if len(unknown) > JOBS_NAMED:
        yield _more("unknown", "More jobs with an unknown outcome", tone="warn", weight=21)


def _more(status: str, title: str, *, tone: str, weight: int) -> Task:
    url = f"{reverse('portal:job-list')}?status={status}"
    return Task(title=title, url=url, action="All", tone=tone, weight=weight)


def _account_tasks(accounts: list[ProviderAccount]) -> Iterator[Task]:
    for account in accounts:
        if account.health not in {"paused", "open", "half_open"}:
            continue
        words = account.pause_reason if account.paused_at else account.last_failure
        yield Task(
            title=f"{account}: calls are paused",
            note=words or "Repeated failures. Other providers go on as usual.",
            url=reverse("portal:provider-detail", args=[account.pk]),
            action="Look",
            tone="bad",
            weight=15,
        )
