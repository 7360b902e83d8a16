"""VoiceTel section 11: how tickets, threads and customers are written."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.sandbox.rest_voicetel_wire import Caller, zulu

STAFF: Mapping[str, Any] = {
    "id": 7,
    "type": "user",
    "email": "support@example.net",
    "firstName": "Sam",
    "lastName": "Support",
}
# What people are shown is not the id, so that nobody can take one for the other.
NUMBER_OFFSET = 3000
MAILBOX, FOLDER = 1, 25
PREVIEW_LENGTH = 100
SOURCE = {"type": "api", "via": "customer"}


def ticket_object(
    row: sqlite3.Row, owner: Caller, threads: Sequence[dict[str, Any]], *, with_threads: bool
) -> dict[str, Any]:
    """Write a ticket; the list of tickets leaves the threads out but counts them."""
    is_answered = bool(row["replied_at"])
    customer = customer_object(owner)
    last = threads[-1]["body"] if threads else ""
    closers = {"user": dict(STAFF), "customer": {name: customer[name] for name in STAFF}}
    closer = closers.get(row["closed_by"])
    return {
        "id": row["id"],
        "number": row["id"] - NUMBER_OFFSET,
        "subject": row["subject"],
        "preview": re.sub(r"<[^>]*>", " ", last).strip()[:PREVIEW_LENGTH],
        "status": row["status"],
        "state": "published",
        "type": "email",
        "threadsCount": len(threads),
        "folderId": FOLDER,
        "mailboxId": MAILBOX,
        "createdAt": _wire_time(row["created_at"]),
        "updatedAt": _wire_time(row["updated_at"]),
        "userUpdatedAt": _wire_time(row["replied_at"]),
        "closedAt": _wire_time(row["closed_at"]),
        "closedBy": closer["id"] if closer else None,
        "closedByUser": closer,
        "assignee": {**STAFF, "photoUrl": ""} if is_answered else None,
        "createdBy": {"id": customer["id"], "email": customer["email"], "type": "customer"},
        "customer": customer,
        "customerWaitingSince": _waiting(row),
        "cc": [],
        "bcc": [],
        "source": dict(SOURCE),
        "customFields": [],
        "embedded": {"threads": list(threads) if with_threads else []},
    }


def _waiting(row: sqlite3.Row) -> dict[str, Any]:
    """Write since when the customer waits, or that the staff wrote last."""
    since = row["waiting_since"]
    return {
        "time": _wire_time(since or row["replied_at"]),
        "friendly": "waiting" if since else "answered",
        "latestReplyFrom": "customer" if since else "user",
    }


def thread_object(row: sqlite3.Row, owner: Caller) -> dict[str, Any]:
    """Write a thread; one that the customer wrote names him, others name the staff."""
    is_customer = row["type"] == "customer"
    customer = customer_object(owner)
    author = customer if is_customer else STAFF
    return {
        "id": row["id"],
        "type": row["type"],
        "state": "published",
        "status": row["status"],
        "body": row["body"],
        "createdAt": _wire_time(row["created_at"]),
        "openedAt": None,
        "createdBy": {
            "id": author["id"],
            "email": author["email"],
            "type": "customer" if is_customer else "user",
        },
        "assignedTo": None if is_customer else dict(STAFF),
        "action": None,
        "source": {"type": "api" if is_customer else "web", "via": author["type"]},
        "to": [STAFF["email"] if is_customer else customer["email"]],
        "cc": [],
        "bcc": [],
        "rating": None,
        "ratingComment": None,
        "customer": customer,
        "embedded": {"attachments": []},
    }


def customer_object(owner: Caller) -> dict[str, Any]:
    """Write the account that a ticket belongs to as a customer of the help desk."""
    name = str(owner.facts.get("name", ""))
    first, _, last = name.partition(" ")
    email = str(owner.facts.get("email", ""))
    created = str(owner.facts.get("created", ""))
    number = int(owner.login[-6:])
    return {
        "id": number,
        "type": "customer",
        "firstName": first,
        "lastName": last,
        "email": email,
        "company": name,
        "jobTitle": "",
        "notes": "",
        "photoUrl": "",
        "photoType": "unknown",
        "createdAt": created,
        "updatedAt": created,
        "embedded": {
            "emails": [{"id": number, "value": email, "type": "work"}],
            "phones": [{"id": number, "value": owner.login, "type": "work"}],
            "socialProfiles": [],
            "websites": [],
            "address": {"street": "", "city": "", "state": "", "zip": "", "country": ""},
        },
    }


def _wire_time(text: str) -> str | None:
    """Return a kept moment as the wire writes it; null for none."""
    return zulu(datetime.fromisoformat(text)) if text else None
