"""Finding the drift by sets, after a full list and after the answer about single numbers.

What differs now is put into a table of this transaction; findings are made, kept up to date and
closed by comparing with it. The same difference is never open twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from inventory import features
from inventory.features.calls import ForwardFeature, RouteFeature
from inventory.models import Finding, TelephoneNumber
from inventory.services.drift import OPENED, opened
from portal import providers
from portal.models import Job, ProviderAccount
from portal.tn import TN

# A change of these is on its way, or nobody knows whether it arrived: nothing can be said yet.
UNSETTLED: Final = ("pending_push", "unconfirmed")
# Not held (any more), or bought, ported in or given back right now.
NOT_COMPARED: Final = (*TelephoneNumber.GONE, "purchasing", "port_in", "releasing")
# So many new findings are news to PostgreSQL: it would take the table for empty and compare each
# with each.
STATISTICS_FROM: Final = 1000
LENGTH: Final = 200  # of a value in a finding
DAY_CAME: Final = "Its day has come."
CHANGED_SINCE: Final = "It is another difference by now."
DIFFERS = "inventory.tn.drifted"
AGREES = "inventory.tn.drift_ended"
_LIVE = "('open', 'repairing', 'ignored')"
_SHOWN = """CASE WHEN {0}.tn LIKE '+1__________'
    THEN '(' || substr({0}.tn, 3, 3) || ') ' || substr({0}.tn, 6, 3) || '-' || substr({0}.tn, 9)
    ELSE {0}.tn END"""
_AUDIT = """
    INSERT INTO portal_auditentry
        (at, actor_id, actor_name, verb, object_type, object_id, object_text, before, after,
         reason, job_id, request_id)
"""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a comparison found: differences by kind, and how many are new."""

    value: int
    unknown_here: int
    missing: int
    also_listed: int
    new: int


def compare(
    account: ProviderAccount, *, job: Job | None = None, tns: Sequence[str] | None = None
) -> Counts:
    """Bring the findings of an account up to date, or those of some of its numbers.

    Call inside a transaction, after the mirror and the numbers were written. Sets the sync state of
    numbers that differ, and of those that do so no longer.
    """
    scope = _Scope(account, job, tns)
    with connection.cursor() as cursor:
        _collect(cursor, scope)
        _close(cursor, scope)
        _keep(cursor, scope)
        new = _open(cursor, scope)
        if new > STATISTICS_FROM:
            cursor.execute("ANALYZE inventory_finding")
        _follow(cursor, scope)
        cursor.execute("SELECT kind, count(*) FROM drift_now GROUP BY kind")
        counts = dict(cursor.fetchall())
        cursor.execute("DROP TABLE drift_now")
    return Counts(
        value=counts.get("value", 0),
        unknown_here=counts.get("unknown_here", 0),
        missing=counts.get("missing", 0),
        also_listed=counts.get("also_listed", 0),
        new=new,
    )


def follow(account: ProviderAccount, tns: Sequence[str]) -> None:
    """Set the sync state of numbers by their findings, after these were decided about."""
    with connection.cursor() as cursor:
        _follow(cursor, _Scope(account, None, tns))


def reopen_lapsed() -> int:
    """Open what was ignored until a day that has come; return how many."""
    lapsed = Finding.objects.filter(
        status=Finding.Status.IGNORED, ignored_until__lte=timezone.localdate()
    )
    rows = list(lapsed.select_related("account", "number"))
    opened(rows, actor=None, reason=DAY_CAME)
    Finding.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Finding.Status.OPEN, ignored_until=None, reason=""
    )
    for account in {row.account for row in rows}:
        follow(account, [row.tn for row in rows if row.account_id == account.pk])
    return len(rows)


class _Scope:
    """The account that is compared, and the condition that narrows it to some numbers."""

    def __init__(
        self, account: ProviderAccount, job: Job | None, tns: Sequence[str] | None
    ) -> None:
        self.account, self.job, self.tns = account, job, tns

    def only(self, name: str) -> str:
        return "" if self.tns is None else f"AND {name} = ANY(%(tns)s)"

    @property
    def values(self) -> dict[str, Any]:
        return {
            "account": self.account.pk,
            "name": self.account.name,
            "tns": list(self.tns or ()),
            "job": self.job.pk if self.job else None,
            "today": timezone.localdate(),
            "unsettled": list(UNSETTLED),
            "not_compared": list(NOT_COMPARED),
            "gone": list(TelephoneNumber.GONE),
        }


# --- What differs now


def _collect(cursor: Any, scope: _Scope) -> None:
    """Make the table of what differs now."""
    cursor.execute(
        """
        CREATE TEMP TABLE drift_now (
            tn varchar(16) COLLATE "C", number_id bigint, kind varchar(14), field varchar(32),
            ours varchar(200), theirs varchar(200)
        ) ON COMMIT DROP
        """
    )
    cursor.execute(
        f"""
        INSERT INTO drift_now
        -- Nearly all are numbers of this account; only the others are looked for at all accounts.
        WITH alone AS MATERIALIZED (
            SELECT m.tn, m.state_word
            FROM inventory_carriernumber m
            LEFT JOIN inventory_telephonenumber n
                ON n.account_id = %(account)s AND n.tn = m.tn AND n.state <> ALL(%(gone)s)
            WHERE m.account_id = %(account)s AND m.missing_since IS NULL AND n.tn IS NULL
                  {scope.only("m.tn")}
        )
        SELECT a.tn, o.id, CASE WHEN o.id IS NULL THEN 'unknown_here' ELSE 'also_listed' END, '',
               coalesce(left(p.name, 200), ''),
               CASE WHEN o.id IS NULL THEN left(a.state_word, 200) ELSE %(name)s END
        FROM alone a
        LEFT JOIN inventory_telephonenumber o ON o.tn = a.tn AND o.state <> ALL(%(gone)s)
        LEFT JOIN portal_provideraccount p ON p.id = o.account_id
        WHERE o.id IS NULL OR o.state <> ALL(%(not_compared)s)
        UNION ALL
        SELECT n.tn, n.id, 'missing', '', n.state, ''
        FROM inventory_telephonenumber n
        WHERE n.account_id = %(account)s AND n.sync_state = 'missing'
          AND n.state <> ALL(%(not_compared)s) {scope.only("n.tn")}
        """,  # noqa: S608 (our own words)
        scope.values,
    )
    differing = list(_differing(cursor, scope))
    with cursor.copy("COPY drift_now FROM STDIN") as copy:
        for row in differing:
            copy.write_row(row)
    if scope.tns is None:
        cursor.execute("CREATE INDEX ON drift_now (tn)")
        cursor.execute("ANALYZE drift_now")


def _differing(cursor: Any, scope: _Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the wanted values that the provider tells another value of.

    A number that is forwarded lies at no route (voip-innovations.md 2.5): where we have a say about
    its forward, that alone is compared.
    What the texts say may differ only in the provider's spelling: each feature knows it.
    """
    cursor.execute(
        f"""
        SELECT n.tn, n.id, w.key, w.value,
               CASE w.key WHEN '{RouteFeature.name}' THEN m.route_ref ELSE m.values ->> w.key END
        FROM inventory_telephonenumber n
        JOIN inventory_carriernumber m ON m.account_id = n.account_id AND m.tn = n.tn
        CROSS JOIN LATERAL jsonb_each_text(n.wanted) w
        WHERE n.account_id = %(account)s AND n.wanted <> '{{}}' AND m.missing_since IS NULL
          AND n.state <> ALL(%(not_compared)s) AND n.sync_state <> ALL(%(unsettled)s)
          AND NOT (m.values || jsonb_build_object('{RouteFeature.name}', m.route_ref)) @> n.wanted
          AND NOT (w.key = '{RouteFeature.name}' AND m.route_ref = ''
                   AND n.wanted ? '{ForwardFeature.name}'
                   AND coalesce(m.values ->> '{ForwardFeature.name}', '') <> '')
          {scope.only("n.tn")}
        """,  # noqa: S608 (our own words)
        scope.values,
    )
    slug = scope.account.slug
    for tn, number_id, name, ours, theirs in cursor.fetchall():
        told = told_value(name, tn, theirs, slug=slug)
        if told is not None and told != features.get(name).told(TN(tn), ours or ""):
            yield (
                tn,
                number_id,
                Finding.Kind.VALUE.value,
                name,
                (ours or "")[:LENGTH],
                told[:LENGTH],
            )


def told_value(name: str, tn: str, text: str | None, *, slug: str) -> str | None:
    """Return a provider's text as a value of ours; None where it tells nothing to compare.

    A secret is not compared: no provider tells it. An empty route says something only where a
    number can be without one; elsewhere the list does not tell routes.
    """
    feature = features.FEATURES.get(name)
    if feature is None or feature.is_secret or feature.is_action or text is None:
        return None
    if isinstance(feature, RouteFeature) and not text:
        return "" if providers.offers(slug, feature.clear_capability) else None
    return feature.told(TN(tn), text)


# --- Findings


def _close(cursor: Any, scope: _Scope) -> None:
    """Close what differs no longer: repaired where somebody is at it, else gone by itself."""
    cursor.execute(
        f"""
        WITH ended AS (
            UPDATE inventory_finding f
            SET status = CASE f.status WHEN 'repairing' THEN 'fixed' ELSE 'vanished' END,
                closed_at = now(), ignored_until = NULL
            WHERE f.account_id = %(account)s AND f.status IN {_LIVE} {scope.only("f.tn")}
              AND NOT EXISTS (
                SELECT 1 FROM drift_now d
                WHERE d.tn = f.tn AND d.kind = f.kind AND d.field = f.field
              )
              AND NOT (f.kind = 'value' AND EXISTS (
                SELECT 1 FROM inventory_telephonenumber n
                WHERE n.id = f.number_id AND n.account_id = f.account_id
                  AND n.sync_state = ANY(%(unsettled)s) AND n.state <> ALL(%(not_compared)s)
              ))
            RETURNING f.tn, f.number_id, f.kind, f.field, f.theirs
        )
        {_AUDIT}
        SELECT now(), NULL, 'Numberdesk', '{AGREES}', 'inventory.telephonenumber', number_id,
               {_SHOWN.format("ended")},
               jsonb_build_object(coalesce(nullif(field, ''), kind), theirs), '{{}}', '',
               %(job)s, ''
        FROM ended WHERE number_id IS NOT NULL
        """,  # noqa: S608
        scope.values,
    )


def _keep(cursor: Any, scope: _Scope) -> None:
    """Bring live findings up to date; an ignored one opens when its day has come or it changed."""
    cursor.execute(
        f"""
        {_AUDIT}
        SELECT now(), NULL, 'Numberdesk', '{OPENED}', 'inventory.telephonenumber', f.number_id,
               {_SHOWN.format("f")}, '{{}}',
               jsonb_build_object('difference', coalesce(nullif(f.field, ''), f.kind)),
               CASE WHEN f.ignored_until > %(today)s THEN '{CHANGED_SINCE}' ELSE '{DAY_CAME}' END,
               %(job)s, ''
        FROM inventory_finding f JOIN drift_now d
             ON d.tn = f.tn AND d.kind = f.kind AND d.field = f.field
        WHERE f.account_id = %(account)s AND f.status = 'ignored' AND f.number_id IS NOT NULL
              AND NOT ({_STAYS_IGNORED})
        """,  # noqa: S608
        scope.values,
    )
    cursor.execute(
        f"""
        UPDATE inventory_finding f
        SET last_seen_at = now(), ours = d.ours, theirs = d.theirs, number_id = d.number_id,
            status = CASE WHEN {_STAYS_IGNORED} THEN 'ignored' ELSE 'open' END,
            ignored_until = CASE WHEN {_STAYS_IGNORED} THEN f.ignored_until END,
            reason = CASE WHEN {_STAYS_IGNORED} THEN f.reason ELSE '' END
        FROM drift_now d
        WHERE f.account_id = %(account)s AND f.status IN {_LIVE}
          AND d.tn = f.tn AND d.kind = f.kind AND d.field = f.field
        """,  # noqa: S608
        scope.values,
    )


_STAYS_IGNORED = (
    "f.status = 'ignored' AND f.ignored_until > %(today)s "
    "AND (f.kind <> 'value' OR (f.ours, f.theirs) = (d.ours, d.theirs))"
)


def _open(cursor: Any, scope: _Scope) -> int:
    """Make findings of what is new; return how many."""
    cursor.execute(
        f"""
        WITH fresh AS (
            INSERT INTO inventory_finding
                (account_id, tn, number_id, kind, field, ours, theirs, status, reason, job_id,
                 first_seen_at, last_seen_at)
            SELECT %(account)s, d.tn, d.number_id, d.kind, d.field, d.ours, d.theirs, 'open', '',
                   %(job)s, now(), now()
            FROM drift_now d
            WHERE NOT EXISTS (
                SELECT 1 FROM inventory_finding f
                WHERE f.account_id = %(account)s AND f.status IN {_LIVE}
                  AND f.tn = d.tn AND f.kind = d.kind AND f.field = d.field
            )
            ON CONFLICT DO NOTHING
            RETURNING tn, number_id, kind, field, ours, theirs
        ), told AS (
            {_AUDIT}
            SELECT now(), NULL, 'Numberdesk', '{DIFFERS}', 'inventory.telephonenumber', number_id,
                   {_SHOWN.format("fresh")},
                   jsonb_build_object(coalesce(nullif(field, ''), kind), ours),
                   jsonb_build_object(coalesce(nullif(field, ''), kind), theirs), '', %(job)s, ''
            FROM fresh WHERE number_id IS NOT NULL
        )
        SELECT count(*) FROM fresh
        """,  # noqa: S608
        scope.values,
    )
    return int(cursor.fetchone()[0])


def _follow(cursor: Any, scope: _Scope) -> None:
    """Set the sync state: differs, accepted difference, or in sync again.

    A number that is missing there, or whose last change was refused, keeps the word that says so;
    the latter until its difference ended in this transaction.
    """
    cursor.execute(
        f"""
        UPDATE inventory_telephonenumber n
        SET sync_state = j.state, sync_note = '', updated_at = now()
        FROM (
            SELECT f.number_id, CASE WHEN bool_or(f.status <> 'ignored') THEN 'drifted'
                                     ELSE 'ignored' END AS state
            FROM inventory_finding f
            WHERE f.account_id = %(account)s AND f.kind = 'value' AND f.status IN {_LIVE}
                  {scope.only("f.tn")}
            GROUP BY f.number_id
        ) j
        WHERE n.id = j.number_id AND n.account_id = %(account)s AND n.sync_state <> j.state
          AND n.sync_state IN ('in_sync', 'stale', 'drifted', 'ignored')
        """,  # noqa: S608
        scope.values,
    )
    cursor.execute(
        f"""
        UPDATE inventory_telephonenumber n
        SET sync_state = 'in_sync', sync_note = '', updated_at = now()
        WHERE n.account_id = %(account)s {scope.only("n.tn")}
          AND n.sync_state IN ('drifted', 'ignored', 'push_failed')
          AND (n.sync_state <> 'push_failed' OR EXISTS (
            SELECT 1 FROM inventory_finding f
            WHERE f.number_id = n.id AND f.kind = 'value' AND f.closed_at >= now()
          ))
          AND n.id NOT IN (
            SELECT f.number_id FROM inventory_finding f
            WHERE f.account_id = %(account)s AND f.kind = 'value' AND f.status IN {_LIVE}
              AND f.number_id IS NOT NULL {scope.only("f.tn")}
          )
        """,  # noqa: S608
        scope.values,
    )
