"""Home: what waits for me, and pictures of the whole."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal import panels
from portal.access import Request, requires
from portal.models import Job, ProviderAccount, User
from portal.panels import Task


@requires("portal.view_home")
def home(request: Request) -> HttpResponse:
    """Return the first page of the day."""
    user = request.user
    tasks = sorted(
        [*_job_tasks(user), *_account_tasks(user)]
        + [task for source in panels.tasks for task in source(user)],
        key=lambda task: task.weight,
    )
    recent = Job.objects.visible_to(user).roots().select_related("actor", "account")
    return render(
        request,
        "portal/home.html",
        {
            "tasks": tasks,
            "can_search": user.has_perm("inventory.search_stock"),
            "tiles": [tile for source in panels.tiles for tile in source(user)],
            "plots": [plot for source in panels.plots for plot in source(user)],
            "recent": recent.order_by("-id")[:8],
            "accounts": ProviderAccount.objects.visible_to(user),
        },
    )


def _job_tasks(user: User) -> list[Task]:
    visible = Job.objects.visible_to(user).filter(is_group=False)
    tasks = []
    for job in visible.filter(status=Job.Status.NEEDS_REVIEW).order_by("-id")[:10]:
        tasks.append(
            Task(
                title=f"{job.title}: a person must decide",
                note=job.reason,
                url=reverse("portal:job-detail", args=[job.pk]),
                action="Decide",
                tone="bad",
                weight=10,
            )
        )
    for job in visible.filter(status=Job.Status.UNKNOWN).order_by("-id")[:10]:
        tasks.append(
            Task(
                title=f"{job.title}: outcome unknown",
                note="Sent, and no answer came. The provider is being asked; nothing is sent again.",
                url=reverse("portal:job-detail", args=[job.pk]),
                action="Look",
                weight=20,
            )
        )
    return tasks


def _account_tasks(user: User) -> list[Task]:
    tasks = []
    for account in ProviderAccount.objects.visible_to(user).filter(is_enabled=True):
        if account.health not in {"paused", "open", "half_open"}:
            continue
        words = account.pause_reason if account.paused_at else account.last_failure
        tasks.append(
            Task(
                title=f"{account}: calls are paused",
                note=words or "Repeated failures. Other providers go on as usual.",
                url=reverse("portal:provider-detail", args=[account.pk]),
                action="Look",
                tone="bad",
                weight=15,
            )
        )
    return tasks
