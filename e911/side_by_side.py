"""Two texts of one address side by side, part by part, with the words marked that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from e911.addresses import LINE_NAMES, Lines, Word, marked

LABELS: Final[Mapping[str, str]] = {
    "address1": "Street",
    "address2": "Unit",
    "city": "City",
    "region": "State",
    "zip": "ZIP code",
    "plus4": "ZIP+4",
    "caller_name": "Caller name",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One part of the address in both texts."""

    name: str
    label: str
    left: tuple[Word, ...]
    right: tuple[Word, ...]

    @property
    def is_marked(self) -> bool:
        """Whether anything in this part differs."""
        return any(word.is_changed for word in (*self.left, *self.right))


def told(lines: Lines, caller_name: str = "") -> dict[str, str]:
    """Return an address with its caller name as `compare` takes it."""
    return {name: getattr(lines, name) for name in LINE_NAMES} | {"caller_name": caller_name}


def compare(left: Mapping[str, str], right: Mapping[str, str]) -> list[Line]:
    """Return a line for each part of the address that either text has."""
    found = []
    for name, label in LABELS.items():
        here, there = left.get(name, ""), right.get(name, "")
        if here or there:
            ours, theirs = marked(here, there)
            found.append(Line(name=name, label=label, left=ours, right=theirs))
    return found
