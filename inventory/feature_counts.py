"""A change of very many numbers before it is sent: counted by sets, judged by one number of each.

Numbers at one account, of one kind and state, whose provider told the same of what matters go the
same way: the rules look at one of them, and the database counts. What only the provider's spelling
makes different is counted as a change here; in the job it is found to be none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Value, When

from inventory.feature_changes import AccountPlan, add, batch_of
from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.refreshes import TOLL_FREE
from inventory.selection import Selection
from inventory.walks import facts
from portal import jobs
from portal.jobs.submit import Child
from portal.models import Job, JobItem, ProviderAccount, User
from portal.sealed import seal

LOCKED = "It is part of another job, which is not settled yet."


@dataclass(kw_only=True)
class CountedPlan:
    """What happens at one provider account, in figures."""

    account: ProviderAccount
    batch: int = 1
    change_count: int = 0
    same_count: int = 0
    read_count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def blocked_count(self) -> int:
        """How many stay as they are, for a reason."""
        return self.reasons.total()

    @property
    def stays(self) -> list[tuple[str, int]]:
        """Why numbers stay as they are, and how many for each reason; most first."""
        return self.reasons.most_common()

    @property
    def call_count(self) -> int:
        """How many requests this takes: the changes, and a question where the value is not known."""
        return -(-self.change_count // self.batch) + self.read_count

    @property
    def minutes(self) -> int:
        """How many minutes that takes at least, by the account's own budget of calls."""
        return self.call_count // max(self.account.calls_per_minute, 1)


def plan(feature: Feature, numbers: Any, values: Mapping[int, str]) -> list[CountedPlan]:
    """Return what giving `numbers` the value of their account does; asks no provider.

    Accounts that `values` does not name are left out. One query, and one for the numbers that are
    looked at.
    """
    groups = _groups(feature, numbers.filter(account_id__in=list(values)), values)
    samples = [group["sample"] for group in groups]
    rows = TelephoneNumber.objects.filter(tn__in=samples).select_related("account")
    known = {row.tn: row for row in rows}
    told = CarrierNumber.objects.filter(tn__in=samples).select_related("account")
    mirrors = {(row.account_id, row.tn): row for row in told}
    plans: dict[int, CountedPlan] = {}
    for group in groups:
        number = known[group["sample"]]
        account = number.account
        entry = plans.setdefault(
            account.pk, CountedPlan(account=account, batch=batch_of(feature, account.slug))
        )
        mirror = mirrors.get((account.pk, number.tn))
        _count(entry, feature, group, number, mirror, values[account.pk])
    return sorted(plans.values(), key=lambda entry: entry.account.pk)


def submit(
    feature: Feature,
    chosen: Selection,
    values: Mapping[int, str],
    *,
    actor: User | None,
    key: str,
    reason: str = "",
) -> Job:
    """Submit the change of very many numbers: a group whose first part prepares the others.

    Takes as long for a hundred thousand numbers as for one. The same `key` returns the same group.
    """
    sealed = {
        str(pk): seal(value) if feature.is_secret and value else value
        for pk, value in values.items()
    }
    params = {"feature": feature.name, "reason": reason[:200]}
    child = Child(
        kind="inventory.plan_change",
        account=None,
        params=params | {"values": sealed} | facts(chosen),
    )
    return jobs.submit_group(
        f"{feature.label} of {chosen.count:,} numbers",
        kind="inventory.change_feature",
        actor=actor,
        children=[child],
        key=key,
        params=params,
    )


def _groups(feature: Feature, numbers: Any, values: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the groups that go one way, with how many there are and one number of each."""
    kind = Case(
        When(npa=None, then=Value("abroad")),
        When(npa__in=TOLL_FREE, then=Value("toll-free")),
        default=Value("local"),
    )
    locks = JobItem.objects.filter(target=OuterRef("tn"), is_lock=True, status__in=JobItem.OPEN)
    names = ["deletion_lock", "legal_hold", "state", "account_id", "kind", "is_locked"]
    rows = numbers.order_by().annotate(kind=kind, is_locked=Exists(locks))
    sql, params = rows.values_list("tn", *names).query.sql_with_params()
    judged = [f"m.values ->> '{name}'" for name in feature.judged_by]
    told = "m.route_ref" if isinstance(feature, RouteFeature) else f"m.values ->> '{feature.name}'"
    columns = ", ".join([f"one.{name}" for name in names])
    groups = ", ".join(str(place) for place in range(1, 2 + len(names) + len(judged)))
    # The mirror is joined around the query: looked up in it, each number would cost a visit.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT CASE WHEN {told} IS NULL THEN 'unknown'
                        WHEN {told} = %s::jsonb ->> one.account_id::text THEN 'same'
                        ELSE 'other' END AS relation,
                   {", ".join([columns, *judged])}, count(*) AS n, min(one.tn) AS sample
            FROM ({sql}) AS one (tn, {", ".join(names)})
            LEFT JOIN inventory_carriernumber m
                ON m.account_id = one.account_id AND m.tn = one.tn
            GROUP BY {groups}
            """,  # noqa: S608 (our own names)
            [json.dumps({str(pk): value for pk, value in values.items()}), *params],
        )
        heads = [column.name for column in cursor.description or ()]
        return [dict(zip(heads, row, strict=True)) for row in cursor.fetchall()]


def _count(
    entry: CountedPlan,
    feature: Feature,
    group: Mapping[str, Any],
    number: TelephoneNumber,
    mirror: CarrierNumber | None,
    value: str,
) -> None:
    one = AccountPlan(account=entry.account)
    add(one, feature, number, mirror, value, None)
    if one.blocked:
        entry.reasons[one.blocked[0].reason] += group["n"]
    elif group["is_locked"]:
        entry.reasons[LOCKED] += group["n"]
    elif one.same_count and group["relation"] == "same":
        entry.same_count += group["n"]
    else:
        entry.change_count += group["n"]
        entry.read_count += group["n"] * one.read_count
