"""Mails about E911 to customers: a copy of what was set for their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import send_mail
from django.db import transaction

from e911.models import EmergencyRecord
from portal.models import Job


def was_set(record: EmergencyRecord, *, job: Job) -> None:
    """Mail a copy of an address that a customer's user has set: to him and to his company.

    Sent after the commit; a mail server that is down changes nothing about the record.
    """
    actor = job.actor
    if actor is None or actor.is_staff_role or actor.customer is None:
        return
    people = list(dict.fromkeys(filter(None, (actor.email, actor.customer.email))))
    subject = f"[Numberdesk] The 911 address of {record}"
    body = (
        f"This address is now used when somebody dials 911 from {record}:\n\n"
        f"  {record.accepted_caller_name}\n  {record.accepted}\n\n"
        f"Set by {actor} ({actor.email}).\n"
        + (f"\nConfirmed with it:\n{record.legal_text}\n" if record.legal_text else "")
        + "\nIs it wrong? Correct it in Numberdesk at once: help is sent there.\n"
    )
    transaction.on_commit(lambda: _send(subject, body, people), robust=True)


def _send(subject: str, body: str, people: Sequence[str]) -> None:
    for address in people:
        send_mail(subject, body, None, [address])
