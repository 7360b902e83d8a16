"""States and cities that the sandbox's 911 carrier knows.

The cities are those of the number plan (data/exchanges.csv). Their coordinates are synthetic: near
the middle of the state, and the same each time.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from portal.sandbox.stock import exchanges

# Two-letter code, first digit of its ZIP codes, rough latitude and longitude of its middle.
_STATES = """
AL 3 32.8 -86.8, AK 9 64.0 -152.0, AZ 8 34.3 -111.7, AR 7 34.9 -92.4, CA 9 37.2 -119.5,
CO 8 39.0 -105.5, CT 0 41.6 -72.7, DE 1 39.0 -75.5, DC 2 38.9 -77.0, FL 3 28.6 -82.4,
GA 3 32.6 -83.4, HI 9 20.3 -156.4, ID 8 44.4 -114.6, IL 6 40.0 -89.2, IN 4 39.9 -86.3,
IA 5 42.1 -93.5, KS 6 38.5 -98.4, KY 4 37.5 -85.3, LA 7 31.1 -92.0, ME 0 45.4 -69.2,
MD 2 39.1 -76.8, MA 0 42.3 -71.8, MI 4 44.3 -85.4, MN 5 46.3 -94.3, MS 3 32.7 -89.7,
MO 6 38.4 -92.5, MT 5 47.1 -109.6, NE 6 41.5 -99.8, NV 8 39.3 -116.6, NH 0 43.7 -71.6,
NJ 0 40.2 -74.7, NM 8 34.4 -106.1, NY 1 42.9 -75.5, NC 2 35.6 -79.4, ND 5 47.5 -100.5,
OH 4 40.3 -82.8, OK 7 35.6 -97.5, OR 9 43.9 -120.6, PA 1 40.9 -77.8, RI 0 41.7 -71.6,
SC 2 33.9 -80.9, SD 5 44.4 -100.2, TN 3 35.9 -86.4, TX 7 31.5 -99.3, UT 8 39.3 -111.7,
VT 0 44.1 -72.7, VA 2 37.5 -78.9, WA 9 47.4 -120.4, WV 2 38.6 -80.6, WI 5 44.6 -90.0,
WY 8 43.0 -107.6
"""
STATES: Mapping[str, tuple[str, float, float]] = {
    code: (digit, float(latitude), float(longitude))
    for code, digit, latitude, longitude in (part.split() for part in _STATES.split(","))
}
CITY_WORDS: Mapping[str, str] = {"SAINT": "ST", "SAINTE": "STE", "FORT": "FT", "MOUNT": "MT"}
LIKENESS = 0.88
CITY_SPREAD = 0.6
STREET_SPREAD = 0.02


def clean(text: str) -> str:
    """Return a text in upper-case ASCII with single blanks, without punctuation but `#`, `-`, `/`.

    >>> clean(" St.  George ")
    'ST GEORGE'
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return " ".join(re.sub(r"[^A-Z0-9#/ -]", " ", folded.replace("'", "")).split())


def _city_key(name: str) -> str:
    return " ".join(CITY_WORDS.get(word, word) for word in clean(name).replace("-", " ").split())


@lru_cache(maxsize=1)
def _cities() -> Mapping[str, Mapping[str, str]]:
    """Return by state what each city's key stands for; the plan gives some as `place, city`."""
    found: dict[str, dict[str, str]] = {}
    for _, _, state, _, city, _ in exchanges():
        name = city.rpartition(",")[2]
        found.setdefault(state, {})[_city_key(name)] = clean(name)
    return found


def find_city(name: str, state: str, *, has_zip: bool) -> str:
    """Return a city as the carrier writes it; empty when it is not in the state.

    Slips of spelling are put right. A city that the plan knows in no state at all is taken as it
    is, provided that a ZIP code came with it; one known in other states only is refused.
    """
    key = _city_key(name)
    of_state = _cities().get(state, {})
    if key in of_state:
        return of_state[key]
    if any(key in cities for cities in _cities().values()):
        return ""
    alike = get_close_matches(key, of_state, n=1, cutoff=LIKENESS)
    if alike:
        return of_state[alike[0]]
    is_name = len(key) > 2 and key.replace(" ", "").isalpha()
    return key if is_name and has_zip else ""


def draw(text: str, count: int) -> int:
    """Return a number from 0 to `count` - 1 that is always the same for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % count


def coordinates(state: str, city: str, address: str) -> tuple[str, str]:
    """Return latitude and longitude in degrees with six decimals, invented but stable."""
    _, *middle = STATES[state]
    found = []
    for axis, centre in zip(("north", "east"), middle, strict=True):
        city_part = _offset(f"{axis} {state} {city}", CITY_SPREAD)
        found.append(centre + city_part + _offset(f"{axis} {city} {address}", STREET_SPREAD))
    return f"{found[0]:.6f}", f"{found[1]:.6f}"


def _offset(text: str, spread: float) -> float:
    return spread * (draw(text, 2_000_001) / 1_000_000 - 1)
