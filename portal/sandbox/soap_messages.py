"""VoIP Innovations 2.10: messages sent, and what becomes of them.

Some seconds after it was sent a message is `delivered` or `undelivered`; the setting
`voip_innovations.receipt_seconds` says how many. With `voip_innovations.campaign_required` on, a
number outside an approved campaign cannot send; else its messages are taken and not delivered.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from portal.sandbox.soap_10dlc_records import is_approved
from portal.sandbox.soap_records import TOLL_FREE_STATE, facts_of, own_tn, stamp
from portal.sandbox.soap_sms import GET, NOT_ENABLED, POST, sms_of
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply, is_tn, without_country
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_message (
    uuid TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL,
    recipient TEXT NOT NULL, text TEXT NOT NULL, files TEXT NOT NULL, sent_at TEXT NOT NULL,
    due_at TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL,
    wants_receipt INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS vi_message_due ON vi_message (due_at) WHERE status = 'queued';
"""
SMS, MMS = "SMS", "MMS"
QUEUED, DELIVERED, UNDELIVERED = "queued", "delivered", "undelivered"
RECEIPT_SECONDS = 5
CALLBACK_SECONDS = 5
# Recipients by their last four digits, as the keypad spells them.
STOP, FAIL = "7867", "3245"
UNREGISTERED = "The sender is not in an approved 10DLC campaign"

logger = logging.getLogger(__name__)


class _NoRedirect(HTTPRedirectHandler):
    """Stays where it was sent."""

    def redirect_request(self, *args: Any) -> None:
        return None


OPENER = build_opener(ProxyHandler({}), _NoRedirect())


def _number(call: Call, name: str) -> str:
    """Return the ten digits of an argument that has eleven; raise 944."""
    text = call.text(name)
    tn = without_country(text)
    if tn == text or not is_tn(tn):
        raise Refused(944, f"The {name} is not a valid number with its country code")
    return tn


def _sender(call: Call) -> sqlite3.Row:
    """Return the sending number; raise 944, 909, or 900 where messages are off."""
    tn = _number(call, "sender")
    _number(call, "recipient")
    row = own_tn(call, tn)
    if not sms_of(row)["on"]:
        raise Refused(900, NOT_ENABLED)
    return row


def _outcome(call: Call, row: sqlite3.Row, recipient: str) -> tuple[str, str]:
    """Return what will become of a message, and why; raise 900 where it is not even taken."""
    if recipient.endswith(STOP):
        raise Refused(900, "The recipient has opted out of messages from this sender")
    is_registered = row["state"] == TOLL_FREE_STATE or is_approved(
        call, str(facts_of(row).get("campaign", ""))
    )
    if not is_registered:
        if call.store.setting(f"{PROVIDER}.campaign_required") == "on":
            raise Refused(900, UNREGISTERED)
        return UNDELIVERED, UNREGISTERED
    if recipient.endswith(FAIL):
        return UNDELIVERED, "The recipient is not reachable"
    return DELIVERED, ""


def _send(
    call: Call, kind: str, files: Sequence[Mapping[str, Any]] = (), *, wants_receipt: bool = False
) -> Reply:
    """Take a message and answer its uuid."""
    row = _sender(call)
    text = str(call.args["message"])
    if not text.strip() and not files:
        raise Refused(900, "The message is empty")
    recipient = _number(call, "recipient")
    outcome, reason = _outcome(call, row, recipient)
    now = call.store.now()
    seconds = float(call.store.setting(f"{PROVIDER}.receipt_seconds", RECEIPT_SECONDS))
    message_id = str(uuid.uuid4())
    call.store.execute(
        "INSERT INTO vi_message (uuid, account, kind, sender, recipient, text, files, sent_at,"
        " due_at, outcome, reason, status, wants_receipt)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)",
        (
            *(message_id, call.login, kind, row["tn"], recipient, text),
            json.dumps([{each["FileName"]: len(each["FileContent"])} for each in files]),
            *(stamp(now), stamp(now + timedelta(seconds=seconds)), outcome, reason),
            int(wants_receipt or sms_of(row)["dlr"]),
        ),
    )
    details = {
        "success": "true",
        "code": "100",
        "data": f"1{recipient}",
        "status": QUEUED,
        "uuid": message_id,
    }
    return Reply(containers={"Uuid": message_id, "MsgDetails": details}, done=[row["tn"]])


def send_sms(call: Call) -> Reply:
    """SendSMS: a text from an own number to one recipient, both in eleven digits."""
    return _send(call, SMS)


def send_sms_with_dlr(call: Call) -> Reply:
    """SendSMSWithDLR: as SendSMS; the receipt comes whatever the number's setting says."""
    return _send(call, SMS, wants_receipt=True)


def send_mms(call: Call) -> Reply:
    """SendMMS: a text, files, or both; 900 for a file without name or content."""
    files = call.args["files"]
    if not all(each["FileName"].strip() and each["FileContent"] for each in files):
        raise Refused(900, "A file has no name or no content")
    return _send(call, MMS, files)


def list_messages(store: Store) -> list[dict[str, Any]]:
    """Return every message that was sent, the oldest first."""
    rows = store.query("SELECT * FROM vi_message ORDER BY sent_at, rowid")
    return [{**dict(row), "files": json.loads(row["files"])} for row in rows]


def tick(store: Store) -> None:
    """Let messages arrive or fail, and send the receipts that are wanted."""
    now = stamp(store.now())
    due = "status = 'queued' AND due_at <= ?"
    if not store.query(f"SELECT 1 FROM vi_message WHERE {due} LIMIT 1", (now,)):  # noqa: S608
        return
    rows = store.connection.execute(
        f"UPDATE vi_message SET status = outcome WHERE {due} RETURNING *",  # noqa: S608
        (now,),
    ).fetchall()
    receipts = [found for row in rows if (found := _receipt(store, row))]
    if receipts:
        threading.Thread(target=_deliver, args=(receipts,), daemon=True).start()


def _receipt(store: Store, row: sqlite3.Row) -> Request | None:
    """Return the delivery receipt of a message as an HTTP request; None when none is to be sent.

    Receipts go to the address of the number's messages, as a form (2.10). They are sent to this
    machine only, so that a sandbox never calls on strangers.
    """
    numbers = store.query(
        "SELECT * FROM number WHERE provider = ? AND tn = ?", (PROVIDER, row["sender"])
    )
    sms = sms_of(numbers[0]) if numbers else {"type": ""}
    if not row["wants_receipt"] or sms["type"] not in (POST, GET):
        return None
    address = str(sms["destination"])
    if not _is_local(address):
        return None
    form = urlencode({"status": row["status"], "to": f"1{row['recipient']}", "msgid": row["uuid"]})
    headers = {"Authorization": f"Bearer {sms['token']}"} if sms["token"] else {}
    if sms["type"] == POST:
        return Request(address, form.encode(), headers)  # noqa: S310
    return Request(f"{address}{'&' if '?' in address else '?'}{form}", headers=headers)  # noqa: S310


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _deliver(receipts: Sequence[Request]) -> None:
    """Send receipts; one that nobody takes is lost, as it is with the real service."""
    for receipt in receipts:
        try:
            with contextlib.closing(OPENER.open(receipt, timeout=CALLBACK_SECONDS)):
                pass
        except (OSError, ValueError):
            logger.info("Nobody took the receipt at %s", receipt.full_url)


_PARAMS = "sender string, recipient string, message string"
METHODS = (
    Method("SendSMS", _PARAMS, "SMSResponse", send_sms, is_write=True),
    Method("SendMMS", f"{_PARAMS}, files MMSFile[]", "MMSResponse", send_mms, is_write=True),
    Method(
        "SendSMSWithDLR",
        _PARAMS,
        "SMSResponse",
        send_sms_with_dlr,
        is_write=True,
        is_extra=True,
    ),
)
