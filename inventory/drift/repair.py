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
from inventory.features.calls import RouteFeature
from inventory.models import CarrierNumber, Finding, TelephoneNumber
from inventory.services import drift as services_drift
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Problem

LIMIT: Final = 5000  # findings of one repair
_GONE: Final = ("ported_out", "released", "lost")  # states, and the repairs that lead there


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One way to end a difference."""

    name: str
    label: str  # of a button
    deed: str  # in a sentence: "3 differences …"
    effect: str
    kinds: tuple[str, ...]
    heading: str = ""  # of its page, where the label will not do
    needs_reason: bool = False
    needs_day: bool = False

    @property
    def button(self) -> str:
        """The label of the button that does it at last."""
        return self.label.removesuffix("…")


REPAIRS: Final[dict[str, Repair]] = {
    repair.name: repair
    for repair in (
        Repair(
            name="push",
            label="Push ours",
            heading="Push our value",
            deed="are being set to our value",
            effect="Our value is sent to the provider, as a job.",
            kinds=("value",),
        ),
        Repair(
            name="adopt",
            label="Adopt theirs",
            heading="Adopt the provider’s value",
            deed="took over the provider’s value",
            effect="The provider’s value becomes ours. Nothing is sent.",
            kinds=("value",),
        ),
        Repair(
            name="import",
            label="Take into stock",
            deed="are in stock now",
            effect="The number comes into our stock; what was filed as lost becomes what it was. "
            "Nothing is sent.",
            kinds=("unknown_here",),
        ),
        Repair(
            name="ported_out",
            label="Mark ported out",
            deed="are marked as ported out",
            effect="The number is filed as gone to another carrier, and its customer loses it. "
            "Nothing is sent.",
            kinds=("missing",),
            needs_reason=True,
        ),
        Repair(
            name="released",
            label="Mark given back…",
            heading="Mark as given back",
            deed="are marked as given back",
            effect="For what was given back at the provider itself. The number is filed as gone, and its "
            "customer loses it; it stands in the disconnect report. Nothing is sent.",
            kinds=("missing",),
            needs_reason=True,
        ),
        Repair(
            name="lost",
            label="File as lost…",
            heading="File as lost",
            deed="are filed as lost",
            effect="For what is gone and nobody knows why. Who had it and what it was stays on record: "
            "if the provider lists it again, it becomes that again. Nothing is sent.",
            kinds=("missing",),
            needs_reason=True,
        ),
        Repair(
            name="ignore",
            label="Ignore…",
            heading="Ignore until a day",
            deed="are ignored until then",
            effect="It is shown again on that day, or as soon as the value changes.",
            kinds=("value", "unknown_here", "missing"),
            needs_reason=True,
            needs_day=True,
        ),
        Repair(
            name="open",
            label="Ignore no longer",
            deed="are open again",
            effect="It is shown with the open ones again.",
            kinds=("value", "unknown_here", "missing"),
        ),
    )
}


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
    for finding in findings:
        reason = _why_not(repair, finding)
        if not reason and finding.tn in locked and repair.name not in {"ignore", "open"}:
            reason = "A job about the number is not settled yet."
        if not reason and repair.name == "adopt" and told.get(finding.pk) != finding.theirs:
            reason = "The provider tells another value by now."
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
    if finding.kind != Finding.Kind.UNKNOWN_HERE and (
        number is None or number.account_id != finding.account_id
    ):
        return "The number is no longer at this provider account."
    if repair.name in _GONE and number is not None:
        return services_drift.why_not_gone(number, repair.name)
    return ""


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
    locked = rows.select_for_update(of=("self",)).select_related("account", "number")
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
