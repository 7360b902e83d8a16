"""What providers tell of a route or a client, in words for the person who looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final = {
    "ips": "Addresses",
    "stripcc": "Strips the country code",
    "stripplus": "Strips the plus",
    "ratedeck": "Rate deck",
    "mtdusage": "Usage this month",
    "prepend": "Digits before each number",
    "prefix": "Digits before each number",
    "limit": "Calls at once",
    "didgroups": "Groups of numbers",
    "e911groups": "E911 groups",
    "endpointgroups": "Endpoint groups",
    "hostedbillingcustomers": "Hosted billing customers",
    "faxtoemails": "Fax to e-mail",
    "conferencelines": "Conference lines",
    "tncount": "Numbers",
}
_TOLD_APART: Final = {"active", "isactive", "enabled"}  # it is the state
_YES_NO: Final = {"true": "yes", "false": "no"}


def told(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (name, value) of everything that was told and is not empty, in words."""
    return [
        (_NAMES.get(name, name.replace("_", " ").capitalize()), _shown(value))
        for name, value in details.items()
        if value not in ("", None, [], {}) and name not in _TOLD_APART
    ]


def addresses(details: Mapping[str, Any]) -> str:
    """Return where calls of a route go, as far as the provider told; empty where it did not."""
    value = details.get("ips") or details.get("addresses") or ""
    return _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return _YES_NO.get(str(value), str(value))
