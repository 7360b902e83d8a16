"""Messages and their settings (voip-innovations.md 2.10); 10DLC stands in `messaging_10dlc`."""

from __future__ import annotations

from typing import Final

from portal.providers.catalogue import WireMethod as Method
from portal.providers.voip_innovations.methods import messaging_10dlc

_NEWER: Final = "2.10: clients made from a newer description of the service use it"

METHODS: tuple[Method, ...] = (
    Method(
        name="ConfigSMS",
        section="3.53",
        domain="messaging",
        capability="message_routing",
        function="config_sms",
        reads=("messaging.states",),
        is_write=True,
        unused="The provider calls it deprecated; ConfigSMSDestination does the same and more.",
    ),
    Method(
        name="AuditSMS",
        section="3.54",
        domain="messaging",
        capability="messaging_list",
        function="audit_sms",
        reads=("messaging.states",),
    ),
    Method(
        name="SendSMS",
        section="3.55",
        domain="messaging",
        capability="message_sending",
        function="send_sms",
        reads=("messaging.sent_message",),
        is_write=True,
        is_idempotent=False,
        sureness="seen",
    ),
    Method(
        name="SendMMS",
        section="3.56",
        domain="messaging",
        capability="message_sending",
        function="send_mms",
        reads=("messaging.sent_message",),
        is_write=True,
        is_idempotent=False,
        sureness="assumed",  # how a file's content is written
    ),
    Method(
        name="ConfigSMSDestination",
        section="3.65",
        domain="messaging",
        capability="message_routing",
        function="config_sms_destination",
        reads=("messaging.destination_type", "messaging.destination_text", "messaging.states"),
        is_write=True,
    ),
    Method(
        name="SendSMSWithDLR",
        section="2.10",
        domain="messaging",
        capability="message_sending",
        function="send_sms_with_dlr",
        reads=("messaging.sent_message",),
        is_write=True,
        is_idempotent=False,
        sureness="seen",
        source=_NEWER,
    ),
    Method(
        name="UpdateSMSDLR",
        section="2.10",
        domain="messaging",
        capability="message_receipts",
        function="update_sms_dlr",
        reads=("messaging.states",),
        is_write=True,
        sureness="assumed",
        source=_NEWER,
    ),
    *messaging_10dlc.METHODS,
)
