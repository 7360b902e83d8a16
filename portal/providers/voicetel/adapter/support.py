"""Support tickets (voicetel.md 11)."""

from __future__ import annotations

from typing import Final

from portal.providers.dto.support import Ticket, TicketMessage, TicketStatus
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.client.support import TicketStatus as WireStatus
from portal.providers.voicetel.mapping import support as mapping
from portal.providers.voicetel.methods import support as methods

_STATUSES: Final[dict[TicketStatus, WireStatus]] = {
    TicketStatus.ACTIVE: "active",
    TicketStatus.PENDING: "pending",
    TicketStatus.CLOSED: "closed",
    TicketStatus.SPAM: "spam",
}


class Support:
    """Mixed into the adapter."""

    client: Client

    def list_tickets(self) -> list[Ticket]:
        """Return the account's tickets; an administrator's sign-in sees those of all accounts."""
        return mapping.tickets(self.client.get_support_tickets())

    def ticket(self, ref: str) -> Ticket:
        """Return one ticket with its messages."""
        return mapping.ticket(self.client.get_support_ticket(_id(ref)), methods.GET_TICKET)

    def ticket_messages(self, ref: str) -> list[TicketMessage]:
        """Return the messages of a ticket."""
        return mapping.messages(self.client.get_support_ticket_messages(_id(ref)))

    def open_ticket(self, *, subject: str, message: str, email: str = "") -> Ticket:
        """Open a ticket."""
        record = self.client.post_support_tickets(subject=subject, message=message, email=email)
        return mapping.ticket(record, methods.POST_TICKETS)

    def set_ticket_status(self, ref: str, status: TicketStatus) -> None:
        """Change a ticket's status; ValueError for one that is no status to set."""
        if status not in _STATUSES:
            raise ValueError(f"a ticket cannot be made {status}")
        self.client.put_support_ticket(_id(ref), status=_STATUSES[status])

    def reply_to_ticket(self, ref: str, *, message: str) -> None:
        """Add a message to a ticket."""
        self.client.post_support_ticket_replies(_id(ref), message=message)

    def delete_ticket(self, ref: str) -> None:
        """Delete a ticket for good."""
        self.client.delete_support_ticket(_id(ref))


def _id(ref: str) -> int:
    if not (ref.isascii() and ref.isdigit() and len(ref) <= 18):
        raise ValueError(f"a ticket is named by its id, not by {ref[:40]!r}")
    return int(ref)
