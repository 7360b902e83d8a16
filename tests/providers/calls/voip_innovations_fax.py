"""VoIP Innovations: fax by mail, in and out."""

from __future__ import annotations

from typing import Any

from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import features_fax
from tests.providers.calls import Example, Refusal
from tests.providers.calls.voip_innovations_features import (
    listed,
    not_ours,
    nothing_set,
    on_foreign,
    on_own,
    tn_of,
)


def set_fax(client: Client, tn: str) -> Any:
    return features_fax.addresses(client.set_fax_to_email(tn, "fax@example.net"), "SetFaxToEmail")


def get_fax(client: Client, tn: str) -> Any:
    return features_fax.addresses(client.get_fax_to_email(tn), "GetFaxToEmail")


def remove_fax(client: Client, tn: str) -> Any:
    return features_fax.addresses(client.remove_fax_to_email(tn), "RemoveFaxToEmail")


def add_sender(client: Client, tn: str) -> None:
    client.add_email_to_fax(tn, "desk@example.net")


def notify(client: Client, tn: str) -> None:
    client.config_fax_to_email_notifications(tn, enabled=True)


def get_senders(client: Client, tn: str) -> Any:
    return features_fax.senders(client.get_email_to_fax(tn), tn_of(tn))


EXAMPLES = (
    Example(
        operation="SetFaxToEmail",
        arrange=on_own(set_fax),
        holds=lambda emails: emails == ("fax@example.net",),
    ),
    Example(
        operation="GetFaxToEmail",
        arrange=on_own(get_fax, set_fax),
        holds=lambda emails: emails == ("fax@example.net",),
    ),
    Example(
        operation="GetFaxToEmail",
        label="without any",
        arrange=on_own(get_fax),
        holds=lambda emails: emails == (),
    ),
    Example(operation="RemoveFaxToEmail", arrange=on_own(remove_fax, set_fax)),
    Example(
        operation="ConfigFaxToEmailNotifications",
        arrange=on_own(notify, set_fax),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="AuditFaxToEmails",
        arrange=listed(
            lambda client: features_fax.receivers(client.audit_fax_to_emails()), set_fax
        ),
        holds=lambda found: [one.emails for one in found] == [("fax@example.net",)],
    ),
    Example(
        operation="AddEmailToFax",
        arrange=on_own(add_sender),
        holds=lambda nothing: nothing is None,
    ),
    Example(
        operation="GetEmailToFax",
        arrange=on_own(get_senders, add_sender),
        holds=lambda found: found.emails == ("desk@example.net",) and found.caller_id,
    ),
    Example(
        operation="GetEmailToFax",
        label="without any",
        arrange=on_own(get_senders),
        holds=lambda found: found.emails == (),
    ),
    Example(
        operation="RemoveEmailToFax",
        arrange=on_own(
            lambda client, tn: client.remove_email_to_fax(tn, "desk@example.net"), add_sender
        ),
        holds=lambda nothing: nothing is None,
    ),
)

REFUSALS = (
    not_ours("SetFaxToEmail", set_fax),
    not_ours("GetFaxToEmail", get_fax),
    not_ours("RemoveFaxToEmail", remove_fax),
    not_ours("AddEmailToFax", add_sender),
    not_ours("GetEmailToFax", get_senders),
    nothing_set("RemoveFaxToEmail", remove_fax),
    Refusal(
        operation="RemoveEmailToFax",
        arrange=on_own(lambda client, tn: client.remove_email_to_fax(tn, "nobody@example.net")),
        why="the address is on no number",
        code="101",
        says="Nothing of that kind is set",
    ),
    Refusal(
        operation="ConfigFaxToEmailNotifications",
        arrange=on_foreign(notify),
        why="the number is not on the account",
        code="101",
        says="not on the account",
    ),
    Refusal(
        operation="ConfigFaxToEmailNotifications",
        arrange=on_own(notify),
        why="the number takes no faxes",
        code="101",
        says="takes no faxes",
    ),
)
