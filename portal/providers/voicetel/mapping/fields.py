"""Fields that many records share: numbers, amounts, places (voicetel.md 1.2, 7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from portal.providers.errors import off_contract
from portal.providers.rest import clean, plain
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

_TN10 = re.compile(r"[2-9][0-9]{9}")
_PLAIN = frozenset({bool, int, type(None)})
_EPOCH = re.compile(r"[0-9]{1,11}")
_COUNT = re.compile(r"-?[0-9]{1,15}")
_FIRST_YEAR: Final = 1971  # before it stands what providers write for "no date"
_LAST_YEAR: Final = 9000  # so that no time zone carries a date over the end


def money(value: Any) -> Decimal | None:
    """Return an amount in US dollars, None where it is none."""
    try:
        amount = Decimal(clean(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10**9) else None


def flag(value: Any) -> bool | None:
    """Return a boolean of the wire, None for anything else."""
    return value if isinstance(value, bool) else None


def count_of(value: Any) -> int | None:
    """Return a whole number that is written as a number or as text, None where it is none."""
    text = clean(value)
    return int(text) if _COUNT.fullmatch(text) else None


def moment(value: Any) -> datetime | None:
    """Return a moment in UTC from ISO text or from seconds since 1970, None where it is none.

    Text without a zone counts as UTC; years before 1971 stand for "no date".
    """
    text = clean(value)
    try:
        if _EPOCH.fullmatch(text):
            found = datetime.fromtimestamp(int(text), UTC)
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def is_dummy(record: Record) -> bool:
    """Return whether a record says nothing: every field null, false, zero or empty."""
    if record.get("number"):
        return False
    return not any(value not in (None, "", "0", 0, False, [], {}) for value in record.values())


def tn_of(record: Record, method: Method) -> TN:
    """Return a record's number; raises `ProviderProtocolError` where it has none."""
    tn = read_tn(record.get("number"))
    if tn is None:
        shown = clean(record.get("number"))[:40]
        raise off_contract(method.name, method.is_write, f"“{shown}” is not a number")
    return tn


def read_tn(value: Any) -> TN | None:
    """Return the number that ten digits, or eleven with the country code, stand for."""
    digits = clean(value)
    if not _TN10.fullmatch(digits):
        digits = "".join(c for c in digits if c not in "+-.() ").removeprefix("1")
    return TN(f"+1{digits}") if _TN10.fullmatch(digits) else None


def told(record: Record, names: Sequence[str]) -> dict[str, Any]:
    """Return the named fields that a record has, safe for a JSON column."""
    found: dict[str, Any] = {}
    for name in names:
        if name in record:
            value = record[name]
            found[name] = value if type(value) in _PLAIN else plain(value)
    return found


def state_of(value: Any) -> str:
    """Return a two-letter state, "" for anything else."""
    state = clean(value).upper()
    return state if len(state) == 2 and state.isascii() and state.isalpha() else ""


def lata_of(value: Any) -> str:
    """Return a LATA, "" where it is zero or not told."""
    lata = clean(value)
    return "" if lata.strip("0") == "" else lata[:5]
