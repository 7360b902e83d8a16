"""VoiceTel section 9: brands and campaigns of the registry, and the network that a campaign uses.

Which network a campaign uses is told by the end of its id: `B` is network B, `N` none that is
known, anything else network A. `EXP` and `SUS` at the end are campaigns that are no longer good.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_checks import (
    check_optional_text,
    check_pattern,
    check_text,
    comma_list,
)
from portal.sandbox.rest_voicetel_records import owned_with
from portal.sandbox.rest_voicetel_wire import (
    Caller,
    Refused,
    body_of,
    is_faulted,
    operation,
    parameters,
    require,
    stamp,
    success,
    zulu,
)
from portal.sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_brand (
    login TEXT NOT NULL, brand_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    PRIMARY KEY (login, brand_id));
CREATE TABLE IF NOT EXISTS voicetel_campaign (
    login TEXT NOT NULL, campaign_id TEXT NOT NULL, brand_id TEXT NOT NULL,
    description TEXT NOT NULL, class TEXT NOT NULL, start TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (login, campaign_id));
"""
BRAND_ID = re.compile(r"B[A-Za-z0-9]+")
CAMPAIGN_ID = re.compile(r"[A-Z0-9]+")
ID_LIMIT = 100
UPSTREAM: Mapping[str, str] = {"A": "SFL9UTQ", "B": "SB8TWLO"}
CARRIERS: Mapping[str, int] = {"A": 17, "B": 19}
CARRIER_OF_UNKNOWN = 16
REGISTERED = {"result": {"statusCode": "200", "status": "Success"}}
ENDED: Mapping[str, str] = {"EXP": "EXPIRED", "SUS": "SUSPENDED"}


@operation(refusal=(400, "Carrier refused the brand"))
def create_brand(request: Request, store: Store, caller: Caller) -> Response:
    """POST /messaging/brands: bring in a brand of the registry, once."""
    body = body_of(request)
    require(body, "messagingBrandId", "messagingBrandName")
    brand_id = check_pattern("messagingBrandId", body["messagingBrandId"], BRAND_ID)
    name = check_text("messagingBrandName", body["messagingBrandName"])
    about = check_optional_text(
        "messagingBrandDescription", body.get("messagingBrandDescription"), limit=4096
    )
    made = store.execute(
        "INSERT OR IGNORE INTO voicetel_brand (login, brand_id, name, description)"
        " VALUES (?, ?, ?, ?)",
        (caller.login, brand_id, name, about),
    )
    if not made:
        raise Refused(400, "Carrier refused the brand: already registered")
    return success(REGISTERED, 201)


@operation(refusal=(400, "Carrier refused the campaign"))
def create_campaign(request: Request, store: Store, caller: Caller) -> Response:
    """POST /messaging/campaigns: bring in a campaign of a brand that is there already, once."""
    body = body_of(request)
    require(body, "messagingBrandId", "externalCampaignId", "campaignDescription")
    brand_id = check_pattern("messagingBrandId", body["messagingBrandId"], BRAND_ID)
    campaign_id = check_pattern("externalCampaignId", body["externalCampaignId"], CAMPAIGN_ID)
    about = check_text("campaignDescription", body["campaignDescription"], limit=4096)
    kind = check_optional_text("campaignClassName", body.get("campaignClassName")) or "T"
    start = _start(body.get("campaignStartDate")) or zulu(store.now())
    brands = store.query(
        "SELECT 1 FROM voicetel_brand WHERE login = ? AND brand_id = ?", (caller.login, brand_id)
    )
    if not brands:
        raise Refused(400, "Carrier refused the campaign: unknown brand")
    made = store.execute(
        "INSERT OR IGNORE INTO voicetel_campaign"
        " (login, campaign_id, brand_id, description, class, start, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (caller.login, campaign_id, brand_id, about, kind, start, stamp(store.now())),
    )
    if not made:
        raise Refused(400, "Carrier refused the campaign: already registered")
    return success(REGISTERED, 201)


def _start(value: object) -> str:
    """Return a date-time as it came, '' for none; raise 400 for what is no ISO 8601."""
    text = check_optional_text("campaignStartDate", value)
    if not text:
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "Invalid campaignStartDate: must be an ISO 8601 date-time") from None
    return text


@operation(refusal=(400, "Campaigns could not be read"))
def list_campaigns(request: Request, store: Store, caller: Caller) -> Response:
    """GET /messaging/campaigns: status and numbers of campaigns; unknown ids are left out."""
    ids = comma_list(parameters(request), "ids", limit=ID_LIMIT)
    campaigns = [
        {
            "id": row["campaign_id"],
            "status": registry_status(store, row),
            "numbers": [own["tn"] for own in owned_with(store, caller, "campaign", campaign_id)],
        }
        for campaign_id in ids
        for row in find_campaign(store, caller, campaign_id)
    ]
    return success({"campaigns": [] if is_faulted(request, "empty") else campaigns})


def find_campaign(store: Store, caller: Caller, campaign_id: str) -> list[sqlite3.Row]:
    """Return the campaign of the account with this id as a list of one, or an empty list."""
    return store.query(
        "SELECT * FROM voicetel_campaign WHERE login = ? AND campaign_id = ?",
        (caller.login, campaign_id),
    )


def registry_status(store: Store, row: sqlite3.Row) -> str:
    """Return how far the registry is: complete, or pending for `voicetel.campaign_hours` first."""
    if row["campaign_id"][-3:] in ENDED:
        return f"CAMPAIGN_{ENDED[row['campaign_id'][-3:]]}"
    return "CAMPAIGN_PENDING" if _is_pending(store, row) else "CAMPAIGN_DCA_COMPLETE"


def binding_status(store: Store, caller: Caller, campaign_id: str) -> str:
    """Return the status that the state of a number shows for its campaign."""
    if campaign_id[-3:] in ENDED:
        return ENDED[campaign_id[-3:]]
    rows = find_campaign(store, caller, campaign_id)
    return "PENDING" if rows and _is_pending(store, rows[0]) else "ACTIVE"


def _is_pending(store: Store, row: sqlite3.Row) -> bool:
    wait = timedelta(hours=float(store.setting("voicetel.campaign_hours", 0)))
    return store.now() < datetime.fromisoformat(row["at"]) + wait


def network_of(campaign_id: str) -> str | None:
    """Return the network of a campaign: A, B or None when it is not known."""
    return {"B": "B", "N": None}.get(campaign_id[-1], "A")


def network_of_carrier(carrier: int) -> str | None:
    """Return the network of an outbound carrier id, or None."""
    return next((name for name, each in CARRIERS.items() if each == carrier), None)


def outbound_carrier(campaign_id: str) -> int:
    """Return the outbound carrier id of the numbers of a campaign."""
    network = network_of(campaign_id)
    return CARRIERS[network] if network else CARRIER_OF_UNKNOWN


def network_members(campaign_id: str) -> dict[str, Any]:
    """Write the network of a campaign as answers carry it; both may be null."""
    network = network_of(campaign_id)
    return {"network": network, "upstreamCnpId": UPSTREAM[network] if network else None}
