"""VoIP Innovations 2.6: faxes that arrive as e-mail, and e-mail that leaves as fax.

Facts of a number: `fax`, the addresses that its faxes go to; `faxNotices`, whether its owner is
told of them; `faxSenders`, the addresses that may send faxes from it.
"""

from __future__ import annotations

import random
import re

from portal.sandbox.soap_records import change_facts, facts_of, own_number, owned_rows
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply, is_email
from portal.sandbox.store import Store

SEEDED = 5
BAD_ADDRESS = "The e-mail address is not valid"


def _shown(emails: list[str] | None) -> str:
    return ",".join(emails or [])


def set_fax_to_email(call: Call) -> Reply:
    """SetFaxToEmail: the address that faxes go to, in the place of what was set before.

    Several may be given, divided by commas or semicolons. 900 for what is no address.
    """
    row = own_number(call)
    emails = [part.strip() for part in re.split("[,;]", call.text("email")) if part.strip()]
    if not emails or not all(map(is_email, emails)):
        raise Refused(900, BAD_ADDRESS)
    change_facts(call.store, row, fax=emails)
    return Reply(containers={"Email": _shown(emails)})


def get_fax_to_email(call: Call) -> Reply:
    """GetFaxToEmail: the address that faxes go to; 101 when there is none."""
    emails = facts_of(own_number(call)).get("fax")
    if not emails or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"Email": _shown(emails)})


def remove_fax_to_email(call: Call) -> Reply:
    """RemoveFaxToEmail: end it and answer the address that it went to; 101 when there is none."""
    row = own_number(call)
    emails = facts_of(row).get("fax")
    if not emails:
        raise Refused(101)
    change_facts(call.store, row, fax=None, faxNotices=None)
    return Reply(containers={"Email": _shown(emails)})


def config_notifications(call: Call) -> Reply:
    """ConfigFaxToEmailNotifications: switch notices; 101 when not owned or without fax-to-email."""
    try:
        row = own_number(call)
    except Refused as refused:
        raise Refused(101 if refused.code == 909 else refused.code) from None
    if not facts_of(row).get("fax"):
        raise Refused(101)
    change_facts(call.store, row, faxNotices=call.args["enabled"])
    return Reply()


def audit_faxes(call: Call) -> Reply:
    """AuditFaxToEmails: every number whose faxes arrive as e-mail; 101 when there is none."""
    found = [
        {"TN": row["tn"], "Email": _shown(emails)}
        for row in owned_rows(call)
        if (emails := facts_of(row).get("fax"))
    ]
    if not found or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"FaxToEmails": found})


def add_email_to_fax(call: Call) -> Reply:
    """AddEmailToFax: one more address that may send faxes from a number; a repeat changes nothing.

    900 for what is no address.
    """
    row = own_number(call)
    email = call.text("email")
    if not is_email(email):
        raise Refused(900, BAD_ADDRESS)
    senders = facts_of(row).get("faxSenders", [])
    if email.lower() not in (each.lower() for each in senders):
        change_facts(call.store, row, faxSenders=[*senders, email])
    return Reply()


def get_email_to_fax(call: Call) -> Reply:
    """GetEmailToFax: who may send faxes from a number, and the number shown; 101 when nobody."""
    row = own_number(call)
    senders = facts_of(row).get("faxSenders")
    if not senders or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"Email": _shown(senders), "CallerID": row["tn"]})


def remove_email_to_fax(call: Call) -> Reply:
    """RemoveEmailToFax: take an address off every number of the account; 101 when it is on none."""
    email = call.text("email").lower()
    count = 0
    for row in owned_rows(call):
        senders = facts_of(row).get("faxSenders", [])
        kept = [each for each in senders if each.lower() != email]
        if kept != senders:
            change_facts(call.store, row, faxSenders=kept or None)
            count += 1
    return Reply() if count else Reply(code=101)


_TN, _BOTH = "tn string", "tn string, email string"
_FAX, _MAIL = "FaxToEmailResponse", "EmailToFaxResponse"
METHODS = (
    Method("SetFaxToEmail", _BOTH, _FAX, set_fax_to_email, is_write=True),
    Method("GetFaxToEmail", _TN, _FAX, get_fax_to_email),
    Method("RemoveFaxToEmail", _TN, _FAX, remove_fax_to_email, is_write=True),
    Method(
        "ConfigFaxToEmailNotifications",
        "tn string, enabled boolean",
        _FAX,
        config_notifications,
        is_write=True,
    ),
    Method("AuditFaxToEmails", "", "AuditResponse", audit_faxes),
    Method("AddEmailToFax", _BOTH, _MAIL, add_email_to_fax, is_write=True),
    Method("GetEmailToFax", _TN, _MAIL, get_email_to_fax),
    Method("RemoveEmailToFax", "email string", _MAIL, remove_email_to_fax, is_write=True),
)


def seed(store: Store, rng: random.Random) -> None:
    """Let the faxes of a few numbers of the first account arrive as e-mail."""
    rows = store.query(
        "SELECT * FROM number WHERE provider = ? AND account = 'sandbox' AND status = 'owned'"
        " AND t38 ORDER BY substr(tn, 7), tn LIMIT ?",
        (PROVIDER, SEEDED),
    )
    for row in rows:
        senders = ["office@example.net"] if rng.random() < 0.5 else None
        change_facts(store, row, fax=["fax@example.net"], faxSenders=senders)
