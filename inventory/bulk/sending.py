"""Telling providers what the lines of a running upload say: one job at a time at each account."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection

from inventory import feature_changes, features
from inventory.bulk.columns import FEATURES
from inventory.feature_changes import AccountPlan
from portal import jobs
from portal.bulk import running
from portal.models import Job, Upload
from portal.sealed import unseal

MOST = 5000  # numbers of one job

_DUE = """
SELECT n.account_id, array_agg(DISTINCT o.name)
FROM portal_uploadrow r CROSS JOIN LATERAL unnest(r.orders) AS o (name)
JOIN inventory_telephonenumber n ON n.tn = r.target
WHERE r.upload_id = %s AND r.state = 'running' GROUP BY n.account_id ORDER BY n.account_id
"""
_LINES = """
SELECT r.id, r.target, r.changes->%s->0, r.changes->%s->>1, r."values"->>%s
FROM portal_uploadrow r JOIN inventory_telephonenumber n ON n.tn = r.target
WHERE r.upload_id = %s AND r.state = 'running' AND %s = ANY(r.orders) AND n.account_id = %s
ORDER BY r.line LIMIT %s
"""
_OUTCOMES = """
UPDATE portal_uploadrow r SET orders = array_remove(r.orders, %s::varchar),
    outcomes = r.outcomes || jsonb_build_object(%s::text, x.outcome)
FROM jsonb_to_recordset(%s::jsonb) AS x (id bigint, outcome jsonb) WHERE r.id = x.id
"""


def send(upload: Upload, group: Job) -> None:
    """Submit the next job at each account that has none open; features go one after another.

    A number is locked while a provider is told of it, so that two features of it cannot go at once.
    """
    parts = group.children.exclude(kind=running.WRITE).filter(status__in=Job.OPEN)
    busy = set(parts.values_list("account_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [upload.pk])
        due = dict(cursor.fetchall())
    for account_id, columns in due.items():
        if account_id in busy:
            continue
        for column in [name for name in FEATURES if name in columns]:
            if _send_column(upload, group, account_id, column):
                break


def _send_column(upload: Upload, group: Job, account_id: int, column: str) -> bool:
    """Submit one feature of some thousand numbers; return whether a job is on its way.

    Lines that cannot go (any more) get their outcome; then the next ones are tried.
    """
    while True:
        lines = _lines(upload, account_id, column)
        if not lines:
            return False
        entry, outcomes = _prepare(upload, column, lines, account_id)
        while entry is not None and entry.changes:
            try:
                feature_changes.part(
                    features.get(FEATURES[column]),
                    entry,
                    actor=upload.actor,
                    parent=group,
                    reason=f"Upload {upload.pk}: {upload.name}",
                )
            except (jobs.NotAccepted, PermissionDenied) as refusal:
                outcomes |= _refused(entry, refusal)
            else:
                _settle(column, lines, outcomes)
                return True
        _settle(column, lines, outcomes)


def _lines(upload: Upload, account_id: int, column: str) -> dict[str, tuple[int, Any, str]]:
    """Return number → (line's id, what held at the preview, what it becomes)."""
    secret = features.get(FEATURES[column]).is_secret
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [column, column, column, upload.pk, column, account_id, MOST])
        rows = cursor.fetchall()
    return {
        tn: (pk, json.loads(before or "null"), unseal(sealed) if secret else after)
        for pk, tn, before, after, sealed in rows
    }


def _prepare(
    upload: Upload, column: str, lines: Mapping[str, tuple[int, Any, str]], account_id: int
) -> tuple[AccountPlan | None, dict[str, list[str]]]:
    """Return what is still to be sent, and the outcomes of the lines for which nothing is."""
    feature = features.get(FEATURES[column])
    values = {tn: after for tn, (_, _, after) in lines.items()}
    entry = next(
        (e for e in feature_changes.plan(feature, values) if e.account.pk == account_id), None
    )
    same = "The provider has this value already. Nothing was sent."
    outcomes = {tn: ["ok", "", same, ""] for tn in lines}
    if entry is None:
        words = "It is no longer at this provider account. Nothing was sent."
        return None, {tn: ["failed", "moved", words, ""] for tn in lines}
    for blocked in entry.blocked:
        outcomes[blocked.tn] = ["failed", "not_possible", blocked.reason, ""]
    kept = []
    for change in entry.changes:
        before = lines[change.number.tn][1]
        if (
            before != change.before
            and not feature.is_secret
            and not upload.options.get("overwrite")
        ):
            words = "It was changed since the preview. Nothing was sent."
            outcomes[change.number.tn] = ["stale", "stale", words, ""]
        else:
            kept.append(change)
            del outcomes[change.number.tn]
    entry.changes = kept
    return entry, outcomes


def _refused(
    entry: AccountPlan, refusal: jobs.NotAccepted | PermissionDenied
) -> dict[str, list[str]]:
    """Take out of a plan what stands against it; return the outcomes of these numbers."""
    told = {p.target: p.message for p in getattr(refusal, "problems", ()) if p.target}
    words = str(refusal)
    if not told:  # the whole job
        told = {change.number.tn: words for change in entry.changes}
    entry.changes = [change for change in entry.changes if change.number.tn not in told]
    return {tn: ["failed", "not_accepted", message, ""] for tn, message in told.items()}


def _settle(
    column: str,
    lines: Mapping[str, tuple[int, Any, str]],
    outcomes: Mapping[str, Sequence[str]],
) -> None:
    told = [{"id": lines[tn][0], "outcome": outcome} for tn, outcome in outcomes.items()]
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [column, column, json.dumps(told)])
