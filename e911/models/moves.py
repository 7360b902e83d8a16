"""The lifecycle of an emergency record as a table: each legal move, when, and what guards it.

The states are those of `EmergencyRecord.State`. Guards are names; `e911.services.records` knows what
each asks and says the sentence of a refusal. A move that is not listed is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHANGE = "e911.change_emergencyrecord"
SYSTEM = ""  # an answer of a provider, a list, or what became of the number


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One legal move: `who` is the permission it takes, empty where no person makes it."""

    before: str
    to: str
    trigger: str
    who: str = SYSTEM
    guards: tuple[str, ...] = ()


def _moves(before: str, to: str, trigger: str, who: str = SYSTEM, guards: str = "") -> list[Move]:
    return [
        Move(before=one, to=other, trigger=trigger, who=who, guards=tuple(guards.split()))
        for one in before.split()
        for other in to.split()
    ]


_RESTING = "none removed draft suggested invalid valid provision_failed"
_LIVE = "provisioned verified"

MOVES: Final[tuple[Move, ...]] = (
    *_moves("none removed not_required", "draft", "an address is typed", CHANGE, "owned"),
    *_moves("suggested invalid valid provision_failed", "draft", "it is edited", CHANGE, "owned"),
    *_moves("draft", "none", "it is discarded", CHANGE),
    *_moves("draft suggested invalid valid provision_failed", "validating", "it is sent to check"),
    *_moves("validating", "suggested", "the provider spells it otherwise"),
    *_moves("validating", "valid", "the provider knows it as it is"),
    *_moves("validating", "invalid", "the provider does not know it"),
    *_moves("validating", "draft", "the provider could not be asked"),
    *_moves("suggested", "valid", "a person accepts the provider’s text", CHANGE, "same_text"),
    *_moves(
        "valid provision_failed none removed draft suggested invalid not_required",
        "provisioning",
        "it is put on the number",
        CHANGE,
        "owned checked_lately accepted",
    ),
    *_moves("provisioning", "provisioned", "the provider confirms it"),
    *_moves("provisioning", "verified", "it was read back and is what was accepted"),
    *_moves("provisioning", "provision_failed", "the provider refuses it"),
    *_moves("provisioning", "invalid suggested", "the check right before says so"),
    *_moves("provisioning", "valid draft", "it was never sent"),
    *_moves("provisioned", "verified", "it was read back, or heard at 933"),
    *_moves("verified", "provisioned", "the provider tells another address than was accepted"),
    *_moves(_LIVE, "changing", "another address is sent", CHANGE, "owned checked_lately accepted"),
    *_moves("changing", "provisioned verified", "the provider confirms it, or kept the old one"),
    *_moves("changing", "provision_failed", "refused, and the old address is gone: the alarm"),
    *_moves(_LIVE, "removing", "it is taken off the number", CHANGE, "leaving_or_reason"),
    *_moves(
        "orphan provision_failed not_required", "removing", "it is taken off the number", CHANGE
    ),
    *_moves("removing", "removed", "the provider confirms it"),
    *_moves("removing", "provisioned verified orphan provision_failed", "the provider refuses it"),
    *_moves("removing", "not_required", "what was not wanted is gone, or the provider refuses it"),
    *_moves(
        f"{_RESTING} validating",
        "provisioned verified",
        "the provider has a record on the number",
    ),
    *_moves(_LIVE, "removed", "the provider has no record any more"),
    *_moves(
        f"{_RESTING} {_LIVE} validating provisioning changing not_required removing",
        "orphan",
        "the number leaves and the record remains",
    ),
    *_moves("orphan", "provisioned verified", "the number is in service again"),
    *_moves("orphan", "removed none", "the provider has no record any more"),
    *_moves(_RESTING, "not_required", "a person says why none is needed", CHANGE, "owned reason"),
    *_moves("not_required", "none", "one is needed after all", CHANGE),
    *_moves("not_required", "provisioned verified", "the provider has a record on the number"),
    *_moves(
        "provision_failed removed",
        "changing",
        "the last valid address is set again",
        CHANGE,
        "owned last_valid",
    ),
    *_moves("provision_failed", "removed none", "the number leaves"),
    *_moves("validating draft suggested invalid valid removed", "none", "the number leaves"),
)


def by_state() -> dict[str, set[str]]:
    """Return where a record may go from each state."""
    ways: dict[str, set[str]] = {}
    for move in MOVES:
        ways.setdefault(move.before, set()).add(move.to)
    return ways


def guards_of(before: str, to: str) -> tuple[str, ...]:
    """Return the guards of a move; empty for one that is not listed or has none."""
    return next((m.guards for m in MOVES if (m.before, m.to) == (before, to)), ())
