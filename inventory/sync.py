"""Bringing a provider's list of owned numbers into the mirror and the inventory, a set at a time.

Staged by COPY, compared by fingerprint in SQL, applied in one transaction. The brake stops a list
that would change or remove too much; a number is missing only after two full lists without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from inventory.drift.compare import compare
from inventory.mirror import VERSION_MARK
from inventory.staging import CHUNK, COLUMNS, DATA, WHOLE, stage
from portal import brake
from portal.models import Job, ProviderAccount, User

MISSING_LISTS = 2  # full lists in a row without a number
EXAMPLES = 12  # numbers of each kind that the brake names
# So many new rows of one account are news to PostgreSQL: without new statistics it takes the account
# for empty and compares each number of it with each other.
STATISTICS_FROM = 10_000
# What a list does not tell stays as it was told before: by a question, or by a change of ours.
_SETTERS = ", ".join(
    f'"{name}" = s."{name}"' if name != "values" else '"values" = m."values" || s."values"'
    for name in COLUMNS
    if name != "tn"
)
_STAGED = ", ".join(f's."{name}"' for name in COLUMNS)


__all__ = ["CHUNK", "Plan", "apply", "import_unknown", "plan", "stage"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What applying the staged list would do."""

    listed: int
    known: int
    new: int
    changed: int
    refreshed: int  # written under another version of our mapping, so that nobody can tell
    absent: int  # listed until now; what was absent before is known by now


def plan(account: ProviderAccount) -> Plan:
    """Compare the staged list with the mirror; a number listed twice counts once.

    Leaves the numbers that are not on both sides alike in the table ``sync_odd``. A mirror row
    without a fingerprint was written by an order or by a question about one number; that the list
    tells more of it is no change. Nor is it one that our mapping has changed since a row was
    written. What earlier lists lacked already counts neither as known nor as absent.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; DROP TABLE IF EXISTS sync_odd")
        cursor.execute(
            """
            DELETE FROM sync_stage s
            USING (SELECT tn, max(ctid) AS last FROM sync_stage GROUP BY tn HAVING count(*) > 1) t
            WHERE s.tn = t.tn AND s.ctid <> t.last
            """
        )
        cursor.execute(
            """
            CREATE TEMP TABLE sync_odd ON COMMIT DROP AS
            SELECT tn, s.tn IS NOT NULL AS is_listed, m.tn IS NOT NULL AS is_known,
                   coalesce(s.fingerprint <> m.fingerprint AND starts_with(m.fingerprint, %s), false)
                       AS is_changed,
                   coalesce(s.tn IS NOT NULL AND m.fingerprint <> ''
                            AND NOT starts_with(m.fingerprint, %s), false) AS is_refreshed,
                   s.tn IS NULL AND m.missing_count = 0 AS is_absent
            FROM sync_stage s FULL JOIN
                 (SELECT tn, fingerprint, missing_count FROM inventory_carriernumber
                  WHERE account_id = %s) m USING (tn)
            WHERE s.tn IS NULL OR m.tn IS NULL OR s.fingerprint <> m.fingerprint
                  OR m.missing_count > 0
            """,
            [VERSION_MARK, VERSION_MARK, account.pk],
        )
        cursor.execute("ANALYZE sync_odd")
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM sync_stage), count(*) FILTER (WHERE NOT is_known),
                   count(*) FILTER (WHERE is_changed), count(*) FILTER (WHERE is_refreshed),
                   count(*) FILTER (WHERE is_absent)
            FROM sync_odd
            """
        )
        listed, new, changed, refreshed, absent = cursor.fetchone()
    return Plan(
        listed=listed,
        known=listed - new + absent,
        new=new,
        changed=changed,
        refreshed=refreshed,
        absent=absent,
    )


def apply(account: ProviderAccount, job: Job, *, force: bool) -> dict[str, int]:
    """Apply the staged list in the caller's transaction; return the counts for the job's result.

    Raises `portal.brake.TooMuchWouldChange` where too much would change or vanish and `force` is
    not given.
    """
    planned = plan(account)
    if not force:
        brake.judge(
            f"Of {planned.known:,} known numbers the list would change {planned.changed:,} and no "
            f"longer holds {planned.absent:,}.",
            known=planned.known,
            touched=max(planned.changed, planned.absent),
            result=asdict(planned) | {"examples": _examples()},
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
        cursor.execute("DROP TABLE sync_stage, sync_odd")
    found = compare(account, job=job)
    counts |= {
        "unknown_here": found.unknown_here,
        "also_listed": found.also_listed,
        "differing": found.value,
        "findings": found.new,
    }
    return counts


def _examples() -> dict[str, list[str]]:
    """Return some of the numbers that the list would change, and some that it lacks."""
    found = {}
    with connection.cursor() as cursor:
        for name in ("changed", "absent"):
            cursor.execute(f"SELECT tn FROM sync_odd WHERE is_{name} ORDER BY tn LIMIT {EXAMPLES}")  # noqa: S608
            found[name] = [tn for (tn,) in cursor.fetchall()]
    return found


def _drop_given_back(cursor: Any, account: ProviderAccount, begun: datetime) -> None:
    """Take out of the list what was given back while it was read: it would come up as a finding."""
    cursor.execute(
        """
        WITH gone AS (
            DELETE FROM sync_stage s USING inventory_telephonenumber n
            WHERE n.tn = s.tn AND n.account_id = %s AND n.state = 'released'
              AND n.state_since >= %s
            RETURNING s.tn
        ), odd AS (
            DELETE FROM sync_odd o USING gone WHERE o.tn = gone.tn
        )
        INSERT INTO sync_odd (tn, is_listed, is_known) SELECT tn, false, true FROM gone
        """,
        [account.pk, begun],
    )


def _write_mirror(cursor: Any, account: ProviderAccount, begun: datetime, *, has_new: bool) -> None:
    """Write what the list tells, but for what an answer about one number told after it was begun.

    So it is where a row was staged as known and another one stands there now.
    """
    cursor.execute(
        f"""
        UPDATE inventory_carriernumber m
        SET {_SETTERS}, synced_at = now(), missing_since = NULL, missing_count = 0
        FROM sync_odd o JOIN sync_stage s ON s.tn = o.tn AND {WHOLE}
        WHERE m.account_id = %s AND m.tn = o.tn AND o.is_known
          AND NOT (m.fingerprint = '' AND m.missing_count = 0 AND m.synced_at >= %s)
        """,  # noqa: S608 (column names are constants)
        [account.pk, begun],
    )
    if not has_new:
        return
    cursor.execute(
        f"""
        INSERT INTO inventory_carriernumber ({DATA}, account_id, synced_at, missing_count)
        SELECT {_STAGED}, %s, now(), 0
        FROM sync_odd o JOIN sync_stage s ON s.tn = o.tn AND {WHOLE}
        WHERE NOT o.is_known
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
    """Insert numbers for mirror rows that have none, with an audit entry each.

    What comes back is stock and wants nothing of its former time; what was lost is what it was.
    """
    only = "" if tns is None else "AND m.tn = ANY(%s)"
    was_lost = (
        "old.state = 'lost' AND old.account_id = excluded.account_id AND (old.previous_state IN "
        "('stock', 'aging') OR old.previous_state IN ('held', 'in_service', 'suspended') "
        "AND old.customer_id IS NOT NULL)"
    )
    cursor.execute(
        f"""
        WITH fresh AS (
            INSERT INTO inventory_telephonenumber AS old
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
                SET state = CASE WHEN {was_lost} THEN old.previous_state ELSE 'stock' END,
                    customer_id = CASE WHEN {was_lost} THEN old.customer_id END,
                    wanted = CASE WHEN {was_lost} THEN old.wanted ELSE '{{}}' END,
                    previous_state = old.state, state_since = now(),
                    account_id = excluded.account_id,
                    sync_state = 'in_sync', synced_at = now(), updated_at = now()
                WHERE old.state IN ('released', 'ported_out', 'lost')
            RETURNING id, tn, state
        )
        INSERT INTO portal_auditentry
            (at, actor_id, actor_name, verb, object_type, object_id, object_text, before, after,
             reason, job_id, request_id)
        SELECT now(), %s, %s, 'inventory.tn.imported', 'inventory.telephonenumber', id,
               CASE WHEN tn LIKE '+1__________'
                    THEN '(' || substr(tn, 3, 3) || ') ' || substr(tn, 6, 3) || '-' || substr(tn, 9)
                    ELSE tn END,
               '{{}}', jsonb_build_object('state', state, 'account', %s::text), '', %s, ''
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
          AND m.missing_count < %s AND m.tn IN (SELECT tn FROM sync_odd WHERE NOT is_listed)
        """,
        [account.pk, begun, MISSING_LISTS],
    )
    cursor.execute(
        """
        WITH absent AS MATERIALIZED (
            SELECT m.tn FROM inventory_carriernumber m JOIN sync_odd o ON o.tn = m.tn
            WHERE m.account_id = %s AND m.missing_count >= %s
        )
        UPDATE inventory_telephonenumber n
        SET sync_state = 'missing', synced_at = now(), updated_at = now(),
            sync_note = 'Two full lists of the provider in a row do not hold it.'
        FROM absent
        WHERE n.tn = absent.tn AND n.account_id = %s AND n.sync_state <> 'missing'
          AND n.state NOT IN ('purchasing', 'port_in', 'releasing', 'released', 'ported_out')
        """,
        [account.pk, MISSING_LISTS, account.pk],
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
