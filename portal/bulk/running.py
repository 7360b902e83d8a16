"""Carrying an upload out: our own values in slices, then a job for each account, one after another.

A run is one group of jobs. Its first part writes what is ours; whenever a part is settled, `follow`
files its outcomes with the lines and lets the kind submit what is due next, until nothing is.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from portal import audit, jobs
from portal.bulk import kinds, states
from portal.bulk.kinds import Kind
from portal.jobs.submit import Child
from portal.models import Job, Upload, UploadRow, User

SLICE = 2000  # lines that are written in one transaction
GROUP, WRITE = "portal.run_upload", "portal.write_upload"
State = Upload.State

# What became of each line of a slice; `refusal` and what was changed since are looked at once more.
_SETTLE = """
UPDATE portal_uploadrow r SET (state, errors) = (
    SELECT CASE WHEN p.refusal IS NOT NULL THEN 'failed'
                WHEN found.stale <> '[]'::jsonb AND NOT %s THEN 'stale'
                WHEN r.orders = '{{}}' THEN 'ok' ELSE 'running' END,
           CASE WHEN p.refusal IS NOT NULL
                THEN jsonb_build_array(jsonb_build_array(%s::text, 'not_allowed', p.refusal))
                WHEN NOT %s THEN found.stale ELSE '[]'::jsonb END
    FROM (
        SELECT coalesce(jsonb_agg(jsonb_build_array(c.key, 'stale',
            'It was changed since the preview, so that it was left as it is.')), '[]'::jsonb) AS stale
        FROM jsonb_each(r.changes) c WHERE p.now ? c.key AND p.now->c.key <> c.value->0
    ) found
)
FROM ({present}) p
WHERE p.target = r.target AND r.id = ANY(%s::bigint[]) AND r.state = 'ready'
"""

# What held before is often read by the job itself: then it is known at last.
_COLLECT = """
UPDATE portal_uploadrow r SET
    orders = array_remove(r.orders, %(column)s::varchar),
    changes = CASE WHEN r.changes->%(column)s->0 = 'null' AND i.before->'value' <> 'null'
        THEN jsonb_set(r.changes, ARRAY[%(column)s, '0'], i.before->'value') ELSE r.changes END,
    outcomes = r.outcomes || jsonb_build_object(%(column)s::text, jsonb_build_array(
        CASE i.status WHEN 'succeeded' THEN 'ok' WHEN 'canceled' THEN 'skipped'
            WHEN 'refused' THEN CASE i.code WHEN 'suggested' THEN 'suggested' ELSE 'failed' END
            ELSE 'failed' END,
        i.code, i.message, i.provider_ref))
FROM portal_jobitem i
WHERE i.job_id = %(part)s AND i.target = r.target
    AND i.status IN ('succeeded', 'refused', 'skipped', 'canceled')
    AND r.upload_id = %(upload)s AND %(column)s = ANY(r.orders)
"""

_ACCEPT = """
UPDATE portal_uploadrow SET state = 'running',
    "values" = "values" || '{"accept_suggestions": true}'
WHERE upload_id = %s AND state = 'suggested'
"""

_CLOSE = """
UPDATE portal_uploadrow SET state = CASE
    WHEN outcomes @? '$.*[0] ? (@ == "failed")' THEN 'failed'
    WHEN outcomes @? '$.*[0] ? (@ == "suggested")' THEN 'suggested'
    WHEN outcomes @? '$.*[0] ? (@ == "stale")' THEN 'stale'
    WHEN outcomes @? '$.*[0] ? (@ == "skipped")' THEN 'skipped' ELSE 'ok' END
WHERE upload_id = %s AND state = 'running' AND orders = '{}'
"""


def confirm(upload: Upload, *, actor: User, overwrite: bool = False) -> Job:
    """Run what was previewed; return the group of its jobs.

    `overwrite` writes lines also where a value was changed since the preview. Raises `states.Moved`
    for an upload that is not ready (any more) and `portal.jobs.NotAccepted`.
    """
    kind = kinds.get(upload.kind)
    with transaction.atomic():
        states.move(
            upload,
            State.RUNNING,
            confirmed_at=timezone.now(),
            options=upload.options | {"overwrite": overwrite},
        )
        group = jobs.submit_group(
            f"{kind.label}: {upload.name}",
            kind=GROUP,
            actor=actor,
            params={"upload": upload.pk},
            children=[Child(kind=WRITE, account=None, params={"upload": upload.pk})],
            key=f"upload-{upload.uid}",
            customer_id=upload.customer_id,
        )
        Upload.objects.filter(pk=upload.pk).update(run_job=group)
        upload.run_job = group
        facts = {"lines": upload.counts.get("ready", 0), "overwrite": overwrite}
        audit.record(actor, "portal.upload.confirmed", upload, after=facts, job=group)
    return group


def accept(upload: Upload, *, actor: User) -> Job:
    """Accept all corrections that providers offered for lines of an upload, and send these again.

    Raises `states.Moved` where the upload is not done, and `portal.jobs.NotAccepted`.
    """
    kind = kinds.get(upload.kind)
    with transaction.atomic():
        states.move(upload, State.RUNNING, finished_at=None)
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPT, [upload.pk])
            count = cursor.rowcount
        group = jobs.submit_group(
            f"{kind.label}: corrections of {upload.name}",
            kind=GROUP,
            actor=actor,
            params={"upload": upload.pk},
            children=[Child(kind=WRITE, account=None, params={"upload": upload.pk})],
            customer_id=upload.customer_id,
        )
        Upload.objects.filter(pk=upload.pk).update(run_job=group)
        audit.record(actor, "portal.upload.accepted", upload, after={"lines": count}, job=group)
    return group


def cancel(upload: Upload, *, actor: User) -> str:
    """Stop an upload; return a sentence that says what happens now. Raises `states.Moved`."""
    with transaction.atomic():
        if upload.state == State.RUNNING and upload.run_job is not None:
            states.move(upload, State.CANCELLING)
            audit.record(actor, "portal.upload.cancel_requested", upload, job=upload.run_job)
            jobs.cancel(upload.run_job, actor=actor)
            return "What was not sent yet is canceled. What was sent is settled as usual."
        states.move(upload, State.CANCELLED)
        audit.record(actor, "portal.upload.canceled", upload)
    return "Canceled. Nothing was changed."


def write_slice(upload: Upload, kind: Kind, *, job: Job) -> bool:
    """Write the next lines that are ready in one transaction; return whether there were any."""
    with transaction.atomic():
        # The row is locked: a second worker, or a cancel, waits for the end of the slice.
        state = Upload.objects.select_for_update().values_list("state", flat=True)
        if state.get(pk=upload.pk) != State.RUNNING:
            return False
        ready = UploadRow.objects.filter(upload=upload, state="ready").order_by("line")
        ids = list(ready.values_list("pk", flat=True)[:SLICE])
        if not ids:
            return False
        _settle(upload, kind, ids)
        kind.write(upload, ids, job=job)
    return True


def _settle(upload: Upload, kind: Kind, ids: list[int]) -> None:
    overwrite = bool(upload.options.get("overwrite"))
    present, lock = kind.present(upload), kind.lock(ids)
    with connection.cursor() as cursor:
        cursor.execute(lock.sql, lock.params)
        cursor.execute(
            _SETTLE.format(present=present.sql),
            [overwrite, kind.key, overwrite, *present.params, ids],
        )
        gone = [[kind.key, "not_found", kind.absent(upload)]]
        UploadRow.objects.filter(pk__in=ids, state="ready").update(state="failed", errors=gone)


def follow(group: Job) -> None:
    """File what is settled of a run, submit what is due next, and end the upload when nothing is.

    Called in the transaction that settles a part, with the group's row locked.
    """
    upload = Upload.objects.select_for_update().filter(run_job=group).first()
    if upload is None or upload.state not in (State.RUNNING, State.CANCELLING):
        return
    kind = kinds.get(upload.kind)
    for part in group.children.exclude(kind=WRITE).filter(status__in=Job.SETTLED):
        collect(upload, kind, part)
    if not _is_writing(group):
        if upload.state == State.RUNNING:
            kind.send(upload, group)
        close_lines(upload)
        if not group.children.filter(status__in=Job.OPEN).exists():
            _end(upload)
            return
    states.count(upload)


def _is_writing(group: Job) -> bool:
    return bool(group.children.filter(kind=WRITE, status__in=Job.OPEN).exists())


def collect(upload: Upload, kind: Kind, part: Job) -> None:
    """Copy the outcomes of a settled part to the lines that it was about."""
    column = kind.column_of(part)
    if column:
        with connection.cursor() as cursor:
            cursor.execute(_COLLECT, {"column": column, "part": part.pk, "upload": upload.pk})


def close_lines(upload: Upload) -> None:
    """Give lines of which nobody is to be told any more the state that their outcomes mean."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [upload.pk])


def _end(upload: Upload) -> None:
    """End an upload all of whose jobs are settled; what was not reached is skipped."""
    is_cancelled = upload.state == State.CANCELLING
    words = "Canceled before it was carried out." if is_cancelled else "It was not carried out."
    left = UploadRow.objects.filter(upload=upload, state__in=["ready", "running"])
    left.update(
        state="skipped" if is_cancelled else "failed",
        errors=[["", "canceled" if is_cancelled else "not_done", words]],
        orders=[],
    )
    counts = states.count(upload)
    has_errors = any(counts.get(state) for state in UploadRow.FAULTY)
    end = State.DONE_WITH_ERRORS if has_errors else State.DONE
    states.move(upload, State.CANCELLED if is_cancelled else end)
    audit.record(upload.actor, f"portal.upload.{upload.state}", upload, after=counts)
    if upload.undoes_id:
        _mark_undone(upload)


def _mark_undone(upload: Upload) -> None:
    """Mark the lines that an upload took back, and the upload that they stood in."""
    source = Upload.objects.select_for_update().get(pk=upload.undoes_id)  # type: ignore[misc]
    taken_back = UploadRow.objects.filter(upload=upload, state="ok").values("target")
    changed = UploadRow.objects.filter(upload=source, state="ok", target__in=taken_back)
    if changed.update(state="undone") and source.may(State.UNDONE):
        states.move(source, State.UNDONE)
        audit.record(upload.actor, "portal.upload.undone", source, job=upload.run_job)
    states.count(source)
