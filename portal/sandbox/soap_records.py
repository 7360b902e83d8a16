"""The numbers of a VoIP Innovations account as rows, and as the DID records of the wire.

See voip-innovations.md 4. What the shared columns do not hold is kept in `data`: `epg`, `refId`,
`forward`, `failover`, `script`, `cnamName`, `didGroup`, `dip` (inbound caller-name dip), `expires`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.sandbox.soap_types import NO_DATE
from portal.sandbox.soap_wire import PROVIDER, Call, Refused, is_tn
from portal.sandbox.store import Store

OWNED = "provider = 'voip_innovations' AND account = ? AND status = 'owned'"
TOLL_FREE_STATE = "TF"
UNKNOWN_TIER = "-99999"
CNAM_WIDTH = 15


def facts_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return what this wire keeps of a number beside the shared columns."""
    return dict(json.loads(row["data"] or "{}"))


def find_number(store: Store, tn: str) -> sqlite3.Row | None:
    """Return a number in whatever state, or None."""
    rows = store.query("SELECT * FROM number WHERE provider = ? AND tn = ?", (PROVIDER, tn))
    return rows[0] if rows else None


def own_number(call: Call, name: str = "tn") -> sqlite3.Row:
    """Return the account's number that an argument names; raise 944 or 909."""
    return own_tn(call, call.text(name))


def own_tn(call: Call, tn: str) -> sqlite3.Row:
    """Return a number of the account; raise 944 for what is none, 909 for another's."""
    if not is_tn(tn):
        raise Refused(944)
    row = find_number(call.store, tn)
    if row is None or row["status"] != "owned" or row["account"] != call.login:
        raise Refused(909)
    return row


def change_facts(store: Store, row: sqlite3.Row, **changes: Any) -> None:
    """Keep facts of a number; a value of None forgets the fact."""
    facts = {**facts_of(row), **changes}
    kept = {name: value for name, value in facts.items() if value is not None}
    store.execute(
        "UPDATE number SET data = ?, changed_at = ? WHERE provider = ? AND tn = ?",
        (json.dumps(kept), store.now().isoformat(), PROVIDER, row["tn"]),
    )


def own_group(call: Call, group_id: int | str) -> sqlite3.Row:
    """Return an endpoint group of the account; raise 948."""
    rows = call.store.query(
        "SELECT * FROM vi_endpoint_group WHERE account = ? AND CAST(id AS TEXT) = ?",
        (call.login, str(group_id).strip()),
    )
    if not rows:
        raise Refused(948)
    return rows[0]


def active_group(call: Call, group_id: int | str) -> sqlite3.Row:
    """Return an endpoint group that numbers can be sent to; raise 948 also for one that is off."""
    row = own_group(call, group_id)
    if not row["is_active"]:
        raise Refused(948, "The endpoint group is not active")
    return row


def full_did(row: sqlite3.Row) -> dict[str, Any]:
    """Return the DID record of an owned number.

    `expireDate` lies in the past or means none; the outbound name comes padded with blanks.
    """
    facts = facts_of(row)
    epg = facts.get("epg", 0)
    name = facts.get("cnamName", "")
    where = f"endpoint group {epg}" if epg else "no endpoint group"
    if facts.get("forward"):
        where = f"forward {facts['forward']}"
    if facts.get("script"):
        where = f"script {facts['script']}"
    return {
        "tn": row["tn"],
        "availability": "assigned",
        "rewrite": row["tn"],
        "status": f"Number is assigned to {where}, rewrite {row['tn']}, tier {row['tier'] or '0'}.",
        "statusCode": "100",
        "tier": row["tier"],
        "refId": facts.get("refId", ""),
        "cnamName": name.ljust(CNAM_WIDTH) if name else "",
        "state": _shown_state(row),
        "rateCenter": row["rate_center"],
        "didGroupId": str(facts.get("didGroup", 0)),
        "Network": row["network"],
        "endpointId": epg,
        "expireDate": facts.get("expires", NO_DATE),
        "has411": bool(facts.get("has411")),
        "has911": bool(facts.get("has911")),
        "cnam": bool(facts.get("dip")),
        "cnamStorageActive": bool(name),
        "cnamStorageAvailability": bool(row["cnam"]),
        "t38": bool(row["t38"]),
    }


def _shown_state(row: sqlite3.Row) -> str:
    return "ALL" if row["state"] == TOLL_FREE_STATE else str(row["state"])


def order_did(
    tn: str, code: str, text: str, *, tier: str = UNKNOWN_TIER, ref_id: str = ""
) -> dict[str, Any]:
    """Return the DID record of an order: the other fields are there and mean nothing."""
    return {
        "tn": tn,
        "availability": "",
        "rewrite": "",
        "status": text,
        "statusCode": code,
        "tier": tier,
        "refId": ref_id,
        "expireDate": NO_DATE,
    }


def dummy_did(code: str, text: str) -> dict[str, Any]:
    """Return the record that stands in an otherwise empty list (6, quirk 4)."""
    return order_did("", code, text)


def locator(row: Mapping[str, Any] | sqlite3.Row) -> dict[str, Any]:
    """Return the DIDLocator of a number for sale."""
    return {
        "tn": row["tn"],
        "rateCenter": row["rate_center"],
        "state": _shown_state(row),  # type: ignore[arg-type]
        "tier": row["tier"],
        "lataId": row["lata"],
        "outboundCNAM": bool(row["cnam"]),
        "t38": bool(row["t38"]),
        "network": row["network"],
        "sms": bool(row["sms"]),
    }


def stamp(moment: datetime) -> str:
    """Write a moment in a form that sorts as text."""
    return moment.isoformat(timespec="microseconds")


def owned_rows(call: Call, order: str = "tn") -> Sequence[sqlite3.Row]:
    """Return all numbers of the account."""
    return call.store.query(
        f"SELECT * FROM number WHERE {OWNED} ORDER BY {order}",  # noqa: S608
        (call.login,),
    )
