"""What a number does beside ringing: caller names, diversions, fax, groups, scripts, places abroad.

What becomes of one number is told as `ItemOutcome`; the values that a reply confirms stand in its
`values`, by the names of `OwnedNumber.values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.tn import TN

NAME_LENGTH = 15  # of an outbound caller name, blanks included; the same everywhere
PIN_LENGTH = 8  # digits of a conference line's PIN, at most


class NumberKind(StrEnum):
    """Which numbers a list shall hold."""

    ANY = "any"
    LOCAL = "local"
    TOLL_FREE = "toll_free"
    INTERNATIONAL = "international"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diversion:
    """Where the calls of a number go: always (a forward), or when its route fails (a failover)."""

    tn: TN
    to: TN


@dataclass(frozen=True, kw_only=True, slots=True)
class ConferenceLine:
    """A number that answers with a conference. `pin` is empty where callers need none."""

    tn: TN
    is_on: bool
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class FaxToEmail:
    """Where faxes to a number are mailed; without addresses the number takes no faxes."""

    tn: TN
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailToFax:
    """Who may send faxes by mail, and the number that the other side sees as the caller."""

    tn: TN
    emails: tuple[str, ...] = ()
    caller_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberGroup:
    """A group of numbers at the provider."""

    ref: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A program at the provider that can answer the calls of a number."""

    ref: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class City:
    """A place outside the North American plan in which numbers may be ordered."""

    ref: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """A country with its places."""

    name: str
    abbreviation: str = ""
    cities: tuple[City, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class InternationalNumber:
    """One number of ours outside the North American plan. `word` is the provider's of its state."""

    tn: TN
    country: str = ""
    city: str = ""
    tier: str = ""
    word: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientRecord:
    """A customer that the provider keeps under our account, with what it counts of him."""

    ref: str
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)
