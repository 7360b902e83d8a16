"""VoiceTel sections 9 and 10: how numbers send and receive messages, and the campaigns they are in.

A number can send while it has an outbound carrier. Rows of SMS routes have ids of their own, and a
number's `routeIn` is one of them.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_campaigns import (
    CAMPAIGN_ID,
    CARRIER_OF_UNKNOWN,
    CARRIERS,
    binding_status,
    find_campaign,
    network_members,
    network_of,
    network_of_carrier,
    outbound_carrier,
)
from portal.sandbox.rest_voicetel_checks import check_pattern, number_list
from portal.sandbox.rest_voicetel_records import change_number, facts_of, find_number
from portal.sandbox.rest_voicetel_sms import find_route, route_row
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    check_int,
    faulted_tns,
    is_faulted,
    operation,
    parameters,
    require,
    success,
)
from portal.sandbox.store import Store

BATCH_LIMIT = 1000
REGISTRY_ID = re.compile(r"C[A-Z0-9]{6}")
NO_CARRIER = 0
ID_LIMIT = 2**53


def state_object(store: Store, caller: Caller, number: str, row: sqlite3.Row | None) -> Any:
    """Write the messaging state of a number; that of a foreign one is off and empty.

    A campaign is shown on network A or B only: one whose network is unknown is not seen here.
    """
    facts = facts_of(row) if row is not None else {}
    campaign_id, carrier = facts.get("campaign"), facts.get("carrier", NO_CARRIER)
    sms = facts.get("sms") or {}
    campaign = None
    if campaign_id and network_of(campaign_id):
        status = binding_status(store, caller, campaign_id)
        campaign = {"id": campaign_id, "status": status, **network_members(campaign_id)}
    return {
        "number": number,
        "onAccount": row is not None,
        "enabled": carrier != NO_CARRIER,
        "carrier": carrier,
        "network": network_of_carrier(carrier),
        "routeIn": sms.get("id", 0),
        "resource": sms.get("resource", ""),
        "campaign": campaign,
    }


@operation(refusal=(400, "Messaging state could not be read"))
def list_states(request: Request, store: Store, caller: Caller) -> Response:
    """GET /numbers/messaging: the states of numbers in the order asked for, foreign ones too."""
    states = []
    for number in number_list(parameters(request), limit=BATCH_LIMIT):
        row = _own_or_none(store, caller, number)
        states.append(state_object(store, caller, number, row))
    return success({"numbers": [] if is_faulted(request, "empty") else states})


def _own_or_none(store: Store, caller: Caller, number: str) -> sqlite3.Row | None:
    try:
        return find_number(store, caller, number)
    except Refused:
        return None


@operation(refusal=(404, "Number not found on account"))
def show_state(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """GET …/messaging: the state of one number."""
    row = find_number(store, caller, number)
    return success(state_object(store, caller, row["tn"], row))


@operation(refusal=(400, "Messaging could not be changed"))
def change_state(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PATCH …/messaging: attach an SMS route row or detach it (0), set the outbound carrier."""
    row = find_number(store, caller, number)
    body = body_of(request)
    given = [name for name in ("routeIn", "routeOut") if body.get(name) is not None]
    if not given:
        raise Refused(400, "Fields Required: routeIn, routeOut")
    changes: dict[str, Any] = {}
    for name in given:
        value = check_int(name, body[name], low=0, high=ID_LIMIT)
        if name == "routeIn":
            changes["sms"] = route_row(find_route(store, caller, value)) if value else None
        elif value in (NO_CARRIER, CARRIER_OF_UNKNOWN, *CARRIERS.values()):
            changes["carrier"] = value or None
        else:
            raise Refused(400, "Invalid routeOut: no such carrier")
    change_number(store, row, **changes)
    return success({"number": row["tn"], "updated": given})


@operation(refusal=(400, "Campaign could not be assigned"))
def assign_campaign(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """PUT …/messaging-campaign: put a number into a campaign, out of the one it was in.

    A campaign that expired or is suspended is refused; one that is not on the account is a 404.
    """
    row = find_number(store, caller, number)
    body = body_of(request)
    require(body, "campaignId")
    campaign_id = check_pattern("campaignId", body["campaignId"], CAMPAIGN_ID)
    if not find_campaign(store, caller, campaign_id):
        raise Refused(404, "Campaign not found")
    status = binding_status(store, caller, campaign_id)
    if status not in ("ACTIVE", "PENDING"):
        raise Refused(400, f"Campaign is {status}")
    before = facts_of(row).get("campaign")
    previous = (network_of(before) or "unknown") if before else None
    carrier = outbound_carrier(campaign_id)
    change_number(store, row, campaign=campaign_id, carrier=carrier)
    return success(
        {
            "number": row["tn"],
            "campaignId": campaign_id,
            "carrier": carrier,
            **network_members(campaign_id),
            "previousNetwork": previous,
            "previousNetworkCleared": previous is not None and previous != network_of(campaign_id),
        }
    )


@operation(refusal=(400, "Campaign could not be unassigned"))
def unassign_campaign(request: Request, store: Store, caller: Caller, number: str) -> Response:
    """DELETE …/messaging-campaign?campaignId=…: answers 200; 404 when the number is not in it."""
    row = find_number(store, caller, number)
    campaign_id = _campaign_in_query(request)
    if facts_of(row).get("campaign") != campaign_id:
        raise Refused(404, "Number is not assigned to this campaign")
    change_number(store, row, campaign=None, carrier=None)
    members = network_members(campaign_id)
    return success({"number": row["tn"], "campaignId": campaign_id, **members, "unassigned": True})


@operation(refusal=(409, "Unsupported messaging path"))
def unassign_campaigns(request: Request, store: Store, caller: Caller) -> Response:
    """DELETE /numbers/messaging-campaign: many numbers at once; some may fail under a 200.

    409 when the network of the campaign is not known.
    """
    numbers = number_list(parameters(request), limit=BATCH_LIMIT)
    campaign_id = _campaign_in_query(request)
    if not find_campaign(store, caller, campaign_id):
        raise Refused(400, "Campaign not found")
    if network_of(campaign_id) is None:
        raise Refused(409, "Unsupported messaging path")
    done, failed = [], []
    for number in numbers:
        row = _own_or_none(store, caller, number)
        reason = ""
        if row is None:
            reason = "Number not found on account"
        elif facts_of(row).get("campaign") != campaign_id:
            reason = "Not assigned to this campaign"
        elif number in faulted_tns(request, "partial"):
            reason = "Carrier refused the change"
        if row is None or reason:
            failed.append({"number": number, "reason": reason})
        else:
            change_number(store, row, campaign=None, carrier=None)
            done.append(number)
    outcome = {"unassignedNumbers": done, "failed": failed}
    response = success({"campaignId": campaign_id, **network_members(campaign_id), **outcome})
    response.done, response.carried_out = done, bool(done)
    return response


def _campaign_in_query(request: Request) -> str:
    query = parameters(request)
    require(query, "campaignId")
    return check_pattern("campaignId", query["campaignId"], REGISTRY_ID)
