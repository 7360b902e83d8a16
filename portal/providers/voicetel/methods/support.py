"""Support tickets (voicetel.md 11). 401 means here that the account has no row at the help desk."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods.core import Method

GET_TICKETS: Final = Method(
    name="GET /v2.2/support/tickets",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="get_support_tickets",
    reads=("support.tickets",),
    sureness="seen",
    not_ours_on_401=True,
)
POST_TICKETS: Final = Method(
    name="POST /v2.2/support/tickets",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="post_support_tickets",
    reads=("support.ticket",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    not_ours_on_401=True,
)
GET_TICKET: Final = Method(
    name="GET /v2.2/support/tickets/{id}",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="get_support_ticket",
    reads=("support.ticket",),
    sureness="seen",
    not_ours_on_401=True,
)
PUT_TICKET: Final = Method(
    name="PUT /v2.2/support/tickets/{id}",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="put_support_ticket",
    reads=(),
    sureness="seen",
    is_write=True,
    not_ours_on_401=True,
)
DELETE_TICKET: Final = Method(
    name="DELETE /v2.2/support/tickets/{id}",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="delete_support_ticket",
    reads=(),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    answers_without_body=True,
    not_ours_on_401=True,
)
GET_TICKET_MESSAGES: Final = Method(
    name="GET /v2.2/support/tickets/{id}/messages",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="get_support_ticket_messages",
    reads=("support.messages",),
    sureness="seen",
    not_ours_on_401=True,
)
POST_TICKET_REPLIES: Final = Method(
    name="POST /v2.2/support/tickets/{id}/replies",
    section="11",
    domain="portal",
    capability="support_tickets",
    function="post_support_ticket_replies",
    reads=(),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    not_ours_on_401=True,
)

METHODS: tuple[Method, ...] = (
    GET_TICKETS,
    POST_TICKETS,
    GET_TICKET,
    PUT_TICKET,
    DELETE_TICKET,
    GET_TICKET_MESSAGES,
    POST_TICKET_REPLIES,
)
