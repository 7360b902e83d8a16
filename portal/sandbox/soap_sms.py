"""VoIP Innovations 2.10: what happens to the text messages of a number.

The setting of a number is its fact `sms`: `on`, `type`, `destination`, `token` and `dlr` (whether
delivery receipts are wanted). Its 10DLC campaign is the fact `campaign`.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from portal.sandbox.soap_records import (
    OWNED,
    change_facts,
    facts_of,
    find_number,
    own_number,
    own_tn,
)
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply, is_email, is_tn
from portal.sandbox.store import Store

NONE, SIP, EMAIL, FORWARD, POST, GET, PROGTELCO = TYPES = (
    *("NONE", "SIP", "EMAIL", "FORWARD", "POST", "GET", "PROGTELCO"),
)
OFF: Mapping[str, Any] = {"on": False, "type": NONE, "destination": "", "token": "", "dlr": False}
URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
NOT_POSSIBLE = "SMS is not available for this number"
NOT_ENABLED = "SMS is not enabled on this number"
# Of the first account's numbers that can: how many have messages on, and where these go.
SEEDED_SHARE = 0.8
SEEDED: tuple[tuple[str, str], ...] = (
    (SIP, ""),
    (EMAIL, "inbox@example.net"),
    (FORWARD, "2125550142"),
    (POST, "https://hooks.example.net/sms"),
)


def sms_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return a number's setting; off when it was never set."""
    return {**OFF, **facts_of(row).get("sms", {})}


def record_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return a number's setting as the SMSDID record; the token is not shown."""
    sms = sms_of(row)
    return {
        "TN": row["tn"],
        "Enabled": sms["on"],
        "DestinationType": sms["type"],
        "Destination": sms["destination"],
        "DLR": sms["dlr"],
        "CampaignId": facts_of(row).get("campaign", ""),
    }


def _keep(call: Call, row: sqlite3.Row, sms: Mapping[str, Any]) -> Reply:
    """Keep a setting and answer the record as it is now."""
    if sms["on"] and not row["sms"]:
        raise Refused(900, NOT_POSSIBLE)
    change_facts(call.store, row, sms=dict(sms))
    changed = find_number(call.store, row["tn"])
    return Reply(containers={"DIDs": [record_of(changed)] if changed else []})


def _emails(text: str) -> str:
    """Return addresses divided by `;` in one form; raise 900 for one that is none."""
    addresses = [part.strip() for part in text.split(";") if part.strip()]
    if not addresses or not all(map(is_email, addresses)):
        raise Refused(900, "The destination is not a list of e-mail addresses")
    return ";".join(addresses)


def _checked(kind: str, destination: str) -> str:
    """Return the destination of a type as it is kept; raise 944 or 900 for a wrong one."""
    if kind == EMAIL:
        return _emails(destination)
    if kind == FORWARD and not is_tn(destination):
        raise Refused(944)
    if kind in (POST, GET) and not URL.fullmatch(destination):
        raise Refused(900, "The destination is not an address of the web")
    return destination


def config_sms_destination(call: Call) -> Reply:
    """ConfigSMSDestination: where messages go, which also turns them on; NONE turns them off.

    900 for a type or destination that is none, and for numbers that cannot have messages.
    """
    row = own_number(call)
    kind = call.text("destinationType").upper()
    if kind not in TYPES:
        raise Refused(900, "The destination type is not known")
    if kind == NONE:
        return _keep(call, row, OFF)
    sms = {
        "on": True,
        "type": kind,
        "destination": _checked(kind, call.text("destination")),
        "token": call.text("authToken") if kind in (POST, GET) else "",
        "dlr": sms_of(row)["dlr"],
    }
    return _keep(call, row, sms)


def config_sms(call: Call) -> Reply:
    """ConfigSMS, deprecated: on or off, with e-mail addresses or ten digits to forward to.

    An empty forward removes the one that is; other destinations stay.
    """
    row = own_number(call)
    forward = call.text("forwardEmail")
    if not call.args["enable"]:
        return _keep(call, row, OFF)
    sms = {**sms_of(row), "on": True}
    if forward:
        kind = FORWARD if "@" not in forward else EMAIL
        sms |= {"type": kind, "destination": _checked(kind, forward), "token": ""}
    elif sms["type"] in (EMAIL, FORWARD):
        sms |= {"type": NONE, "destination": ""}
    return _keep(call, row, sms)


def audit_sms(call: Call) -> Reply:
    """AuditSMS: the setting of one number, or of every number of the account; 101 for none."""
    if call.is_faulted("empty"):
        return Reply(code=101)
    if call.text("tn"):
        return Reply(containers={"DIDs": [record_of(own_number(call))]})
    sql = f"SELECT * FROM number WHERE {OWNED} ORDER BY tn"  # noqa: S608
    rows = call.store.iterate(sql, (call.login,))
    first = next(rows, None)
    if first is None:
        return Reply(code=101)

    def records() -> Iterator[dict[str, Any]]:
        yield record_of(first)
        yield from map(record_of, rows)

    return Reply(containers={"DIDs": records()})


def update_sms_dlr(call: Call) -> Reply:
    """UpdateSMSDLR: delivery receipts for some numbers, all of them or none.

    944 without numbers, 900 for one that has no messages.
    """
    if not call.args["tns"]:
        raise Refused(944)
    rows = [own_tn(call, tn.strip()) for tn in call.args["tns"]]
    if not all(sms_of(row)["on"] for row in rows):
        raise Refused(900, NOT_ENABLED)
    for row in rows:
        change_facts(call.store, row, sms={**sms_of(row), "dlr": call.args["dlr"]})
    changed = [own_tn(call, row["tn"]) for row in rows]
    return Reply(containers={"DIDs": [record_of(row) for row in changed]})


def seed(store: Store, rng: random.Random) -> None:
    """Turn messages on for most numbers of the first account that can have them."""
    for row in store.query(
        "SELECT * FROM number WHERE provider = ? AND status = 'owned' AND account = 'sandbox'"
        " AND sms = 1 ORDER BY tn",
        (PROVIDER,),
    ):
        if rng.random() < SEEDED_SHARE:
            kind, destination = rng.choice(SEEDED)
            sms = {**OFF, "on": True, "type": kind, "destination": destination}
            change_facts(store, row, sms={**sms, "dlr": kind == POST and rng.random() < 0.5})


METHODS = (
    Method(
        "ConfigSMSDestination",
        "tn string, destinationType string, destination string, authToken string",
        "SMSResponse",
        config_sms_destination,
        is_write=True,
    ),
    Method(
        "ConfigSMS",
        "tn string, enable boolean, forwardEmail string",
        "SMSResponse",
        config_sms,
        is_write=True,
    ),
    Method("AuditSMS", "tn string", "SMSResponse", audit_sms),
    Method(
        "UpdateSMSDLR",
        "tns string[], dlr boolean",
        "SMSResponse",
        update_sms_dlr,
        is_write=True,
        is_extra=True,
    ),
)
