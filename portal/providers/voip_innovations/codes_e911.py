"""The codes and words inside 911 records, in our words (voip-innovations.md sections 2.8 and 5).

A reply that succeeded as a whole says here what became of the address. What stands in no table is
a refusal where it looks like a code, and is kept with its text.
"""

from __future__ import annotations

from typing import Final

from portal.providers.dto.e911 import EmergencyState
from portal.providers.voip_innovations.codes import OUTER, SUCCESS, Outer, Words

REMOVED: Final = "205100"
NOTHING_TO_DELETE: Final = "205200"
NO_LOCATION: Final = "206200"
INVALID: Final = "INVALID"
GEOCODED: Final = "GEOCODED"
PROVISIONED: Final = "PROVISIONED"

STATES: Final[dict[str, EmergencyState]] = {
    INVALID: EmergencyState.INVALID,
    GEOCODED: EmergencyState.GEOCODED,
    PROVISIONED: EmergencyState.PROVISIONED,
    REMOVED: EmergencyState.REMOVED,
}

_PUT_ON: Final = frozenset({"insert911", "update911", "provisionLocation"})
_TAKE_OFF: Final = frozenset({"remove911", "removeLocation"})
_DONE: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(_PUT_ON, frozenset({SUCCESS, PROVISIONED})),
    **dict.fromkeys(_TAKE_OFF, frozenset({SUCCESS, REMOVED, NOTHING_TO_DELETE, NO_LOCATION})),
}
# What may stand beside a success: the old location was taken away, or there was none.
_BESIDE: Final = frozenset({REMOVED, NOTHING_TO_DELETE})
# Says how the location stands, but not that the operation did what it should.
_TELLS_NOT: Final = frozenset({"", GEOCODED, PROVISIONED, SUCCESS, *_BESIDE, NO_LOCATION})
_THEIR_FAULT: Final = frozenset(c for c, known in OUTER.items() if known.kind is Outer.THEIR_FAULT)
# What the statuses of a read may say of a number that has no location.
NOTHING_TOLD: Final = frozenset({"", SUCCESS, NO_LOCATION, NOTHING_TO_DELETE})

_READ_BACK: Final = "Read the record back to see what is active now."
RECORDS: Final[dict[str, Words]] = {
    SUCCESS: Words("Done.", ""),
    REMOVED: Words("The location was removed.", ""),
    NOTHING_TO_DELETE: Words("There was nothing to remove.", ""),
    NO_LOCATION: Words("The provider knows no location of the number.", _READ_BACK),
    INVALID: Words(
        "The 911 carrier could not find the address.", "Correct it, check it, and send it again."
    ),
    GEOCODED: Words("The 911 carrier knows the address; it is not active.", _READ_BACK),
    PROVISIONED: Words("The address is active.", ""),
    "": Words("The provider's answer has no verdict on the address.", _READ_BACK),
}

NOT_DONE: Final[dict[str, str]] = {
    "insert911": "911 was not put on the number.",
    "update911": "The address was not changed.",
    "remove911": "911 was not removed.",
    "Add911Alert": "The alert address was not added.",
    "Remove911Alert": "No alert address was removed.",
    "provisionLocation": "The location was not made active.",
    "removeLocation": "The location was not removed.",
}
# A bad address has taken the old one off before it was refused (2.8).
NOW_WITHOUT: Final = (
    "The old address is gone: the number may have no active 911 address now. "
    "Read the record back and set a good address at once."
)
# Outer codes of an update911 that was refused before anything was touched; after any other one the
# old address may be gone (2.8).
UNTOUCHED: Final = frozenset({"905", "906", "907", "909", "911", "944"})


def state(word: str) -> EmergencyState:
    """Return what a record's statusCode says of its location."""
    return STATES.get(word.upper(), EmergencyState.UNKNOWN)


def is_done(operation: str, found: frozenset[str]) -> bool:
    """Return whether the codes of a reply's records together say that a write was carried out."""
    good = _DONE[operation]
    return bool(found & good) and found <= good | _BESIDE


def refusals(found: frozenset[str]) -> frozenset[str]:
    """Return the codes that say no; a code that is not known says no too.

    An error of the provider's own says neither yes nor no.
    """
    return found - _TELLS_NOT - _THEIR_FAULT


def words(code: str) -> Words:
    """Return our words for a record's code, also for one that we do not know.

    An outer code inside a record keeps its meaning.
    """
    if code in _THEIR_FAULT:
        return Words(OUTER[code].words.happened, _READ_BACK)
    if code in OUTER:
        return OUTER[code].words
    return RECORDS.get(
        code,
        Words(
            f"The provider refused with a code that we do not know ({code}).",
            "Ask the provider's support and name the code.",
        ),
    )
