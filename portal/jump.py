"""Jumping in a sorted list: "go to 312-555", "go to 2026-03-01", "go to Front"."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal

from django.utils import timezone

Kind = Literal["", "number", "text", "date"]
HINTS: dict[Kind, str] = {"number": "312-555…", "text": "First letters", "date": "2026-03-01"}
_AFTER_ALL = "\uffff"


def bound(kind: Kind, text: str, *, is_descending: bool) -> str | datetime | None:
    """Return the sort value from which the list goes on at `text`; None where it makes no sense.

    Going down, it is the last value that starts with the text, or the end of the day.
    """
    text = text.strip().replace("\x00", "")
    if not text or not kind:
        return None
    if kind == "date":
        return _moment(text, is_end=is_descending)
    start = _number(text) if kind == "number" else text
    return f"{start}{_AFTER_ALL}" if start and is_descending else start or None


def _number(text: str) -> str:
    """Return how the number starts in E.164: a country code stands after a plus or is 1."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if text.startswith("+") or not digits or (len(digits) == 11 and digits[0] == "1"):
        return f"+{digits}" if digits else ""
    return f"+1{digits}"


def _moment(text: str, *, is_end: bool) -> datetime | None:
    try:
        day = date.fromisoformat(text)
        at = time.max if is_end else time.min
        return timezone.make_aware(datetime.combine(day, at))
    except (ValueError, OverflowError):
        return None
