"""Wire ⇄ DTO: fax by mail, in and out (voip-innovations.md 2.6, 3, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portal.providers.dto.features import EmailToFax, FaxToEmail
from portal.providers.errors import off_contract
from portal.providers.voip_innovations.mapping.fields import is_dummy, tn_of
from portal.providers.xml import Record
from portal.tn import TN


def addresses(text: str, operation: str, *, is_write: bool = False) -> tuple[str, ...]:
    """Return the mail addresses of a text, none for an empty one: one, several, or an array."""
    found = tuple(word for word in re.split(r"[,;\s]+", text) if word)
    if any("@" not in word for word in found):
        raise off_contract(operation, is_write, "it holds something else than mail addresses")
    return found


def receivers(records: Iterable[Record]) -> Iterator[FaxToEmail]:
    """Yield the numbers of an audit that take faxes, with the addresses."""
    operation = "AuditFaxToEmails"
    for record in records:
        if is_dummy(record, operation):
            continue
        names = ("email", "emails", "faxtoemail")  # the first two [assumed]
        told = next((record[name] for name in names if record.get(name)), "")
        if not told and not set(names) & set(record) and len(record) > 1:
            raise off_contract(operation, False, "an entry does not tell an address")
        yield FaxToEmail(tn=tn_of(record, operation), emails=addresses(told, operation))


def senders(record: Record, tn: TN) -> EmailToFax:
    """Return who may send faxes from a number, by Email and CallerID of a reply."""
    return EmailToFax(
        tn=tn,
        emails=addresses(record.get("email", ""), "GetEmailToFax"),
        caller_id=record.get("callerid", ""),
    )
