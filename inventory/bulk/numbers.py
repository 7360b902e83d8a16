"""The kind “numbers”: what we decide of numbers is written at once, what providers do goes by jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from inventory import features
from inventory.bulk import judging, sending
from inventory.bulk.columns import COLUMNS, FEATURES
from inventory.models import TelephoneNumber
from inventory.services import file_edit
from portal.bulk.kinds import Column, Kind, Plan, Query, register
from portal.models import Job, Upload

# What holds now, as the value that a cell would have; texts without blanks at their ends, tags in
# order, as cells are read.
_NOW = {
    "provider": "a.name",
    "customer": "coalesce(c.code, '')",
    "state": "n.state",
    "label": r"btrim(n.label, E' \t\r\n')",
    "tags": "(SELECT coalesce(jsonb_agg(t ORDER BY t COLLATE \"C\"), '[]') FROM unnest(n.tags) t)",
    "billing_id": r"btrim(n.billing_id, E' \t\r\n')",
    "monthly_cost": "n.monthly_cost::text",
    "deletion_lock": "n.deletion_lock",
    "note": r"btrim(n.note, E' \t\r\n')",
}
_PRESENT = """
SELECT n.tn AS target, jsonb_build_object({now}) AS now,
    CASE WHEN n.state = ANY(%s) THEN 'It is no longer ours.' END AS refusal
FROM inventory_telephonenumber n{joins}
WHERE (%s::bigint IS NULL OR n.customer_id = %s::bigint)
"""
_JOINS = {
    "provider": " JOIN portal_provideraccount a ON a.id = n.account_id",
    "customer": " LEFT JOIN portal_customer c ON c.id = n.customer_id",
}
_LOCK = """
SELECT 1 FROM inventory_telephonenumber n JOIN portal_uploadrow r ON r.target = n.tn
WHERE r.id = ANY(%s::bigint[]) ORDER BY n.id FOR UPDATE OF n
"""


@register
class Numbers(Kind):
    """Edit numbers that we have."""

    slug, label = "numbers", "Numbers"
    help = (
        "Labels, tags, notes, billing and locks of numbers that we have, and what their providers "
        "do with them: route, forward, failover, names, fax, messages, port-out PIN."
    )
    permission = "inventory.configure_telephonenumber"
    columns = COLUMNS
    operations = ("update", "skip")
    export_url = "inventory:tn-export-edit"

    def check_line(self, values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Put type and target of messages together; one without the other is an error."""
        kind, target = values.pop("sms_type", None), values.get("sms_target")
        if kind is None and not target:
            return
        if not target or kind is None:
            values.pop("sms_target", None)
            yield "sms_target", "pair", "Write sms_type and sms_target together."
            return
        try:
            values["sms_target"] = features.get("message_destination").clean(f"{kind}:{target}")
        except ValueError as error:
            values.pop("sms_target")
            yield "sms_target", "bad_value", str(error)

    def absent(self, upload: Upload) -> str:
        """Return the sentence for a number that we do not have, or that is somebody else's."""
        if upload.customer_id:
            return "It is not one of your numbers."
        return "It is not in the inventory. This file edits numbers that we have."

    def present(self, upload: Upload) -> Query:
        """Return what holds now of the columns that the file has."""
        names = [name for name in upload.mapping if name in _NOW]
        now = ", ".join(f"'{name}', {_NOW[name]}" for name in names)
        joins = "".join(_JOINS[name] for name in names if name in _JOINS)
        params = [list(TelephoneNumber.GONE), upload.customer_id, upload.customer_id]
        return Query(sql=_PRESENT.format(now=now, joins=joins), params=params)

    def refine(self, upload: Upload) -> Plan:
        """Check what the providers do, and say what it takes."""
        return judging.judge(upload)

    def lock(self, ids: Sequence[int]) -> Query:
        """Return the query that locks the numbers of some lines, always in the same order."""
        return Query(sql=_LOCK, params=[list(ids)])

    def write(self, upload: Upload, ids: Sequence[int], *, job: Job) -> None:
        """Write what is ours, with an audit entry for each number."""
        file_edit.write(ids, actor=upload.actor, job=job)

    def send(self, upload: Upload, group: Job) -> None:
        """Submit the next feature of each account."""
        sending.send(upload, group)

    def column_of(self, part: Job) -> str:
        """Return the column of the feature that a part changed."""
        name = part.params.get("feature", "")
        return next((column for column, feature in FEATURES.items() if feature == name), "")

    def why_no_undo(self, column: Column) -> str:
        """Return why a column cannot go back."""
        feature = FEATURES.get(column.name)
        return (features.get(feature).no_undo if feature else "") or super().why_no_undo(column)

    def shown(self, column: str, value: Any) -> str:
        """Return a value in words; what no provider told reads so."""
        if column in FEATURES:
            return features.get(FEATURES[column]).shown(value)
        return super().shown(column, value)
