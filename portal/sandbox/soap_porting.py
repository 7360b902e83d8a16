"""VoIP Innovations 2.12: whether a number can be ported, and how ports are getting on."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.sandbox.soap_911_records import provisioned
from portal.sandbox.soap_porting_orders import (
    COMPLETE,
    SALES_REP,
    SCHEMA,
    is_portable,
    move_due,
    numbers_of,
    place_of,
    submit,
    tier_of,
)
from portal.sandbox.soap_porting_start import plant
from portal.sandbox.soap_records import facts_of, find_number
from portal.sandbox.soap_types import eastern
from portal.sandbox.soap_wire import Call, Method, Refused, Reply, is_tn
from portal.sandbox.store import Store

__all__ = ["METHODS", "SCHEMA", "make_port", "tick"]


def tick(store: Store) -> None:
    """Have the first orders there, and move those on whose time has come."""
    plant(store)
    move_due(store)


def make_port(store: Store, fields: Mapping[str, Any]) -> Any:
    """Make an order as POST /_sandbox/port asks; raise ValueError as `submit` does."""
    plant(store)
    return submit(store, fields)


def is_portable_tn(call: Call) -> Reply:
    """isPortable: true or false; `PortDetails` is an empty shell with id 0."""
    return Reply(containers={"IsPortable": is_portable(call.store, _number(call))})


def _number(call: Call) -> str:
    tn = call.text("tn")
    if not is_tn(tn):
        raise Refused(944)
    return tn


def _dates(row: sqlite3.Row) -> dict[str, Any]:
    """Return what getActivePorts fills."""
    return {
        "id": row["id"],
        "submittedDate": eastern(datetime.fromisoformat(row["submitted_at"])),
        "focDate": f"{row['foc_date']}T00:00:00" if row["foc_date"] else None,
        "requestedFocDate": f"{row['requested_date']}T00:00:00" if row["requested_date"] else None,
        "defaultEndpointGroup": row["epg"],
    }


def _detail(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    """Return a port order as a whole PortDetail."""
    tns = numbers_of(call.store, row["id"])
    return {
        **_dates(row),
        "status": row["status"],
        "endUser": row["end_user"],
        "billingTN": row["billing_tn"],
        "portingFrom": row["carrier"],
        "salesRep": SALES_REP,
        "dids": [_did(call, row, tn) for tn in tns],
    }


def _did(call: Call, port: sqlite3.Row, tn: str) -> dict[str, Any]:
    """Return one number of a port order as a PortDID."""
    place = place_of(tn)
    number = find_number(call.store, tn)
    return {
        "tn": tn,
        "tier": number["tier"] if number else tier_of(tn),
        "rateCenter": place.rate_center if place else "",
        "state": place.state if place else "",
        "lata": str(place.lata) if place else "",
        "endpointGroup": port["epg"],
        "cnam": bool(number and facts_of(number).get("dip")),
        "e911": provisioned(call.store, call.login, tn) is not None,
    }


def get_port_details(call: Call) -> Reply:
    """getPortDetails: one order of the account; 101 for any other id."""
    rows = call.store.query(
        "SELECT * FROM vi_port WHERE account = ? AND id = ?", (call.login, call.args["portId"])
    )
    if not rows or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"PortDetails": _detail(call, rows[0])})


def get_active_ports(call: Call) -> Reply:
    """getActivePorts: id, dates and endpoint group of every order that is not complete."""
    rows = call.store.query(
        "SELECT * FROM vi_port WHERE account = ? AND status <> ? ORDER BY id",
        (call.login, COMPLETE),
    )
    if not rows or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"ActivePorts": [_dates(row) for row in rows]})


def get_port_history(call: Call) -> Reply:
    """GetPortHistory: what happened to a number, the oldest first, and its latest order.

    909 for a number that another account has or ports; 101 for one without a port.
    """
    tn = _number(call)
    ports = call.store.query(
        "SELECT p.* FROM vi_port p JOIN vi_port_did d ON d.port_id = p.id WHERE d.tn = ?"
        " ORDER BY p.id",
        (tn,),
    )
    ours = [row for row in ports if row["account"] == call.login]
    number = find_number(call.store, tn)
    holder = number["account"] if number is not None and number["status"] == "owned" else ""
    if not ours and (ports or holder not in ("", call.login)):
        raise Refused(909)
    if not ours or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(
        containers={
            "PortDetails": _detail(call, ours[-1]),
            "IsPortable": is_portable(call.store, tn),
            "PortHistories": [event for row in ours for event in _events(call, row, tn)],
        }
    )


def _events(call: Call, port: sqlite3.Row, tn: str) -> list[dict[str, Any]]:
    rows = call.store.query(
        "SELECT * FROM vi_port_event WHERE port_id = ? ORDER BY id", (port["id"],)
    )
    return [
        {
            "portId": port["id"],
            "tn": tn,
            "status": row["status"],
            "date": eastern(datetime.fromisoformat(row["at"])),
            "comment": row["comment"],
        }
        for row in rows
    ]


METHODS = (
    Method("isPortable", "tn string", "PortResponse", is_portable_tn),
    Method("getPortDetails", "portId int", "PortResponse", get_port_details),
    Method("getActivePorts", "", "PortResponse", get_active_ports),
    Method("GetPortHistory", "tn string", "PortResponse", get_port_history),
)
