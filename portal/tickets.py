"""Writes about support tickets that stay in our database: what help desks told, links to numbers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import Job, ProviderAccount, SupportMessage, SupportTicket, User
from portal.providers.dto.support import Attachment, Person, Ticket, TicketMessage
from portal.tn import TN, InvalidTN

_NUMBER: Final = re.compile(
    r"(?<![\d-])(?:\+?1[-. ]?)?\(?[2-9]\d{2}\)?[-. ]?\d{3}[-. ]?\d{4}(?![\d-])"
)
FILES: Final = 20  # of one message; more than that is no help desk
LONGEST_URL: Final = 1000
_STATUSES: Final = set(SupportTicket.Status.values)


def keep_all(account: ProviderAccount, told: Iterable[Ticket]) -> dict[str, int]:
    """Write every ticket of an account as listed; what is no longer listed is marked, not deleted."""
    seen = [keep(account, ticket).ticket_ref for ticket in told]
    rows = SupportTicket.objects.filter(account=account, missing_since=None)
    missing = rows.exclude(ticket_ref__in=seen).update(missing_since=timezone.now())
    return {"tickets": len(seen), "missing": missing}


def keep(account: ProviderAccount, told: Ticket, *, tn: str = "") -> SupportTicket:
    """Write one ticket as told, with its messages where it has them; `tn` links it to a number.

    Without `tn` a new ticket is linked to the first number in its subject; a known one keeps its
    link.
    """
    now = timezone.now()
    facts: dict[str, Any] = {
        "shown_number": _text(told.number, 32),
        "subject": _text(told.subject, 300) or "(no subject)",
        "preview": _text(html.unescape(told.preview), 300),
        "status": told.status if told.status in _STATUSES else SupportTicket.Status.ACTIVE,
        "opened_at": told.created_at,
        "changed_at": _changed_at(told) or now,
        "closed_at": told.closed_at,
        "waiting_since": told.waiting_since,
        "synced_at": now,
        "missing_since": None,
    }
    ref = _text(told.ref, 32)
    known = SupportTicket.objects.filter(account=account, ticket_ref=ref).first()
    if known and known.changed_at != facts["changed_at"]:
        facts["messages_at"] = None  # the thread is older than this; reading it sets the time
    first = facts | {"tn": tn or number_in(told.subject)}
    row, _ = SupportTicket.objects.update_or_create(
        account=account,
        ticket_ref=ref,
        defaults=facts | ({"tn": tn} if tn else {}),
        create_defaults=first,
    )
    if told.messages:
        keep_messages(row, told.messages)
    return row


def keep_messages(ticket: SupportTicket, told: Iterable[TicketMessage]) -> None:
    """Write a thread as told; the bodies stay as strangers wrote them."""
    for message in told:
        SupportMessage.objects.update_or_create(
            ticket=ticket,
            message_ref=_text(message.ref, 32),
            defaults={
                "kind": _text(message.kind, 16),
                "author": _text(_name(message.author) or _name(message.customer), 160),
                "is_ours": message.kind == "customer",
                "body": message.unsafe_html.replace("\x00", ""),
                "written_at": message.created_at,
                "files": [_file(one) for one in message.attachments[:FILES]],
            },
        )
    SupportTicket.objects.filter(pk=ticket.pk).update(messages_at=timezone.now())


def _file(told: Attachment) -> dict[str, Any]:
    """Return what is kept of a file: where it lies, and nothing of what is in it."""
    url = told.url.replace("\x00", "").strip()
    is_safe = url.startswith("https://") and len(url) <= LONGEST_URL
    return {
        "name": _text(told.name or told.ref or "file", 200),
        "url": url if is_safe else "",
        "size": told.size,
    }


def is_thread_old(account: ProviderAccount, told: Ticket) -> bool:
    """Return whether a listed ticket changed since its messages were read."""
    known = SupportTicket.objects.filter(account=account, ticket_ref=told.ref[:32]).first()
    if known is None or known.messages_at is None:
        return True
    changed_at = _changed_at(told)
    return changed_at is not None and changed_at != known.changed_at


@transaction.atomic
def link(ticket: SupportTicket, tn: str, *, actor: User) -> None:
    """Link a ticket to a number, or to none."""
    before = {"number": ticket.tn}
    ticket.tn = tn
    ticket.save(update_fields=["tn"])
    audit.record(actor, "portal.ticket.linked", ticket, before=before, after={"number": tn})


def forget(ticket: SupportTicket, *, job: Job) -> None:
    """Delete a ticket here that is deleted at the help desk; audited."""
    facts = {"number": ticket.shown_number, "account": str(ticket.account)}
    audit.record(job.actor, "portal.ticket.deleted", ticket, before=facts, job=job)
    ticket.delete()


def number_in(text: str) -> str:
    """Return the first North American number in a text, as E.164; empty where there is none."""
    for match in _NUMBER.finditer(text):
        try:
            return TN.parse(match[0])
        except InvalidTN:
            continue
    return ""


def _changed_at(told: Ticket) -> datetime | None:
    return max(
        (at for at in (told.updated_at, told.answered_at, told.created_at) if at), default=None
    )


def _name(person: Person | None) -> str:
    if person is None:
        return ""
    return f"{person.first_name} {person.last_name}".strip() or person.company or person.email


def _text(value: str, length: int) -> str:
    return value.replace("\x00", "")[:length]
