"""Addresses as text: put together from parts, taken apart, and made comparable.

Providers keep what they are given in their own spelling: upper case, abbreviated, ZIP+4 filled
(voip-innovations.md 2.8). `key` is what two spellings of one address have in common.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

DIRECTIONS: Final[Mapping[str, str]] = {
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "NORTHEAST": "NE",
    "NORTHWEST": "NW",
    "SOUTHEAST": "SE",
    "SOUTHWEST": "SW",
}
# The usual abbreviations of the postal service; what stands in none is compared as it is.
SUFFIXES: Final[Mapping[str, str]] = {
    "ALLEY": "ALY",
    "AV": "AVE",
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "CENTER": "CTR",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "COVE": "CV",
    "CROSSING": "XING",
    "DRIVE": "DR",
    "EXPRESSWAY": "EXPY",
    "FREEWAY": "FWY",
    "HIGHWAY": "HWY",
    "HILL": "HL",
    "JUNCTION": "JCT",
    "LANE": "LN",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "PLAZA": "PLZ",
    "POINT": "PT",
    "RIDGE": "RDG",
    "ROAD": "RD",
    "SQUARE": "SQ",
    "STR": "ST",
    "STREET": "ST",
    "TERRACE": "TER",
    "TRAIL": "TRL",
    "TURNPIKE": "TPKE",
}
UNITS: Final[Mapping[str, str]] = {
    "#": "UNIT",
    "APARTMENT": "APT",
    "BUILDING": "BLDG",
    "DEPARTMENT": "DEPT",
    "FLOOR": "FL",
    "ROOM": "RM",
    "SUITE": "STE",
}
UNIT_WORDS: Final = frozenset({*UNITS, *UNITS.values(), "UNIT", "LOT", "PH", "SPC", "STOP"})
CITY_WORDS: Final[Mapping[str, str]] = {
    "SAINT": "ST",
    "SAINTE": "STE",
    "FORT": "FT",
    "MOUNT": "MT",
}
_POSTAL: Final = {**SUFFIXES, **DIRECTIONS, **UNITS}
_SUFFIX_WORDS: Final = frozenset({*SUFFIXES, *SUFFIXES.values()})
_DIRECTION_WORDS: Final = frozenset({*DIRECTIONS, *DIRECTIONS.values()})
_HOUSE = re.compile(r"[0-9]+[A-Z0-9/-]*", re.IGNORECASE)
# What a caller name may have in characters; neither document tells, VoIP Innovations pads to 32.
CALLER_NAME_LENGTH: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """An address as providers take it: two lines, city, state, ZIP code."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    region: str = ""
    zip: str = ""
    plus4: str = ""

    def __str__(self) -> str:
        code = "-".join(filter(None, (self.zip, self.plus4)))
        place = " ".join(filter(None, (self.region, code)))
        return ", ".join(filter(None, (self.address1, self.address2, self.city, place)))

    def __bool__(self) -> bool:
        return bool(self.address1)


LINE_NAMES: Final = tuple(field.name for field in fields(Lines))


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """An address as a person types it, part by part."""

    house_number: str = ""
    pre_direction: str = ""
    street: str = ""
    street_suffix: str = ""
    post_direction: str = ""
    unit_type: str = ""
    unit: str = ""
    building: str = ""
    floor: str = ""
    room: str = ""
    city: str = ""
    region: str = ""
    zip: str = ""
    plus4: str = ""

    @property
    def has_unit(self) -> bool:
        """Whether it says where inside the building help is to go."""
        return bool(self.unit or self.building or self.floor or self.room)

    @property
    def lines(self) -> Lines:
        """The address as providers take it."""
        first = (
            *(self.house_number, self.pre_direction, self.street),
            *(self.street_suffix, self.post_direction),
        )
        second = (
            " ".join(filter(None, (self.unit_type, self.unit))) if self.unit else "",
            f"BLDG {self.building}" if self.building else "",
            f"FL {self.floor}" if self.floor else "",
            f"RM {self.room}" if self.room else "",
        )
        return Lines(
            address1=_joined(first),
            address2=_joined(second),
            city=_joined((self.city,)),
            region=self.region.strip().upper(),
            zip=self.zip.strip(),
            plus4=self.plus4.strip(),
        )


PART_NAMES: Final = tuple(field.name for field in fields(Parts))


def _joined(words: tuple[str, ...]) -> str:
    return " ".join(" ".join(words).split())


def parts_of(lines: Lines) -> Parts:
    """Take an address apart as well as can be; nothing is lost: its key stays the same.

    What is not recognised stays in the street, and a second line that has several units in `unit`.
    """
    house, pre, street, suffix, post = _street_parts(lines.address1.split())
    kind, _, value = lines.address2.strip().partition(" ")
    is_unit = kind.upper() in UNIT_WORDS and bool(value.strip())
    return Parts(
        house_number=house,
        pre_direction=pre,
        street=street,
        street_suffix=suffix,
        post_direction=post,
        unit_type=kind if is_unit else "",
        unit=value.strip() if is_unit else lines.address2.strip(),
        city=lines.city,
        region=lines.region,
        zip=lines.zip,
        plus4=lines.plus4,
    )


def _street_parts(words: list[str]) -> tuple[str, str, str, str, str]:
    house = words.pop(0) if len(words) > 1 and _HOUSE.fullmatch(words[0]) else ""
    post = suffix = pre = ""
    if len(words) > 2 and words[-1].upper() in _DIRECTION_WORDS:
        post = words.pop()
    if len(words) > 1 and words[-1].upper() in _SUFFIX_WORDS:
        suffix = words.pop()
    if len(words) > 1 and words[0].upper() in _DIRECTION_WORDS:
        pre = words.pop(0)
    return house, pre, " ".join(words), suffix, post


def plain(text: str) -> str:
    """Return a text in upper-case ASCII with single blanks, without punctuation.

    >>> plain(" St.  George, #4 ")
    'ST GEORGE # 4'
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    kept = re.sub(r"[^A-Z0-9#/ -]", " ", folded.replace("'", "").replace("#", " # "))
    return " ".join(kept.split())


def key(lines: Lines, caller_name: str = "") -> str:
    """Return what two spellings of one address and caller name have in common.

    The unit may stand in either line; the four further digits of a ZIP code do not count, for a
    provider fills them in. Two addresses with one key are the same place.
    """
    street = _spelled(f"{lines.address1} {_second(lines.address2)}")
    city = " ".join(CITY_WORDS.get(word, word) for word in plain(lines.city).split())
    return "|".join((street, city, plain(lines.region), lines.zip.strip()[:5], plain(caller_name)))


def _second(text: str) -> str:
    """Return a second line; a bare value is a unit."""
    words = plain(text).split()
    is_bare = len(words) == 1 and words[0] not in UNIT_WORDS
    return f"UNIT {words[0]}" if is_bare else " ".join(words)


def _spelled(text: str) -> str:
    return " ".join(_POSTAL.get(word, word) for word in plain(text).split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and whether the other text has another one in its place."""

    text: str
    is_changed: bool


@lru_cache(maxsize=4096)  # a list compares the same texts at each visit
def marked(ours: str, theirs: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Return both texts word by word, with what differs marked.

    Capitals, points and commas count for nothing: providers write everything in capitals, and
    marking that would hide what matters.
    """
    left, right = ours.split(), theirs.split()
    matcher = SequenceMatcher(None, _compared(left), _compared(right), autojunk=False)
    one, other = [True] * len(left), [True] * len(right)
    for block in matcher.get_matching_blocks():
        one[block.a : block.a + block.size] = [False] * block.size
        other[block.b : block.b + block.size] = [False] * block.size
    return (
        tuple(Word(text, changed) for text, changed in zip(left, one, strict=True)),
        tuple(Word(text, changed) for text, changed in zip(right, other, strict=True)),
    )


def _compared(words: list[str]) -> list[str]:
    return [word.upper().strip(".,;") for word in words]


def wrong_part(message: str) -> str:
    """Return the part of an address that a provider's words blame, by its field; "" for none."""
    said = message.lower()
    for word, name in (
        ("house", "house_number"),
        ("zip", "zip"),
        ("postal", "zip"),
        ("city", "city"),
        ("state", "region"),
        ("caller", "caller_name"),
        ("street", "street"),
        ("unit", "unit"),
    ):
        if word in said:
            return name
    return ""
