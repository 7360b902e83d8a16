"""Support tickets (voicetel.md 11). Bodies of messages are HTML of strangers, handed on as told."""

from __future__ import annotations

from typing import Any, Literal, get_args

from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.account import EMAIL
from portal.providers.voicetel.client.core import Core, positive, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import support as methods
from portal.providers.voicetel.methods.core import Method

TicketStatus = Literal["active", "pending", "closed", "spam"]


class Support(Core):
    """The operations on tickets; a ticket is named by its `id`, not by the number people see."""

    def get_support_tickets(self) -> list[Record]:
        """Return the tickets that the account may see, all at once."""
        method = methods.GET_TICKETS
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            found = envelope.records(content, "tickets", method)
            total = content.get("totalCount")
            if isinstance(total, int) and total > 0 and not found:
                raise off_contract(method.name, False, f"it counts {total} tickets and lists none")
            return found

    def post_support_tickets(self, *, subject: str, message: str, email: str = "") -> Record:
        """Open a ticket and return it; `email`, of another customer, is for administrators only."""
        _require_text("subject", subject)
        _require_text("message", message)
        payload = {"subject": subject, "message": message}
        if email:
            require(EMAIL, email, "a mail address is needed")
            payload["email"] = email
        return self._ticket(methods.POST_TICKETS, payload=payload)

    def get_support_ticket(self, ticket_id: int) -> Record:
        """Return one ticket with its threads."""
        return self._ticket(methods.GET_TICKET, parts=_part(ticket_id))

    def put_support_ticket(self, ticket_id: int, *, status: TicketStatus) -> None:
        """Change a ticket's status; the reply's own `status` is the outcome of that."""
        if status not in get_args(TicketStatus):
            raise ValueError(f"a ticket is {', '.join(get_args(TicketStatus))}, not {status!r}")
        method = methods.PUT_TICKET
        with self._sent(method, parts=_part(ticket_id), payload={"status": status}) as reply:
            content = envelope.read_data(reply, method) or {}
            said = clean(content.get("status")).casefold()
            if said not in {"success", status}:
                raise off_contract(method.name, True, f"its outcome is “{said[:40]}”")

    def delete_support_ticket(self, ticket_id: int) -> None:
        """Delete a ticket for good; for administrators only."""
        self._data(methods.DELETE_TICKET, parts=_part(ticket_id))

    def get_support_ticket_messages(self, ticket_id: int) -> list[Record]:
        """Return the threads of a ticket."""
        return self._list(methods.GET_TICKET_MESSAGES, "messages", parts=_part(ticket_id))

    def post_support_ticket_replies(self, ticket_id: int, *, message: str) -> None:
        """Add a message to a ticket."""
        _require_text("message", message)
        method = methods.POST_TICKET_REPLIES
        self._data(method, parts=_part(ticket_id), payload={"message": message})

    def _ticket(self, method: Method, **request: Any) -> Record:
        with self._sent(method, **request) as reply:
            ticket = (envelope.read_data(reply, method) or {}).get("ticket")
            if not isinstance(ticket, dict):
                raise off_contract(method.name, method.is_write, "it has no ticket")
            return ticket


def _part(ticket_id: int) -> dict[str, str]:
    return {"id": str(positive(ticket_id, "a ticket id"))}


def _require_text(name: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"a {name} is needed")
