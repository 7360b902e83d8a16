"""What happens to uploads by itself: starting those whose time has come, mending, forgetting."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import audit, jobs
from portal.bulk import checking, running, states
from portal.models import Job, Upload, UploadPiece, UploadRow, User

log = structlog.get_logger(__name__)
State = Upload.State


def schedule(upload: Upload, at: datetime, *, actor: User, overwrite: bool = False) -> None:
    """Have an upload run at a later time. Raises `states.Moved`."""
    options = upload.options | {"overwrite": overwrite, "by": actor.pk}
    with transaction.atomic():
        states.move(upload, State.SCHEDULED, run_at=at, options=options)
        audit.record(actor, "portal.upload.scheduled", upload, after={"at": at})


def unschedule(upload: Upload, *, actor: User) -> None:
    """Have a scheduled upload wait for a person again. Raises `states.Moved`."""
    with transaction.atomic():
        states.move(upload, State.READY, run_at=None)
        audit.record(actor, "portal.upload.unscheduled", upload)


def start_due() -> int:
    """Run the uploads whose time has come, in the name of who scheduled them; return how many."""
    count = 0
    for upload in Upload.objects.filter(state=State.SCHEDULED, run_at__lte=timezone.now()):
        actor = User.objects.filter(pk=upload.options.get("by")).first() or upload.actor
        try:
            running.confirm(upload, actor=actor, overwrite=bool(upload.options.get("overwrite")))
        except (jobs.NotAccepted, states.Moved) as refusal:
            Upload.objects.filter(pk=upload.pk, state=State.SCHEDULED).update(
                state=State.READY, run_at=None, problems=[f"It was not run: {refusal}"]
            )
            continue
        count += 1
    return count


def mend() -> int:
    """Go on with uploads whose jobs are settled and that were not told of it; return how many."""
    count = 0
    ended = {"check_job__status__in": Job.SETTLED}
    for upload in Upload.objects.filter(state=State.CHECKING, **ended):
        checking.broken(upload)
        count += 1
    busy = Upload.objects.filter(state__in=[State.RUNNING, State.CANCELLING])
    for group_id in busy.exclude(run_job=None).values_list("run_job_id", flat=True):
        with transaction.atomic():
            group = Job.objects.select_for_update().get(pk=group_id)
            if not group.children.filter(status__in=Job.OPEN).exists():
                running.follow(group)
                count += 1
    return count


def forget_old() -> int:
    """Delete files and lines that were kept long enough; what was done stays on record."""
    before = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS)
    old = Upload.objects.filter(created_at__lt=before, forgotten_at=None)
    old = old.exclude(state__in=[State.SCHEDULED, *Upload.MOVING])
    count = 0
    for upload in old[:100]:
        with transaction.atomic():
            UploadPiece.objects.filter(upload=upload).delete()
            UploadRow.objects.filter(upload=upload).delete()
            changes: dict[str, object] = {"forgotten_at": timezone.now()}
            if upload.state in Upload.UNFINISHED:
                changes["state"] = State.CANCELLED
            Upload.objects.filter(pk=upload.pk).update(**changes)
        count += 1
    return count
