"""VoIP Innovations 2.11: the numbers of a 10DLC campaign."""

from __future__ import annotations

import sqlite3

from portal.sandbox.soap_10dlc_records import (
    APPROVED,
    campaign_record,
    find_campaign,
    numbers_by_campaign,
)
from portal.sandbox.soap_records import TOLL_FREE_STATE, change_facts, facts_of, own_tn
from portal.sandbox.soap_sms import NOT_ENABLED, sms_of
from portal.sandbox.soap_wire import Call, Method, Refused, Reply


def _named(call: Call) -> list[sqlite3.Row]:
    """Return the numbers that a request names; raise 944 for none or a wrong one, 909."""
    if not call.args["tns"]:
        raise Refused(944, "No number is given")
    return [own_tn(call, tn.strip()) for tn in call.args["tns"]]


def assign_to_sms_campaign(call: Call) -> Reply:
    """AssignToSMSCampaign: put numbers into an approved campaign, all of them or none.

    900 for a campaign that is not approved, and for a number that is toll-free, has its messages
    off or is in another campaign.
    """
    rows = _named(call)
    campaign = find_campaign(call, call.text("campaignId"))
    if campaign["status"] != APPROVED:
        raise Refused(900, f"The campaign is not approved, it is {campaign['status']}")
    for row in rows:
        if row["state"] == TOLL_FREE_STATE:
            raise Refused(900, "Toll-free numbers are not part of 10DLC")
        if not sms_of(row)["on"]:
            raise Refused(900, NOT_ENABLED)
        if facts_of(row).get("campaign", campaign["id"]) != campaign["id"]:
            raise Refused(900, "The number is in another campaign")
    for row in rows:
        change_facts(call.store, row, campaign=campaign["id"])
    record = campaign_record(campaign, numbers_by_campaign(call))
    return Reply(containers={"Campaigns": [record]})


def remove_from_sms_campaign(call: Call) -> Reply:
    """RemoveFromSMSCampaign: take numbers out, all of them or none; 101 for one that is in none."""
    rows = _named(call)
    if not all(facts_of(row).get("campaign") for row in rows):
        raise Refused(101, "The number is in no campaign")
    for row in rows:
        change_facts(call.store, row, campaign=None)
    return Reply()


METHODS = (
    Method(
        "AssignToSMSCampaign",
        "tns string[], campaignId string",
        "SMS10DLCResponse",
        assign_to_sms_campaign,
        is_write=True,
    ),
    Method(
        "RemoveFromSMSCampaign",
        "tns string[]",
        "SMS10DLCResponse",
        remove_from_sms_campaign,
        is_write=True,
    ),
)
