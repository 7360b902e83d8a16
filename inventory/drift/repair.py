"""Ending differences: what each repair is for, which findings it can be done to, and doing it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from inventory import feature_changes, feature_resend, features, sync
from inventory.drift.compare import LENGTH, compare, follow, told_value
from inventory.drift.repairs import REPAIRS, Repair
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.services import drift as services_drift
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Problem

__all__ = ["LIMIT", "REPAIRS", "Done", "Plan", "Repair", "carry_out", "plan"]

LIMIT: Final = 5000  # findings of one repair
_GONE: Final = ("ported_out", "released", "lost")  # states, and the repairs that lead there


@dataclass(kw_only=True)
class Plan:
    """What a repair would do: the findings that go, and why others stay (sentence → how many)."""

    going: list[Finding] = field(default_factory=list)
    staying: dict[str, int] = field(default_factory=dict)
    changes: list[tuple[features.Feature, list[feature_changes.AccountPlan]]] = field(
        default_factory=list
    )

    @property
    def staying_count(self) -> int:
        """How many findings stay as they are."""
        return sum(self.staying.values())

    @property
    def call_count(self) -> int:
        """How many requests are sent to providers."""
        return sum(entry.call_count for _, plans in self.changes for entry in plans)

    def stay(self, reason: str) -> None:
        """Count a finding that stays."""
        self.staying[reason] = self.staying.get(reason, 0) + 1


def plan(repair: Repair, findings: Sequence[Finding]) -> Plan:
    """Return what the repair would do to findings; they come with `account` and `number`.

    Asks no provider. Runs a handful of queries, whatever their number.
    """
    found = Plan()
    tns = [finding.tn for finding in findings]
    locked = set(
        JobItem.objects.filter(target__in=tns, is_lock=True, status__in=JobItem.OPEN).values_list(
            "target", flat=True
        )
    )
    told = _told(findings) if repair.name == "adopt" else {}
    still = _listed_at_home(findings) if repair.name == "move" else set()
    for finding in findings:
        reason = _why_not(repair, finding)
        if not reason and finding.tn in locked and repair.name not in {"ignore", "open"}:
            reason = "A job about the number is not settled yet."
        if not reason and repair.name == "adopt" and told.get(finding.pk) != finding.theirs:
            reason = "The provider tells another value by now."
        if not reason and finding.tn in still:
            reason = f"{finding.ours} still lists it too. Ask both, or ignore it until a day."
        if reason:
            found.stay(reason)
        else:
            found.going.append(finding)
    if repair.name == "push":
        _plan_push(found)
    return found


def _why_not(repair: Repair, finding: Finding) -> str:
    """Return why a finding is not for this repair, as a sentence; "" where it is."""
    status, number = finding.status, finding.number
    if finding.kind not in repair.kinds:
        return f"“{repair.label}” is not for “{finding.get_kind_display()}”."
    if status not in Finding.LIVE:
        return "The difference is gone already."
    if status == Finding.Status.REPAIRING:
        return "It is being repaired."
    if repair.name == "open":
        return "" if status == Finding.Status.IGNORED else "It is not ignored."
    if repair.name == "push" and status == Finding.Status.IGNORED:
        return "It is ignored. Choose “Ignore no longer” first."
    if finding.kind == Finding.Kind.ALSO_LISTED:
        is_elsewhere = number is not None and number.account_id != finding.account_id
        return "" if is_elsewhere else "The number is at this provider account by now."
    if finding.kind != Finding.Kind.UNKNOWN_HERE and (
        number is None or number.account_id != finding.account_id
    ):
        return "The number is no longer at this provider account."
    if repair.name in _GONE and number is not None:
        return services_drift.why_not_gone(number, repair.name)
    return ""


def _listed_at_home(findings: Sequence[Finding]) -> set[str]:
    """Return the numbers that the account where we hold them listed when it was read last."""
    rows = CarrierNumber.objects.filter(tn__in=[finding.tn for finding in findings])
    seen = set(rows.filter(missing_since=None).values_list("account_id", "tn"))
    return {f.tn for f in findings if f.number and (f.number.account_id, f.tn) in seen}


def _plan_push(found: Plan) -> None:
    """Plan the changes at the providers, feature by feature; what cannot be sent stays."""
    by_field: dict[str, dict[str, Finding]] = {}
    for finding in found.going:
        by_field.setdefault(finding.field, {})[finding.tn] = finding
    found.going = []
    for name, group in by_field.items():
        feature = features.get(name)
        values = _ours(feature, group.values())
        plans = feature_changes.plan(feature, values)
        sent = {change.number.tn for entry in plans for change in entry.changes}
        blocked = {stop.tn: stop.reason for entry in plans for stop in entry.blocked}
        for tn, finding in group.items():
            if tn in sent:
                found.going.append(finding)
            elif tn not in values:
                found.stay(feature_resend.NOT_KEPT)
            else:
                found.stay(blocked.get(tn, "The provider tells our value by now."))
        if sent:
            found.changes.append((feature, plans))


def _ours(feature: features.Feature, findings: Iterable[Finding]) -> dict[str, str]:
    """Return what we want of each number as it can be sent; what cannot is left out."""
    wanted: dict[ProviderAccount, dict[str, str]] = {}
    for finding in findings:
        if finding.number:
            value = finding.number.wanted.get(feature.name, "")
            wanted.setdefault(finding.account, {})[finding.tn] = value
    found: dict[str, str] = {}
    for account, values in wanted.items():
        found |= feature_resend.as_sent(feature, values, account=account)
    return found


def _told(findings: Sequence[Finding]) -> dict[int, str | None]:
    """Return what the mirror says by now of each differing value, cut as findings hold it."""
    told: dict[int, str | None] = {}
    mirrors = _mirrors(findings)
    for finding in findings:
        value = _their_value(finding, mirrors.get((finding.account_id, finding.tn)))
        told[finding.pk] = None if value is None else value[:LENGTH]
    return told


def _mirrors(findings: Sequence[Finding]) -> dict[tuple[int, str], CarrierNumber]:
    rows = CarrierNumber.objects.filter(tn__in=[finding.tn for finding in findings])
    return {(row.account_id, row.tn): row for row in rows}


def _their_value(finding: Finding, mirror: CarrierNumber | None) -> str | None:
    if mirror is None:
        return None
    raw = (
        mirror.route_ref if finding.field == RouteFeature.name else mirror.values.get(finding.field)
    )
    if isinstance(raw, bool):
        raw = str(raw).lower()
    text = None if raw is None else str(raw)
    return told_value(finding.field, finding.tn, text, slug=finding.account.slug)


# --- Doing it


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a repair did: how many findings, how many stayed, and the jobs that it began."""

    count: int
    stayed: int
    jobs: list[Job] = field(default_factory=list)


@transaction.atomic
def carry_out(
    repair: Repair,
    ids: Sequence[int],
    *,
    actor: User,
    key: str,
    reason: str = "",
    until: date | None = None,
) -> Done:
    """Do a repair to findings, those that it cannot be done to left as they are.

    Raises `portal.jobs.NotAccepted` where nothing is left to do or a job is not taken; nothing is
    changed then.
    """
    findings = _lock(ids)
    found = plan(repair, findings)
    if not found.going:
        words = [Problem(message=sentence) for sentence in found.staying]
        raise jobs.NotAccepted(words or [Problem(message="No such difference is left.")])
    begun: list[Job] = []
    if repair.name == "push":
        begun = _push(found, actor=actor, key=key, reason=reason)
    elif repair.name == "adopt":
        _adopt(found.going, actor=actor, reason=reason)
    elif repair.name == "import":
        _import(found.going, actor=actor)
    elif repair.name == "move":
        _move(found.going, actor=actor, reason=reason)
    elif repair.name in _GONE:
        numbers = [finding.number_id for finding in found.going if finding.number_id]
        services_drift.mark_gone(numbers, repair.name, actor=actor, reason=reason)
        _settle(found.going, Finding.Status.FIXED, actor=actor, reason=reason)
        _compare(found.going)
    elif repair.name == "ignore":
        services_drift.ignored(found.going, actor=actor, reason=reason, until=until)
        _settle(found.going, Finding.Status.IGNORED, actor=actor, reason=reason, until=until)
    else:
        services_drift.opened(found.going, actor=actor)
        _settle(found.going, Finding.Status.OPEN, actor=actor, reason="")
    return Done(count=len(found.going), stayed=found.staying_count, jobs=begun)


def _lock(ids: Sequence[int]) -> list[Finding]:
    """Return the findings, their numbers locked first: as a sync does, so that none waits for the
    other."""
    rows = Finding.objects.filter(pk__in=list(ids))
    numbers = TelephoneNumber.objects.filter(pk__in=rows.values("number_id"))
    list(numbers.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    locked = rows.select_for_update(of=("self",)).select_related("account", "number__account")
    return list(locked.order_by("pk")[:LIMIT])


def _push(found: Plan, *, actor: User, key: str, reason: str) -> list[Job]:
    """Submit the changes, a job per feature and account; the findings are being repaired then."""
    ids = ",".join(str(finding.pk) for finding in found.going)
    mark = hashlib.sha256(f"{key}:{ids}".encode()).hexdigest()[:32]
    begun = []
    for feature, plans in found.changes:
        job = feature_changes.submit(
            feature,
            plans,
            actor=actor,
            key=f"drift-{mark}-{feature.name}",
            reason=reason or "Our value was put back",
        )
        parts = [job, *Job.objects.filter(parent=job)]
        by_account = {part.account_id: part for part in parts if not part.is_group}
        for account_id, part in by_account.items():
            pks = [
                finding.pk
                for finding in found.going
                if finding.field == feature.name and finding.account_id == account_id
            ]
            Finding.objects.filter(pk__in=pks).update(
                status=Finding.Status.REPAIRING, job=part, actor=actor, reason=reason
            )
        begun.append(job)
    return begun


def _adopt(findings: Sequence[Finding], *, actor: User, reason: str) -> None:
    """Make what the provider tells what we want."""
    mirrors = _mirrors(findings)
    taken = [
        (finding, _their_value(finding, mirrors.get((finding.account_id, finding.tn))) or "")
        for finding in findings
    ]
    services_drift.adopt(taken, actor=actor, reason=reason)
    _settle(findings, Finding.Status.FIXED, actor=actor, reason=reason)


def _import(findings: Sequence[Finding], *, actor: User) -> None:
    """Take numbers into stock, account by account."""
    _settle(findings, Finding.Status.FIXED, actor=actor, reason="")
    for account in {finding.account for finding in findings}:
        tns = [finding.tn for finding in findings if finding.account_id == account.pk]
        sync.import_unknown(account, actor=actor, tns=tns)
    _compare(findings)


def _move(findings: Sequence[Finding], *, actor: User, reason: str) -> None:
    """File numbers at the accounts that list them; what was missing at their former ones is gone."""
    left = [(f.number.account, f.tn) for f in findings if f.number]
    services_drift.move_here(findings, actor=actor, reason=reason)
    _settle(findings, Finding.Status.FIXED, actor=actor, reason=reason)
    for account in {account for account, _ in left}:
        compare(account, tns=[tn for former, tn in left if former == account])
    _compare(findings)


def _compare(findings: Sequence[Finding]) -> None:
    """Bring the other findings of these numbers up to date."""
    for account in {finding.account for finding in findings}:
        compare(account, tns=[f.tn for f in findings if f.account_id == account.pk])


def _settle(
    findings: Sequence[Finding], status: str, *, actor: User, reason: str, until: date | None = None
) -> None:
    """Write the new status of findings, and what follows for their numbers."""
    closed_at = Now() if status == Finding.Status.FIXED else None
    Finding.objects.filter(pk__in=[finding.pk for finding in findings]).update(
        status=status,
        actor=actor,
        reason=reason[:200],
        ignored_until=until,
        closed_at=closed_at,
        last_seen_at=timezone.now(),
    )
    for account in {finding.account for finding in findings}:
        follow(account, [f.tn for f in findings if f.account_id == account.pk])
