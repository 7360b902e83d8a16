"""What pages show of approvals: one with its preview, the lists, Home, and the pages of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from portal import approvals, panels
from portal.forms_approval import ApproveForm, RefuseForm
from portal.models import Approval, Job, User
from portal.panels import JobLink, Task

NAMED: Final = 3  # on Home, of each kind of line; more are one line
TOLD_FOR: Final = timedelta(days=2)  # how long Home tells the asker what was decided

Approvals = QuerySet[Approval]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One list of approvals: its rows, and what to say without any."""

    name: str
    title: str
    rows: Callable[[Approvals, User], Approvals]
    empty: str


TABS: Final[dict[str, Tab]] = {
    tab.name: tab
    for tab in (
        Tab(
            name="waiting",
            title="Waiting",
            rows=lambda rows, user: rows.waiting(),  # type: ignore[attr-defined]
            empty="Nothing waits for a second person.",
        ),
        Tab(
            name="mine",
            title="Asked by me",
            rows=lambda rows, user: rows.filter(asked_by=user),
            empty="You have asked for nothing that another person must approve.",
        ),
        Tab(
            name="decided",
            title="Decided",
            rows=lambda rows, user: rows.exclude(pk__in=Approval.objects.waiting().values("pk")),
            empty="Nothing was decided yet.",
        ),
    )
}


def context(approval: Approval, user: User, **forms: Any) -> dict[str, Any]:
    """Return what the page of one approval shows; `forms` and `problems` stand in for fresh ones."""
    kind = approvals.get(approval.kind)
    is_mine = approval.asked_by_id == user.pk
    can_decide = approval.is_waiting and approvals.may_decide(approval, user)
    preview = approvals.look(approval) if approval.is_waiting else None
    expected = approval.count if kind.is_final else None
    return {
        "approval": approval,
        "kind": kind,
        "preview": preview,
        "asked": [] if preview else kind.asked(approval),
        "problems": preview.problems if preview else [],
        "is_mine": is_mine,
        "can_decide": can_decide,
        "can_withdraw": approval.is_waiting and is_mine,
        "approvers": list(approvals.others(kind, approval.asked_by)[:NAMED])
        if approval.is_waiting
        else [],
        "approve_form": ApproveForm(expected=expected),
        "refuse_form": RefuseForm(),
        "jobs": Job.objects.visible_to(user).filter(key__startswith=f"{approval.key}:").for_list(),
    } | forms


def home_tasks(user: User) -> Iterator[Task]:
    """Yield what waits for this person's decision, and what became of what he asked for."""
    if not user.has_perm(approvals.DECIDE):
        return
    kinds = [
        name for name, _ in approvals.labels() if user.has_perm(approvals.get(name).permission)
    ]
    waiting = Approval.objects.waiting().filter(kind__in=kinds).exclude(asked_by=user)
    rows = list(waiting.select_related("asked_by").order_by("expires_at")[: NAMED + 1])
    for row in rows[:NAMED]:
        yield Task(
            title=f"{row.title}: {row.asked_by} asks for your approval",
            note=row.reason,
            url=reverse("portal:approval-detail", args=[row.pk]),
            action="Decide",
            weight=12,
        )
    if len(rows) > NAMED:
        url = reverse("portal:approval-list")
        yield Task(title="More that waits for an approval", url=url, action="All", weight=13)
    yield from _told(user)


def _told(user: User) -> Iterator[Task]:
    """Yield what was not approved of what this person asked for, for two days."""
    since = timezone.now() - TOLD_FOR
    is_late = Q(status=Approval.Status.EXPIRED, decided_at__gt=since)
    no = Approval.objects.filter(
        Q(status=Approval.Status.REFUSED, decided_at__gt=since) | is_late, asked_by=user
    )
    for row in no.select_related("decided_by").order_by("-id")[:NAMED]:
        words = f"{row.decided_by} refused" if row.decided_by else "nobody decided in time"
        yield Task(
            title=f"{row.title}: {words}",
            note=row.decision_reason or "Nothing was done. Ask again, if it is still wanted.",
            url=reverse("portal:approval-detail", args=[row.pk]),
            action="Look",
            tone="info",
            weight=34,
        )


def job_links(job: Job, user: User) -> Iterable[JobLink]:
    """Yield the way from a job to the approval that started it."""
    pk = job.params.get("approval")
    if pk and user.has_perm("portal.view_approval") and Approval.objects.filter(pk=pk).exists():
        url = reverse("portal:approval-detail", args=[pk])
        yield JobLink(label="Who approved it", url=url, icon="users")


def register() -> None:
    """Make approvals known to Home and to jobs' pages."""
    panels.tasks.append(home_tasks)
    panels.job_links.append(job_links)
