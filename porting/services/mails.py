"""Mails about an order: written when something happens, sent by a task, kept as they were sent."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from portal import audit
from portal.models import User
from porting import rejections
from porting.models import PortMail, PortOrder

# Events that the customer is told of: the states, and what happens beside them.
TEMPLATES: Final = frozenset(
    {
        *("customer_input", "submitted", "pending_documents", "exception", "supplement_sent"),
        *("foc_set", "completed", "partially_completed", "cancelled", "expired", "failed"),
        *("note", "reminder"),
    }
)
MAX_ATTEMPTS: Final = 5


def contacts(order: PortOrder) -> list[str]:
    """Return the addresses that mails about an order go to: its own, else the customer's."""
    entered = order.contact_emails.replace(";", ",").split(",")
    own = [address.strip() for address in entered if address.strip()]
    if own or order.customer is None:
        return own
    return [order.customer.email] if order.customer.email else []


def tell(order: PortOrder, event: str, *, actor: User | None, **context: Any) -> PortMail | None:
    """Write a mail to the customer of what happened, to be sent after the commit.

    Returns None where nobody is told: an order without customer, or an event without a mail. A
    customer without an address leaves a row that says so.
    """
    if order.customer_id is None or event not in TEMPLATES:
        return None
    addresses = contacts(order)
    facts = {
        "order": order,
        "customer": order.customer,
        "rejection": rejections.find(order.reject_code),
        "numbers": list(order.lines.active().values_list("tn", flat=True)[:20]),
        "url": f"{settings.SITE_URL}{order.get_absolute_url()}",
    } | context
    text = render_to_string(f"porting/mail/{event}.txt", facts)
    subject, _, body = text.strip().partition("\n")
    return PortMail.objects.create(
        order=order,
        event=event,
        to=", ".join(addresses)[:300],
        subject=subject.removeprefix("Subject:").strip()[:200],
        body=body.strip() + "\n",
        status=PortMail.Status.QUEUED if addresses else PortMail.Status.NO_ADDRESS,
        created_by=actor,
    )


def send(mail: PortMail) -> bool:
    """Send one mail and note the outcome; one that fails is tried again up to five times."""
    mail.attempts += 1
    try:
        EmailMessage(mail.subject, mail.body, to=mail.to.split(", ")).send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        is_last = mail.attempts >= MAX_ATTEMPTS
        mail.status = PortMail.Status.FAILED if is_last else PortMail.Status.QUEUED
        mail.error = str(error)[:300]
    else:
        mail.status, mail.sent_at, mail.error = PortMail.Status.SENT, timezone.now(), ""
    mail.save(update_fields=["status", "error", "attempts", "sent_at"])
    return mail.status == PortMail.Status.SENT


@transaction.atomic
def resend(mail: PortMail, *, actor: User, to: str = "") -> PortMail:
    """Write a mail once more, word for word, to its contacts of today or to `to`.

    Raises `django.core.exceptions.ValidationError` for an address that is none, ValueError where
    there is no address at all.
    """
    addresses = [one.strip() for one in to.split(",") if one.strip()] or contacts(mail.order)
    if not addresses:
        raise ValueError("The customer has no address. Enter one.")
    for address in addresses:
        validate_email(address)
    again = PortMail.objects.create(
        order=mail.order,
        event=mail.event,
        to=", ".join(addresses)[:300],
        subject=mail.subject,
        body=mail.body,
        resent_from=mail,
        created_by=actor,
    )
    facts = {"to": again.to, "subject": again.subject}
    audit.record(actor, "porting.port.mail_resent", mail.order, after=facts)
    return again


def send_queued(limit: int = 200) -> int:
    """Send what waits, the oldest first; return how many went. Two senders never take one mail."""
    sent = 0
    for _ in range(limit):
        with transaction.atomic():
            mail = (
                PortMail.objects.select_for_update(skip_locked=True)
                .filter(status=PortMail.Status.QUEUED, attempts__lt=MAX_ATTEMPTS)
                .order_by("attempts", "id")
                .first()
            )
            if mail is None:
                break
            sent += send(mail)
    return sent
