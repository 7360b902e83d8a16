"""Writing what is ours of the numbers that lines of an upload are about: set by set, audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection

from inventory.models import TelephoneNumber
from portal import audit
from portal.models import Job, User

# Column → what it becomes, from the second half of a line's change.
_AFTER: Final = {
    "label": "r.changes->'label'->>1",
    "tags": "ARRAY(SELECT jsonb_array_elements_text(r.changes->'tags'->1))::varchar(32)[]",
    "billing_id": "r.changes->'billing_id'->>1",
    "monthly_cost": "(r.changes->'monthly_cost'->>1)::numeric(9, 4)",
    "deletion_lock": "(r.changes->'deletion_lock'->>1)::boolean",
    "note": "r.changes->'note'->>1",
}
_LINES = """
FROM portal_uploadrow r
WHERE r.id = ANY(%s::bigint[]) AND r.state IN ('ok', 'running') AND r.changes ?| %s AND n.tn = r.target
"""
_UPDATE = (  # the names are our own
    "UPDATE inventory_telephonenumber n SET updated_at = now(), "  # noqa: S608
    + ", ".join(
        f"{name} = CASE WHEN r.changes ? '{name}' THEN {after} ELSE n.{name} END"
        for name, after in _AFTER.items()
    )
    + _LINES
)
_ENTRIES = """
SELECT n.id,
    CASE WHEN n.npa IS NULL THEN n.tn ELSE '(' || n.npa || ') ' || n.nxx || '-' || right(n.tn, 4) END,
    n.customer_id, x.before, x.after
FROM portal_uploadrow r
JOIN inventory_telephonenumber n ON n.tn = r.target
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(c.key, c.value->0) AS before, jsonb_object_agg(c.key, c.value->1) AS after
    FROM jsonb_each(r.changes) c WHERE c.key = ANY(%s)
) x
WHERE r.id = ANY(%s::bigint[]) AND r.state IN ('ok', 'running') AND r.changes ?| %s
"""


def write(ids: Sequence[int], *, actor: User, job: Job) -> int:
    """Write the lines of these ids to their numbers; return how many numbers were changed.

    Call it in a transaction that has the numbers locked, after the lines' states are set.
    """
    names, lines = list(_AFTER), list(ids)
    audit.record_query(
        actor,
        "inventory.tn.edited",
        TelephoneNumber,
        _ENTRIES,
        [names, lines, names],
        job=job,
    )
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [lines, names])
        return cursor.rowcount
