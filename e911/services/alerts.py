"""Who is mailed when somebody dials 911: rows that follow what is asked for and what is told."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from e911.models import AlertContact, EmergencyRecord
from e911.models.alert import read_gateway
from e911.services import records
from portal.models import Job, User

State = AlertContact.State


def find(record: EmergencyRecord, email: str) -> AlertContact | None:
    """Return a record's contact by its address, in any case, locked."""
    rows = AlertContact.objects.select_for_update(of=("self",))
    return rows.filter(record=record, email__iexact=email).first()


def adding(record: EmergencyRecord, email: str, *, actor: User | None) -> AlertContact:
    """Return the contact that is being added; one that was refused before is taken up again."""
    phone, gateway = read_gateway(email)
    contact = find(record, email) or AlertContact(record=record, email=email.strip())
    contact.customer = record.number.customer if record.number else None
    contact.kind = AlertContact.Kind.PHONE if gateway else AlertContact.Kind.EMAIL
    contact.phone, contact.gateway = phone, gateway
    contact.state, contact.reason, contact.added_by = State.ADDING, "", actor
    contact.save()
    return contact


def added(contact: AlertContact, *, job: Job) -> None:
    """File that a contact is active."""
    contact.state, contact.reason, contact.seen_at = State.ACTIVE, "", timezone.now()
    contact.save()
    _tell(contact, "e911.alert.added", job)


def not_added(contact: AlertContact, *, reason: str) -> None:
    """File that a contact was refused."""
    contact.state, contact.reason = State.REFUSED, reason[:300]
    contact.save()


def removing(contact: AlertContact) -> None:
    """Show a contact as being removed."""
    contact.state = State.REMOVING
    contact.save(update_fields=["state"])


def removed(contact: AlertContact, *, job: Job) -> None:
    """File that a contact is mailed no more."""
    _tell(contact, "e911.alert.removed", job)
    contact.delete()


def not_removed(contact: AlertContact, *, reason: str) -> None:
    """File that a contact is still mailed."""
    contact.state, contact.reason = State.ACTIVE, reason[:300]
    contact.save()


def told(record: EmergencyRecord, emails: Sequence[str]) -> None:
    """Make the contacts of a record those that its provider told; what is on its way stays."""
    now = timezone.now()
    known = {
        contact.email.lower(): contact for contact in AlertContact.objects.filter(record=record)
    }
    for email in dict.fromkeys(emails):
        contact = known.pop(email.lower(), None)
        if contact is None:
            phone, gateway = read_gateway(email)
            contact = AlertContact(
                record=record,
                email=email[:150],
                kind=AlertContact.Kind.PHONE if gateway else AlertContact.Kind.EMAIL,
                phone=phone,
                gateway=gateway,
                customer=record.number.customer if record.number else None,
            )
        if contact.state != State.REMOVING:
            contact.state, contact.reason = State.ACTIVE, ""
        contact.seen_at = now
        contact.save()
    for contact in known.values():
        if contact.state == State.ACTIVE:
            contact.delete()
    records.stand(record)


def _tell(contact: AlertContact, verb: str, job: Job) -> None:
    facts = {"contact": contact.email}
    records.tell(contact.record, verb, actor=job.actor, job=job, after=facts)
    records.stand(contact.record)
