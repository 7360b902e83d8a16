"""VoiceTel: support tickets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import support
from portal.providers.voicetel.methods import support as methods
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import (
    ADMIN,
    OTHER,
    client_of,
    plain,
    sign_in_as,
)

Call = Callable[[Client, int], Any]
TEXT = "Calls to 212-555-0142 fail.\nSince <today>."


def _open(client: Client, **more: str) -> Any:
    record = client.post_support_tickets(subject="Calls fail", message=TEXT, **more)
    return support.ticket(record, methods.POST_TICKETS)


def _on_new(call: Call, *, is_admin: bool = False) -> Arrange:
    """Return a call on a ticket just opened, by ourselves or by an administrator."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        made = int(_open(stage.helper).ref)
        if is_admin:
            sign_in_as(stage, *ADMIN)
        return lambda client: call(client, made)

    return arrange


def _on_foreign(call: Call) -> Arrange:
    """Return a call on a ticket of somebody else's."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        made = int(_open(client_of(stage, *OTHER)).ref)
        return lambda client: call(client, made)

    return arrange


def _on_none(call: Call) -> Arrange:
    return plain(lambda client: call(client, 999_999))


def _without_row(call: Callable[[Client], Any]) -> Arrange:
    """Return a call of an account that the help desk does not know: its 401 is about that."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        def judged(client: Client) -> Any:
            stage.sandbox.control("setting", key="voicetel.support_account", value="off")
            try:
                return call(client)
            finally:
                stage.sandbox.control("setting", key="voicetel.support_account", value="on")

        return judged

    return arrange


def _by_admin(call: Callable[[Client], Any]) -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        sign_in_as(stage, *ADMIN)
        return call

    return arrange


def _get(client: Client, ticket: int) -> Any:
    return support.ticket(client.get_support_ticket(ticket), methods.GET_TICKET)


def _close(client: Client, ticket: int) -> Any:
    client.put_support_ticket(ticket, status="closed")


def _delete(client: Client, ticket: int) -> Any:
    client.delete_support_ticket(ticket)


def _messages(client: Client, ticket: int) -> Any:
    return support.messages(client.get_support_ticket_messages(ticket))


def _reply(client: Client, ticket: int) -> Any:
    client.post_support_ticket_replies(ticket, message="It works again.\nThank you.")


EXAMPLES = (
    Example(
        operation="GET /v2.2/support/tickets",
        arrange=_on_new(lambda client, _: support.tickets(client.get_support_tickets())),
        holds=lambda tickets: tickets and all(ticket.status_word for ticket in tickets),
    ),
    Example(
        operation="POST /v2.2/support/tickets",
        arrange=plain(_open),
        holds=lambda ticket: ticket.subject == "Calls fail" and ticket.status == "active",
        still_holds=lambda ticket: ticket.status == "active",
    ),
    Example(
        operation="POST /v2.2/support/tickets",
        label="for a customer",
        arrange=_by_admin(lambda client: _open(client, email="other@example.net")),
        holds=lambda ticket: ticket.customer.email == "other@example.net",
    ),
    Example(
        operation="GET /v2.2/support/tickets/{id}",
        arrange=_on_new(_get),
        holds=lambda ticket: "&lt;today&gt;" in ticket.messages[0].unsafe_html,
        still_holds=lambda ticket: len(ticket.messages) == 1,
    ),
    Example(
        operation="PUT /v2.2/support/tickets/{id}",
        arrange=_on_new(_close),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="DELETE /v2.2/support/tickets/{id}",
        arrange=_on_new(_delete, is_admin=True),
    ),
    Example(
        operation="GET /v2.2/support/tickets/{id}/messages",
        arrange=_on_new(_messages),
        holds=lambda messages: [message.kind for message in messages] == ["customer"],
    ),
    Example(
        operation="POST /v2.2/support/tickets/{id}/replies",
        arrange=_on_new(_reply),
    ),
)

_NAMES: tuple[tuple[str, Call], ...] = (
    ("GET /v2.2/support/tickets/{id}", _get),
    ("PUT /v2.2/support/tickets/{id}", _close),
    ("GET /v2.2/support/tickets/{id}/messages", _messages),
    ("POST /v2.2/support/tickets/{id}/replies", _reply),
)

REFUSALS = (
    *(
        Refusal(
            operation=operation,
            why="it is somebody else's",
            arrange=_on_foreign(call),
            code="403",
            says="It belongs to another account",
        )
        for operation, call in _NAMES
    ),
    *(
        Refusal(
            operation=operation,
            why="it is not there",
            arrange=_on_none(call),
            code="404",
            says="Ticket not found",
        )
        for operation, call in _NAMES
    ),
    Refusal(
        operation="GET /v2.2/support/tickets",
        why="the help desk does not know the account",
        arrange=_without_row(lambda client: client.get_support_tickets()),
        code="401",
        says="does not find it on this account",
    ),
    Refusal(
        operation="POST /v2.2/support/tickets",
        why="the help desk does not know the account",
        arrange=_without_row(_open),
        code="401",
        says="does not find it on this account",
    ),
    Refusal(
        operation="DELETE /v2.2/support/tickets/{id}",
        why="no administrator",
        arrange=_on_new(_delete),
        code="403",
        says="Only an administrator at VoiceTel may delete tickets.",
    ),
)
