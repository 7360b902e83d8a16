"""Checks of addresses: asking is an operation; what is asked, answered and accepted is kept here."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from e911 import addresses
from e911.addresses import Parts
from e911.models import AddressCheck, EmergencyRecord, Location
from e911.models.address import lines_of
from e911.services import records
from inventory.models import TelephoneNumber
from portal import audit
from portal.models import Customer, ProviderAccount, User
from portal.providers.dto.e911 import AddressCheck as Told


class NotAcceptable(Exception):
    """A check that cannot be accepted; `str(error)` is a sentence."""


@transaction.atomic
def new_check(
    *,
    account: ProviderAccount,
    parts: Parts,
    caller_name: str,
    is_multi_unit: bool = False,
    customer: Customer | None = None,
    location: Location | None = None,
    numbers: Sequence[TelephoneNumber] = (),
    actor: User | None,
) -> AddressCheck:
    """Record a question about an address, for numbers of one account; return the pending check.

    A number that has no record at the provider yet shows the address as its draft. Nothing is
    asked here: `operations.validate` submits the job.
    """
    lines = parts.lines
    check = AddressCheck(
        account=account,
        customer=customer,
        location=location,
        tns=[number.tn for number in numbers],
        typed_address1=lines.address1[:120],
        typed_address2=lines.address2[:120],
        caller_name=caller_name.strip(),
        is_multi_unit=is_multi_unit,
        asked_by=actor,
    )
    check.take_parts(parts)
    check.save()
    for number in numbers:
        record = records.record_of(number)
        if record.state in records.EDITABLE or record.state == EmergencyRecord.State.NOT_REQUIRED:
            records.save_draft(
                number,
                parts=parts,
                caller_name=check.caller_name,
                is_multi_unit=is_multi_unit,
                location_id=location.pk if location else None,
                actor=actor,
            )
    return check


def answered(check: AddressCheck, told: Told) -> None:
    """Write a provider's verdict into a check. Call inside a transaction with the row locked."""
    suggested = lines_of(told.address) if told.address else None
    check.checked_at = timezone.now()
    check.code, check.message = told.code[:64], told.message[:500]
    check.advice, check.provider_ref = told.advice[:300], told.ref[:64]
    if not told.is_valid:
        check.verdict = AddressCheck.Verdict.INVALID
        check.wrong_part = addresses.wrong_part(told.message)
    else:
        check.verdict = AddressCheck.Verdict.VALID
        if suggested:
            for name in addresses.LINE_NAMES:
                setattr(check, f"suggested_{name}", getattr(suggested, name))
            if addresses.key(suggested) != addresses.key(check.lines):
                check.verdict = AddressCheck.Verdict.SUGGESTED
    check.save()


def failed(check: AddressCheck, *, code: str, message: str) -> None:
    """Write that the provider could not be asked. Call inside a transaction."""
    check.verdict = AddressCheck.Verdict.FAILED
    check.code, check.message = code[:64], message[:500]
    check.save(update_fields=["verdict", "code", "message"])


@transaction.atomic
def accept(check: AddressCheck, *, actor: User, legal_text: str = "") -> AddressCheck:
    """Accept exactly the text that a check shows; both texts, who and when are kept.

    Raises `NotAcceptable` for a check that found nothing valid. Accepting twice changes nothing.
    """
    row = AddressCheck.objects.select_for_update().get(pk=check.pk)
    if row.verdict not in {AddressCheck.Verdict.VALID, AddressCheck.Verdict.SUGGESTED}:
        raise NotAcceptable(row.why_not_usable or "There is nothing to accept.")
    if row.accepted_at is None:
        row.accepted_by, row.accepted_at, row.legal_text = actor, timezone.now(), legal_text
        row.save(update_fields=["accepted_by", "accepted_at", "legal_text"])
        audit.record(
            actor,
            "e911.address.accepted",
            row,
            before={"typed": str(row.lines)},
            after={"accepted": str(row.result), "caller_name": row.caller_name},
            reason=legal_text,
        )
        _follow(row, actor=actor)
    return row


def _follow(check: AddressCheck, *, actor: User | None) -> None:
    """Move the records that wait for this check: a suggestion that was accepted is valid."""
    rows = EmergencyRecord.objects.select_for_update(of=("self",)).filter(
        account=check.account, tn__in=check.tns, state=EmergencyRecord.State.SUGGESTED
    )
    for record in rows:
        if record.typed_key == check.typed_key:
            records.move(record, EmergencyRecord.State.VALID, actor=actor)
