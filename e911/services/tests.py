"""Test calls to 933, as people log them."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from e911.models import CallTest, EmergencyRecord
from e911.services import records
from portal.models import User


@transaction.atomic
def log_test(
    record: EmergencyRecord,
    *,
    tested_on: date,
    person: str,
    result: str,
    heard_number: str = "",
    heard_address: str = "",
    note: str = "",
    actor: User | None,
) -> CallTest:
    """Keep a 933 test; one in which number and address were right verifies a record that is set."""
    row = EmergencyRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    test = CallTest.objects.create(
        record=row,
        customer=row.number.customer if row.number else None,
        tested_on=tested_on,
        person=person,
        result=result,
        heard_number=heard_number,
        heard_address=heard_address,
        note=note,
        logged_by=actor,
    )
    told = {"result": test.get_result_display(), "person": person, "date": tested_on.isoformat()}
    records.tell(row, "e911.test.logged", actor=actor, reason=note, after=told)
    if result != CallTest.Result.CORRECT:
        return test
    moment = timezone.make_aware(datetime.combine(tested_on, time(12)))
    if row.tested_at is None or row.tested_at < moment:
        row.tested_at = moment
        row.save(update_fields=["tested_at", "updated_at"])
    if row.state == EmergencyRecord.State.PROVISIONED and not row.differs:
        records.move(
            row,
            EmergencyRecord.State.VERIFIED,
            actor=actor,
            reason="Heard at 933.",
            verified_at=timezone.now(),
            verified_by=EmergencyRecord.VerifiedBy.CALL,
        )
    return test
