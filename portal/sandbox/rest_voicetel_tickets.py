"""VoiceTel section 11: support tickets. Customers see their own, administrators all of them.

Somebody of the staff answers what a customer wrote four hours later. The `number` that is shown to
people is not the `id` that stands in paths.
"""

from __future__ import annotations

import html
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_accounts import find_by_email
from portal.sandbox.rest_voicetel_checks import check_choice, check_email, check_text
from portal.sandbox.rest_voicetel_ticket_shapes import thread_object, ticket_object
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    is_faulted,
    load_account,
    no_content,
    operation,
    require,
    stamp,
    success,
)
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_ticket (
    id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, subject TEXT NOT NULL,
    status TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    replied_at TEXT NOT NULL, closed_at TEXT NOT NULL, closed_by TEXT NOT NULL,
    waiting_since TEXT NOT NULL, answer_due TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS voicetel_ticket_due ON voicetel_ticket (answer_due)
    WHERE answer_due <> '';
CREATE TABLE IF NOT EXISTS voicetel_thread (
    id INTEGER PRIMARY KEY AUTOINCREMENT, ticket INTEGER NOT NULL, type TEXT NOT NULL,
    body TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS voicetel_thread_ticket ON voicetel_thread (ticket);
"""
STATUSES = ("active", "pending", "closed", "spam")
UNREACHABLE = (502, "Support service error")
ANSWER_DELAY = timedelta(hours=4)
TEXT_LIMIT = 64_000
ANSWER = "Thank you for your message. We look into it and come back to you."
ID_LIMIT = 18


@operation(refusal=UNREACHABLE)
def list_tickets(request: Request, store: Store, caller: Caller) -> Response:
    """GET /support/tickets: all tickets that the caller may see, newest first, without threads."""
    _check_account(store)
    rows = store.query(
        "SELECT * FROM voicetel_ticket WHERE login = ? OR ? ORDER BY id DESC",
        (caller.login, caller.is_admin),
    )
    if is_faulted(request, "empty"):
        rows = []
    tickets = [_as_object(store, row, with_threads=False) for row in rows]
    return success({"totalCount": len(tickets), "tickets": tickets})


@operation(refusal=UNREACHABLE)
def create_ticket(request: Request, store: Store, caller: Caller) -> Response:
    """POST /support/tickets: open a ticket; an administrator may do so for another, by `email`."""
    _check_account(store)
    body = body_of(request)
    require(body, "subject", "message")
    subject = check_text("subject", body["subject"])
    message = check_text("message", body["message"], limit=TEXT_LIMIT)
    owner = caller
    if caller.is_admin and body.get("email"):
        found = find_by_email(store, check_email("email", body["email"]))
        if found is None:
            raise Refused(400, "Unknown email")
        owner = found
    ticket_id = open_ticket(store, owner, subject=subject, message=message)
    row = find_ticket(store, caller, str(ticket_id))
    return success({"ticket": _as_object(store, row)}, 201)


@operation(refusal=UNREACHABLE)
def show_ticket(request: Request, store: Store, caller: Caller, ticket_id: str) -> Response:
    """GET /support/tickets/{id}: a ticket with its threads; 403 for another account's."""
    return success({"ticket": _as_object(store, find_ticket(store, caller, ticket_id))})


@operation(refusal=UNREACHABLE)
def change_ticket(request: Request, store: Store, caller: Caller, ticket_id: str) -> Response:
    """PUT /support/tickets/{id}: change its status; `status` of the answer is the outcome."""
    row = find_ticket(store, caller, ticket_id)
    body = body_of(request)
    require(body, "status")
    status = check_choice("status", body["status"], STATUSES)
    now = stamp(store.now())
    is_over = status in ("closed", "spam")
    store.execute(
        "UPDATE voicetel_ticket SET status = ?, updated_at = ?, closed_at = ?, closed_by = ?,"
        " answer_due = CASE WHEN ? THEN '' ELSE answer_due END WHERE id = ?",
        (
            status,
            now,
            now if status == "closed" else "",
            ("user" if caller.is_admin else "customer") if status == "closed" else "",
            is_over,
            row["id"],
        ),
    )
    return success({"id": row["id"], "status": "success"})


@operation(refusal=UNREACHABLE)
def remove_ticket(request: Request, store: Store, caller: Caller, ticket_id: str) -> Response:
    """DELETE /support/tickets/{id}: for administrators; 403 for everybody else."""
    _check_account(store)
    if not caller.is_admin:
        raise Refused(403, "Admin only")
    row = find_ticket(store, caller, ticket_id)
    store.execute("DELETE FROM voicetel_thread WHERE ticket = ?", (row["id"],))
    store.execute("DELETE FROM voicetel_ticket WHERE id = ?", (row["id"],))
    return no_content()


@operation(refusal=UNREACHABLE)
def list_threads(request: Request, store: Store, caller: Caller, ticket_id: str) -> Response:
    """GET /support/tickets/{id}/messages: the threads of a ticket, the oldest first."""
    row = find_ticket(store, caller, ticket_id)
    return success({"messages": _threads(store, row, _owner(store, row))})


@operation(refusal=UNREACHABLE)
def add_reply(request: Request, store: Store, caller: Caller, ticket_id: str) -> Response:
    """POST /support/tickets/{id}/replies: add a message; a closed ticket is opened by it."""
    row = find_ticket(store, caller, ticket_id)
    body = body_of(request)
    require(body, "message")
    message = check_text("message", body["message"], limit=TEXT_LIMIT)
    if caller.is_admin:
        add_staff_message(store, row["id"], message, at=store.now())
    else:
        _add_customer_message(store, row["id"], message)
    return success({"message": "Reply added"}, 201)


def open_ticket(store: Store, owner: Caller, *, subject: str, message: str) -> int:
    """Open a ticket in the name of an account and return its id."""
    now = stamp(store.now())
    store.execute(
        "INSERT INTO voicetel_ticket (login, subject, status, created_at, updated_at, replied_at,"
        " closed_at, closed_by, waiting_since, answer_due)"
        " VALUES (?, ?, 'active', ?, ?, '', '', '', '', '')",
        (owner.login, subject, now, now),
    )
    ticket_id = int(store.query("SELECT max(id) AS id FROM voicetel_ticket")[0]["id"])
    _add_customer_message(store, ticket_id, message)
    return ticket_id


def find_ticket(store: Store, caller: Caller, ticket_id: str) -> sqlite3.Row:
    """Return a ticket that the caller may see; raise 404 without it, 403 for another's."""
    _check_account(store)
    is_id = ticket_id.isascii() and ticket_id.isdecimal() and len(ticket_id) <= ID_LIMIT
    number = int(ticket_id) if is_id else 0
    rows = store.query("SELECT * FROM voicetel_ticket WHERE id = ?", (number,))
    if not rows:
        raise Refused(404, "Ticket not found")
    if rows[0]["login"] != caller.login and not caller.is_admin:
        raise Refused(403, "Ticket belongs to another account")
    return rows[0]


def tick(store: Store) -> None:
    """Let somebody of the staff answer the tickets that have waited long enough."""
    due = "SELECT id, answer_due FROM voicetel_ticket WHERE answer_due <> '' AND answer_due <= ?"
    if store.query(due, (stamp(store.now()),)):
        with store.transaction():
            for row in store.query(due, (stamp(store.now()),)):
                at = datetime.fromisoformat(row["answer_due"])
                add_staff_message(store, row["id"], ANSWER, at=at)


def add_staff_message(store: Store, ticket_id: int, message: str, *, at: datetime) -> None:
    """Add a message of the staff; the ticket then waits for the customer."""
    now = stamp(at)
    _add_thread(store, ticket_id, "message", message, at=at)
    store.execute(
        "UPDATE voicetel_ticket SET status = 'pending', updated_at = ?, replied_at = ?,"
        " waiting_since = '', answer_due = '', closed_at = '', closed_by = '' WHERE id = ?",
        (now, now, ticket_id),
    )


def _add_customer_message(store: Store, ticket_id: int, message: str) -> None:
    now = store.now()
    _add_thread(store, ticket_id, "customer", message, at=now)
    store.execute(
        "UPDATE voicetel_ticket SET status = 'active', updated_at = ?, waiting_since = ?,"
        " answer_due = ?, closed_at = '', closed_by = '' WHERE id = ?",
        (stamp(now), stamp(now), stamp(now + ANSWER_DELAY), ticket_id),
    )


def _add_thread(store: Store, ticket_id: int, kind: str, message: str, *, at: datetime) -> None:
    """Add a thread; its body is HTML, with the text in it escaped."""
    body = f"<p>{html.escape(message)}</p>".replace("\n", "<br />")
    store.execute(
        "INSERT INTO voicetel_thread (ticket, type, body, status, created_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (ticket_id, kind, body, "active" if kind == "customer" else "pending", stamp(at)),
    )


def _check_account(store: Store) -> None:
    """Raise the 401 of the support routes that a fresh key does not cure (1.3).

    It is switched on by setting `voicetel.support_account` = `off`.
    """
    if store.setting("voicetel.support_account", "on") == "off":
        raise Refused(401, "Account not found")


def _owner(store: Store, row: sqlite3.Row) -> Caller:
    return load_account(store, row["login"]) or Caller(login=row["login"], balance=0.0)


def _threads(store: Store, row: sqlite3.Row, owner: Caller) -> list[dict[str, Any]]:
    threads = store.query(
        "SELECT * FROM voicetel_thread WHERE ticket = ? ORDER BY id", (row["id"],)
    )
    return [thread_object(thread, owner) for thread in threads]


def _as_object(store: Store, row: sqlite3.Row, *, with_threads: bool = True) -> dict[str, Any]:
    owner = _owner(store, row)
    threads = _threads(store, row, owner)
    return ticket_object(row, owner, threads, with_threads=with_threads)
