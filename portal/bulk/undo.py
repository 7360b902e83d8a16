"""Taking an upload back: an upload of its own, with the values from before, checked and shown first."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.bulk import checking, kinds
from portal.models import Upload, UploadRow, User

UNDO_FOR = timedelta(days=7)

# A line for each one that was done: its values are those from before, and its changes say what must
# be found. A value that nobody knew cannot come back.
_REVERSE = """
INSERT INTO portal_uploadrow (upload_id, line, target, operation, state, cells, "values",
    changes, errors, orders, outcomes)
SELECT %(undo)s, r.line, r.target, r.operation, 'new', x.cells, x."values", x.changes, x.errors,
    '{}', '{}'
FROM portal_uploadrow r CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(c.key, coalesce(c.value->>0, ''))
               FILTER (WHERE NOT c.key = ANY(%(lost)s)), '{}') || jsonb_build_object(%(key)s::text, r.target)
               AS cells,
           coalesce(jsonb_object_agg(c.key, c.value->0)
               FILTER (WHERE NOT c.key = ANY(%(lost)s) AND NOT is_unknown), '{}') AS "values",
           coalesce(jsonb_object_agg(c.key, jsonb_build_array(c.value->1, c.value->0))
               FILTER (WHERE NOT c.key = ANY(%(lost)s) AND NOT is_unknown), '{}') AS changes,
           coalesce(jsonb_agg(jsonb_build_array(c.key, 'no_undo',
               coalesce(%(reasons)s::jsonb->>c.key, 'What held before is not known.')))
               FILTER (WHERE c.key = ANY(%(lost)s) OR is_unknown), '[]') AS errors
    FROM jsonb_each(r.changes) c
    CROSS JOIN LATERAL (
        SELECT c.key = ANY(%(orders)s) AND c.value->0 = 'null'::jsonb AS is_unknown) u
) x
WHERE r.upload_id = %(upload)s AND r.state = 'ok'
"""


def why_not(upload: Upload) -> str:
    """Return why an upload cannot be taken back (any more), as a sentence; "" where it can."""
    if upload.state not in Upload.ENDED or not upload.counts.get("ok"):
        return "Nothing of it was done that could be taken back."
    if why := kinds.get(upload.kind).no_undo:
        return why
    if not upload.is_kept:
        return "Its lines are no longer kept."
    if not upload.finished_at or upload.finished_at < timezone.now() - UNDO_FOR:
        return "An upload can be taken back for 7 days; those are over."
    return ""


def make(upload: Upload, *, actor: User) -> Upload:
    """Return the upload that takes another one back, checked; nothing is changed by it yet.

    An open one that was made before is given back. Call it only where `why_not` says nothing.
    """
    kind = kinds.get(upload.kind)
    lost = {c.name: why for c in kind.columns if (why := kind.why_no_undo(c))}
    with transaction.atomic():
        Upload.objects.select_for_update().get(pk=upload.pk)
        known = upload.undos.unfinished().first()
        if known is not None:
            return known
        undo = Upload.objects.create(
            kind=upload.kind,
            name=f"Undo of {upload.name}"[:120],
            actor=actor,
            customer_id=upload.customer_id,
            undoes=upload,
            mapping=[kind.key, *_changed_columns(upload)],
        )
        with connection.cursor() as cursor:
            cursor.execute(
                _REVERSE,
                {
                    "undo": undo.pk,
                    "upload": upload.pk,
                    "key": kind.key,
                    "lost": list(lost),
                    "reasons": json.dumps(lost),
                    "orders": [column.name for column in kind.columns if column.is_order],
                },
            )
            undo.line_count = cursor.rowcount
        undo.save(update_fields=["line_count"])
        audit.record(actor, "portal.upload.undo_made", undo, after={"undoes": upload.pk})
    checking.start(undo, actor=actor)
    return undo


def _changed_columns(upload: Upload) -> list[str]:
    """Return the columns that any line of an upload changed."""
    table = UploadRow._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT jsonb_object_keys(changes) FROM {table} "  # noqa: S608
            "WHERE upload_id = %s AND state = 'ok'",
            [upload.pk],
        )
        found = {row[0] for row in cursor.fetchall()}
    return [name for name in kinds.get(upload.kind).by_name() if name in found]
