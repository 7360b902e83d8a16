"""Passing an order from one side to the other within a state: who acts, until when."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from porting import clock
from porting.models import PortOrder, moves
from porting.services.notes import record_event


@transaction.atomic
def hand_back(order: PortOrder, *, actor: User, text: str) -> None:
    """Note that the customer did his part of a rejected order: now it is our turn, with a new clock.

    Changes nothing where it is our turn already.
    """
    row = PortOrder.objects.select_for_update().get(pk=order.pk)
    if row.who_must_act != moves.US:
        now, zone = timezone.now(), timezone.get_default_timezone()
        row.who_must_act = moves.US
        row.sla_due_at = clock.due_at(row.state, now, zone, foc_date=row.foc_date)
        row.save(update_fields=["who_must_act", "sla_due_at", "updated_at"])
    source = "us" if actor.is_staff_role else "customer"
    record_event(row, source=source, text=text, actor=actor)
    audit.record(actor, "porting.port.handed_back", row, after={"who": moves.US}, reason=text)
    order.refresh_from_db()
