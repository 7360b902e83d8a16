"""Taking a change of a feature back, for a day: what can go back, what cannot, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from inventory import features
from inventory.feature_changes import AccountPlan, plan, submit
from inventory.feature_resend import NOT_KEPT, as_sent
from inventory.features import Feature
from inventory.models import CarrierNumber, TelephoneNumber
from inventory.operations.features import ChangeFeature
from portal import jobs
from portal.models import Job, JobItem, ProviderAccount, User
from portal.operations import Problem
from portal.tn import TN

UNDO_FOR = timedelta(hours=24)
MOST = 10_000  # numbers of one way back


@dataclass(frozen=True, kw_only=True)
class Row:
    """One number of a change: what it would go back to, or why it does not."""

    tn: str
    now: str
    back_to: str
    value: str = ""
    problem: str = ""

    @property
    def pretty(self) -> str:
        """The number as people read it."""
        return TN(self.tn).pretty


@dataclass(frozen=True, kw_only=True)
class Undo:
    """What taking back a job, or one number of it, does; `problem` says why it does nothing."""

    job: Job
    feature: Feature
    rows: list[Row]
    plans: list[AccountPlan]
    problem: str = ""

    @property
    def ready(self) -> list[Row]:
        """The numbers that go back."""
        return [row for row in self.rows if not row.problem]

    @property
    def left(self) -> list[Row]:
        """The numbers that stay."""
        return [row for row in self.rows if row.problem]


def is_open(job: Job, at: datetime | None = None) -> bool:
    """Return whether a change may still be taken back; `at` is when its number was settled."""
    if job.kind != ChangeFeature.kind or job.is_open:
        return False
    feature = features.FEATURES.get(job.params.get("feature", ""))
    moment = at or job.finished_at
    return bool(feature and not feature.no_undo and moment and moment > timezone.now() - UNDO_FOR)


def look(job: Job, *, tn: str = "") -> Undo:
    """Return what undoing `job` (a group: all its parts), or its one number `tn`, does.

    A number whose value was changed since stays as it is. Raises KeyError for a job of another kind.
    """
    feature = features.get(job.params["feature"])
    if job.is_group and job.total_count > MOST:
        words = f"More than {MOST:,} numbers are taken back part by part: open a part of this job."
        return Undo(job=job, feature=feature, rows=[], plans=[], problem=words)
    family = [job, *job.children.all()] if job.is_group else [job]
    items = JobItem.objects.filter(job__in=family, status=JobItem.Status.SUCCEEDED)
    if tn:
        items = items.filter(target=tn)
    rows = _rows(feature, list(items.select_related("job__account").order_by("job_id", "position")))
    values = {row.tn: row.value for row in rows if not row.problem}
    plans = plan(feature, values) if values else []
    stopped = {blocked.tn: blocked.reason for entry in plans for blocked in entry.blocked}
    rows = [
        Row(tn=row.tn, now=row.now, back_to=row.back_to, problem=stopped[row.tn])
        if row.tn in stopped
        else row
        for row in rows
    ]
    return Undo(job=job, feature=feature, rows=rows, plans=plans, problem=_problem(job, feature))


def _problem(job: Job, feature: Feature) -> str:
    if job.is_open:
        return "The job is not settled yet."
    if feature.no_undo:
        return feature.no_undo
    if not is_open(job):
        return "A change can be taken back for 24 hours; those are over."
    return ""


def _rows(feature: Feature, items: list[JobItem]) -> list[Row]:
    tns = [item.target for item in items]
    numbers = {row.tn: row for row in TelephoneNumber.objects.filter(tn__among=tns)}
    told = CarrierNumber.objects.filter(tn__among=tns).select_related("account")
    mirrors: dict[tuple[int | None, str], CarrierNumber] = {
        (row.account_id, row.tn): row for row in told
    }
    former = _former(feature, items)
    rows = []
    for item in items:
        mirror = mirrors.get((item.job.account_id, item.target))
        back = former.get(item.target)
        rows.append(_row(feature, item, numbers.get(item.target), mirror, back))
    return rows


def _former(feature: Feature, items: list[JobItem]) -> dict[str, str]:
    """Return what held before, as it can be sent again; what is not known is left out."""
    known: dict[ProviderAccount, dict[str, str]] = {}
    for item in items:
        before = item.before.get("value")
        if before is not None and item.job.account is not None:
            known.setdefault(item.job.account, {})[item.target] = before
    found: dict[str, str] = {}
    until = min((item.pk for item in items), default=None)
    for account, values in known.items():
        found |= as_sent(feature, values, account=account, until=until)
    return found


def _row(
    feature: Feature,
    item: JobItem,
    number: TelephoneNumber | None,
    mirror: CarrierNumber | None,
    back: str | None,
) -> Row:
    account = item.job.account
    before = item.before.get("value")
    now = feature.present(mirror)
    value = item.params.get("value", "")
    sent = feature.stored(value)
    sent = item.after.get("values", {}).get(feature.name, sent)
    problem = feature.why_no_undo(account.slug if account else "", before)
    if not problem and back is None:
        problem = NOT_KEPT
    if not problem and (number is None or number.account_id != item.job.account_id):
        problem = "It is no longer at this provider account."
    if not problem and now == before:
        problem = "It is as it was before."
    if not problem and now != feature.told(TN(item.target), sent):
        problem = "It was changed again since then, so it stays."
    return Row(
        tn=item.target,
        now=feature.shown(now, account),
        back_to=feature.shown(before if back is None else back, account),
        value=back or "",
        problem=problem,
    )


def undo(job: Job, *, actor: User, key: str, tn: str = "") -> Job:
    """Submit the way back; return the new job.

    Raises `portal.jobs.NotAccepted` where nothing can go back; nothing is recorded then.
    """
    if known := Job.objects.filter(key=key, actor=actor).first():
        return known
    found = look(job, tn=tn)
    if found.problem or not found.ready:
        words = found.problem or "Nothing can be taken back."
        left = [
            Problem(message=f"{row.pretty}: {row.problem}", target=row.tn) for row in found.left
        ]
        raise jobs.NotAccepted([Problem(message=f"{words} Nothing was sent."), *left[:50]])
    reason, marks = f"Taking back job {job.pk}", {"undoes": str(job.pk)}
    return submit(found.feature, found.plans, actor=actor, key=key, reason=reason, marks=marks)
