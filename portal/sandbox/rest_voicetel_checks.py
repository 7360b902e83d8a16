"""Checks of fields that several VoiceTel routes share; each raises 400 for what it refuses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from portal.sandbox.rest_voicetel_wire import Refused, check_int, check_tn, require

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EPOCH_LIMIT = 2**40
RANGE_LENGTH = timedelta(hours=24)


def check_text(name: str, value: object, *, limit: int = 255) -> str:
    """Return a text without spaces around it; a number is not taken for a text."""
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise Refused(400, f"Invalid {name}: must be a string of 1 to {limit} characters")
    return value.strip()


def check_optional_text(name: str, value: object, *, limit: int = 255) -> str:
    """Return a text as `check_text` does, and '' for what is empty or not there."""
    return "" if value in (None, "") else check_text(name, value, limit=limit)


def check_email(name: str, value: object) -> str:
    if not isinstance(value, str) or not EMAIL.fullmatch(value):
        raise Refused(400, f"Invalid {name}")
    return value


def check_choice(name: str, value: object, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Refused(400, f"Invalid {name}: must be one of {', '.join(choices)}")
    return value


def check_pattern(name: str, value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused(400, f"Invalid {name}: must match ^{pattern.pattern}$")
    return value


def query_int(name: str, text: str, *, low: int, high: int) -> int:
    """Return the integer that a parameter of the query writes in digits."""
    is_number = re.fullmatch(r"-?[0-9]{1,18}", text)
    return check_int(name, int(text) if is_number else text, low=low, high=high)


def comma_list(query: Mapping[str, str], name: str, *, limit: int) -> list[str]:
    """Return the parts of a required comma list in the order sent, without repetitions."""
    require(query, name)
    parts = [part.strip() for part in query[name].split(",") if part.strip()]
    if not 1 <= len(parts) <= limit:
        raise Refused(400, f"Invalid {name}: must be a list of 1 to {limit}")
    return list(dict.fromkeys(parts))


def number_list(query: Mapping[str, str], *, limit: int) -> list[str]:
    """Return the numbers of the required parameter `numbers`."""
    return [check_tn("numbers", part) for part in comma_list(query, "numbers", limit=limit)]


def epoch_range(
    query: Mapping[str, str], *, newer: str, older: str, now: datetime
) -> tuple[int, int]:
    """Return (newer edge, older edge) as epoch seconds: by default now, and a day before now.

    The parameter that other programs would take for the beginning is the newer edge (12).
    """
    edges = [
        query_int(name, query[name], low=0, high=EPOCH_LIMIT)
        if query.get(name)
        else int(default.timestamp())
        for name, default in ((newer, now), (older, now - RANGE_LENGTH))
    ]
    return edges[0], edges[1]
