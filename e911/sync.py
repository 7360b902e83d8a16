"""Bringing a provider's full list of emergency records into the mirror, a set at a time.

The list tells of every number of the account, also of numbers that are not, or no longer, ours.
Staged by COPY, compared by fingerprint in SQL, applied in one transaction; then our records follow
what changed. A record that the list lacks is a difference first: a question about the number makes
it an alarm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import connection

from e911 import addresses
from e911.answers import told_of
from e911.models import EmergencyRecord
from e911.services import listed
from portal import brake
from portal.models import Job, ProviderAccount
from portal.providers.dto.e911 import EmergencyRecord as Listed

CHUNK: Final = 5000
STATISTICS_FROM: Final = 10_000
_TEXTS: Final = (
    *("tn", "address1", "address2", "city", "region", "zip", "plus4", "caller_name", "state"),
    *("word", "message", "provider_ref", "order_ref", "key", "fingerprint"),
)
_MOMENTS: Final = ("added_at", "activated_at", "changed_at")
COLUMNS: Final = (*_TEXTS, "latitude", "longitude", *_MOMENTS)
_DATA: Final = ", ".join(COLUMNS)
_SETTERS: Final = ", ".join(f"{name} = s.{name}" for name in COLUMNS if name != "tn")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What applying the staged list would do."""

    listed: int
    known: int
    new: int
    changed: int
    absent: int


def stage(rows: Iterable[Listed]) -> Iterator[int]:
    """Write a provider's list into this connection's staging table; yield the count as it grows.

    Reads the list in pieces, so that no transaction is open while the provider is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS e911_stage")
        cursor.execute(
            "CREATE TEMP TABLE e911_stage (LIKE e911_carrierrecord); "
            "ALTER TABLE e911_stage ALTER id DROP NOT NULL, ALTER account_id DROP NOT NULL, "
            "ALTER missing_count DROP NOT NULL"
        )
    count = 0
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY e911_stage ({_DATA}) FROM STDIN") as copy,
        ):
            for row in chunk:
                copy.write_row(_row(row))
        count += len(chunk)
        yield count
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON e911_stage (tn)")
        cursor.execute("ANALYZE e911_stage (tn)")


def _row(row: Listed) -> tuple[Any, ...]:
    told = told_of(row)
    assert told is not None  # noqa: S101 (for the type checker: a record was given)
    texts = {name: getattr(told.lines, name) for name in addresses.LINE_NAMES} | {
        "tn": row.tn,
        "caller_name": told.caller_name,
        "state": told.state,
        "word": told.word,
        "message": told.message,
        "provider_ref": told.location_ref,
        "order_ref": told.order_ref,
    }
    moments = (row.added_at, row.activated_at, row.updated_at)
    exact = json.dumps(
        [texts, str(row.latitude), str(row.longitude), [str(at) for at in moments]], sort_keys=True
    )
    texts["key"] = told.key[:400]
    texts["fingerprint"] = hashlib.sha256(exact.encode()).hexdigest()[:40]
    # PostgreSQL's text cannot hold a NUL.
    cells = tuple(texts[name].replace("\x00", "") for name in _TEXTS)
    return (*cells, row.latitude, row.longitude, *moments)


def plan(account: ProviderAccount) -> Plan:
    """Compare the staged list with the mirror; of a number listed twice the active one counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM e911_stage a USING e911_stage b
            WHERE a.tn = b.tn AND a.ctid <> b.ctid
              AND ((a.state = 'provisioned')::int, a.ctid) < ((b.state = 'provisioned')::int, b.ctid)
            """
        )
        cursor.execute(
            """
            SELECT count(s.tn), count(m.tn), count(*) FILTER (WHERE m.tn IS NULL),
                   count(*) FILTER (WHERE m.fingerprint <> '' AND s.fingerprint <> m.fingerprint),
                   count(*) FILTER (WHERE s.tn IS NULL)
            FROM e911_stage s FULL JOIN
                 (SELECT tn, fingerprint FROM e911_carrierrecord
                  WHERE account_id = %s AND missing_since IS NULL) m USING (tn)
            """,
            [account.pk],
        )
        total, known, new, changed, absent = cursor.fetchone()
    return Plan(listed=total, known=known, new=new, changed=changed, absent=absent)


def apply(account: ProviderAccount, job: Job, *, force: bool) -> dict[str, int]:
    """Apply the staged list in the caller's transaction; return the counts for the job's result.

    Raises `portal.brake.TooMuchWouldChange` where the list lacks, or changes, too many known
    records and `force` is not given.
    """
    planned = plan(account)
    if not force:
        brake.judge(
            f"Of {planned.known:,} known E911 records the list would change {planned.changed:,} and "
            f"no longer holds {planned.absent:,}.",
            known=planned.known,
            touched=max(planned.changed, planned.absent),
            result=asdict(planned),
        )
    begun = job.started_at or job.created_at
    with connection.cursor() as cursor:
        _write_mirror(cursor, account, begun)
        _mark_missing(cursor, account, begun)
        if planned.new > STATISTICS_FROM:
            cursor.execute("ANALYZE e911_carrierrecord")
    counts = asdict(planned) | listed.follow(account, job=job, begun=begun)
    with connection.cursor() as cursor:
        if planned.new > STATISTICS_FROM:
            cursor.execute(f"ANALYZE {EmergencyRecord._meta.db_table}")
        cursor.execute("DROP TABLE e911_stage")
    return counts


def _write_mirror(cursor: Any, account: ProviderAccount, begun: datetime) -> None:
    """Write what the list tells, but for what an answer about one number told after it was begun."""
    cursor.execute(
        f"""
        UPDATE e911_carrierrecord m
        SET {_SETTERS}, synced_at = now(), missing_since = NULL, missing_count = 0
        FROM e911_stage s
        WHERE m.account_id = %s AND m.tn = s.tn
          AND (m.fingerprint <> s.fingerprint OR m.missing_since IS NOT NULL)
          AND NOT (m.fingerprint = '' AND m.synced_at >= %s)
        """,  # noqa: S608 (column names are constants)
        [account.pk, begun],
    )
    cursor.execute(
        f"""
        INSERT INTO e911_carrierrecord ({_DATA}, account_id, synced_at, missing_count)
        SELECT {_DATA}, %s, now(), 0 FROM e911_stage
        ON CONFLICT (account_id, tn) DO NOTHING
        """,  # noqa: S608
        [account.pk],
    )


def _mark_missing(cursor: Any, account: ProviderAccount, begun: datetime) -> None:
    """Note what the list lacks; what was written after it was begun may be absent for that."""
    cursor.execute(
        """
        UPDATE e911_carrierrecord m
        SET missing_count = missing_count + 1, missing_since = coalesce(missing_since, now())
        WHERE m.account_id = %s AND (m.synced_at IS NULL OR m.synced_at < %s)
          AND m.missing_count < 2
          AND NOT EXISTS (SELECT 1 FROM e911_stage s WHERE s.tn = m.tn)
        """,
        [account.pk, begun],
    )
