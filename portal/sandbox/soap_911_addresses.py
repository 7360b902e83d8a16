"""Addresses as the sandbox's 911 carrier reads them (voip-innovations.md 2.8).

It knows no real streets. Every street name is taken, with house numbers from 1 to 29999. What
comes back is normalised: upper case, suffix and direction abbreviated, the unit in the second line,
ZIP+4 and coordinates filled. Not geocodable are house number 0 or none, a post office box, a state
that is none, a city of another state, and a ZIP code of another part of the country.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.sandbox.soap_911_places import STATES, clean, coordinates, draw, find_city

HIGHEST_HOUSE = 29_999
HOUSE = re.compile(r"(\d{1,6})([A-Z]?|-\d{1,4}|-[A-Z])")
BOX = re.compile(r"\bP ?O ?BOX\b|\bPOST OFFICE BOX\b")
ZIP = re.compile(r"([0-9]{5})(?:-?([0-9]{4}))?")
SUFFIXES: Mapping[str, str] = {
    "ALLEY": "ALY",
    "AVENUE": "AVE",
    "AV": "AVE",
    "BOULEVARD": "BLVD",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "COVE": "CV",
    "DRIVE": "DR",
    "EXPRESSWAY": "EXPY",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "PLAZA": "PLZ",
    "ROAD": "RD",
    "SQUARE": "SQ",
    "STREET": "ST",
    "STR": "ST",
    "TERRACE": "TER",
    "TRAIL": "TRL",
}
DIRECTIONS: Mapping[str, str] = {
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "NORTHEAST": "NE",
    "NORTHWEST": "NW",
    "SOUTHEAST": "SE",
    "SOUTHWEST": "SW",
}
UNITS: Mapping[str, str] = {
    "APARTMENT": "APT",
    "APT": "APT",
    "BUILDING": "BLDG",
    "BLDG": "BLDG",
    "FLOOR": "FL",
    "FL": "FL",
    "ROOM": "RM",
    "RM": "RM",
    "SUITE": "STE",
    "STE": "STE",
    "UNIT": "UNIT",
    "#": "UNIT",
}
UNIT_VALUE = re.compile(r"[A-Z]|[A-Z]*-?\d[A-Z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address that was geocoded: upper case, ZIP of five digits, `plus_four` of four.

    Latitude and longitude are degrees as text.
    """

    address1: str
    address2: str
    city: str
    state: str
    zip: str
    plus_four: str
    latitude: str
    longitude: str


def geocode(
    address1: str, *, address2: str, city: str, state: str, zip_code: str, plus_four: str
) -> Address | None:
    """Return the address as the carrier keeps it; None when it cannot be geocoded.

    A ZIP code that was left out is filled in, and so are its last four digits.
    """
    state = clean(state)
    match = ZIP.fullmatch(zip_code.strip())
    if state not in STATES or (zip_code.strip() and match is None):
        return None
    line, unit = _street(clean(address1))
    place = find_city(city, state, has_zip=match is not None)
    if not line or not place:
        return None
    first = STATES[state][0]
    code = match[1] if match else f"{first}{draw(f'{place} {state}', 9000) + 1000:04d}"
    if code[0] != first or code == "00000":
        return None
    asked_four = plus_four.strip() or (match[2] or "" if match else "")
    has_four = len(asked_four) == 4 and asked_four.isascii() and asked_four.isdigit()
    four = asked_four if has_four else f"{draw(f'{line} {code}', 9000) + 1000}"
    latitude, longitude = coordinates(state, place, line)
    return Address(
        address1=line,
        address2=" ".join(filter(None, (unit, _second_line(clean(address2))))),
        city=place,
        state=state,
        zip=code,
        plus_four=four,
        latitude=latitude,
        longitude=longitude,
    )


def _street(text: str) -> tuple[str, str]:
    """Return the first line and the unit that it held; an empty line when it is no address."""
    house, *words = text.replace("#", " # ").split() or [""]
    match = HOUSE.fullmatch(house)
    if match is None or not words or BOX.search(text):
        return "", ""
    if not 1 <= int(match[1]) <= HIGHEST_HOUSE:
        return "", ""
    words, units = _shorten(words)
    return " ".join([f"{int(match[1])}{match[2]}", *words]), " ".join(units)


def _shorten(words: list[str]) -> tuple[list[str], list[str]]:
    """Abbreviate a street's words and cut `APT 4` and the like off their end.

    Until nothing changes any more: what was shortened once must stay as it is.
    """
    if len(words) > 2 and words[-2] in UNITS and UNIT_VALUE.fullmatch(words[-1]):
        rest, units = _shorten(words[:-2])
        return rest, [*units, f"{UNITS[words[-2]]} {words[-1]}"]
    shorter = _abbreviate(words)
    return (words, []) if shorter == words else _shorten(shorter)


def _abbreviate(words: list[str]) -> list[str]:
    """Shorten the direction before and after a street's name, and its suffix."""
    found = list(words)
    last = len(found) - 1
    if last > 1:
        found[0] = DIRECTIONS.get(found[0], found[0])
        if found[last] in DIRECTIONS or found[last] in DIRECTIONS.values():
            found[last] = DIRECTIONS.get(found[last], found[last])
            last -= 1
    if last > 0:
        found[last] = SUFFIXES.get(found[last], found[last])
    return found


def _second_line(text: str) -> str:
    """Shorten the words for a unit; a bare value becomes one."""
    words = text.replace("#", " # ").split()
    if len(words) == 1 and UNIT_VALUE.fullmatch(words[0]):
        return f"UNIT {words[0]}"
    return " ".join(UNITS.get(word, word) for word in words)
