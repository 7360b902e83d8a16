"""The lifecycle of a record: one function makes a move, refuses others, audits, tells the number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from e911 import gaps
from e911.addresses import Parts
from e911.models import EmergencyRecord
from inventory.models import TelephoneNumber
from inventory.services import summaries
from portal import audit
from portal.models import Job, User

State = EmergencyRecord.State
# An address that is not on the number yet may be typed anew, and so may what was refused.
EDITABLE = ("none", "removed", "draft", "suggested", "invalid", "valid", "provision_failed")


class IllegalMove(Exception):
    """A move that the table does not know or a guard forbids; `str(error)` is a sentence."""


def move(
    record: EmergencyRecord,
    to: str,
    *,
    actor: User | None,
    reason: str = "",
    job: Job | None = None,
    was: str = "",
    **changes: Any,
) -> None:
    """Move a record to another state, audit it and tell the number; `changes` are set along.

    Raises `IllegalMove` for a move that the table does not list, and changes nothing then. A record
    that is there already only takes the changes. `was` is the address before, where it has been
    written over already. Call inside a transaction with the row locked.
    """
    if record.state != to:
        if refusal := record.why_not(to):
            raise IllegalMove(refusal)
        record.previous_state, record.state = record.state, to
        record.state_since = timezone.now()
    if to in record.OPEN:
        record.job = job
    before = {"state": record.previous_state, "address": was or _address(record)}
    for name, value in changes.items():
        setattr(record, name, value)
    record.reason = reason[:500]
    record.save()
    tell(record, f"e911.record.{to}", actor=actor, reason=reason, job=job, before=before)
    stand(record)


def stand(record: EmergencyRecord) -> None:
    """Tell the number what its record is now, and bring its place in the gap report up to date.

    A record that was left behind at another account says nothing about the number.
    """
    number = record.number
    if number is not None and number.account_id == record.account_id:
        summaries.note("e911_state", {record.tn: record.state})
        gaps.refresh([number.pk])


def _address(record: EmergencyRecord) -> str:
    return str(record.accepted or record.lines)


def tell(
    record: EmergencyRecord,
    verb: str,
    *,
    actor: User | None,
    reason: str = "",
    job: Job | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write into the audit log what happened to a record: on its number, where it has one."""
    facts = {"state": record.state, "address": _address(record)}
    number = record.number
    audit.record(
        actor,
        verb,
        number or record,
        before=before or {},
        after=facts | (after or {}),
        reason=reason,
        job=job,
        customer_id=number.customer_id if number else None,
    )


def record_of(number: TelephoneNumber) -> EmergencyRecord:
    """Return the record that a number goes by, locked; a new one where it has none.

    A record of this account that was left behind is the number's again. Call inside a transaction.
    """
    rows = EmergencyRecord.objects.select_for_update(of=("self",))
    record = rows.filter(account=number.account, tn=number.tn).first()
    if record is None:
        record, _ = EmergencyRecord.objects.get_or_create(
            account=number.account,
            tn=number.tn,
            defaults={
                "number": number,
                "customer": number.customer,
                "state_since": timezone.now(),
            },
        )
    if record.number_id != number.pk:
        record.number = number
        record.save(update_fields=["number", "updated_at"])
    return record


@transaction.atomic
def save_draft(
    number: TelephoneNumber,
    *,
    parts: Parts,
    caller_name: str,
    is_multi_unit: bool = False,
    location_id: int | None = None,
    actor: User | None,
) -> EmergencyRecord:
    """Keep a typed address on a number without asking anybody; return its record.

    A record that stands at the provider keeps its address until another one is provisioned: then
    only an `AddressCheck` carries the new one, and this raises `IllegalMove`.
    """
    record = record_of(number)
    if record.state not in EDITABLE and record.state != State.NOT_REQUIRED:
        raise IllegalMove(
            f"The E911 record of {record} is “{record.get_state_display()}”. Check the new address; "
            "the old one stays until the new one is set."
        )
    record.take_parts(parts)
    move(
        record,
        State.DRAFT,
        actor=actor,
        caller_name=caller_name,
        is_multi_unit=is_multi_unit,
        location_id=location_id,
        customer=number.customer,
        changed_at=timezone.now(),
    )
    return record


@transaction.atomic
def mark_not_required(
    numbers: Sequence[TelephoneNumber], *, reason: str, actor: User | None
) -> tuple[int, list[str]]:
    """Say that numbers need no record, and why; return how many, and sentences for the rest.

    A number with a record at the provider is refused: take the record off first.
    """
    if not reason.strip():
        raise IllegalMove("Say why no E911 record is needed.")
    done, refused = 0, []
    for number in numbers:
        record = record_of(number)
        if record.state == State.NOT_REQUIRED:
            continue
        try:
            move(
                record,
                State.NOT_REQUIRED,
                actor=actor,
                reason=reason,
                not_required_reason=reason.strip()[:200],
                not_required_by=actor,
                not_required_at=timezone.now(),
                customer=number.customer,
            )
            done += 1
        except IllegalMove as error:
            refused.append(str(error))
    return done, refused


@transaction.atomic
def mark_required(record: EmergencyRecord, *, actor: User | None) -> None:
    """Say that a record is needed after all."""
    row = EmergencyRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if row.state == State.NOT_REQUIRED:
        row.not_required_reason, row.not_required_by, row.not_required_at = "", None, None
        move(row, State.NONE, actor=actor)


@transaction.atomic
def keep_on_purpose(record: EmergencyRecord, *, reason: str, actor: User | None) -> None:
    """Keep the record of a number of ours that is not in service: it is no orphan then."""
    if not reason.strip():
        raise IllegalMove("Say why the record is kept.")
    row = EmergencyRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if row.number is None:
        raise IllegalMove(f"{row} is not in the inventory. Its record can only be removed.")
    if row.state != State.ORPHAN:
        raise IllegalMove(f"The E911 record of {row} is “{row.get_state_display()}”.")
    to = State.VERIFIED if row.verified_at else State.PROVISIONED
    move(row, to, actor=actor, reason=reason, is_kept=True)
