"""Letting records follow a full list of their provider: what is new by sets, what moved one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from e911 import addresses
from e911.answers import Told
from e911.models import CarrierRecord, EmergencyRecord
from e911.services import follow as following
from e911.services import numbers, sets
from inventory.models import TelephoneNumber
from portal.models import Job, ProviderAccount

FOUND: Final = "e911.record.found"
_ACCEPTED = ", ".join(f"accepted_{name}" for name in addresses.LINE_NAMES)
_TOLD = ", ".join(f"m.{name}" for name in addresses.LINE_NAMES)
_BLANK: Final = (
    *addresses.PART_NAMES,
    *("caller_name", "legal_text", "verified_by", "previous_state", "reason"),
    "not_required_reason",
)


def follow(account: ProviderAccount, *, job: Job, begun: datetime) -> dict[str, int]:
    """Let the records of an account follow its mirror after a list; return the counts.

    Call inside a transaction, after the mirror was written. Differences that were found, and
    records that the list lacks, are in the counts; `in_doubt` names the latter.
    """
    _settle_moved(account)
    imported = _import(account, job)
    moved = 0
    for ids in sets.chunks(_to_look_at(account, begun)):
        moved += _follow_each(account, ids, job=job)
    return {
        "imported": imported,
        "moved": moved,
        "orphans": EmergencyRecord.objects.filter(account=account).orphans().count(),
        "differing": EmergencyRecord.objects.filter(account=account, differs=True).count(),
    }


def in_doubt(account: ProviderAccount, limit: int) -> list[EmergencyRecord]:
    """Return records of numbers in use that the list lacks and nobody has asked about yet."""
    rows = EmergencyRecord.objects.filter(
        account=account,
        state__in=numbers.LIVE,
        differences__kind="missing",
        differences__status="open",
    )
    return list(rows.select_related("account", "number").order_by("tn")[:limit])


def _settle_moved(account: ProviderAccount) -> None:
    """Let numbers that came from another account leave their record there behind first."""
    rows = EmergencyRecord.objects.exclude(state="orphan").filter(number__account=account)
    ids = list(rows.exclude(account=account).values_list("number_id", flat=True))
    numbers.follow([pk for pk in ids if pk is not None])


def _import(account: ProviderAccount, job: Job) -> int:
    """Make a record for each active one that the mirror has and we do not; audit those of numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO e911_emergencyrecord (
                account_id, tn, number_id, customer_id, state, state_since, word, {_ACCEPTED},
                accepted_caller_name, accepted_key, provisioned_at, last_valid, is_multi_unit,
                is_location_lost, is_kept, differs, created_at, updated_at, {", ".join(_BLANK)})
            SELECT m.account_id, m.tn, n.id, CASE WHEN u.is_used THEN n.customer_id END,
                   CASE WHEN u.is_used THEN 'provisioned' ELSE 'orphan' END, now(), m.word, {_TOLD},
                   m.caller_name, m.key, coalesce(m.activated_at, m.added_at, now()), '{{}}', false,
                   false, false, false, now(), now(), {", ".join(["''"] * len(_BLANK))}
            FROM e911_carrierrecord m
            LEFT JOIN inventory_telephonenumber n ON n.tn = m.tn
            CROSS JOIN LATERAL (
                SELECT coalesce(n.account_id = m.account_id AND n.state = ANY(%(in_use)s), false)
                       AND m.address1 <> '' AS is_used) u
            WHERE m.account_id = %(account)s AND m.state = 'provisioned'
              AND m.missing_since IS NULL
              AND NOT EXISTS (SELECT 1 FROM e911_emergencyrecord r
                              WHERE r.account_id = m.account_id AND r.tn = m.tn)
              AND NOT EXISTS (SELECT 1 FROM e911_emergencyrecord o
                              WHERE u.is_used AND o.number_id = n.id AND o.state <> 'orphan')
            RETURNING number_id, tn
            """,  # noqa: S608 (our own words)
            {"account": account.pk, "in_use": list(following.IN_USE)},
        )
        found = cursor.fetchall()
    ids = [number_id for number_id, _ in found if number_id is not None]
    for chunk in sets.chunks(ids):
        sets.tell_all(sets.among(TelephoneNumber, chunk), "found", reason="", job=job)
        sets.stand_all(chunk)
    return len(found)


def _to_look_at(account: ProviderAccount, begun: datetime) -> list[int]:
    """Return the ids of records that do not stand as the mirror says they should."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id
            FROM e911_emergencyrecord r
            LEFT JOIN inventory_telephonenumber n ON n.id = r.number_id
            LEFT JOIN e911_carrierrecord m ON m.account_id = r.account_id AND m.tn = r.tn
                 AND m.missing_since IS NULL AND m.state = 'provisioned'
            CROSS JOIN LATERAL (
                SELECT coalesce(n.account_id = r.account_id AND (n.state = ANY(%(in_use)s)
                       OR (r.is_kept AND n.state <> ALL(%(gone)s))), false) AS wanted) u
            WHERE r.account_id = %(account)s AND (
              (m.id IS NOT NULL AND (
                (r.state = ANY(%(live)s) AND (
                    NOT u.wanted OR r.accepted_key <> m.key OR r.differs
                    OR (r.state = 'provisioned' AND r.accepted_at IS NOT NULL)))
                OR r.state = ANY(%(resting)s)
                OR (r.state = 'orphan' AND u.wanted)
                OR r.is_location_lost
                OR (r.state = 'not_required' AND NOT EXISTS (
                    SELECT 1 FROM e911_difference d WHERE d.record_id = r.id
                    AND d.kind = 'unwanted' AND d.status IN ('open', 'repairing', 'ignored')))))
              OR (m.id IS NULL AND r.updated_at < %(begun)s AND (
                r.state = 'orphan' OR r.differs
                OR (r.state = ANY(%(live)s) AND NOT EXISTS (
                    SELECT 1 FROM e911_difference d WHERE d.record_id = r.id
                    AND d.kind = 'missing' AND d.status IN ('open', 'repairing', 'ignored')))
                OR (r.state = 'not_required' AND EXISTS (
                    SELECT 1 FROM e911_difference d WHERE d.record_id = r.id
                    AND d.status IN ('open', 'repairing', 'ignored'))))))
            ORDER BY r.id
            """,
            {
                "account": account.pk,
                "in_use": list(following.IN_USE),
                "gone": list(TelephoneNumber.GONE),
                "live": list(numbers.LIVE),
                "resting": list(numbers.RESTING),
                "begun": begun,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _follow_each(account: ProviderAccount, ids: Sequence[int], *, job: Job) -> int:
    rows = EmergencyRecord.objects.select_for_update(of=("self",)).select_related("number", "job")
    records = list(rows.filter(pk__in=ids).order_by("pk"))
    mirror = CarrierRecord.objects.present().filter(
        account=account, tn__among=[record.tn for record in records]
    )
    known = {row.tn: row for row in mirror}
    moved = 0
    for record in records:
        before = (record.state, record.differs)
        told = _told(known.get(record.tn))
        following.follow(record, told, actor=None, job=job, is_answer=False)
        moved += (record.state, record.differs) != before
    return moved


def _told(row: Any) -> Told | None:
    if row is None:
        return None
    return Told(
        lines=row.lines,
        caller_name=row.caller_name,
        state=row.state,
        word=row.word,
        message=row.message,
        location_ref=row.provider_ref,
        order_ref=row.order_ref,
    )
