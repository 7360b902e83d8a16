"""VoIP Innovations 2.14: programmable telco scripts, and the numbers that run one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from portal.sandbox.soap_records import active_group, change_facts, facts_of, own_number
from portal.sandbox.soap_wire import Call, Method, Refused, Reply

# By account: id and name. They are written in the back office; the service only lists them.
SCRIPTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "sandbox": (("501", "Business hours"), ("502", "Call queue")),
    "sandbox2": (("601", "Theirs"),),
}


def get_scripts(call: Call) -> Reply:
    """GetScripts: every script of the account; 101 for none."""
    if call.is_faulted("empty"):
        return Reply(code=101)
    found = [{"ID": script, "Name": name} for script, name in SCRIPTS[call.login]]
    return Reply(containers={"ProgrammableTelcoScripts": found})


def own_script(call: Call, script_id: str) -> str:
    """Return the id of a script of the account; raise 101 for another."""
    if script_id not in [script for script, _ in SCRIPTS[call.login]]:
        raise Refused(101, "The script was not found")
    return script_id


def program_did(call: Call) -> Reply:
    """ProgramDID: let a script answer the number; it leaves endpoint group and forward."""
    row = own_number(call, "did")
    script = own_script(call, call.text("scriptId"))
    change_facts(call.store, row, script=script, epg=None, forward=None)
    return Reply()


def unprogram_did(call: Call) -> Reply:
    """UnprogramDID: the endpoint group takes the number back; 101 when no script has it."""
    row: sqlite3.Row = own_number(call, "did")
    group = active_group(call, call.text("endpointGroupId"))
    if not facts_of(row).get("script"):
        raise Refused(101, "The number is not programmed")
    change_facts(call.store, row, script=None, epg=group["id"])
    return Reply()


_RETURNS = "ProgrammableTelcoResponse"
METHODS = (
    Method("GetScripts", "", _RETURNS, get_scripts),
    Method("ProgramDID", "did string, scriptId string", _RETURNS, program_did, is_write=True),
    Method(
        "UnprogramDID",
        "did string, endpointGroupId string",
        _RETURNS,
        unprogram_did,
        is_write=True,
    ),
)
