"""Letting a record follow what its provider tells of the number."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from e911 import addresses
from e911.answers import Told
from e911.models import Difference, EmergencyRecord
from e911.services import alarm, differences, records
from portal.models import Job, User

State = EmergencyRecord.State
# A number in these states is somebody's, or about to be: its record is no orphan.
IN_USE = ("in_service", "suspended", "port_out", "held", "port_in", "purchasing")
GONE_WORDS = "The provider has no active address for the number."


def is_wanted(record: EmergencyRecord) -> bool:
    """Return whether the number is ours, at this account, and in use, or its record is kept."""
    number = record.number
    if number is None or number.account_id != record.account_id:
        return False
    return number.state in IN_USE or (record.is_kept and number.state not in number.GONE)


def follow(
    record: EmergencyRecord,
    told: Told | None,
    *,
    actor: User | None,
    job: Job | None,
    is_answer: bool = True,
) -> None:
    """Move a locked record to where an answer puts it; None: the provider has nothing.

    A record that a job has on its way stays; that job reads back itself. `is_answer` is false for a
    full list: what a list lacks is a difference first, and an alarm only once a question about the
    number says so too.
    """
    if is_on_its_way(record, job):
        return
    record.word = told.word if told else ""
    if told is not None and told.is_active:
        _has(record, told, actor=actor, job=job)
    else:
        _has_none(record, actor=actor, job=job, is_answer=is_answer)


def is_on_its_way(record: EmergencyRecord, job: Job | None) -> bool:
    """Return whether another job than this one has the record at the provider."""
    is_held = record.state in record.OPEN and record.job is not None and record.job.is_open
    return is_held and (job is None or record.job_id != job.pk)


def _has(record: EmergencyRecord, told: Told, *, actor: User | None, job: Job | None) -> None:
    facts: dict[str, Any] = {"actor": actor, "job": job}
    if record.state == State.NOT_REQUIRED:
        differences.note(record, {Difference.Kind.UNWANTED.value: ("", str(told.lines))}, job=job)
        record.save()
        records.stand(record)
        return
    alarm.clear(record, words="The provider has an active address again.", **facts)
    if not is_wanted(record):
        _take(record, told)
        differences.note(record, {}, job=job)
        records.move(record, State.ORPHAN, **facts)
    elif record.state in {State.PROVISIONED, State.VERIFIED}:
        compare(record, told, **facts)
    else:
        if record.accepted_key != told.key[:400] or record.state == State.ORPHAN:
            _take(record, told)
            record.customer = record.number.customer if record.number else None
        compare(record, told, **facts)


def _take(record: EmergencyRecord, told: Told) -> None:
    """Make what a provider has the record's text, accepted by nobody yet."""
    if record.accepted_key == told.key[:400]:
        return
    record.take_parts(addresses.parts_of(told.lines))
    record.caller_name = told.caller_name[: addresses.CALLER_NAME_LENGTH]
    record.take_accepted(told.lines, told.caller_name)
    record.accepted_by, record.accepted_at, record.legal_text = None, None, ""
    record.provisioned_at = record.provisioned_at or timezone.now()


def compare(record: EmergencyRecord, told: Told, *, actor: User | None, job: Job | None) -> None:
    """Verify a locked record whose accepted text is what the provider tells; else note what differs.

    Nobody has accepted what was only found at a provider: it stays unconfirmed.
    """
    found = differences.between(record, told.lines, told.caller_name)
    differences.note(record, found, job=job)
    is_confirmed = not found and record.accepted_at is not None
    changes: dict[str, Any] = {"last_valid": {}}
    if is_confirmed:
        changes["verified_at"] = timezone.now()
        if record.state != State.VERIFIED or not record.verified_by:
            changes["verified_by"] = EmergencyRecord.VerifiedBy.QUERY
    to = State.VERIFIED if is_confirmed else State.PROVISIONED
    words = "The provider tells another text than was accepted." if found else ""
    if record.state == to:
        for name, value in changes.items():
            setattr(record, name, value)
        record.reason = words
        record.save()
        records.stand(record)
        return
    if record.provisioned_at is None:
        changes["provisioned_at"] = timezone.now()
    records.move(record, to, actor=actor, job=job, reason=words, **changes)


def _has_none(
    record: EmergencyRecord, *, actor: User | None, job: Job | None, is_answer: bool
) -> None:
    facts: dict[str, Any] = {"actor": actor, "job": job}
    was_live = record.state in {State.PROVISIONED, State.VERIFIED, State.CHANGING}
    if not is_answer and was_live and is_wanted(record):
        missing = {Difference.Kind.MISSING.value: (str(record.accepted), "")}
        differences.note(record, missing, job=job)
        record.save()
        records.stand(record)
        return
    differences.note(record, {}, job=job)
    if was_live and is_wanted(record):
        lose(record, reason=GONE_WORDS, **facts)
    elif record.state in {State.ORPHAN, State.REMOVING} or was_live:
        records.move(record, State.REMOVED, reason=GONE_WORDS, **facts)
    elif record.state == State.PROVISIONING:
        records.move(record, State.PROVISION_FAILED, reason=GONE_WORDS, **facts)
    else:
        record.save()
        records.stand(record)


def lose(record: EmergencyRecord, *, actor: User | None, job: Job | None, reason: str) -> None:
    """File that a number in use has no active address any more, and raise the alarm.

    The last valid address stays with the record, so that it can be set again.
    """
    if not record.last_valid:
        record.last_valid = record.snapshot()
    alarm.raise_for(record, actor=actor, job=job, reason=reason)
    to = State.PROVISION_FAILED if record.state == State.CHANGING else State.REMOVED
    records.move(record, to, actor=actor, job=job, reason=reason)
