"""Messages and their routing (voicetel.md 9, 10); campaigns stand in `messaging_campaigns`."""

from __future__ import annotations

from typing import Final

from portal.providers.voicetel.methods import messaging_campaigns
from portal.providers.voicetel.methods.core import Method

GET_NUMBERS_MESSAGING: Final = Method(
    name="GET /v2.2/numbers/messaging",
    section="9",
    domain="messaging",
    capability="messaging_list",
    function="get_numbers_messaging",
    reads=("messaging.states",),
    sureness="seen",
)
GET_NUMBER_MESSAGING: Final = Method(
    name="GET /v2.2/numbers/{number}/messaging",
    section="10",
    domain="messaging",
    capability="messaging_read",
    function="get_number_messaging",
    reads=("messaging.states",),
    sureness="seen",
    is_empty_on_404=True,
)
PATCH_NUMBER_MESSAGING: Final = Method(
    name="PATCH /v2.2/numbers/{number}/messaging",
    section="10",
    domain="messaging",
    capability="messaging_path",
    function="patch_number_messaging",
    reads=("messaging.updated",),
    sureness="seen",
    is_write=True,
)
GET_NUMBER_SMS: Final = Method(
    name="GET /v2.2/numbers/{number}/sms",
    section="10",
    domain="messaging",
    capability="message_routing",
    function="get_number_sms",
    reads=("messaging.destination",),
    sureness="seen",
    is_empty_on_404=True,
)
PUT_NUMBER_SMS: Final = Method(
    name="PUT /v2.2/numbers/{number}/sms",
    section="10",
    domain="messaging",
    capability="message_routing",
    function="put_number_sms",
    reads=("messaging.destination_type", "messaging.destination"),
    sureness="seen",
    is_write=True,
)
DELETE_NUMBER_SMS: Final = Method(
    name="DELETE /v2.2/numbers/{number}/sms",
    section="10",
    domain="messaging",
    capability="message_routing",
    function="delete_number_sms",
    sureness="seen",
    is_write=True,
    answers_without_body=True,
)
POST_MESSAGES: Final = Method(
    name="POST /v2.2/messages",
    section="9",
    domain="messaging",
    capability="message_sending",
    function="post_messages",
    reads=("messaging.sent_message",),
    sureness="seen",
    is_write=True,
    is_idempotent=False,
    refusals=frozenset({409}),
)
GET_MESSAGES: Final = Method(
    name="GET /v2.2/messages",
    section="9",
    domain="messaging",
    capability="message_history",
    function="get_messages",
    reads=("messaging.message_records",),
    sureness="seen",
)

METHODS: tuple[Method, ...] = (
    GET_NUMBERS_MESSAGING,
    GET_NUMBER_MESSAGING,
    PATCH_NUMBER_MESSAGING,
    GET_NUMBER_SMS,
    PUT_NUMBER_SMS,
    DELETE_NUMBER_SMS,
    POST_MESSAGES,
    GET_MESSAGES,
    *messaging_campaigns.METHODS,
)
