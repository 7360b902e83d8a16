"""911 locations of the VoIP Innovations wire as rows, and as the records of the wire.

See voip-innovations.md 2.8, 3 and 4. A number has any number of locations; at most one of them is
provisioned, which is what puts 911 on the number. Each try to provision is an order, and the orders
are the provisioning history. Both outlive the ownership of the number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from portal.sandbox.soap_911_addresses import Address, geocode
from portal.sandbox.soap_911_places import clean
from portal.sandbox.soap_records import change_facts, find_number, stamp
from portal.sandbox.soap_types import eastern, zulu
from portal.sandbox.soap_wire import Call, Refused, is_tn
from portal.sandbox.store import Store

GEOCODED, PROVISIONED, INVALID = "GEOCODED", "PROVISIONED", "INVALID"
DESCRIPTIONS = {
    GEOCODED: "Location is geocoded",
    PROVISIONED: "Location is provisioned",
    INVALID: "Location could not be geocoded",
}
NAME_WIDTH = 32
SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_location (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, tn TEXT NOT NULL,
    address1 TEXT NOT NULL, address2 TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL,
    zip TEXT NOT NULL, plus_four TEXT NOT NULL, latitude TEXT NOT NULL, longitude TEXT NOT NULL,
    caller_name TEXT NOT NULL, status TEXT NOT NULL, is_removed INTEGER NOT NULL DEFAULT 0,
    order_id INTEGER, added_at TEXT NOT NULL, activated_at TEXT NOT NULL DEFAULT '',
    updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS vi_location_tn ON vi_location (account, tn);
CREATE TABLE IF NOT EXISTS vi_911_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT, location_id INTEGER NOT NULL, status TEXT NOT NULL,
    activated_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS vi_911_order_location ON vi_911_order (location_id);
INSERT INTO sqlite_sequence (name, seq) SELECT 'vi_location', 17000000
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'vi_location');
INSERT INTO sqlite_sequence (name, seq) SELECT 'vi_911_order', 5500000
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'vi_911_order');
"""


def locations_of(store: Store, account: str, tn: str) -> Sequence[sqlite3.Row]:
    """Return the locations of a number that were not removed, the oldest first."""
    return store.query(
        "SELECT * FROM vi_location WHERE account = ? AND tn = ? AND NOT is_removed ORDER BY id",
        (account, tn),
    )


def provisioned(store: Store, account: str, tn: str) -> sqlite3.Row | None:
    """Return the location that 911 calls of a number go by, or None."""
    rows = [row for row in locations_of(store, account, tn) if row["status"] == PROVISIONED]
    return rows[0] if rows else None


def kept_facts(store: Store, account: str, tn: str) -> dict[str, Any]:
    """Return the fact that a number gets 911 back with when its account buys it again."""
    return {"has911": True} if provisioned(store, account, tn) else {}


def reach(call: Call, name: str = "did") -> str:
    """Return the number that an argument names, if the account owns it or has or had 911 on it.

    Raises 944 for no number, 909 for a stranger's.
    """
    tn = call.text(name)
    if not is_tn(tn):
        raise Refused(944)
    known = call.store.query(
        "SELECT 1 FROM number WHERE provider = 'voip_innovations' AND tn = ?2"
        " AND account = ?1 AND status = 'owned'"
        " UNION SELECT 1 FROM vi_location WHERE account = ?1 AND tn = ?2",
        (call.login, tn),
    )
    if not known:
        raise Refused(909)
    return tn


def read_address(call: Call) -> Address | None:
    """Return the address that the arguments name, normalised; None when it cannot be geocoded."""
    return geocode(
        call.text("address1"),
        address2=call.text("address2"),
        city=call.text("city"),
        state=call.text("state"),
        zip_code=call.text("zip"),
        plus_four=call.text("plusFour"),
    )


def file_location(call: Call, tn: str) -> sqlite3.Row:
    """Return the location that the arguments name, added unless the number has it already.

    An address that cannot be geocoded is added as it was sent, with status INVALID.
    """
    address = read_address(call)
    if address is None:
        parts = (clean(call.text(name)) for name in ("address1", "address2", "city", "state"))
        facts = dict(zip(("address1", "address2", "city", "state"), parts, strict=True))
        facts |= {"zip": call.text("zip"), "plus_four": call.text("plusFour")}
        facts |= {"latitude": "", "longitude": ""}
    else:
        facts = asdict(address)
    facts["caller_name"] = call.text("callerName")[:NAME_WIDTH]
    for row in locations_of(call.store, call.login, tn):
        if all(row[name] == value for name, value in facts.items()):
            return row
    status = GEOCODED if address else INVALID
    return add_location(call.store, call.login, tn, status=status, **facts)


def add_location(store: Store, account: str, tn: str, *, status: str, **facts: str) -> sqlite3.Row:
    """Add a location and return it; `facts` are the columns of its address."""
    now = stamp(store.now())
    values = {"account": account, "tn": tn, "status": status, **facts}
    values |= {"added_at": now, "updated_at": now}
    cursor = store.connection.execute(
        f"INSERT INTO vi_location ({', '.join(values)})"  # noqa: S608
        f" VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )
    return find_location(store, cursor.lastrowid or 0)


def find_location(store: Store, location_id: int) -> sqlite3.Row:
    """Return a location by its id, which must exist."""
    return store.query("SELECT * FROM vi_location WHERE id = ?", (location_id,))[0]


def order(store: Store, location: sqlite3.Row) -> None:
    """Try to provision a location: it becomes the active one, unless it is INVALID.

    Either way the try stands in the history.
    """
    is_valid = location["status"] != INVALID
    now = stamp(store.now())
    activated = now if is_valid else ""
    if is_valid:
        withdraw(store, location["account"], location["tn"])
    cursor = store.connection.execute(
        "INSERT INTO vi_911_order (location_id, status, activated_at, updated_at)"
        " VALUES (?, ?, ?, ?)",
        (location["id"], PROVISIONED if is_valid else INVALID, activated, now),
    )
    store.execute(
        "UPDATE vi_location SET status = ?, activated_at = ?, updated_at = ?, order_id = ?"
        " WHERE id = ?",
        (
            PROVISIONED if is_valid else INVALID,
            activated,
            now,
            cursor.lastrowid,
            location["id"],
        ),
    )
    _show_on_number(store, location["account"], location["tn"])


def withdraw(store: Store, account: str, tn: str) -> bool:
    """Take the active location out of service; it stays known. False when there is none."""
    row = provisioned(store, account, tn)
    if row is None:
        return False
    now = stamp(store.now())
    store.execute(
        "UPDATE vi_location SET status = ?, updated_at = ? WHERE id = ?", (GEOCODED, now, row["id"])
    )
    store.execute(
        "UPDATE vi_911_order SET status = ?, updated_at = ? WHERE id = ?",
        (GEOCODED, now, row["order_id"]),
    )
    _show_on_number(store, account, tn)
    return True


def remove(store: Store, location: sqlite3.Row) -> None:
    """Take a location away; an active one goes out of service first. The history keeps it."""
    if location["status"] == PROVISIONED:
        withdraw(store, location["account"], location["tn"])
    store.execute(
        "UPDATE vi_location SET is_removed = 1, updated_at = ? WHERE id = ?",
        (stamp(store.now()), location["id"]),
    )


def _show_on_number(store: Store, account: str, tn: str) -> None:
    """Let the DID record say whether 911 is on, as long as the account owns the number."""
    row = find_number(store, tn)
    if row is not None and row["status"] == "owned" and row["account"] == account:
        has_911 = provisioned(store, account, tn) is not None
        change_facts(store, row, has911=True if has_911 else None)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _shared(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "locationId": str(row["id"]),
        "address1": row["address1"],
        "address2": row["address2"] or None,
        "city": row["city"],
        "state": row["state"],
        "callerName": row["caller_name"],
        "latitude": row["latitude"],
        "longitude": row["longitude"],
        "statusCode": row["status"],
        "statusDescription": DESCRIPTIONS[row["status"]],
    }


def did_911(row: sqlite3.Row) -> dict[str, Any]:
    """Return an active location as a DID911: name padded, ZIP+4 in one, times without zone."""
    activated = _moment(row["activated_at"])
    return {
        **_shared(row),
        "tn": row["tn"],
        "callerName": row["caller_name"].ljust(NAME_WIDTH),
        "zipCode": f"{row['zip']}-{row['plus_four']}",
        "activatedTime": eastern(activated) if activated else None,
        "dateAdded": eastern(datetime.fromisoformat(row["added_at"])),
    }


def vi_location(row: sqlite3.Row) -> dict[str, Any]:
    """Return a location as a VILocation: ZIP in two fields, times in UTC with a Z."""
    activated = _moment(row["activated_at"])
    return {
        **_shared(row),
        "zipCode": row["zip"],
        "plusFour": row["plus_four"],
        "orderId": str(row["order_id"]) if row["order_id"] else "",
        "activatedTime": zulu(activated) if activated else None,
        "updateTime": zulu(datetime.fromisoformat(row["updated_at"])),
    }
