"""VoIP Innovations 2.11: customers and campaigns of 10DLC as rows and records, and their review.

A customer is PENDING until it is reviewed and then VERIFIED or REJECTED. A sole proprietor starts
as OTP_REQUIRED; the one-time password makes that OTP_SENT, and the review goes on from there. A
campaign is PENDING, then APPROVED or REJECTED. The settings `voip_innovations.customer_review` and
`voip_innovations.campaign_review` are the seconds that takes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.sandbox.soap_records import OWNED, stamp
from portal.sandbox.soap_wire import PROVIDER, Call, Refused
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_sms_customer (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL DEFAULT '', account TEXT NOT NULL,
    data TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    due_at TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS vi_sms_campaign (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL DEFAULT '', account TEXT NOT NULL,
    customer TEXT NOT NULL DEFAULT '', data TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', is_external INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS vi_sms_customer_due ON vi_sms_customer (due_at) WHERE due_at <> '';
CREATE INDEX IF NOT EXISTS vi_sms_campaign_due ON vi_sms_campaign (due_at) WHERE due_at <> '';
"""
PENDING, REJECTED = "PENDING", "REJECTED"
VERIFIED, APPROVED = "VERIFIED", "APPROVED"
OTP_REQUIRED, OTP_SENT = "OTP_REQUIRED", "OTP_SENT"
CUSTOMER_REVIEW_SECONDS = 3600
CAMPAIGN_REVIEW_SECONDS = 86_400
# A name or description with this word in it is rejected.
MAGIC_WORD = "reject"
SOLE_PROPRIETOR = "SOLE_PROPRIETOR"
EIN_DIGITS = 9

ENTITY_TYPES = (
    *("PRIVATE_PROFIT", "PUBLIC_PROFIT", "NON_PROFIT", "GOVERNMENT"),
    SOLE_PROPRIETOR,
)
VERTICALS = (
    *("AGRICULTURE", "COMMUNICATION", "CONSTRUCTION", "EDUCATION", "ENERGY", "ENTERTAINMENT"),
    *("FINANCIAL", "GAMBLING", "GOVERNMENT", "HEALTHCARE", "HOSPITALITY", "INSURANCE", "LEGAL"),
    *("MANUFACTURING", "NGO", "POLITICAL", "POSTAL", "PROFESSIONAL", "REAL_ESTATE", "RETAIL"),
    *("TECHNOLOGY", "TRANSPORTATION"),
)


def word(text: str) -> str:
    """Return a word of a closed list in its one form: `Real estate` is REAL_ESTATE."""
    return "_".join(text.replace("-", " ").replace("_", " ").upper().split())


def find_customer(call: Call, customer_id: str) -> sqlite3.Row:
    """Return a customer of the account; raise 101."""
    return _find(call, "vi_sms_customer", customer_id, "The customer was not found")


def find_campaign(call: Call, campaign_id: str) -> sqlite3.Row:
    """Return a campaign of the account; raise 101."""
    return _find(call, "vi_sms_campaign", campaign_id, "The campaign was not found")


def _find(call: Call, table: str, wanted: str, text: str) -> sqlite3.Row:
    rows = call.store.query(
        f"SELECT * FROM {table} WHERE account = ? AND id = ?",  # noqa: S608
        (call.login, wanted.strip()),
    )
    if not rows or not wanted.strip():
        raise Refused(101, text)
    return rows[0]


def is_approved(call: Call, campaign_id: str) -> bool:
    """Tell whether the account has an approved campaign of this id."""
    return bool(
        call.store.query(
            "SELECT 1 FROM vi_sms_campaign WHERE account = ? AND id = ? AND status = ?",
            (call.login, campaign_id, APPROVED),
        )
    )


def customer_record(row: sqlite3.Row) -> dict[str, Any]:
    """Return a customer as the SMSCustomer record."""
    return {**json.loads(row["data"]), "CustomerId": row["id"], "Status": row["status"]}


def campaign_record(row: sqlite3.Row, tns: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a campaign as the Campaign record; `tns` lists numbers by campaign."""
    return {
        **json.loads(row["data"]),
        "CampaignId": row["id"],
        "CustomerId": row["customer"],
        "Status": row["status"],
        "TNs": tns.get(row["id"], []),
    }


def numbers_by_campaign(call: Call) -> dict[str, list[str]]:
    """List the account's numbers under the campaigns they are in."""
    found: dict[str, list[str]] = {}
    for row in call.store.query(
        "SELECT tn, json_extract(data, '$.campaign') AS campaign FROM number"  # noqa: S608
        f" WHERE {OWNED} AND json_extract(data, '$.campaign') IS NOT NULL ORDER BY tn",
        (call.login,),
    ):
        found.setdefault(row["campaign"], []).append(row["tn"])
    return found


def due(store: Store, kind: str, default: int) -> str:
    """Return when a review that starts now ends; `kind` names the setting of its seconds."""
    seconds = float(store.setting(f"{PROVIDER}.{kind}_review", default))
    return stamp(store.now() + timedelta(seconds=seconds))


def insert(store: Store, table: str, prefix: str, **facts: Any) -> str:
    """Add a customer or campaign and return its id: the one given, or a new one."""
    columns = ", ".join(facts)
    marks = ", ".join("?" * len(facts))
    cursor = store.connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
        tuple(facts.values()),
    )
    store.execute(
        f"UPDATE {table} SET id = ? || printf('%06d', seq) WHERE seq = ? AND id = ''",  # noqa: S608
        (prefix, cursor.lastrowid),
    )
    rows = store.query(f"SELECT id FROM {table} WHERE seq = ?", (cursor.lastrowid,))  # noqa: S608
    return str(rows[0]["id"])


def tick(store: Store) -> None:
    """End the reviews that are due."""
    now = stamp(store.now())
    for table, review in (
        ("vi_sms_customer", _review_customer),
        ("vi_sms_campaign", _review_campaign),
    ):
        rows = store.query(
            f"SELECT * FROM {table} WHERE due_at <> '' AND due_at <= ?",  # noqa: S608
            (now,),
        )
        for row in rows:
            status, reason = review(row)
            store.execute(
                f"UPDATE {table} SET status = ?, reason = ?, due_at = ''"  # noqa: S608
                " WHERE seq = ? AND due_at = ?",
                (status, reason, row["seq"], row["due_at"]),
            )


def _review_customer(row: sqlite3.Row) -> tuple[str, str]:
    """Return status and reason: the name must not be magic, the EIN must have nine digits."""
    facts = json.loads(row["data"])
    if MAGIC_WORD in facts["LegalName"].lower():
        return REJECTED, "The legal name does not belong to the EIN."
    digits = [mark for mark in facts["EIN"] if mark.isdigit()]
    if facts["EntityType"] != SOLE_PROPRIETOR and len(digits) != EIN_DIGITS:
        return REJECTED, "The EIN does not have nine digits."
    return VERIFIED, ""


def _review_campaign(row: sqlite3.Row) -> tuple[str, str]:
    """Return status and reason; a campaign from elsewhere was mended there once it comes again."""
    facts = json.loads(row["data"])
    text = f"{facts.get('DisplayName', '')} {facts.get('Description', '')}".lower()
    if MAGIC_WORD in text and not facts.get("resubmitted"):
        return REJECTED, "The description does not say how recipients agree to messages."
    return APPROVED, ""
