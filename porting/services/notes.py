"""Notes of staff and customers, and the lines of an order's history."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal import audit
from portal.models import Job, User
from porting.models import PortEvent, PortNote, PortOrder


@transaction.atomic
def add_note(order: PortOrder, text: str, *, actor: User, is_internal: bool = False) -> PortNote:
    """Write a note; one of a customer's user is never internal. The other side is told by mail."""
    from porting.services import mails

    is_from_customer = not actor.is_staff_role
    note = PortNote.objects.create(
        order=order,
        author=actor,
        author_name=str(actor),
        is_from_customer=is_from_customer,
        is_internal=is_internal and not is_from_customer,
        text=text.strip()[:4000],
    )
    facts = {"internal": note.is_internal}
    audit.record(actor, "porting.port.noted", order, after=facts)
    if not note.is_internal and not is_from_customer:
        mails.tell(order, "note", actor=actor, note=note)
    return note


def record_event(
    order: PortOrder,
    *,
    source: str,
    text: str = "",
    actor: User | None = None,
    job: Job | None = None,
    **facts: Any,
) -> PortEvent:
    """Write one line of the history; `facts` are further fields of it (before, after, word …)."""
    return PortEvent.objects.create(
        order=order,
        source=source,
        text=text[:500],
        actor_name=str(actor) if actor else "",
        job=job,
        **facts,
    )
