"""A change of a feature before it is sent: what it does at each provider, and submitting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory.features import Feature
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.features import ChangeFeature, why_not
from portal import jobs, providers
from portal.jobs.submit import Child
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Item, Problem
from portal.sealed import seal
from portal.tn import TN

LIMIT = 100_000  # numbers of one change
LEAVING_LIMIT = 1000  # the same, where they leave the account for good


@dataclass(frozen=True, kw_only=True)
class Change:
    """One number that will be changed, from what the provider last told (None: nothing)."""

    number: TelephoneNumber
    value: str
    before: str | None
    route_ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """One number that stays as it is, and why."""

    tn: str
    reason: str

    @property
    def pretty(self) -> str:
        """The number as people read it."""
        return TN(self.tn).pretty


@dataclass(kw_only=True)
class AccountPlan:
    """What happens at one provider account."""

    account: ProviderAccount
    changes: list[Change] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    same_count: int = 0
    read_count: int = 0
    batch: int = 1

    @property
    def change_count(self) -> int:
        """How many numbers are changed."""
        return len(self.changes)

    @property
    def blocked_count(self) -> int:
        """How many stay as they are, for a reason."""
        return len(self.blocked)

    @property
    def call_count(self) -> int:
        """How many requests this takes: the changes, and a question where the value is not known."""
        return -(-len(self.changes) // self.batch) + self.read_count

    @property
    def minutes(self) -> int:
        """How many minutes that takes at least, by the account's own budget of calls."""
        return self.call_count // max(self.account.calls_per_minute, 1)


def plan(feature: Feature, values: Mapping[str, str]) -> list[AccountPlan]:
    """Return what giving each number its value does, an entry per account, numbers in order.

    Asks no provider. A number that is not in the inventory is left out.
    """
    rows = TelephoneNumber.objects.filter(tn__among=values).select_related("account")
    told = CarrierNumber.objects.filter(tn__among=values).select_related("account")
    mirrors = {(row.account_id, row.tn): row for row in told}
    locks = _locks(values)
    plans: dict[int, AccountPlan] = {}
    for number in rows.order_by("account_id", "tn"):
        account = number.account
        entry = plans.setdefault(
            account.pk, AccountPlan(account=account, batch=batch_of(feature, account.slug))
        )
        mirror = mirrors.get((account.pk, number.tn))
        add(entry, feature, number, mirror, values[number.tn], locks.get(number.tn))
    return list(plans.values())


def add(
    entry: AccountPlan,
    feature: Feature,
    number: TelephoneNumber,
    mirror: CarrierNumber | None,
    value: str,
    lock: JobItem | None,
) -> None:
    """Put one number where it belongs in the plan of its account."""
    slug = entry.account.slug
    before = feature.present(mirror)
    reason = why_not(feature, number, account=entry.account) or feature.why_not_told(mirror)
    if not reason and not value:
        reason = feature.why_not_clear(slug)
    if not reason and lock is not None:
        reason = f"It is part of job {lock.job_id} (“{lock.job.title}”), which is not settled yet."
    if reason:
        entry.blocked.append(Blocked(tn=number.tn, reason=reason))
        return
    if before == value and not feature.is_secret:
        entry.same_count += 1
        return
    route_ref = number.wanted.get(RouteFeature.name) or (mirror.route_ref if mirror else "")
    entry.changes.append(Change(number=number, value=value, before=before, route_ref=route_ref))
    entry.read_count += before is None and feature.has_question(slug)


def _locks(values: Mapping[str, str]) -> dict[str, JobItem]:
    """Return the open rows of writing jobs about these numbers."""
    rows = JobItem.objects.filter(target__among=values, is_lock=True, status__in=JobItem.OPEN)
    return {row.target: row for row in rows.select_related("job")}


def batch_of(feature: Feature, slug: str) -> int:
    return providers.provider_class(slug).limits.order_batch if feature.is_batch else 1


def submit(
    feature: Feature,
    plans: Sequence[AccountPlan],
    *,
    actor: User | None,
    key: str,
    reason: str = "",
    marks: Mapping[str, Any] | None = None,
) -> Job:
    """Submit what was planned, one job per account; return the job, or the group of several.

    `marks` are further parameters of the jobs: which one this undoes, which order asked for it.
    The same `key` returns the same job. Raises `portal.jobs.NotAccepted` where nothing is left to
    do, or where a number was taken by another job meanwhile; nothing is recorded then.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    work = [entry for entry in plans if entry.changes]
    if not work:
        raise jobs.NotAccepted(_nothing_left(plans))
    children = [child_of(feature, entry, reason, marks) for entry in work]
    customers = {change.number.customer_id for entry in work for change in entry.changes}
    # A customer is told of what he sees anyway, and of nothing that hints at a provider.
    customer_id = customers.pop() if len(customers) == 1 and feature.for_customers else None
    if len(children) == 1:
        (child,) = children
        return jobs.submit(
            child.kind,
            actor=actor,
            account=child.account,
            params=child.params,
            items=child.items,
            key=key,
            customer_id=customer_id,
        )
    count = sum(len(entry.changes) for entry in work)
    return jobs.submit_group(
        f"{feature.label} of {count:,} numbers",
        kind=ChangeFeature.kind,
        actor=actor,
        children=children,
        key=key,
        params=children[0].params,
        customer_id=customer_id,
    )


def _nothing_left(plans: Sequence[AccountPlan]) -> list[Problem]:
    found = [
        Problem(message=f"{blocked.pretty}: {blocked.reason} Nothing was sent.", target=blocked.tn)
        for entry in plans
        for blocked in entry.blocked[:50]
    ]
    return found or [
        Problem(message="The provider has this value already, so nothing was sent."),
    ]


def child_of(
    feature: Feature, entry: AccountPlan, reason: str, marks: Mapping[str, Any] | None = None
) -> Child:
    """Return the job of what is planned at one account."""
    values = {change.value for change in entry.changes}
    one = values.pop() if len(values) == 1 else None
    params = {"feature": feature.name, "reason": reason[:200], **(marks or {})}
    if one is not None:
        shown = "set" if feature.is_secret and one else feature.shown(one, entry.account)
        params["shown"] = "off" if one == "" else shown
    items = [
        Item(
            target=change.number.tn,
            slice=position // entry.batch,
            before={"value": change.before, "sync_state": change.number.sync_state},
            params={
                "value": seal(change.value) if feature.is_secret and change.value else change.value,
                "route": change.route_ref,
            },
        )
        for position, change in enumerate(entry.changes)
    ]
    return Child(kind=ChangeFeature.kind, account=entry.account, params=params, items=items)


def change(
    feature: Feature, values: Mapping[str, str], *, actor: User | None, key: str, reason: str = ""
) -> Job:
    """Give numbers their values; plans and submits in one. Raises as `submit`."""
    return submit(feature, plan(feature, values), actor=actor, key=key, reason=reason)


def part(
    feature: Feature, entry: AccountPlan, *, actor: User | None, parent: Job, reason: str = ""
) -> Job:
    """Submit what was planned at one account as a part of a group. Raises as `submit`."""
    child = child_of(feature, entry, reason)
    return jobs.submit(
        child.kind,
        actor=actor,
        account=child.account,
        params=child.params,
        items=child.items,
        parent=parent,
    )
