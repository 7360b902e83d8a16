"""Checking an upload against what holds: set by set in SQL, without asking a provider.

The order is that of docs/csv.md: file, cells, lines, our own rules, the provider's rules, and then the
difference with what it costs. All errors are told at once; a line with none may go on.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import connection, transaction
from django.utils import timezone

from portal import audit, jobs
from portal.bulk import kinds, states
from portal.bulk.kinds import Kind
from portal.bulk.reading import FileProblem
from portal.bulk.staging import stage
from portal.models import Job, Upload, UploadRow, User

log = structlog.get_logger(__name__)

AT_ONCE = 1000  # lines that are checked while the person waits; more are checked by a job
State = Upload.State

_DUPLICATES = """
UPDATE portal_uploadrow r SET errors = r.errors || jsonb_build_array(jsonb_build_array(
    %(key)s::text, 'duplicate',
    'It stands in this file ' || d.n || ' times, first in line ' || d.first || '.'))
FROM (
    SELECT target, count(*) AS n, min(line) AS first FROM portal_uploadrow
    WHERE upload_id = %(upload)s AND state = 'new' GROUP BY target HAVING count(*) > 1
) d
WHERE r.upload_id = %(upload)s AND r.state = 'new' AND r.target = d.target
"""

# `found` are the cells that say otherwise than what holds. A line that takes another one back says
# what it must find (`r.changes`, written when it was made): what was changed since is left alone.
_COMPARE = """
UPDATE portal_uploadrow r SET (changes, errors, state) = (
    SELECT found.changes, found.errors, CASE
        WHEN found.errors <> '[]'::jsonb THEN 'invalid'
        WHEN found.changes = '{{}}'::jsonb THEN 'no_change' ELSE 'ready' END
    FROM (
        SELECT
            coalesce(jsonb_object_agg(e.key, jsonb_build_array(p.now->e.key, e.value))
                FILTER (WHERE e.key <> ALL(%s::text[])), '{{}}'::jsonb) AS changes,
            r.errors
            || CASE WHEN p.refusal IS NULL OR count(e.key) = 0 THEN '[]'::jsonb
               ELSE jsonb_build_array(jsonb_build_array(%s::text, 'not_allowed', p.refusal)) END
            || coalesce(jsonb_agg(jsonb_build_array(e.key, 'fixed',
                'It is “' || coalesce(p.now->>e.key, '') || '” and cannot be changed by this file.'))
                FILTER (WHERE e.key = ANY(%s::text[])), '[]'::jsonb)
            || (SELECT coalesce(jsonb_agg(jsonb_build_array(c.key, 'stale',
                'It was changed since, so that it is left as it is.')), '[]'::jsonb)
                FROM jsonb_each(r.changes) c
                WHERE p.now ? c.key AND p.now->c.key <> c.value->0) AS errors
        FROM jsonb_each(r."values") e
        WHERE p.now ? e.key AND p.now->e.key <> e.value
    ) found
)
FROM ({present}) p
WHERE p.target = r.target AND r.upload_id = %s AND r.state = 'new'
"""

_ABSENT = """
UPDATE portal_uploadrow SET state = 'invalid', errors = errors || jsonb_build_array(
    jsonb_build_array(%s::text, 'not_found', %s::text))
WHERE upload_id = %s AND state = 'new'
"""


def start(upload: Upload, *, actor: User) -> None:
    """Check an upload: at once where it is small, else by a job. Raises `states.Moved`."""
    with transaction.atomic():
        states.move(upload, State.CHECKING, problems=[], plan={}, counts={})
        if upload.line_count > AT_ONCE:
            job = jobs.submit("portal.check_upload", actor=actor, params={"upload": upload.pk})
            Upload.objects.filter(pk=upload.pk).update(check_job=job)
            return
    try:
        with transaction.atomic():
            check(upload)
    except Exception:
        # A defect: nothing of the check stays, and the upload must not seem to be at work for ever.
        log.exception("upload_not_checked", upload=upload.pk)
        broken(upload)


def check(upload: Upload, progress: Callable[[int], None] = lambda count: None) -> None:
    """Stage the file, compare it, and leave the upload ready, done or invalid.

    Can be begun again after it was broken off.
    """
    kind = kinds.get(upload.kind)
    try:
        if upload.undoes_id is None:
            stage(upload, kind, progress)
            _count_rows()
    except FileProblem as problem:
        states.move(upload, State.INVALID, problems=[str(problem)], checked_at=timezone.now())
        states.count(upload)
        return
    compare(upload, kind)
    plan = kind.refine(upload)
    counts = states.count(upload)
    facts = {"plan": plan.as_json(), "checked_at": timezone.now()}
    to = _end_of_check(counts)
    if to == State.INVALID:
        facts["problems"] = ["No line can be used. What is wrong stands beside each line."]
    states.move(upload, to, **facts)
    audit.record(upload.actor, "portal.upload.checked", upload, after=counts)


def _count_rows() -> None:
    """Have PostgreSQL look at the lines that came just now, where a job checks them.

    It would take them for a handful until its own next look, and compare each of 100,000 with all.
    Inside a transaction it would keep other checks waiting; there the file is small.
    """
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {UploadRow._meta.db_table}")


def _end_of_check(counts: dict[str, int]) -> str:
    if counts.get("ready"):
        return State.READY
    return State.DONE if counts.get("no_change") or not counts.get("invalid") else State.INVALID


def compare(upload: Upload, kind: Kind) -> None:
    """Write errors, changes and state of each line from what holds now."""
    present = kind.present(upload)
    fixed = [column.name for column in kind.columns if column.is_fixed]
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, {"key": kind.key, "upload": upload.pk})
        sql = _COMPARE.format(present=present.sql)
        cursor.execute(sql, [fixed, kind.key, fixed, *present.params, upload.pk])
        cursor.execute(_ABSENT, [kind.key, kind.absent(upload), upload.pk])


def broken(upload: Upload) -> None:
    """Leave an upload whose check was stopped by a defect so that it can be checked again."""
    words = "An error in Numberdesk stopped the check. Nothing was changed. Check it again."
    states.move(upload, State.INVALID, problems=[words], checked_at=timezone.now())


def after(job: Job) -> None:
    """Follow a settled job that was to check an upload: one that failed leaves it checkable."""
    upload = Upload.objects.filter(pk=job.params["upload"], state=State.CHECKING).first()
    if upload is not None and not job.is_open:
        broken(upload)
