"""What a provider may offer of its help desk."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from portal.providers.dto.support import Ticket, TicketMessage, TicketStatus


@runtime_checkable
class SupportTickets(Protocol):
    """Write to the provider's help desk and read its answers.

    Writes raise `ProviderTimeout` or `ProviderProtocolError` where nobody knows whether they
    arrived: look at the ticket before writing again, or the help desk reads it twice.
    """

    def list_tickets(self) -> list[Ticket]:
        """Return every ticket that the account may see, without messages."""

    def ticket(self, ref: str) -> Ticket:
        """Return one ticket with its messages; `ProviderRefused` where it is not ours or gone."""

    def ticket_messages(self, ref: str) -> list[TicketMessage]:
        """Return the messages of a ticket."""

    def open_ticket(self, *, subject: str, message: str, email: str = "") -> Ticket:
        """Open a ticket; `email` names another customer and needs an administrator's sign-in."""

    def set_ticket_status(self, ref: str, status: TicketStatus) -> None:
        """Return once the status is changed."""

    def reply_to_ticket(self, ref: str, *, message: str) -> None:
        """Return once the message is added."""

    def delete_ticket(self, ref: str) -> None:
        """Delete a ticket for good; needs an administrator's sign-in."""


CAPABILITIES: dict[str, type] = {"support_tickets": SupportTickets}
