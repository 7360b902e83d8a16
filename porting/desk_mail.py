"""What is written to a provider about an order: providers have no call to change or cancel a port."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from portal import providers
from portal.models import Job, SupportTicket, User
from portal.tn import TN
from porting import operations
from porting.forms.fields import FIELDS, SECRETS
from porting.models import PortOrder

NUMBERS_NAMED: Final = 20


def takes_tickets(order: PortOrder) -> bool:
    """Return whether the order's provider has a help desk that can be written to from here."""
    return order.account is not None and providers.offers(order.account.slug, "support_tickets")


def ticket_of(order: PortOrder, user: User) -> SupportTicket | None:
    """Return the ticket that the provider opened for the port, where it is known here."""
    if not order.ticket_ref or order.account_id is None:
        return None
    rows = SupportTicket.objects.visible_to(user).filter(account=order.account_id)
    found = rows.filter(shown_number=order.ticket_ref) | rows.filter(ticket_ref=order.ticket_ref)
    return found.order_by("-pk").first()


def write(order: PortOrder, *, subject: str, message: str, actor: User, key: str) -> Job | None:
    """Submit a ticket about an order; None where the provider takes none from here.

    Raises `jobs.NotAccepted`. The same key writes one ticket.
    """
    if not takes_tickets(order):
        return None
    return operations.write_to_provider(
        order, subject=subject, message=message, actor=actor, key=key
    )


def subject(order: PortOrder, about: str) -> str:
    """Return the subject of a ticket: what it is about, and whose port; its id is added."""
    return f"{about}: port of {order.name}" if order.name else f"{about}: a port"


def opening(order: PortOrder) -> str:
    """Return the first lines of a message: which port, which numbers."""
    tns = list(order.lines.active().values_list("tn", flat=True)[: NUMBERS_NAMED + 1])
    named = ", ".join(TN(tn).pretty for tn in tns[:NUMBERS_NAMED])
    more = order.number_count - NUMBERS_NAMED
    numbers = f"{named} and {more:,} more" if more > 0 else named
    ref = f"Your reference: {order.provider_ref}. " if order.provider_ref else ""
    return f"{ref}Our reference: {order.pon}.\nNumbers: {numbers}.\n\n"


def correction(order: PortOrder, names: Iterable[str], reason: str) -> str:
    """Return the message that tells a provider what was corrected; secrets are only named."""
    lines = []
    for name in names:
        label = FIELDS[name]().label
        is_secret = name in SECRETS
        shown = (
            "corrected; we give it on your page or by telephone"
            if is_secret
            else _shown(order, name)
        )
        lines.append(f"{label}: {shown}")
    said = f"\n{reason}\n" if reason else ""
    return f"{opening(order)}Please correct this order:\n" + "\n".join(lines) + f"\n{said}"


def _shown(order: PortOrder, name: str) -> str:
    display = getattr(order, f"get_{name}_display", None)
    value = display() if display else getattr(order, name)
    return TN(value).pretty if name.endswith("_tn") and value else str(value or "none")
