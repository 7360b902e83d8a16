"""The alarm: a number in use whose address is gone at the provider. Help may not find the caller."""

from __future__ import annotations

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from e911.models import EmergencyRecord
from portal import audit
from portal.models import Job, User
from portal.tn import TN

LOST = "e911.location.lost"
FOUND = "e911.location.restored"


def raise_for(record: EmergencyRecord, *, actor: User | None, job: Job | None, reason: str) -> None:
    """Set the flag on an unsaved change of a record, audit it, and mail everybody who can act.

    The caller saves the record. Raising it twice mails once.
    """
    if record.is_location_lost:
        return
    record.is_location_lost, record.lost_at = True, timezone.now()
    old = str(record.last_valid_lines)
    audit.record(
        actor,
        LOST,
        record.number or record,
        before={"address": old},
        after={"address": ""},
        reason=reason,
        job=job,
    )
    # Robust: a mail server that is down must not take the flag back.
    transaction.on_commit(lambda: _mail(record.tn, old, reason), robust=True)


def clear(record: EmergencyRecord, *, actor: User | None, job: Job | None, words: str) -> None:
    """Take the flag off an unsaved change of a record: an address is active again."""
    if not record.is_location_lost:
        return
    record.is_location_lost, record.lost_at = False, None
    audit.record(
        actor,
        FOUND,
        record.number or record,
        after={"address": str(record.accepted)},
        reason=words,
        job=job,
    )


def _mail(tn: str, old: str, reason: str) -> None:
    roles = (User.Role.OPERATOR, User.Role.ADMINISTRATOR)
    people = User.objects.filter(is_active=True, role__in=roles).order_by("email")
    for email in people.values_list("email", flat=True):
        send_mail(
            f"[Numberdesk] 911 may not work for {TN(tn).pretty}",
            f"The provider has no active 911 address for {TN(tn).pretty} any more.\n\n"
            f"What happened: {reason or 'a change was not carried out and the old one is gone.'}\n"
            f"The last valid address: {old or 'not known'}\n\n"
            "What to do: open the number in Numberdesk and press “Restore the old address”, or set "
            "another one that was checked. Until then a 911 call from it may reach nobody who "
            "knows where it comes from.\n",
            None,
            [email],
        )
