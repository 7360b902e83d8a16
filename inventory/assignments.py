"""Who has a number, kept by sets: times with a customer are opened, ended and opened again.

Nothing is joined here: a hundred thousand rows that were written a moment ago, and not counted yet,
would be gone through for each number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from inventory.expressions import among, by_ids
from inventory.models import Assignment, TelephoneNumber
from portal.models import Customer, User

IN_USE = ("in_service", "suspended")
_FACTS = "until, is_disconnect, e911_decision, e911_reason, reason, actor_id, job_id"


def complete(ids: Sequence[int] | None = None) -> int:
    """Give numbers in use the open row that they lack, since they are in their state; return how many.

    Numbers that were imported with a customer, or assigned by a job, have none yet. Without `ids`
    all numbers are looked at.
    """
    only = "AND n.id = ANY(%s::bigint[])" if ids is not None else ""
    return _run(
        f"""
        INSERT INTO inventory_assignment (number_id, customer_id, since, {_FACTS})
        SELECT n.id, n.customer_id, n.state_since, NULL, false, '', '', '', NULL, NULL
        FROM inventory_telephonenumber n
        WHERE n.state IN ('in_service', 'suspended') AND n.customer_id IS NOT NULL {only}
          AND (
            SELECT a.id FROM inventory_assignment a
            WHERE a.number_id = n.id AND a.until IS NULL LIMIT 1
          ) IS NULL
        """,  # noqa: S608 (our own words)
        [list(ids)] if ids is not None else [],
    )


def follow(number: TelephoneNumber) -> None:
    """Let the history of one number follow a move that a job or a list made."""
    if number.previous_state in IN_USE or number.state in IN_USE:
        theirs = Q(customer=number.customer) if number.state in IN_USE else Q(pk__in=[])
        open_rows = Assignment.objects.filter(number=number, until=None)
        open_rows.exclude(theirs).update(until=number.state_since)
        complete([number.pk])


def start(
    ids: Sequence[int],
    *,
    customer: Customer,
    at: datetime,
    actor: User | None,
    e911: str = "",
    e911_reason: str = "",
) -> None:
    """Begin a customer's time with numbers; whoever had them must have ended before."""
    _run(
        f"""
        INSERT INTO inventory_assignment (number_id, customer_id, since, {_FACTS})
        SELECT id, %s, %s, NULL, false, %s, %s, '', %s, NULL
        FROM inventory_telephonenumber WHERE id = ANY(%s::bigint[])
        """,  # noqa: S608 (our own words)
        [customer.pk, at, e911, e911_reason, actor.pk if actor else None, list(ids)],
    )


def end(ids: Sequence[int], *, at: datetime, reason: str, is_disconnect: bool) -> None:
    """End the time of whoever has the numbers; their number rows must still say who that is."""
    complete(ids)
    _run(
        """
        UPDATE inventory_assignment SET until = %s, is_disconnect = %s, reason = %s
        WHERE until IS NULL AND number_id = ANY(%s::bigint[])
        """,
        [at, is_disconnect, reason[:200], list(ids)],
    )


def reopen(ids: Sequence[int]) -> None:
    """Let the last customer's time with numbers, who has them again, go on as if it had not ended."""
    has_now = dict(by_ids(ids).filter(customer__isnull=False).values_list("pk", "customer_id"))
    times = Assignment.objects.filter(among(Assignment, "number_id", ids)).order_by(
        "number_id", "-id"
    )
    newest = times.distinct("number_id").values_list(
        "pk", "number_id", "customer_id", "is_disconnect"
    )
    again = [
        pk
        for pk, number, customer, is_lost in newest
        if is_lost and has_now.get(number) == customer
    ]
    _run(
        """
        UPDATE inventory_assignment SET until = NULL, is_disconnect = false, reason = ''
        WHERE id = ANY(%s::bigint[])
        """,
        [again],
    )
    complete(ids)


def end_of_gone() -> int:
    """End the times of numbers that were given back, ported out or lost; return how many."""
    open_rows = Assignment.objects.filter(until=None, number__state__in=TelephoneNumber.GONE)
    numbers = TelephoneNumber.objects.filter(pk=OuterRef("number_id"))
    return open_rows.update(
        until=Subquery(numbers.values("state_since")), reason="The number is gone."
    )


def _run(sql: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
