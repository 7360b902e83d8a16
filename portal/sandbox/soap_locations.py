"""VoIP Innovations 2.8, second list: 911 locations one by one.

These four stand in the WSDL of 2014 and not in the method list.
"""

from __future__ import annotations

import sqlite3

from portal.sandbox.soap_911 import ADDRESS, NOTHING_TO_DELETE, REMOVED, ask_carrier, status
from portal.sandbox.soap_911_records import (
    INVALID,
    PROVISIONED,
    file_location,
    locations_of,
    order,
    reach,
    remove,
    vi_location,
)
from portal.sandbox.soap_records import own_number
from portal.sandbox.soap_wire import Call, Method, Refused, Reply

NONE_FOUND = {
    "locationId": "",
    "statusCode": "206200",
    "statusDescription": "No location found",
}


def add_location(call: Call) -> Reply:
    """addLocation: keep a location for a number without provisioning it: GEOCODED or INVALID.

    One that the number has already is answered again; 911 when it is the active one.
    """
    tn = str(own_number(call, "did")["tn"])
    ask_carrier(call)
    location = file_location(call, tn)
    if location["status"] == PROVISIONED:
        raise Refused(911)
    done: list[str] | None = [] if location["status"] == INVALID else None
    return Reply(containers={"VILocations": [vi_location(location)]}, done=done)


def get_locations(call: Call) -> Reply:
    """getLocations: what is kept for a number; none is one dummy record (6, quirk 4)."""
    tn = reach(call)
    ask_carrier(call)
    locations = locations_of(call.store, call.login, tn)
    if not locations or call.is_faulted("empty"):
        return Reply(containers={"VILocations": [NONE_FOUND]})
    return Reply(containers={"VILocations": [vi_location(row) for row in locations]})


def _named(call: Call, tn: str) -> sqlite3.Row | None:
    wanted = call.text("locationId")
    found = [row for row in locations_of(call.store, call.login, tn) if str(row["id"]) == wanted]
    return found[0] if found else None


def provision_location(call: Call) -> Reply:
    """provisionLocation: make a location of the number the active one.

    910 for one that the number does not have, 911 for the active one.
    """
    tn = str(own_number(call, "did")["tn"])
    ask_carrier(call)
    location = _named(call, tn)
    if location is None:
        raise Refused(910)
    if location["status"] == PROVISIONED:
        raise Refused(911)
    order(call.store, location)
    return status(INVALID, done=[]) if location["status"] == INVALID else status("100")


def remove_location(call: Call) -> Reply:
    """removeLocation: forget a location: 205100; 205200 for one that the number does not have.

    With the active one 911 goes off.
    """
    tn = reach(call)
    ask_carrier(call)
    location = _named(call, tn)
    if location is None:
        return status(NOTHING_TO_DELETE, done=[])
    remove(call.store, location)
    return status(REMOVED)


METHODS = (
    Method(
        "addLocation",
        f"did string, {ADDRESS}",
        "Response911",
        add_location,
        is_write=True,
        is_extra=True,
    ),
    Method("getLocations", "did string", "Response911", get_locations, is_extra=True),
    Method(
        "provisionLocation",
        "did string, locationId string",
        "Response911",
        provision_location,
        is_write=True,
        is_extra=True,
    ),
    Method(
        "removeLocation",
        "locationId string, did string",
        "Response911",
        remove_location,
        is_write=True,
        is_extra=True,
    ),
)
