"""VoiceTel section 9: messages that are sent and received, and their receipts.

A message to a number of this sandbox arrives there. Recipients that end in 9908 have opted out, as
have those who sent STOP to the sender; those that end in 9909 are never reached: no receipt comes.
"""

from __future__ import annotations

import math
import secrets
import sqlite3
from datetime import timedelta
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_campaigns import binding_status
from portal.sandbox.rest_voicetel_checks import check_choice, check_optional_text, epoch_range
from portal.sandbox.rest_voicetel_records import facts_of, find_number
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Caller,
    Refused,
    body_of,
    check_tn,
    is_faulted,
    load_account,
    operation,
    parameters,
    require,
    success,
)
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_message (
    id TEXT NOT NULL, login TEXT NOT NULL, number TEXT NOT NULL, far TEXT NOT NULL,
    direction TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, rate TEXT NOT NULL,
    at INTEGER NOT NULL, has_receipt INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS voicetel_message_number ON voicetel_message (number, type, at);
CREATE TABLE IF NOT EXISTS voicetel_opt_out (
    sender TEXT NOT NULL, recipient TEXT NOT NULL, PRIMARY KEY (sender, recipient));
"""
ADD_MESSAGE = """
INSERT INTO voicetel_message
    (id, login, number, far, direction, type, body, rate, at, has_receipt)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SEGMENT = 160
SEEDED_FAR_END = "3125550142"
TYPES = ("sms", "mms", "dlr")
OPTED_OUT_ENDING, UNREACHED_ENDING = "9908", "9909"
RECEIPT_DELAY = timedelta(seconds=5)
STOP, START = frozenset({"STOP", "UNSUBSCRIBE"}), frozenset({"START", "UNSTOP"})


def segments(text: str) -> int:
    """Return how many parts of 160 characters a text is charged for, at least one."""
    return max(1, math.ceil(len(text) / SEGMENT))


@operation(refusal=(502, "Message could not be handed to the network"))
def send_message(request: Request, store: Store, caller: Caller) -> Response:
    """POST /messages: send an SMS, or an MMS where there are media, and debit it at once."""
    body = body_of(request)
    require(body, "fromNumber", "toNumber", "text")
    sender, recipient = check_tn("fromNumber", body["fromNumber"]), body["toNumber"]
    recipient = check_tn("toNumber", recipient)
    if not isinstance(body["text"], str):
        raise Refused(400, "Invalid text: must be a string")
    media = _media(body.get("mediaUrls"))
    subject = check_optional_text("subject", body.get("subject"))
    kind = "mms" if media else "sms"
    row = find_number(store, caller, sender, 403)
    _check_allowed(store, caller, row, recipient, kind)
    caller = load_account(store, caller.login) or caller
    parts = segments(body["text"])
    rate = caller.facts["rates"][kind]
    price = rate if media else round(rate * parts, 4)
    if caller.balance < price:
        raise Refused(402, "Insufficient balance")
    caller.debit(store, price)
    message_id = secrets.token_hex(16)
    sent = {"id": message_id, "type": kind, "fromNumber": sender, "toNumber": recipient}
    _file(store, caller.login, sent, text=body["text"], rate=str(rate))
    more = {"subject": subject} if media else {"parts": parts}
    return success({**sent, "mediaUrls": media, **more}, 201)


def _media(value: object) -> list[str]:
    urls = [] if value is None else value
    if not isinstance(urls, list) or not all(
        isinstance(url, str) and url.startswith(("https://", "http://")) for url in urls
    ):
        raise Refused(400, "Invalid mediaUrls: must be an array of public URLs")
    return urls


def _check_allowed(
    store: Store, caller: Caller, row: sqlite3.Row, recipient: str, kind: str
) -> None:
    """Raise 409 unless account, number and campaign may send, and the recipient wants it."""
    facts = facts_of(row)
    campaign = facts.get("campaign")
    is_active = not campaign or binding_status(store, caller, campaign) == "ACTIVE"
    if not caller.facts["services"][kind] or not facts.get("carrier") or not is_active:
        raise Refused(409, "Messaging is not enabled for this number")
    opted_out = store.query(
        "SELECT 1 FROM voicetel_opt_out WHERE sender = ? AND recipient = ?", (row["tn"], recipient)
    )
    if opted_out or recipient.endswith(OPTED_OUT_ENDING):
        raise Refused(409, "Recipient has opted out")


def _file(store: Store, login: str, sent: dict[str, Any], *, text: str, rate: str) -> None:
    """Keep a message of the sender, and of the recipient where that is a number of ours."""
    kind, sender, recipient = sent["type"], sent["fromNumber"], sent["toNumber"]
    is_reached = not recipient.endswith(UNREACHED_ENDING)
    at = int(store.now().timestamp())
    rows: list[tuple[Any, ...]] = [
        (sent["id"], login, sender, recipient, "out", kind, text, rate, at, is_reached)
    ]
    owners = store.query(
        "SELECT account FROM number WHERE provider = ? AND tn = ? AND status = 'owned'",
        (PROVIDER, recipient),
    )
    if owners and is_reached:
        owner, copy_id = owners[0]["account"], secrets.token_hex(16)
        rows.append((copy_id, owner, recipient, sender, "in", kind, text, "0", at, False))
        _hear_stop(store, sender=sender, recipient=recipient, word=text.strip().upper())
    store.execute_many(ADD_MESSAGE, iter(rows))


def _hear_stop(store: Store, *, sender: str, recipient: str, word: str) -> None:
    """Let who says STOP get nothing more from the number it was said to, until START."""
    if word in STOP:
        sql = "INSERT OR IGNORE INTO voicetel_opt_out (sender, recipient) VALUES (?, ?)"
        store.execute(sql, (recipient, sender))
    elif word in START:
        sql = "DELETE FROM voicetel_opt_out WHERE sender = ? AND recipient = ?"
        store.execute(sql, (recipient, sender))


@operation(refusal=(400, "Messages could not be read"))
def list_messages(request: Request, store: Store, caller: Caller) -> Response:
    """GET /messages: messages or receipts of a number between two edges, newest first.

    `from` is the newer edge, `to` the older one, and both are included.
    """
    query = parameters(request)
    require(query, "number")
    number = check_tn("number", query["number"])
    kind = check_choice("type", query.get("type") or "sms", TYPES)
    newer, older = epoch_range(query, newer="from", older="to", now=store.now())
    find_number(store, caller, number, 403)
    reader = _receipts if kind == "dlr" else _messages
    messages = reader(store, caller, number, kind, (older, newer))
    return success(
        {
            "number": number,
            "type": kind,
            "fromTs": newer,
            "toTs": older,
            "messages": [] if is_faulted(request, "empty") else messages,
        }
    )


def _messages(
    store: Store, caller: Caller, number: str, kind: str, edges: tuple[int, int]
) -> list[dict[str, Any]]:
    """Write messages; the far end is an integer here, and the rate a text (9)."""
    rows = store.query(
        "SELECT * FROM voicetel_message WHERE login = ? AND number = ? AND type = ?"
        " AND at BETWEEN ? AND ? ORDER BY at DESC, rowid DESC",
        (caller.login, number, kind, *edges),
    )
    return [
        {
            "id": row["id"],
            "key": [row["far"] if row["direction"] == "out" else row["number"], row["at"]],
            "value": {
                "direction": row["direction"],
                "rate": row["rate"],
                "message": row["body"],
                "number": int(row["far"]),
            },
        }
        for row in rows
    ]


def _receipts(
    store: Store, caller: Caller, number: str, kind: str, edges: tuple[int, int]
) -> list[dict[str, Any]]:
    """Write the receipts of sent messages, each some seconds after its message."""
    delay = int(RECEIPT_DELAY.total_seconds())
    newest = min(edges[1], int(store.now().timestamp()))
    rows = store.query(
        "SELECT * FROM voicetel_message WHERE login = ? AND number = ? AND has_receipt = 1"
        " AND at + ? BETWEEN ? AND ? ORDER BY at DESC, rowid DESC",
        (caller.login, number, delay, edges[0], newest),
    )
    return [
        {
            "id": f"{kind}{row['id'][3:]}",
            "key": [caller.login, f"1{row['number']}", row["at"] + delay],
            "value": {"sourceNumber": row["number"], "destinationNumber": row["far"]},
        }
        for row in rows
    ]


def seed_messages(store: Store, number: str, login: str) -> None:
    """Give a number some messages of the last hours, one of them received with a picture."""
    now = int(store.now().timestamp())
    texts = (
        ("in", "sms", "Are you open today?", 7200),
        ("out", "sms", "Yes, until 6 pm.", 7080),
        ("in", "mms", "Photo of the parcel", 600),
    )
    for place, (direction, kind, text, ago) in enumerate(texts, start=1):
        is_out = direction == "out"
        common = (f"{place:032x}", login, number, SEEDED_FAR_END, direction, kind, text)
        store.execute(ADD_MESSAGE, (*common, "0.01" if is_out else "0", now - ago, is_out))
