"""VoiceTel section 7.4: the body of a port request, member by member."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.sandbox.rest_voicetel_checks import check_choice, check_optional_text, check_text
from portal.sandbox.rest_voicetel_records import check_route
from portal.sandbox.rest_voicetel_wire import Refused, check_tn, require

REQUIRED = (
    "did",
    "name",
    "nameType",
    "authPerson",
    "lcBtn",
    "lcAccountNumber",
    "streetNumber",
    "street",
    "streetType",
    "city",
    "state",
    "zip",
    "country",
)
NAME_TYPES = ("business", "residential")
DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
OPTIONAL_TEXTS = ("pin", "building", "floor", "room", "unitValue")
LIDB_LIMIT = 15
DUE_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)


@dataclass(frozen=True, kw_only=True)
class PortForm:
    """A port request that is in order; `features` has an entry for the numbers that have any."""

    numbers: list[str]
    texts: dict[str, str]
    due_date: date | None
    features: dict[str, dict[str, Any]]


def checked_form(body: Mapping[str, Any], routes: Mapping[int, str]) -> PortForm:
    """Return the request, or raise 400 before anything is done."""
    require(body, *REQUIRED)
    numbers = body["did"]
    if not isinstance(numbers, list) or not numbers:
        raise Refused(400, "Invalid did: must be an array of 10-digit numbers")
    numbers = [check_tn("did", number) for number in numbers]
    if len(set(numbers)) < len(numbers):
        raise Refused(400, "Invalid did: a number is named twice")
    texts = {name: check_text(name, body[name]) for name in REQUIRED if name != "did"}
    check_choice("nameType", texts["nameType"], NAME_TYPES)
    check_tn("lcBtn", texts["lcBtn"])
    if not re.fullmatch(r"[A-Za-z]{2}", texts["state"]):
        raise Refused(400, "Invalid state: must be 2 letters")
    texts |= {name: check_optional_text(name, body.get(name)) for name in OPTIONAL_TEXTS}
    for name in ("streetPrefix", "streetSuffix"):
        if body.get(name) not in (None, ""):
            texts[name] = check_choice(name, body[name], DIRECTIONS)
    return PortForm(
        numbers=numbers,
        texts=texts,
        due_date=_due_date(body.get("desiredDueDate")),
        features=_features(body.get("features"), numbers, routes),
    )


def _due_date(value: object) -> date | None:
    """Return the day of `YYYY-MM-DD`, with a time or without: prose and schema differ (7.4)."""
    if value in (None, ""):
        return None
    match = DUE_DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        if match:
            return date.fromisoformat(match[1])
    except ValueError:
        match = None
    raise Refused(400, "Invalid desiredDueDate: must be YYYY-MM-DD")


def _features(
    value: object, numbers: list[str], routes: Mapping[int, str]
) -> dict[str, dict[str, Any]]:
    """Return route, LIDB name and campaign by number, as far as they are asked for."""
    entries = [] if value is None else value
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(400, "Invalid features: must be an array of objects")
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        require(entry, "number")
        if entry["number"] not in numbers:
            raise Refused(400, "Invalid features: number is not among did")
        wanted: dict[str, Any] = {}
        for part in ("routing", "lidb", "sms"):
            if not isinstance(entry.get(part) or {}, dict):
                raise Refused(400, f"Invalid {part}: must be an object")
        gateway = (entry.get("routing") or {}).get("gatewayId")
        if gateway is not None:
            wanted["route"] = check_route(gateway, routes)
        name = (entry.get("lidb") or {}).get("name")
        if name not in (None, ""):
            wanted["lidb"] = check_text("lidb.name", name, limit=LIDB_LIMIT)
        campaign = (entry.get("sms") or {}).get("campaignId")
        if campaign not in (None, ""):
            wanted["campaign"] = check_text("sms.campaignId", campaign)
        found[entry["number"]] = wanted
    return found
