"""VoIP Innovations 2.14: endpoint groups, switched on and off, and the clients they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from portal.sandbox.soap_records import OWNED, own_group
from portal.sandbox.soap_wire import Call, Method, Reply

# An account is one client here; the id is that of the client, not of the account.
CLIENTS: Mapping[str, tuple[int, str]] = {
    "sandbox": (7001, "Sandbox Voice LLC"),
    "sandbox2": (7002, "Other Voice LLC"),
}
# Counts of the Client record, by the fact that a number has.
COUNTED: Mapping[str, str] = {
    "Failovers": "failover",
    "Forwards": "forward",
    "ConferenceLines": "conference",
    "FaxToEmails": "fax",
}
COUNTS = ", ".join(
    f"count(json_extract(data, '$.{fact}')) AS {name}" for name, fact in COUNTED.items()
)


def group_facts(row: sqlite3.Row) -> dict[str, Any]:
    """Return an endpoint group as the EndpointGroup record."""
    return {
        "ID": row["id"],
        "Name": row["name"],
        "Client": row["client"],
        "Port": "5060",
        "Prepend": "",
        "RateDeck": "Standard",
        "StripPlus": True,
        "StripCC": bool(row["strips_country_code"]),
        "International": bool(row["is_international"]),
        "MTDUsage": f"{row['usage']:.4f}",
        "IPs": row["ips"].split(),
        "Active": bool(row["is_active"]),
    }


def _groups(call: Call) -> list[sqlite3.Row]:
    return call.store.query(
        "SELECT * FROM vi_endpoint_group WHERE account = ? ORDER BY id", (call.login,)
    )


def audit_endpoint_groups(call: Call) -> Reply:
    """AuditEndpointGroups: every endpoint group of the account, active or not; 101 for none."""
    rows = _groups(call)
    if not rows or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={"EndpointGroups": [group_facts(row) for row in rows]})


def audit_endpoint_group(call: Call) -> Reply:
    """AuditEndpointGroup: one endpoint group; 948 when it is not the account's."""
    row = own_group(call, call.args["groupId"])
    return Reply(containers={"EndpointGroups": [group_facts(row)]})


def _switch(call: Call, *, is_active: bool) -> Reply:
    row = own_group(call, call.text("groupid"))
    call.store.execute(
        "UPDATE vi_endpoint_group SET is_active = ? WHERE id = ?", (int(is_active), row["id"])
    )
    return Reply()


def activate_endpoint_group(call: Call) -> Reply:
    """ActivateEndpointGroup: let numbers go to the group again; an active one stays so."""
    return _switch(call, is_active=True)


def deactivate_endpoint_group(call: Call) -> Reply:
    """DeactivateEndpointGroup: numbers stay where they are, none can be sent to it any more."""
    return _switch(call, is_active=False)


def audit_clients(call: Call) -> Reply:
    """AuditClients: the account's client, with counts of what it has; usage is USD this month."""
    if call.is_faulted("empty"):
        return Reply(code=101)
    groups = _groups(call)
    (having,) = call.store.query(
        f"SELECT {COUNTS} FROM number WHERE {OWNED}",  # noqa: S608
        (call.login,),
    )
    did_groups = call.store.query(
        "SELECT count(*) AS n FROM vi_did_group WHERE account = ?", (call.login,)
    )
    client_id, name = CLIENTS[call.login]
    record = {
        "ID": client_id,
        "Name": name,
        "EndpointGroups": len(groups),
        "DIDGroups": did_groups[0]["n"],
        "E911Groups": 0,
        "Usage": f"{sum(row['usage'] for row in groups):.4f}",
        "HostedBillingCustomers": 0,
        **dict(having),
    }
    return Reply(containers={"Clients": [record]})


METHODS = (
    Method("AuditEndpointGroups", "", "AuditResponse", audit_endpoint_groups),
    Method("AuditEndpointGroup", "groupId int", "AuditResponse", audit_endpoint_group),
    Method(
        "ActivateEndpointGroup",
        "groupid string",
        "Response",
        activate_endpoint_group,
        is_write=True,
    ),
    Method(
        "DeactivateEndpointGroup",
        "groupid string",
        "Response",
        deactivate_endpoint_group,
        is_write=True,
    ),
    Method("AuditClients", "", "AuditResponse", audit_clients),
)
