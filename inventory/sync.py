"""Bringing a provider's list of owned numbers into the mirror and the inventory, a set at a time.

Staged by COPY, compared by fingerprint in SQL, applied in one transaction. The brake stops a list
that would change or remove too much; a number is missing only after two full lists without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from inventory.drift.compare import compare
from inventory.mirror import VERSION_MARK, dump, fingerprint
from portal.models import Job, ProviderAccount, User
from portal.operations import Stopped
from portal.providers.dto import OwnedNumber

CHUNK = 5000
BRAKE_SHARE = 0.30
BRAKE_FROM = 50  # below so many known numbers the brake does not judge
# So many new rows of one account are news to PostgreSQL: without new statistics it takes the account
# for empty and compares each number of it with each other.
STATISTICS_FROM = 10_000
COLUMNS = (
    "tn",
    "state_word",
    "route_ref",
    "route_name",
    "rate_center",
    "region",
    "lata",
    "tier",
    "network",
    "label",
    "features",
    "values",
    "details",
    "provider_ref",
    "fingerprint",
)
_FEATURES = COLUMNS.index("features")  # the one column that is no text
_DATA = ", ".join(f'"{name}"' for name in COLUMNS)
# What a list does not tell stays as it was told before: by a question, or by a change of ours.
_SETTERS = ", ".join(
    f'"{name}" = s."{name}"' if name != "values" else '"values" = m."values" || s."values"'
    for name in COLUMNS
    if name != "tn"
)


class TooMuchWouldChange(Stopped):
    """The brake: the list differs from what we know by more than we believe; nothing was applied."""

    code = "too_much_would_change"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What applying the staged list would do."""

    listed: int
    known: int
    new: int
    changed: int
    refreshed: int  # written under another version of our mapping, so that nobody can tell
    absent: int


def stage(rows: Iterable[OwnedNumber]) -> Iterator[int]:
    """Write a provider's list into this connection's staging table; yield the count as it grows.

    Reads the list in pieces, so that no transaction is open while the provider is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sync_stage")
        cursor.execute(
            "CREATE TEMP TABLE sync_stage (LIKE inventory_carriernumber); "
            "ALTER TABLE sync_stage ALTER id DROP NOT NULL, ALTER account_id DROP NOT NULL, "
            "ALTER missing_count DROP NOT NULL"
        )
    count = 0
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY sync_stage ({_DATA}) FROM STDIN") as copy,
        ):
            for owned in chunk:
                copy.write_row(_copy_row(owned))
        count += len(chunk)
        yield count
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON sync_stage (tn)")
        cursor.execute("ANALYZE sync_stage (tn)")


def _copy_row(owned: OwnedNumber) -> tuple[Any, ...]:
    """Return the staging row; a NUL, which PostgreSQL's text cannot hold, is taken out."""
    row = _row(owned)
    text = "".join(row[:_FEATURES] + row[_FEATURES + 1 :])
    if "\x00" in text or "\\u0000" in text:
        return tuple(_without_nul(cell) for cell in row)
    return row


def _without_nul(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_without_nul(entry) for entry in cell]
    return cell.replace("\\u0000", "").replace("\x00", "") if isinstance(cell, str) else cell


def _row(owned: OwnedNumber) -> tuple[Any, ...]:
    values, details = dump(owned.values), dump(owned.details)
    return (
        owned.tn,
        owned.state_word[:64],
        owned.route_ref[:64],
        owned.route_name[:120],
        owned.rate_center[:40],
        owned.state[:2],
        owned.lata[:5],
        owned.tier[:12],
        owned.network[:40],
        owned.label[:120],
        sorted(owned.features),
        values,
        details,
        owned.provider_ref[:64],
        fingerprint(owned, values=values, details=details),
    )


def plan(account: ProviderAccount) -> Plan:
    """Compare the staged list with the mirror; a number listed twice counts once.

    A mirror row without a fingerprint was written by an order or by a question about one number;
    that the list tells more of it is no change. Nor is it one that our mapping has changed since a
    row was written.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sync_stage a USING sync_stage b WHERE a.tn = b.tn AND a.ctid < b.ctid"
        )
        cursor.execute(
            """
            SELECT count(s.tn), count(m.tn), count(*) FILTER (WHERE m.tn IS NULL),
                   count(*) FILTER (WHERE starts_with(m.fingerprint, %s)
                                    AND s.fingerprint <> m.fingerprint),
                   count(*) FILTER (WHERE s.tn IS NOT NULL AND m.fingerprint <> ''
                                    AND NOT starts_with(m.fingerprint, %s)),
                   count(*) FILTER (WHERE s.tn IS NULL)
            FROM sync_stage s FULL JOIN
                 (SELECT tn, fingerprint FROM inventory_carriernumber WHERE account_id = %s) m
                 USING (tn)
            """,
            [VERSION_MARK, VERSION_MARK, account.pk],
        )
        listed, known, new, changed, refreshed, absent = cursor.fetchone()
    return Plan(
        listed=listed, known=known, new=new, changed=changed, refreshed=refreshed, absent=absent
    )


def apply(account: ProviderAccount, job: Job, *, force: bool) -> dict[str, int]:
    """Apply the staged list in the caller's transaction; return the counts for the job's result.

    Raises `TooMuchWouldChange` when over 30 % of at least 50 known numbers would change or vanish
    and `force` is not given.
    """
    planned = plan(account)
    suspicious = planned.changed > planned.known * BRAKE_SHARE or (
        planned.absent > planned.known * BRAKE_SHARE
    )
    if suspicious and planned.known >= BRAKE_FROM and not force:
        raise TooMuchWouldChange(
            f"Of {planned.known:,} known numbers the list would change {planned.changed:,} and no "
            f"longer holds {planned.absent:,}. Nothing was applied. Check the account at the "
            "provider; an administrator can apply the list all the same."
        )
    is_first = account.last_sync_at is None
    counts = asdict(planned)
    begun = job.started_at or job.created_at
    with connection.cursor() as cursor:
        _drop_given_back(cursor, account, begun)
        _write_mirror(cursor, account, begun, has_new=planned.new > 0)
        counts["imported"] = _import(cursor, account, job) if is_first else 0
        if planned.new > STATISTICS_FROM:
            cursor.execute("ANALYZE inventory_carriernumber, inventory_telephonenumber")
        counts["found_here_only"] = _mark_missing(cursor, account, begun)
        _mark_present(cursor, account)
        cursor.execute("DROP TABLE sync_stage")
    found = compare(account, job=job)
    counts |= {"unknown_here": found.unknown_here, "differing": found.value, "findings": found.new}
    return counts


def _drop_given_back(cursor: Any, account: ProviderAccount, begun: datetime) -> None:
    """Take out of the list what was given back while it was read: it would come up as a finding."""
    cursor.execute(
        """
        DELETE FROM sync_stage s USING inventory_telephonenumber n
        WHERE n.tn = s.tn AND n.account_id = %s AND n.state = 'released' AND n.state_since >= %s
        """,
        [account.pk, begun],
    )


def _write_mirror(cursor: Any, account: ProviderAccount, begun: datetime, *, has_new: bool) -> None:
    """Write what the list tells, but for what an answer about one number told after it was begun."""
    cursor.execute(
        f"""
        UPDATE inventory_carriernumber m
        SET {_SETTERS}, synced_at = now(), missing_since = NULL, missing_count = 0
        FROM sync_stage s
        WHERE m.account_id = %s AND m.tn = s.tn
          AND (m.fingerprint <> s.fingerprint OR m.missing_count > 0)
          AND NOT (m.fingerprint = '' AND m.missing_count = 0 AND m.synced_at >= %s)
        """,  # noqa: S608 (column names are constants)
        [account.pk, begun],
    )
    if not has_new:
        return
    cursor.execute(
        f"""
        INSERT INTO inventory_carriernumber ({_DATA}, account_id, synced_at, missing_count)
        SELECT {_DATA}, %s, now(), 0 FROM sync_stage
        ON CONFLICT (account_id, tn) DO NOTHING
        """,  # noqa: S608
        [account.pk],
    )


def import_unknown(account: ProviderAccount, *, actor: User | None, tns: Sequence[str]) -> int:
    """Take those of `tns` that the provider lists and the inventory lacks into stock; return how many.

    Their findings are closed by the next comparison.
    """
    with connection.cursor() as cursor:
        return _import(cursor, account, None, actor=actor, tns=tns)


def _import(
    cursor: Any,
    account: ProviderAccount,
    job: Job | None,
    *,
    actor: User | None = None,
    tns: Sequence[str] | None = None,
) -> int:
    """Insert numbers for mirror rows that have none, with an audit entry each."""
    only = "" if tns is None else "AND m.tn = ANY(%s)"
    cursor.execute(
        f"""
        WITH fresh AS (
            INSERT INTO inventory_telephonenumber
                (tn, npa, nxx, state, state_since, previous_state, account_id, label, billing_id,
                 deletion_lock, note, rate_center, region, lata, tier, wanted, sync_state,
                 sync_note, synced_at, e911_state, messaging_state, port_state, created_at,
                 updated_at)
            SELECT m.tn,
                   CASE WHEN m.tn LIKE '+1__________' THEN substr(m.tn, 3, 3) END,
                   CASE WHEN m.tn LIKE '+1__________' THEN substr(m.tn, 6, 3) END,
                   'stock', now(), '', m.account_id, left(m.label, 80), '', false, '',
                   m.rate_center, m.region, m.lata, m.tier, '{{}}', 'in_sync', '', now(), 'none',
                   'off', '', now(), now()
            FROM inventory_carriernumber m
            WHERE m.account_id = %s AND m.missing_since IS NULL {only}
            ON CONFLICT (tn) DO UPDATE
                SET state = 'stock', previous_state = inventory_telephonenumber.state,
                    state_since = now(), account_id = excluded.account_id, customer_id = NULL,
                    wanted = '{{}}',
                    sync_state = 'in_sync', synced_at = now(), updated_at = now()
                WHERE inventory_telephonenumber.state IN ('released', 'ported_out', 'lost')
            RETURNING id, tn
        )
        INSERT INTO portal_auditentry
            (at, actor_id, actor_name, verb, object_type, object_id, object_text, before, after,
             reason, job_id, request_id)
        SELECT now(), %s, %s, 'inventory.tn.imported', 'inventory.telephonenumber', id,
               CASE WHEN tn LIKE '+1__________'
                    THEN '(' || substr(tn, 3, 3) || ') ' || substr(tn, 6, 3) || '-' || substr(tn, 9)
                    ELSE tn END,
               '{{}}', jsonb_build_object('state', 'stock', 'account', %s::text), '', %s, ''
        FROM fresh
        """,  # noqa: S608
        [
            account.pk,
            *([] if tns is None else [list(tns)]),
            *(actor.pk if actor else None, str(actor) if actor else "Numberdesk"),
            *(account.name, job.pk if job else None),
        ],
    )
    return int(cursor.rowcount)


def _mark_missing(cursor: Any, account: ProviderAccount, begun: datetime) -> int:
    """Count absences; a number is missing at its second full list without it.

    What was bought or seen after the list was `begun` may be absent for no other reason.
    """
    cursor.execute(
        """
        UPDATE inventory_carriernumber m
        SET missing_count = missing_count + 1, missing_since = coalesce(missing_since, now())
        WHERE m.account_id = %s AND (m.synced_at IS NULL OR m.synced_at < %s)
          AND NOT EXISTS (SELECT 1 FROM sync_stage s WHERE s.tn = m.tn)
        """,
        [account.pk, begun],
    )
    cursor.execute(
        """
        WITH absent AS MATERIALIZED (
            SELECT tn FROM inventory_carriernumber WHERE account_id = %s AND missing_count >= 2
        )
        UPDATE inventory_telephonenumber n
        SET sync_state = 'missing', synced_at = now(), updated_at = now(),
            sync_note = 'Two full lists of the provider in a row do not hold it.'
        FROM absent
        WHERE n.tn = absent.tn AND n.account_id = %s AND n.sync_state <> 'missing'
          AND n.state NOT IN ('purchasing', 'port_in', 'releasing', 'released', 'ported_out')
        """,
        [account.pk, account.pk],
    )
    return int(cursor.rowcount)


def _mark_present(cursor: Any, account: ProviderAccount) -> None:
    """Numbers that the list holds agree again, unless a difference is on record."""
    cursor.execute(
        """
        UPDATE inventory_telephonenumber n
        SET sync_state = 'in_sync', sync_note = '', synced_at = now(), updated_at = now()
        FROM sync_stage s
        WHERE s.tn = n.tn AND n.account_id = %s AND n.sync_state IN ('stale', 'missing')
          AND n.state NOT IN ('purchasing', 'releasing')
        """,
        [account.pk],
    )
