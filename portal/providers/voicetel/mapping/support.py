"""Wire ⇄ DTO: support tickets (voicetel.md 11).

Every field but `id` and `status` may be missing. What strangers wrote stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from portal.providers.dto.support import (
    Attachment,
    Person,
    Ticket,
    TicketField,
    TicketMessage,
    TicketStatus,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import count_of, moment, told
from portal.providers.voicetel.methods import support as methods
from portal.providers.voicetel.methods.core import Method

_STATUSES: Final = {status.value: status for status in TicketStatus}
_CUSTOMER_DETAILS: Final = (
    "jobTitle",
    "notes",
    "photoType",
    "createdAt",
    "updatedAt",
    "embedded",
)


def tickets(records: Iterable[Record]) -> list[Ticket]:
    """Return the tickets of a list."""
    return [ticket(record, methods.GET_TICKETS) for record in records]


def ticket(record: Record, method: Method) -> Ticket:
    """Return one ticket, with the messages that its record holds."""
    ref, word = clean(record.get("id")), clean(record.get("status"))
    if not ref:
        raise off_contract(method.name, method.is_write, "a ticket has no id")
    waiting = _object(record.get("customerWaitingSince"))
    threads = _objects(_object(record.get("embedded")).get("threads"))
    return Ticket(
        ref=ref,
        number=clean(record.get("number")) or ref,
        subject=clean(record.get("subject")),
        status=_STATUSES.get(word.casefold(), TicketStatus.UNKNOWN),
        status_word=word,
        state=clean(record.get("state")),
        channel=clean(record.get("type")),
        preview=clean(record.get("preview")),
        message_count=count_of(record.get("threadsCount")),
        created_at=moment(record.get("createdAt")),
        updated_at=moment(record.get("updatedAt")),
        answered_at=moment(record.get("userUpdatedAt")),
        closed_at=moment(record.get("closedAt")),
        closed_by=_person(record.get("closedByUser")) or _person({"id": record.get("closedBy")}),
        assignee=_person(record.get("assignee")),
        created_by=_person(record.get("createdBy")),
        customer=_person(record.get("customer")),
        waiting_since=moment(waiting.get("time")),
        waiting_words=clean(waiting.get("friendly")),
        latest_reply_from=clean(waiting.get("latestReplyFrom")),
        cc=_texts(record.get("cc")),
        bcc=_texts(record.get("bcc")),
        source=_source(record.get("source")),
        folder_ref=clean(record.get("folderId")),
        mailbox_ref=clean(record.get("mailboxId")),
        fields=tuple(_field(one) for one in _objects(record.get("customFields"))),
        messages=tuple(_message(one, method) for one in threads),
    )


def messages(records: Iterable[Record]) -> list[TicketMessage]:
    """Return the messages of a ticket in the order told."""
    return [_message(record, methods.GET_TICKET_MESSAGES) for record in records]


def _message(record: Record, method: Method) -> TicketMessage:
    ref = clean(record.get("id"))
    if not ref:
        raise off_contract(method.name, method.is_write, "a message has no id")
    action = _object(record.get("action"))
    attached = _objects(_object(record.get("embedded")).get("attachments"))
    body = record.get("body")
    return TicketMessage(
        ref=ref,
        kind=clean(record.get("type")),
        unsafe_html=clean(body) if isinstance(body, str) else "",
        state=clean(record.get("state")),
        status_word=clean(record.get("status")),
        created_at=moment(record.get("createdAt")),
        opened_at=moment(record.get("openedAt")),
        author=_person(record.get("createdBy")),
        assigned_to=_person(record.get("assignedTo")),
        customer=_person(record.get("customer")),
        to=_texts(record.get("to")),
        cc=_texts(record.get("cc")),
        bcc=_texts(record.get("bcc")),
        action_kind=clean(action.get("type")),
        action_text=clean(action.get("text")),
        source=_source(record.get("source")),
        rating=count_of(record.get("rating")),
        rating_comment=clean(record.get("ratingComment")),
        attachments=tuple(_attachment(one) for one in attached),
    )


def _attachment(record: Record) -> Attachment:
    return Attachment(
        ref=clean(record.get("id")),
        name=clean(record.get("fileName")),
        url=clean(record.get("fileUrl")),
        mime_type=clean(record.get("mimeType")),
        size=count_of(record.get("size")),
    )


def _field(record: Record) -> TicketField:
    return TicketField(
        ref=clean(record.get("id")),
        name=clean(record.get("name")),
        value=clean(record.get("value")),
        text=clean(record.get("text")),
    )


def _person(value: Any) -> Person | None:
    """Return a person of any of the shapes; None where nobody is named."""
    record = _object(value)
    person = Person(
        ref=clean(record.get("id")),
        kind=clean(record.get("type")),
        email=clean(record.get("email")),
        first_name=clean(record.get("firstName")),
        last_name=clean(record.get("lastName")),
        company=clean(record.get("company")),
        photo_url=clean(record.get("photoUrl")),
        details=told(record, _CUSTOMER_DETAILS),
    )
    return person if person.ref or person.email else None


def _source(value: Any) -> str:
    """Return where an entry came from, as in "email via customer"."""
    record = _object(value)
    return " via ".join(filter(None, (clean(record.get("type")), clean(record.get("via")))))


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(text for element in listed if (text := clean(element)))


def _object(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Record]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
