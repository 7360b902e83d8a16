"""VoIP Innovations 2.4, 2.5 and 2.7: DID groups, forwards, failovers, outbound caller names."""

from __future__ import annotations

import re
from typing import Any

from portal.sandbox.soap_records import (
    CNAM_WIDTH,
    active_group,
    change_facts,
    facts_of,
    full_did,
    own_number,
    owned_rows,
)
from portal.sandbox.soap_wire import Call, Method, Refused, Reply, is_tn

NAME = re.compile(rf"[A-Za-z0-9 ]{{1,{CNAM_WIDTH}}}")


def create_did_group(call: Call) -> Reply:
    """CreateDIDGroup: a new, empty group; without a name it is called after its number."""
    connection = call.store.connection
    cursor = connection.execute(
        "INSERT INTO vi_did_group (account, name) VALUES (?, ?)", (call.login, call.text("name"))
    )
    group_id = cursor.lastrowid
    connection.execute(
        "UPDATE vi_did_group SET name = 'Group ' || id WHERE id = ? AND name = ''", (group_id,)
    )
    return Reply(containers={"DIDGroups": _groups(call, group_id)})


def _groups(call: Call, group_id: int | None = None) -> list[dict[str, Any]]:
    rows = call.store.query(
        "SELECT id, name FROM vi_did_group WHERE account = ? AND id = coalesce(?, id) ORDER BY id",
        (call.login, group_id),
    )
    return [{"Name": row["name"], "ID": row["id"]} for row in rows]


def get_did_groups(call: Call) -> Reply:
    """GetDIDGroups: every group of the account; none is an empty container."""
    return Reply(containers={"DIDGroups": [] if call.is_faulted("empty") else _groups(call)})


def get_did_group(call: Call) -> Reply:
    """GetDIDGroup: the group that a number is in, or none."""
    group_id = facts_of(own_number(call)).get("didGroup")
    return Reply(containers={"DIDGroups": _groups(call, group_id) if group_id else []})


def set_did_group(call: Call) -> Reply:
    """SetDIDGroup: put a number into a group of the account; 101 for another group."""
    row = own_number(call)
    if not _groups(call, call.args["groupId"]):
        raise Refused(101)
    change_facts(call.store, row, didGroup=call.args["groupId"])
    return Reply()


def remove_did_group(call: Call) -> Reply:
    """RemoveDIDGroup: take a number out of its group; the group stays."""
    change_facts(call.store, own_number(call), didGroup=None)
    return Reply()


def get_did_forward(call: Call) -> Reply:
    """GetDIDForward: the number's record with `forward` filled, empty when there is none."""
    row = own_number(call)
    record = {**full_did(row), "forward": facts_of(row).get("forward", "")}
    return Reply(containers={"DIDs": [record]})


def set_did_forward(call: Call) -> Reply:
    """SetDIDForward: send calls to ten digits; they bypass the endpoint group from now on."""
    row = own_number(call)
    forward = call.text("forward")
    if not is_tn(forward):
        raise Refused(944)
    change_facts(call.store, row, forward=forward, epg=None, script=None)
    return Reply()


def remove_did_forward(call: Call) -> Reply:
    """RemoveDIDForward: end a forward; the endpoint group `epgId` takes the number back.

    948 for a group that is not the account's or is off.
    """
    row = own_number(call)
    group = active_group(call, call.text("epgId"))
    if not facts_of(row).get("forward"):
        raise Refused(101)
    change_facts(call.store, row, forward=None, epg=group["id"])
    return Reply()


def get_did_failover(call: Call) -> Reply:
    """GetDIDFailover: the number's record with `failover` filled, empty when there is none."""
    row = own_number(call)
    record = {**full_did(row), "failover": facts_of(row).get("failover", "")}
    return Reply(containers={"DIDs": [record]})


def update_did_failover(call: Call) -> Reply:
    """UpdateDIDFailover: where calls go when the endpoint does not answer; empty removes it."""
    row = own_number(call)
    failover = call.text("failover")
    if failover and not is_tn(failover):
        raise Refused(944)
    change_facts(call.store, row, failover=failover or None)
    return Reply()


def _audit(call: Call, fact: str, container: str, element: str) -> Reply:
    """List the numbers that have a fact; 101 when none has."""
    found = [
        {"TN": row["tn"], element: facts[fact]}
        for row in owned_rows(call)
        if (facts := facts_of(row)).get(fact)
    ]
    if not found or call.is_faulted("empty"):
        return Reply(code=101)
    return Reply(containers={container: found})


def audit_did_forwards(call: Call) -> Reply:
    """AuditDIDForwards: every forward of the account."""
    return _audit(call, "forward", "DIDForwards", "ForwardTN")


def audit_did_failovers(call: Call) -> Reply:
    """AuditDIDFailovers: every failover of the account."""
    return _audit(call, "failover", "DIDFailovers", "FailoverTN")


def get_cnam_display(call: Call) -> Reply:
    """GetCNAMDisplay: the outbound name, padded with blanks; 101 when there is none."""
    name = facts_of(own_number(call)).get("cnamName")
    if not name:
        raise Refused(101)
    return Reply(containers={"DisplayName": name.ljust(CNAM_WIDTH)})


def update_cnam_display(call: Call) -> Reply:
    """UpdateCNAMDisplay: set the outbound name; the reply does not repeat it (7).

    933 where the number cannot have one; 934 for other characters than letters, digits and blanks,
    and here also for an empty name and for more than 15 characters.
    """
    row = own_number(call)
    if not row["cnam"]:
        raise Refused(933)
    name = call.args["name"]
    if not NAME.fullmatch(name) or not name.strip():
        raise Refused(934)
    change_facts(call.store, row, cnamName=name.strip())
    return Reply()


def remove_cnam(call: Call) -> Reply:
    """RemoveCNAM: take the outbound name away; 101 when there is none."""
    row = own_number(call)
    if not facts_of(row).get("cnamName"):
        raise Refused(101)
    change_facts(call.store, row, cnamName=None)
    return Reply()


METHODS = (
    Method("CreateDIDGroup", "name string", "DIDResponse", create_did_group, is_write=True),
    Method("GetDIDGroups", "", "DIDResponse", get_did_groups),
    Method("GetDIDGroup", "tn string", "DIDResponse", get_did_group),
    Method("SetDIDGroup", "tn string, groupId int", "DIDResponse", set_did_group, is_write=True),
    Method("RemoveDIDGroup", "tn string", "DIDResponse", remove_did_group, is_write=True),
    Method("GetDIDForward", "tn string", "DIDResponse", get_did_forward),
    Method(
        "SetDIDForward", "tn string, forward string", "DIDResponse", set_did_forward, is_write=True
    ),
    Method(
        "RemoveDIDForward",
        "tn string, epgId string",
        "DIDResponse",
        remove_did_forward,
        is_write=True,
    ),
    Method("GetDIDFailover", "tn string", "DIDResponse", get_did_failover),
    Method(
        "UpdateDIDFailover",
        "tn string, failover string",
        "DIDResponse",
        update_did_failover,
        is_write=True,
    ),
    Method("AuditDIDFailovers", "", "AuditResponse", audit_did_failovers),
    Method("AuditDIDForwards", "", "AuditResponse", audit_did_forwards),
    Method("GetCNAMDisplay", "tn string", "CNAMResponse", get_cnam_display),
    Method(
        "UpdateCNAMDisplay",
        "tn string, name string",
        "CNAMResponse",
        update_cnam_display,
        is_write=True,
    ),
    Method("RemoveCNAM", "tn string", "CNAMResponse", remove_cnam, is_write=True),
)
