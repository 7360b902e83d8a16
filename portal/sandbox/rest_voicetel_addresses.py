"""VoiceTel section 5: emergency addresses, how they are put in order and when they are not valid.

The real validator knows every house; this one asks for a house number, a street, a city, a state
or province, and a ZIP code that can exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.sandbox.rest_voicetel_wire import Refused, require

NO_SUCH_ZIP = "000"
STATES = (
    " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM"
    " NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP"
    " AB BC MB NB NL NS NT NU ON PE QC SK YT "
)
ABBREVIATIONS: Mapping[str, str] = {
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "DRIVE": "DR",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "ROAD": "RD",
    "SQUARE": "SQ",
    "STREET": "ST",
    "TERRACE": "TER",
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "APARTMENT": "APT",
    "BUILDING": "BLDG",
    "FLOOR": "FL",
    "ROOM": "RM",
    "SUITE": "STE",
}
FIELDS = ("address1", "address2", "city", "state", "zip")
REQUIRED = ("address1", "city", "state", "zip")
ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]")
STREET = re.compile(r"[0-9]+[A-Z0-9/-]* .*[A-Z].*")


def checked_address(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the five fields of an address in postal order.

    Raises 400 for what is missing or no text, and 409 for an address that is not valid.
    """
    require(body, *REQUIRED)
    for name in FIELDS:
        if body.get(name) is not None and not isinstance(body[name], str):
            raise Refused(400, f"Invalid {name}: must be a string")
    address = {name: normalized(body.get(name) or "") for name in FIELDS}
    address["city"] = plain(body["city"])
    problem = address_problem(address)
    if problem:
        raise Refused(409, f"Address not valid: {problem}")
    return address


def normalized(text: str) -> str:
    """Return a line in capitals with postal abbreviations: `1 Main Street` is `1 MAIN ST`."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in plain(text).split())


def plain(text: str) -> str:
    """Return a line in capitals, with one space between words and without points and commas."""
    return " ".join(re.sub(r"[^A-Z0-9 #&'/-]", " ", text.upper()).split())


def address_problem(address: Mapping[str, str]) -> str:
    """Return what is wrong with an address in postal order, or ''."""
    if not STREET.fullmatch(address["address1"]):
        return "house number or street is missing"
    if not address["city"]:
        return "city is missing"
    if f" {address['state']} " not in STATES:
        return "unknown state"
    if not ZIP.fullmatch(address["zip"]) or address["zip"].startswith(NO_SUCH_ZIP):
        return "unknown zip"
    return ""
