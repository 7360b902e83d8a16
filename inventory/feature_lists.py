"""Lists that tell a feature of a whole account at once: staged by COPY, brought into the mirror.

A list that is complete also tells of the numbers that it leaves out: they have none. The brake stops
lists that would change or take off too much of what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from inventory import features, sync
from inventory.drift.compare import compare
from inventory.features import Feature
from portal import brake
from portal.models import AccountFact, Job, ProviderAccount
from portal.tn import TN

FACT: Final = "feature_lists"  # what an account's fact of the last reading is called
_STAGE: Final = "feature_list_stage"


def offered(slug: str) -> list[Feature]:
    """Return the features that a provider tells in lists."""
    return [feature for feature in features.FEATURES.values() if feature.has_list(slug)]


def is_due(account: ProviderAccount) -> bool:
    """Return whether the lists of an account were not read for so long that the schedule asks."""
    if not offered(account.slug):
        return False
    pause = timedelta(minutes=settings.FEATURE_LISTS_MINUTES)
    read = AccountFact.objects.filter(
        account=account, kind=FACT, fetched_at__gt=timezone.now() - pause
    )
    return not read.exists()


def begin() -> None:
    """Make the empty staging table of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_STAGE}")
        cursor.execute(
            f'CREATE TEMP TABLE {_STAGE} (tn varchar(16) COLLATE "C", field text, value text)'
        )


def stage(feature: Feature, rows: Iterable[tuple[TN, str]]) -> Iterator[int]:
    """Write one list into the staging table in pieces; yield the count as it grows.

    No transaction is open while the provider is waited for.
    """
    count = 0
    iterator = iter(rows)
    while chunk := list(islice(iterator, sync.CHUNK)):
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {_STAGE} (tn, field, value) FROM STDIN") as copy,
        ):
            for tn, value in chunk:
                copy.write_row((tn, feature.name, value.replace("\x00", "")))
        count += len(chunk)
        yield count


def forget(feature: Feature) -> None:
    """Take a list that broke off out of the staging table: it tells nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_STAGE} WHERE field = %s", [feature.name])  # noqa: S608


def apply(
    account: ProviderAccount, job: Job, read: Sequence[Feature], *, force: bool
) -> dict[str, Any]:
    """Bring the staged lists into the mirror in the caller's transaction; return the counts.

    Raises `portal.brake.TooMuchWouldChange` where too many known values of a feature would change
    or vanish and `force` is not given. What an answer about one number told after the job began
    stays.
    """
    begun = job.started_at or job.created_at
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX ON {_STAGE} (tn)")
        cursor.execute(f"ANALYZE {_STAGE}")
        for feature in read if not force else ():
            _brake(cursor, account, feature)
        written = _write(cursor, account, read, begun)
        cursor.execute(f"SELECT field, count(*) FROM {_STAGE} GROUP BY field")  # noqa: S608
        listed = dict(cursor.fetchall())
        cursor.execute(f"DROP TABLE {_STAGE}")
    found = compare(account, job=job)
    return {
        "lists": {feature.label: listed.get(feature.name, 0) for feature in read},
        "written": written,
        "differing": found.value,
        "findings": found.new,
    }


def _brake(cursor: Any, account: ProviderAccount, feature: Feature) -> None:
    """Raise where a list would change too much of what is known."""
    absent = "TRUE" if feature.lists_all else "s.tn IS NOT NULL"
    cursor.execute(
        f"""
        SELECT count(*), count(*) FILTER (
            WHERE {absent} AND coalesce(s.value, '') <> m.values ->> %(name)s
        )
        FROM inventory_carriernumber m
        LEFT JOIN {_STAGE} s ON s.tn = m.tn AND s.field = %(name)s
        WHERE m.account_id = %(account)s AND m.missing_since IS NULL
          AND m.values ->> %(name)s <> ''
        """,  # noqa: S608 (our own words)
        {"name": feature.name, "account": account.pk},
    )
    known, changed = cursor.fetchone()
    brake.judge(
        f"{feature.label}: of {known:,} known values the list would change or take off {changed:,}.",
        known=known,
        touched=changed,
    )


def _write(cursor: Any, account: ProviderAccount, read: Sequence[Feature], begun: datetime) -> int:
    """Write what the lists tell into the mirror; return how many rows became others."""
    nothing = {feature.name: "" for feature in read if feature.lists_all}
    cursor.execute(
        f"""
        WITH told AS (
            SELECT tn, jsonb_object_agg(field, value) AS values FROM {_STAGE} GROUP BY tn
        ), fresh AS (
            SELECT m.id, m.values || CASE WHEN m.tn LIKE '+1__________' THEN %(nothing)s
                                          ELSE '{{}}' END
                         || coalesce(t.values, '{{}}') AS values
            FROM inventory_carriernumber m LEFT JOIN told t ON t.tn = m.tn
            WHERE m.account_id = %(account)s AND m.missing_since IS NULL
              AND NOT (m.fingerprint = '' AND m.missing_count = 0 AND m.synced_at >= %(begun)s)
        )
        UPDATE inventory_carriernumber m SET "values" = fresh.values
        FROM fresh WHERE fresh.id = m.id AND m.values <> fresh.values
        """,  # noqa: S608 (our own words)
        {"nothing": Jsonb(nothing), "account": account.pk, "begun": begun},
    )
    return int(cursor.rowcount)
