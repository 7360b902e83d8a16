"""The gap report: where every number in service stands with E911, in exactly one bucket.

The order of `Standing.Bucket` is the order of precedence: a number is in the first bucket that
applies. Rows are written by sets: for the numbers of a record that moved, at once; for numbers that
changed otherwise, by `catch_up`; for what only time changes, by `rebuild` at night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from e911.models import Standing
from inventory.models import TelephoneNumber
from portal import providers
from portal.models import ProviderAccount

COUNTED: Final = ("in_service", "suspended")
B = Standing.Bucket

# The record that a number goes by is r; the first condition that holds names the bucket.
_BUCKET: Final = f"""
    CASE
      WHEN r.state = 'not_required' OR (r.id IS NULL AND (
        n.e911_state = 'not_required' OR n.account_id <> ALL(%(offering)s)))
        THEN {B.NOT_REQUIRED}
      WHEN r.is_location_lost THEN {B.LOST}
      WHEN r.state IN ('invalid', 'provision_failed') THEN {B.INVALID}
      WHEN r.id IS NULL
        OR r.state IN ('none', 'removed', 'draft', 'validating', 'suggested', 'valid')
        THEN {B.NONE}
      WHEN r.state IN ('provisioning', 'provisioned', 'removing') AND NOT r.differs
        THEN {B.UNCONFIRMED}
      WHEN r.differs OR r.state = 'changing' OR r.customer_id IS DISTINCT FROM n.customer_id
        OR l.updated_at > r.accepted_at
        THEN {B.CHANGED}
      WHEN r.is_multi_unit AND r.accepted_address2 = '' THEN {B.NO_UNIT}
      WHEN n.account_id = ANY(%(alerting)s) AND NOT EXISTS (
        SELECT 1 FROM e911_alertcontact a WHERE a.record_id = r.id AND a.state = 'active')
        THEN {B.NO_ALERT}
      WHEN r.tested_at IS NULL OR r.tested_at < %(oldest_test)s THEN {B.NO_TEST}
      ELSE {B.VERIFIED}
    END
"""  # noqa: S608 (our own words)
_NOW: Final = f"""
    SELECT n.id, n.tn, n.account_id, n.customer_id, {_BUCKET} AS bucket
    FROM inventory_telephonenumber n
    LEFT JOIN e911_emergencyrecord r ON r.number_id = n.id AND r.state <> 'orphan'
    LEFT JOIN e911_location l ON l.id = r.location_id
    WHERE n.state IN ('in_service', 'suspended')
"""  # noqa: S608 (our own words)


def refresh(ids: Sequence[int]) -> int:
    """Bring the standings of some numbers up to date; return how many changed."""
    if not ids:
        return 0
    return _write(
        "n.id = ANY(%(ids)s::bigint[])", "s.number_id = ANY(%(ids)s::bigint[])", ids=list(ids)
    )


def refresh_range(first: int, last: int) -> int:
    """Bring the standings of the numbers with ids from `first` to `last` up to date."""
    ends = {"first": first, "last": last}
    return _write(
        "n.id BETWEEN %(first)s AND %(last)s",
        "s.number_id BETWEEN %(first)s AND %(last)s",
        **ends,
    )


def _write(of_numbers: str, of_standings: str, **values: Any) -> int:
    now = timezone.now()
    facts = values | {
        "now": now,
        "offering": _accounts("e911_records"),
        "alerting": _accounts("e911_alerts"),
        "oldest_test": now - timedelta(days=settings.E911_TEST_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO e911_standing AS s (number_id, tn, account_id, customer_id, bucket, since)
            SELECT now.id, now.tn, now.account_id, now.customer_id, now.bucket, %(now)s
            FROM ({_NOW} AND {of_numbers}) now
            ON CONFLICT (number_id) DO UPDATE
            SET account_id = excluded.account_id, customer_id = excluded.customer_id,
                bucket = excluded.bucket,
                since = CASE WHEN s.bucket = excluded.bucket THEN s.since ELSE excluded.since END
            WHERE (s.bucket, s.account_id, s.customer_id)
              IS DISTINCT FROM (excluded.bucket, excluded.account_id, excluded.customer_id)
            """,  # noqa: S608 (our own words)
            facts,
        )
        changed = cursor.rowcount
        cursor.execute(
            f"""
            DELETE FROM e911_standing s USING inventory_telephonenumber n
            WHERE n.id = s.number_id AND n.state NOT IN ('in_service', 'suspended')
              AND {of_standings}
            """,  # noqa: S608 (our own words)
            facts,
        )
        return int(changed + cursor.rowcount)


def _accounts(capability: str) -> list[int]:
    """Return the accounts whose provider can do something, also those that are paused."""
    return list(ProviderAccount.objects.offering(capability).values_list("pk", flat=True))


def why_not_required(slug: str) -> str:
    """Return why numbers at a provider need no record although nobody said so: it has no 911."""
    return providers.why_not(slug, "e911_records")


def counts(standings: Any) -> dict[int, int]:
    """Return how many of some standings are in each bucket, in the order of precedence."""
    from django.db.models import Count

    found = dict(standings.order_by().values_list("bucket").annotate(count=Count("number_id")))
    return {bucket.value: found.get(bucket.value, 0) for bucket in B}


def is_counted(number: TelephoneNumber) -> bool:
    """Return whether a number stands in the report at all."""
    return number.state in COUNTED
