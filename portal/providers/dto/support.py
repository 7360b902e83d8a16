"""Tickets at a provider's help desk, and what was written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    ACTIVE = "active"
    PENDING = "pending"
    CLOSED = "closed"
    SPAM = "spam"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody at the help desk or on the customer's side. `kind` is the provider's word."""

    ref: str = ""
    kind: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    photo_url: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file beside a message; `url` leads to the provider and is not ours to vouch for."""

    ref: str
    name: str
    url: str = ""
    mime_type: str = ""
    size: int | None = None  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketMessage:
    """One entry of a ticket.

    `unsafe_html` is the body as strangers wrote it: never show it without sanitising.
    """

    ref: str
    kind: str  # "customer", "message" or "note", or a word that is new
    unsafe_html: str
    state: str = ""
    status_word: str = ""
    created_at: datetime | None = None
    opened_at: datetime | None = None
    author: Person | None = None
    assigned_to: Person | None = None
    customer: Person | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    action_kind: str = ""
    action_text: str = ""
    source: str = ""
    rating: int | None = None  # 1 to 5
    rating_comment: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketField:
    """A field that the help desk added: its value, and the text that people see for it."""

    ref: str
    name: str
    value: str
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A ticket. `ref` is for the wire, `number` is what people see.

    `messages` are there when one ticket is read, not in a list. `preview` is plain text of a
    stranger.
    """

    ref: str
    number: str
    subject: str
    status: TicketStatus
    status_word: str = ""
    state: str = ""
    channel: str = ""  # "email", "phone", "chat"
    preview: str = ""
    message_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    answered_at: datetime | None = None  # by the help desk
    closed_at: datetime | None = None
    closed_by: Person | None = None
    assignee: Person | None = None
    created_by: Person | None = None
    customer: Person | None = None
    waiting_since: datetime | None = None
    waiting_words: str = ""
    latest_reply_from: str = ""  # "customer" or "user"
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    source: str = ""
    folder_ref: str = ""
    mailbox_ref: str = ""
    fields: tuple[TicketField, ...] = ()
    messages: tuple[TicketMessage, ...] = ()
