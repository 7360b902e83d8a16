"""What can be done about a difference: send ours again, take theirs over, accept it, take it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db import transaction

from e911 import operations, services
from e911.models import Difference, EmergencyRecord
from portal import jobs
from portal.models import Job, ProviderAccount, User

LIMIT: Final = 500
Kind = Difference.Kind
Status = Difference.Status


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One repair, its words, and the differences that it is for."""

    name: str
    label: str
    heading: str
    effect: str
    kinds: tuple[str, ...]
    needs_reason: bool = False
    needs_day: bool = False
    statuses: tuple[str, ...] = (Status.OPEN,)


REPAIRS: Final[dict[str, Repair]] = {
    repair.name: repair
    for repair in (
        Repair(
            name="push",
            label="Set ours again",
            heading="Set our address again",
            effect="What was accepted here is checked and set at the provider once more.",
            kinds=(Kind.ADDRESS, Kind.NAME, Kind.MISSING),
        ),
        Repair(
            name="adopt",
            label="Take theirs",
            heading="Take the provider’s address over",
            effect="What the provider has becomes what is wanted here. Nothing is sent.",
            kinds=(Kind.ADDRESS, Kind.NAME, Kind.UNWANTED),
            needs_reason=True,
        ),
        Repair(
            name="ignore",
            label="Ignore",
            heading="Accept the difference",
            effect="It is not shown as open until the day comes, or until it changes.",
            kinds=(Kind.ADDRESS, Kind.NAME, Kind.MISSING, Kind.UNWANTED),
            needs_reason=True,
            needs_day=True,
        ),
        Repair(
            name="open",
            label="Open again",
            heading="Accept the difference no longer",
            effect="It is shown as open again.",
            kinds=(Kind.ADDRESS, Kind.NAME, Kind.MISSING, Kind.UNWANTED),
            statuses=(Status.IGNORED,),
        ),
    )
}


@dataclass(kw_only=True)
class Done:
    """What a repair did: for how many, the jobs that do the rest, and why some stayed."""

    count: int = 0
    jobs: list[Job] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def of(kind: str, status: str) -> list[Repair]:
    """Return the repairs that a difference of a kind and status can have, the suggested one first."""
    return [
        repair for repair in REPAIRS.values() if kind in repair.kinds and status in repair.statuses
    ]


def fitting(repair: Repair, differences: Sequence[Difference]) -> list[Difference]:
    """Return those of some differences that a repair is for."""
    return [
        row for row in differences if row.kind in repair.kinds and row.status in repair.statuses
    ]


def carry_out(
    repair: Repair,
    differences: Sequence[Difference],
    *,
    actor: User,
    reason: str = "",
    until: date | None = None,
    key: str = "",
) -> Done:
    """Carry a repair out for those differences that it is for; the rest stays as it is."""
    rows = fitting(repair, differences)
    if repair.name == "ignore":
        return Done(count=services.ignore(rows, reason=reason, until=until, actor=actor))
    if repair.name == "open":
        return Done(count=services.open_again(rows, actor=actor))
    records = {row.record_id: row.record for row in rows}
    if repair.name == "adopt":
        return _adopt(list(records.values()), actor=actor, reason=reason)
    return _push(list(records.values()), actor=actor, key=key)


def _adopt(records: Sequence[EmergencyRecord], *, actor: User, reason: str) -> Done:
    done = Done()
    for record in records:
        try:
            services.adopt(record, reason=reason, actor=actor)
        except services.IllegalMove as refusal:
            done.refused.append(str(refusal))
        else:
            done.count += 1
    return done


def _push(records: Sequence[EmergencyRecord], *, actor: User, key: str) -> Done:
    """Check what was accepted once more and set it, by one job for each account."""
    done = Done()
    by_account: dict[ProviderAccount, list[EmergencyRecord]] = {}
    for record in records:
        if record.number is None:
            done.refused.append(f"{record} is not in the inventory. Its record can be removed.")
        else:
            by_account.setdefault(record.account, []).append(record)
    for place, found in enumerate(by_account.values()):
        try:
            with transaction.atomic():
                again = f"{key}:{place}" if key else None
                done.jobs.append(operations.push(found, actor=actor, key=again))
        except jobs.NotAccepted as refusal:
            done.refused.extend(problem.message for problem in refusal.problems)
        else:
            done.count += len(found)
    return done
