"""What uploads show on the platform's pages: see `register`."""

from __future__ import annotations

from collections.abc import Iterator

from portal import panels
from portal.bulk import running
from portal.models import Job, Upload, User
from portal.panels import JobLink, Task

_WAITING = {
    Upload.State.MAPPING: ("Name the columns of", "Its columns are not known yet.", "Name them"),
    Upload.State.READY: ("Confirm", "It is checked; nothing was changed yet.", "Look at it"),
}
TASKS_SHOWN = 5


def tasks(user: User) -> Iterator[Task]:
    """Yield one's own uploads that wait for a decision."""
    rows = Upload.objects.visible_to(user).filter(actor=user, state__in=list(_WAITING))
    for upload in rows.order_by("-id")[:TASKS_SHOWN]:
        verb, note, action = _WAITING[Upload.State(upload.state)]
        yield Task(
            title=f"{verb} “{upload.name}”",
            note=note,
            url=upload.get_absolute_url(),
            action=action,
            tone="info",
            weight=70,
        )


def job_links(job: Job, user: User) -> Iterator[JobLink]:
    """Yield the way from a job of an upload to its page."""
    group = job.parent if job.parent is not None else job
    pk = (
        group.params.get("upload") if group.kind in (running.GROUP, "portal.check_upload") else None
    )
    if pk and Upload.objects.visible_to(user).filter(pk=pk).exists():
        url = Upload(pk=pk).get_absolute_url()
        yield JobLink(label="The upload", url=url, icon="file-upload")


def register() -> None:
    """Make uploads known to Home and to the pages of jobs."""
    panels.tasks.append(tasks)
    panels.job_links.append(job_links)
