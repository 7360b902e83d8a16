"""What differs at a provider: noted, closed, accepted, adopted. None of these reaches a provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from e911 import addresses
from e911.addresses import Lines
from e911.models import CarrierRecord, Difference, EmergencyRecord
from e911.services import records
from portal.models import Job, User

Kind = Difference.Kind
Status = Difference.Status


def between(record: EmergencyRecord, lines: Lines, caller_name: str) -> dict[str, tuple[str, str]]:
    """Return what differs between what was accepted and what a provider tells: kind → both texts."""
    found = {}
    if addresses.key(record.accepted) != addresses.key(lines):
        found[Kind.ADDRESS.value] = (str(record.accepted), str(lines))
    if addresses.plain(record.accepted_caller_name) != addresses.plain(caller_name):
        found[Kind.NAME.value] = (record.accepted_caller_name, caller_name)
    return found


def note(record: EmergencyRecord, found: Mapping[str, tuple[str, str]], *, job: Job | None) -> None:
    """Bring the differences of one record up to date; what is no longer found is closed.

    An ignored one stays ignored while the texts are those that were accepted. `record.differs` is
    set, unsaved.
    """
    now = timezone.now()
    live = {row.kind: row for row in Difference.objects.filter(record=record).live()}
    for kind, (ours, theirs) in found.items():
        row = live.pop(kind, None)
        if row is None:
            row = Difference(record=record, kind=kind, first_seen_at=now)
        elif row.status == Status.IGNORED and row.theirs != theirs[:300]:
            row.status, row.ignored_until, row.reason = Status.OPEN, None, ""
        elif row.status == Status.REPAIRING:  # tried, and found again
            row.status = Status.OPEN
        row.ours, row.theirs, row.last_seen_at, row.job = ours[:300], theirs[:300], now, job
        row.save()
    for row in live.values():
        is_ours = row.status == Status.REPAIRING
        row.status = Status.FIXED if is_ours else Status.VANISHED
        row.closed_at = now
        row.save(update_fields=["status", "closed_at"])
    record.differs = Difference.objects.filter(
        record=record, status__in=[Status.OPEN, Status.REPAIRING]
    ).exists()


def repairing(record: EmergencyRecord, *, job: Job, actor: User | None) -> None:
    """Show the open differences of a record as being repaired by a job."""
    rows = Difference.objects.filter(record=record, status=Status.OPEN)
    rows.update(status=Status.REPAIRING, job=job, actor=actor)


def not_repaired(record: EmergencyRecord) -> None:
    """Open again what a job could not repair."""
    rows = Difference.objects.filter(record=record, status=Status.REPAIRING)
    rows.update(status=Status.OPEN)


@transaction.atomic
def ignore(rows: Sequence[Difference], *, reason: str, until: date | None, actor: User) -> int:
    """Accept differences, until a day if one is given; return how many were open."""
    if not reason.strip():
        raise records.IllegalMove("Say why the difference is accepted.")
    ids = [row.pk for row in rows]
    count = 0
    for row in Difference.objects.select_for_update(of=("self",)).filter(
        pk__in=ids, status=Status.OPEN
    ):
        row.status, row.reason, row.ignored_until = Status.IGNORED, reason.strip()[:200], until
        row.actor = actor
        row.save()
        told = {"difference": row.get_kind_display(), "until": until}
        _follow(row.record)
        records.tell(row.record, "e911.drift.ignored", actor=actor, reason=reason, after=told)
        count += 1
    return count


@transaction.atomic
def open_again(rows: Sequence[Difference], *, actor: User | None) -> int:
    """Accept differences no longer; return how many were ignored."""
    ids = [row.pk for row in rows]
    count = 0
    for row in Difference.objects.select_for_update(of=("self",)).filter(
        pk__in=ids, status=Status.IGNORED
    ):
        row.status, row.reason, row.ignored_until, row.actor = Status.OPEN, "", None, actor
        row.save()
        _follow(row.record)
        told = {"difference": row.get_kind_display()}
        records.tell(row.record, "e911.drift.reopened", actor=actor, after=told)
        count += 1
    return count


def reopen_lapsed() -> int:
    """Open what was ignored until a day that has come; return how many."""
    lapsed = Difference.objects.filter(
        status=Status.IGNORED, ignored_until__lte=timezone.localdate()
    )
    return open_again(list(lapsed), actor=None)


def _follow(record: EmergencyRecord) -> None:
    open_rows = Difference.objects.filter(record=record, status__in=[Status.OPEN, Status.REPAIRING])
    record.differs = open_rows.exists()
    record.save(update_fields=["differs", "updated_at"])
    records.stand(record)


@transaction.atomic
def adopt(record: EmergencyRecord, *, reason: str, actor: User) -> EmergencyRecord:
    """Accept what the provider has as what we want; it is verified then.

    Raises `IllegalMove` where the provider has no active address, or a change is under way.
    """
    row = EmergencyRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    mirror = CarrierRecord.objects.present().filter(account=row.account, tn=row.tn).first()
    if mirror is None or not mirror.is_active:
        raise records.IllegalMove(f"The provider has no active address for {row}.")
    if row.number is None:
        raise records.IllegalMove(f"{row} is not in the inventory. Its record can only be removed.")
    was = str(row.accepted)
    row.take_parts(addresses.parts_of(mirror.lines))
    row.caller_name = mirror.caller_name.strip()[: addresses.CALLER_NAME_LENGTH]
    row.take_accepted(mirror.lines, mirror.caller_name)
    row.accepted_by, row.accepted_at, row.legal_text = actor, timezone.now(), ""
    row.customer = row.number.customer
    row.is_location_lost, row.lost_at = False, None
    note(row, {}, job=None)
    records.move(
        row,
        EmergencyRecord.State.VERIFIED,
        actor=actor,
        reason=reason,
        was=was,
        verified_at=timezone.now(),
        verified_by=EmergencyRecord.VerifiedBy.QUERY,
        not_required_reason="",
        location=None,
    )
    return row
