"""How many numbers each account had in each state at the end of a day: kept daily, and worked out
for the days before from the audit trail.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory.models import StockDay, TelephoneNumber

LONGEST: Final = 400  # days that are worked out

_COUNT_TODAY: Final = """
INSERT INTO inventory_stockday (day, account_id, state, count)
SELECT %s, account_id, state, count(*) FROM inventory_telephonenumber GROUP BY account_id, state
"""

# Each change of state that was audited takes a number from one state to another on its day. What a
# number was before its first change, or is if it never changed, it was from the day it was filed.
_WORK_OUT: Final = """
WITH moved AS (
    SELECT a.id, n.id AS number_id, n.account_id, (a.at AT TIME ZONE %(zone)s)::date AS day,
        coalesce(a.before->>'state', '') AS old, coalesce(a.after->>'state', '') AS new
    FROM portal_auditentry a JOIN inventory_telephonenumber n ON n.id = a.object_id
    WHERE a.object_type = 'inventory.telephonenumber' AND a.after ? 'state'
), started AS (
    SELECT DISTINCT ON (number_id) number_id, old FROM moved ORDER BY number_id, id
), filed AS (
    SELECT n.account_id, (n.created_at AT TIME ZONE %(zone)s)::date AS day,
        coalesce(s.old, n.state) AS state
    FROM inventory_telephonenumber n LEFT JOIN started s ON s.number_id = n.id
), step AS (
    SELECT account_id, day, state, 1 AS n FROM filed WHERE state <> ''
    UNION ALL SELECT account_id, day, new, 1 FROM moved WHERE new <> ''
    UNION ALL SELECT account_id, day, old, -1 FROM moved WHERE old <> ''
), daily AS (
    SELECT account_id, state, greatest(day, %(first)s::date) AS day, sum(n) AS n
    FROM step GROUP BY 1, 2, 3
), held AS (
    SELECT d.day::date AS day, k.account_id, k.state,
        sum(coalesce(daily.n, 0)) OVER (PARTITION BY k.account_id, k.state ORDER BY d.day) AS n
    FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS d(day)
    CROSS JOIN (SELECT DISTINCT account_id, state FROM daily) AS k
    LEFT JOIN daily ON daily.account_id = k.account_id AND daily.state = k.state
        AND daily.day = d.day::date
)
INSERT INTO inventory_stockday (day, account_id, state, count)
SELECT day, account_id, state, n FROM held WHERE n > 0
ON CONFLICT DO NOTHING
"""


def today() -> date:
    """Return the day it is where the site stands."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


@transaction.atomic
def count_today() -> int:
    """Write today's counts, in place of those of an hour ago; return how many rows that are.

    The first time the days before are worked out as well.
    """
    day = today()
    if not StockDay.objects.filter(day__lt=day).exists():
        work_out(before=day)
    StockDay.objects.filter(day=day).delete()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TODAY, [day])
        return cursor.rowcount


def work_out(*, before: date) -> int:
    """Write the counts of the days before `before` from the audit trail; return how many rows.

    Days that have counts keep them. Numbers count where they are now, also for days on which they
    were at another account.
    """
    oldest = TelephoneNumber.objects.order_by("created_at").values_list("created_at", flat=True)
    created = oldest.first()
    if created is None:
        return 0
    first = created.astimezone(timezone.get_default_timezone()).date()
    values = {
        "zone": settings.TIME_ZONE,
        "first": max(first, before - timedelta(days=LONGEST)),
        "last": before - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WORK_OUT, values)
        return cursor.rowcount
