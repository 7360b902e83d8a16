"""VoIP Innovations 2.11: campaigns of 10DLC, ours and those registered elsewhere."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from portal.sandbox.soap_10dlc_records import (
    CAMPAIGN_REVIEW_SECONDS,
    PENDING,
    REJECTED,
    SOLE_PROPRIETOR,
    VERIFIED,
    VERTICALS,
    campaign_record,
    due,
    find_campaign,
    find_customer,
    insert,
    numbers_by_campaign,
    word,
)
from portal.sandbox.soap_types import TYPES
from portal.sandbox.soap_wire import Call, Method, Refused, Reply

# Use cases by id; those of the second table are made of two to five of the first.
USECASES: Mapping[str, str] = {
    "2FA": "Two-factor authentication",
    "ACCOUNT_NOTIFICATION": "Account notifications",
    "CUSTOMER_CARE": "Customer care",
    "DELIVERY_NOTIFICATION": "Delivery notifications",
    "FRAUD_ALERT": "Fraud alerts",
    "HIGHER_EDUCATION": "Higher education",
    "MARKETING": "Marketing",
    "POLLING_VOTING": "Polls and votes",
    "PUBLIC_SERVICE_ANNOUNCEMENT": "Public service announcements",
    "SECURITY_ALERT": "Security alerts",
}
COMPOUND: Mapping[str, str] = {"LOW_VOLUME": "Low volume, mixed", "MIXED": "Mixed"}
SUB_COUNT = range(2, 6)
EXTERNAL_ID = re.compile(r"[A-Za-z0-9]{4,20}")
REQUIRED = ("description", "messageFlow", "sampleMsg1")
CREATE = (
    "customerId string, description string, displayName string, vertical string,"
    " messageFlow string, sampleMsg1 string, sampleMsg2 string, subOptIn boolean,"
    " subOptOut boolean, subHelp boolean, numPooling boolean, directLending boolean,"
    " embeddedLink boolean, embeddedPhone boolean, affMarketing boolean, ageGated boolean,"
    " usecaseId string, subUsecaseIds string"
)
UPDATE = (
    "campaignId string, helpMessage string, optOutMessage string, messageFlow string,"
    " description string, sampleMsg1 string, sampleMsg2 string"
)


def _reply(call: Call, rows: Iterable[sqlite3.Row]) -> Reply:
    tns = numbers_by_campaign(call)
    return Reply(containers={"Campaigns": [campaign_record(row, tns) for row in rows]})


def get_sms_campaigns(call: Call) -> Reply:
    """GetSMSCampaigns: every campaign of the account; 101 for none."""
    rows = call.store.query(
        "SELECT * FROM vi_sms_campaign WHERE account = ? ORDER BY seq", (call.login,)
    )
    return Reply(code=101) if not rows or call.is_faulted("empty") else _reply(call, rows)


def options_for(entity_type: str) -> dict[str, str]:
    """Return the use cases, by id, that a customer of this entity type may have."""
    if entity_type == SOLE_PROPRIETOR:
        return {SOLE_PROPRIETOR: "Sole proprietor"}
    return {**USECASES, **COMPOUND}


def get_sms_usecase_options(call: Call) -> Reply:
    """GetSMSUsecaseOptions: the use cases that are open to a customer."""
    row = find_customer(call, call.text("customerId"))
    if call.is_faulted("empty"):
        return Reply(code=101)
    options = options_for(json.loads(row["data"])["EntityType"])
    found = [{"UsecaseId": usecase, "Name": name} for usecase, name in options.items()]
    return Reply(containers={"Usecases": found})


def _usecase(call: Call, customer: sqlite3.Row) -> tuple[str, str]:
    """Return use case and parts, these divided by commas; raise 900 where they do not fit."""
    usecase = word(call.text("usecaseId"))
    if usecase not in options_for(json.loads(customer["data"])["EntityType"]):
        raise Refused(900, "The use case is not open to this customer")
    parts = [word(part) for part in re.split("[,;]", call.text("subUsecaseIds")) if part.strip()]
    if usecase in COMPOUND and (
        len(set(parts)) not in SUB_COUNT or not set(parts) <= USECASES.keys()
    ):
        raise Refused(900, "This use case needs two to five others as its parts")
    return usecase, ",".join(parts if usecase in COMPOUND else [])


def create_sms_campaign(call: Call) -> Reply:
    """CreateSMSCampaign: a campaign of a verified customer, to be reviewed.

    900 for a customer that is not verified, a use case that is not open to it, a vertical that is
    none, and for what is missing.
    """
    customer = find_customer(call, call.text("customerId"))
    if customer["status"] != VERIFIED:
        raise Refused(900, f"The customer is not verified, it is {customer['status']}")
    for name in REQUIRED:
        if not call.text(name):
            raise Refused(900, f"{name} is missing")
    usecase, parts = _usecase(call, customer)
    vertical = word(call.text("vertical")) or json.loads(customer["data"])["Vertical"]
    if vertical and vertical not in VERTICALS:
        raise Refused(900, "vertical is none of those that GetSMSEnumerations lists")
    facts = {
        **_as_record(call.args),
        "Vertical": vertical,
        "UsecaseId": usecase,
        "SubUsecaseIds": parts,
    }
    campaign_id = insert(
        call.store,
        "vi_sms_campaign",
        "C",
        account=call.login,
        customer=customer["id"],
        data=json.dumps(facts),
        status=PENDING,
        due_at=due(call.store, "campaign", CAMPAIGN_REVIEW_SECONDS),
    )
    return _reply(call, [find_campaign(call, campaign_id)])


def _as_record(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments under the names of the Campaign record: the first letter is a capital."""
    known = {field.name for field in TYPES["Campaign"]}
    named = {name[0].upper() + name[1:]: value for name, value in args.items()}
    return {
        name: value.strip() if isinstance(value, str) else value
        for name, value in named.items()
        if name in known
    }


def _review(call: Call, row: sqlite3.Row) -> None:
    call.store.execute(
        "UPDATE vi_sms_campaign SET status = ?, reason = '', due_at = ? WHERE seq = ?",
        (PENDING, due(call.store, "campaign", CAMPAIGN_REVIEW_SECONDS), row["seq"]),
    )


def update_sms_campaign(call: Call) -> Reply:
    """UpdateSMSCampaign: change the texts that are given; a rejected one is reviewed again.

    900 for a campaign that is registered elsewhere: it is changed there.
    """
    row = find_campaign(call, call.text("campaignId"))
    if row["is_external"]:
        raise Refused(900, "The campaign is registered elsewhere and changed there")
    given = {name: value for name, value in _as_record(call.args).items() if value}
    data = json.dumps({**json.loads(row["data"]), **given})
    call.store.execute("UPDATE vi_sms_campaign SET data = ? WHERE seq = ?", (data, row["seq"]))
    if row["status"] == REJECTED:
        _review(call, row)
    return _reply(call, [find_campaign(call, row["id"])])


def delete_sms_campaign(call: Call) -> Reply:
    """DeleteSMSCampaign: forget a campaign; its numbers are in none afterwards."""
    row = find_campaign(call, call.text("campaignId"))
    call.store.execute(
        "UPDATE number SET data = json_remove(data, '$.campaign')"
        " WHERE account = ? AND json_extract(data, '$.campaign') = ?",
        (call.login, row["id"]),
    )
    call.store.execute("DELETE FROM vi_sms_campaign WHERE seq = ?", (row["seq"],))
    return Reply()


def get_campaign_rejection_reason(call: Call) -> Reply:
    """GetCampaignRejectionReason: why, in `RejectionReason` and as the message; 101 otherwise."""
    row = find_campaign(call, call.text("campaignId"))
    if row["status"] != REJECTED:
        raise Refused(101, "The campaign is not rejected")
    return Reply(containers={"RejectionReason": row["reason"]}, message=row["reason"])


def register_external_sms_campaign(call: Call) -> Reply:
    """RegisterExternalSMSCampaign: use a campaign that was registered elsewhere, once reviewed.

    900 for an id that is none, or that is here already, whoever has it.
    """
    campaign_id = call.text("campaignId")
    if not EXTERNAL_ID.fullmatch(campaign_id):
        raise Refused(900, "This is no campaign id")
    if call.store.query("SELECT 1 FROM vi_sms_campaign WHERE id = ?", (campaign_id,)):
        raise Refused(900, "The campaign is registered already")
    insert(
        call.store,
        "vi_sms_campaign",
        "C",
        id=campaign_id,
        account=call.login,
        data=json.dumps({"DisplayName": call.text("displayName")}),
        status=PENDING,
        is_external=1,
        due_at=due(call.store, "campaign", CAMPAIGN_REVIEW_SECONDS),
    )
    return _reply(call, [find_campaign(call, campaign_id)])


def resubmit_external_sms_campaign(call: Call) -> Reply:
    """ResubmitExternalSMSCampaign: have a rejected one from elsewhere reviewed again; else 900."""
    row = find_campaign(call, call.text("campaignId"))
    if not row["is_external"]:
        raise Refused(900, "The campaign is not registered elsewhere")
    if row["status"] != REJECTED:
        raise Refused(900, f"The campaign is not rejected, it is {row['status']}")
    data = json.dumps({**json.loads(row["data"]), "resubmitted": True})
    call.store.execute("UPDATE vi_sms_campaign SET data = ? WHERE seq = ?", (data, row["seq"]))
    _review(call, row)
    return Reply()


_RETURNS = "SMS10DLCResponse"
_ID = "campaignId string"
METHODS = (
    Method("GetSMSCampaigns", "", _RETURNS, get_sms_campaigns),
    Method("GetSMSUsecaseOptions", "customerId string", _RETURNS, get_sms_usecase_options),
    Method("CreateSMSCampaign", CREATE, _RETURNS, create_sms_campaign, is_write=True),
    Method("UpdateSMSCampaign", UPDATE, _RETURNS, update_sms_campaign, is_write=True),
    Method("DeleteSMSCampaign", _ID, _RETURNS, delete_sms_campaign, is_write=True),
    Method("GetCampaignRejectionReason", _ID, _RETURNS, get_campaign_rejection_reason),
    Method(
        "RegisterExternalSMSCampaign",
        f"{_ID}, displayName string",
        _RETURNS,
        register_external_sms_campaign,
        is_write=True,
    ),
    Method(
        "ResubmitExternalSMSCampaign",
        _ID,
        _RETURNS,
        resubmit_external_sms_campaign,
        is_write=True,
    ),
)
