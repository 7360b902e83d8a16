"""Fields that many records share: numbers, flags, places (voip-innovations.md sections 1, 4, 6)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from portal.providers.errors import off_contract
from portal.providers.voip_innovations import codes
from portal.providers.xml import Record
from portal.tn import TN

TOLL_FREE_STATE: Final = "TF"  # section 2.1: browses toll-free numbers
_NO_TIER = frozenset({"-99999"})
_EASTERN: Final = ZoneInfo("America/New_York")  # of times without a zone (section 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS: Final = range(1971, 9000)  # outside stand null dates, and what no zone can carry over


def is_dummy(record: Record, operation: str) -> bool:
    """Return whether a record stands for "nothing" (quirk 4): no number, or a code that says so.

    Raises `ProviderProtocolError` for one that says something, but nothing that we know.
    """
    if record.get("statuscode") in codes.DUMMIES:
        return True
    if record.get("tn"):
        return False
    known = {"tn", "statuscode", "status", "availability", "tier"}
    if any(record.values()) and not known & set(record):
        raise off_contract(operation, False, "a record has none of the fields we know")
    return True


def tn_of(record: Record, operation: str) -> TN:
    """Return a record's number: ten digits, tolerating a country code; `ProviderProtocolError`."""
    text = record.get("tn", "")
    if len(text) == 10 and text.isascii() and text.isdigit():  # the usual: audits hold many
        return TN(f"+1{text}")
    digits = "".join(c for c in text if c not in "+-.() ")
    if digits.isascii() and digits.isdigit():
        if len(digits) == 10 and not text.startswith("+"):
            return TN(f"+1{digits}")
        if len(digits) == 11 and digits.startswith("1"):
            return TN(f"+{digits}")
        international = digits.removeprefix("011")
        if 8 <= len(international) <= 15 and international[0] != "0":
            return TN(f"+{international}")
    raise off_contract(operation, False, f"“{text[:40]}” is not a number")


def is_true(text: str) -> bool:
    """Return a boolean of the wire: `true`, in requests and odd replies also `1`."""
    return text.lower() in {"true", "1"}


def state_of(record: Record) -> str:
    """Return a record's two-letter state, "" for toll-free and anything else."""
    state = record.get("state", "").upper()
    return state if len(state) == 2 and state != TOLL_FREE_STATE else ""


def tier_of(record: Record) -> str:
    """Return a record's tier, "" where it is not known."""
    tier = record.get("tier", "")
    return "" if tier in _NO_TIER else tier


def unless_zero(text: str) -> str:
    """Return an id, "" where it is zero, which stands for none."""
    return "" if text.strip("0-") == "" else text


def moment(text: str) -> datetime | None:
    """Return a dateTime in UTC, None for a null date and for what is none.

    Times without a zone are US Eastern; in the hour that comes twice the first one is taken.
    """
    found = _read_moment(text)
    return found.astimezone(UTC) if found else None


def day(text: str) -> date | None:
    """Return the day of a dateTime as it is written, midnights being days; None as in `moment`."""
    found = _read_moment(text)
    return found.date() if found else None


def _read_moment(text: str) -> datetime | None:
    if not _DAY.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=_EASTERN)
