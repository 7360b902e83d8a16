"""VoIP Innovations 2.8: 911 on the account's numbers.

An address that cannot be geocoded is a verdict inside the reply (`Status911.code` INVALID, outer
100), for all but validate911. The setting `voip_innovations.e911_code` (`903` to `908`) lets the
911 carrier fail: every operation that asks it answers that code until the setting is emptied.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from portal.sandbox.soap_911_addresses import geocode
from portal.sandbox.soap_911_records import (
    GEOCODED,
    INVALID,
    PROVISIONED,
    SCHEMA,
    add_location,
    did_911,
    file_location,
    locations_of,
    order,
    reach,
    read_address,
    remove,
    vi_location,
    withdraw,
)
from portal.sandbox.soap_records import own_number, stamp
from portal.sandbox.soap_wire import PROVIDER, Call, Method, Refused, Reply
from portal.sandbox.store import Store

__all__ = ["METHODS", "SCHEMA", "seed"]

CARRIER_CODES = range(903, 909)
NOTHING_TO_DELETE, REMOVED = "205200", "205100"
STATUS_TEXTS = {
    "100": "Success",
    REMOVED: "Location removed",
    NOTHING_TO_DELETE: "Nothing to delete or archive",
    INVALID: "Location could not be geocoded",
}


def ask_carrier(call: Call) -> None:
    """Raise the refusal that a setting lets the 911 carrier answer with."""
    code = str(call.store.setting(f"{PROVIDER}.e911_code"))
    if code.isdecimal() and int(code) in CARRIER_CODES:
        raise Refused(int(code))


def status(code: str, *, done: list[str] | None = None) -> Reply:
    """Answer one Status911; `done` as in `Reply`."""
    record = {"code": code, "description": STATUS_TEXTS[code]}
    return Reply(containers={"Statuses": [record]}, done=done)


def audit_911(call: Call) -> Reply:
    """audit911: every number with 911, whether still owned or not, streamed; 101 when none."""
    rows = call.store.iterate(
        "SELECT * FROM vi_location WHERE account = ? AND status = ? AND NOT is_removed ORDER BY tn",
        (call.login, PROVISIONED),
    )
    first = None if call.is_faulted("empty") else next(rows, None)
    if first is None:
        return Reply(code=101)

    def records() -> Iterator[dict[str, Any]]:
        yield did_911(first)
        yield from map(did_911, rows)

    return Reply(containers={"DID911s": records()})


def query_911(call: Call) -> Reply:
    """query911: the active location as DID911, and all that the number has; 101 when none."""
    tn = reach(call)
    ask_carrier(call)
    locations = locations_of(call.store, call.login, tn)
    if not locations or call.is_faulted("empty"):
        return Reply(code=101)
    active = [did_911(row) for row in locations if row["status"] == PROVISIONED]
    return Reply(containers={"DID911s": active, "VILocations": map(vi_location, locations)})


def get_provisioning_history(call: Call) -> Reply:
    """getProvisioningHistory: one VILocation for each try to provision, the oldest first."""
    tn = reach(call)
    ask_carrier(call)
    rows = call.store.query(
        "SELECT l.id, l.tn, address1, address2, city, l.state, zip, plus_four, latitude,"
        " longitude, caller_name, o.id AS order_id, o.status, o.activated_at, o.updated_at"
        " FROM vi_911_order o JOIN vi_location l ON l.id = o.location_id"
        " WHERE l.account = ? AND l.tn = ? ORDER BY o.id",
        (call.login, tn),
    )
    if not rows or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"VILocations": [vi_location(row) for row in rows]})


def insert_911(call: Call) -> Reply:
    """insert911: add a location and provision it, in the place of one that was there before.

    A bad address changes nothing; 911 when this very location is active already.
    """
    tn = str(own_number(call, "did")["tn"])
    ask_carrier(call)
    location = file_location(call, tn)
    if location["status"] == PROVISIONED:
        raise Refused(911)
    order(call.store, location)
    return status(INVALID, done=[]) if location["status"] == INVALID else status("100")


def update_911(call: Call) -> Reply:
    """update911: move the number to another location; a bad address leaves it with none.

    906 for a number that the carrier has no location of; 911 when nothing would change.
    """
    tn = str(own_number(call, "did")["tn"])
    ask_carrier(call)
    if not locations_of(call.store, call.login, tn):
        raise Refused(906)
    location = file_location(call, tn)
    if location["status"] == PROVISIONED:
        raise Refused(911)
    was_on = location["status"] == INVALID and withdraw(call.store, call.login, tn)
    order(call.store, location)
    if location["status"] == INVALID:
        return status(INVALID, done=[tn] if was_on else [])
    return status("100")


def remove_911(call: Call) -> Reply:
    """remove911: take 911 off, with every location and alert; 205200 when there was nothing."""
    tn = reach(call)
    ask_carrier(call)
    locations = locations_of(call.store, call.login, tn)
    if not locations:
        return status(NOTHING_TO_DELETE, done=[])
    for location in locations:
        remove(call.store, location)
    call.store.execute("DELETE FROM vi_911_alert WHERE account = ? AND tn = ?", (call.login, tn))
    return status("100")


def validate_911(call: Call) -> Reply:
    """validate911: 100 for an address that can be geocoded, 101 for one that cannot."""
    ask_carrier(call)
    if read_address(call) is None:
        return Reply(code=101, message="The address is not valid")
    return Reply(message="The address is valid")


ADDRESS = (
    "address1 string, address2 string, city string, state string, zip string, plusFour string,"
    " callerName string"
)
METHODS = (
    Method("audit911", "", "Response911", audit_911),
    Method("query911", "did string", "Response911", query_911),
    Method("getProvisioningHistory", "did string", "Response911", get_provisioning_history),
    Method("insert911", f"did string, {ADDRESS}", "Response911", insert_911, is_write=True),
    Method("update911", f"did string, {ADDRESS}", "Response911", update_911, is_write=True),
    Method("remove911", "did string", "Response911", remove_911, is_write=True),
    Method("validate911", ADDRESS, "Response911", validate_911),
)

STREETS = ("Main Street", "Oak Avenue", "North Park Drive", "2nd Street", "Lake Road")
CALLERS = ("EXAMPLE LLC", "EXAMPLE FRONT DESK", "EXAMPLE WAREHOUSE")
SEEDED = {"sandbox": 24, "sandbox2": 3}
ORPHANS = 3


def seed(store: Store, rng: random.Random) -> None:
    """Give some numbers 911, among them a few that the account no longer owns."""
    for account, count in SEEDED.items():
        rows = store.query(
            "SELECT tn, city, state FROM number WHERE provider = ? AND account = ?"
            " AND status = 'owned' AND state <> 'TF' ORDER BY substr(tn, 9), tn LIMIT ?",
            (PROVIDER, account, count),
        )
        for row in rows:
            _seed_one(store, account, row, rng)
    for row in store.query(
        "SELECT tn, city, state FROM number WHERE provider = ? AND status = 'available'"
        " AND nxx = '555' AND tn NOT LIKE '%99__' ORDER BY tn DESC LIMIT ?",
        (PROVIDER, ORPHANS),
    ):
        _seed_one(store, "sandbox", row, rng)


def _seed_one(store: Store, account: str, row: Any, rng: random.Random) -> None:
    """Put 911 on a number, at some time in the past; every third has an older location too."""
    moment = datetime.fromisoformat("2025-01-06T15:30:12.120+00:00")
    moment += timedelta(seconds=rng.randrange(10_000_000))
    streets = rng.sample(STREETS, 2 if rng.random() < 1 / 3 else 1)
    for street in streets:
        address = geocode(
            f"{rng.randrange(1, 9999)} {street}",
            address2=rng.choice(("", "", "Suite 200")),
            city=row["city"],
            state=row["state"],
            zip_code="",
            plus_four="",
        )
        if address is None:
            raise ValueError(f"the number plan has a place that is none: {row['city']}")
        facts = {**asdict(address), "caller_name": rng.choice(CALLERS)}
        location = add_location(store, account, row["tn"], status=GEOCODED, **facts)
        order(store, location)
        then = stamp(moment)
        store.execute(
            "UPDATE vi_location SET added_at = ?, activated_at = ?, updated_at = ? WHERE id = ?",
            (then, then, then, location["id"]),
        )
        store.execute(
            "UPDATE vi_911_order SET activated_at = ?, updated_at = ? WHERE location_id = ?",
            (then, then, location["id"]),
        )
        moment += timedelta(days=30)
