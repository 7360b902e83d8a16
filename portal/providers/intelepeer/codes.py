"""IntelePeer's error texts in our words (intelepeer.md sections 2 to 7).

The provider has no codes beside the HTTP status: a text is known by its wording, `%s` and `%d` of
the reference stand for anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a text says happened and what to do now.

    `is_about_one` texts may concern a single number of several; the same request without that
    number could succeed.
    """

    happened: str
    advice: str
    is_about_one: bool = False


_SETTINGS = "Check the package and the service area in the account’s settings."
_TELL = "Look at the exchange of the job, and tell your administrator."

_TABLE: Final[tuple[tuple[str, Meaning], ...]] = (
    (
        "Unauthorized",
        Meaning(
            happened="The provider does not accept our sign-in.",
            advice="Enter user name and password of the API user again on the provider page.",
        ),
    ),
    (
        "Session Expired",
        Meaning(happened="Our sign-in ran out.", advice="Try again; a new one is made by itself."),
    ),
    (
        "Not Acceptable",
        Meaning(happened="The provider cannot answer in the form we ask for.", advice=_TELL),
    ),
    (
        "Number(s) not available.",
        Meaning(
            happened="The number is not for sale any more, or somebody holds it right now.",
            advice="Search again and choose another number; a hold ends after 30 minutes.",
            is_about_one=True,
        ),
    ),
    (
        "Order blocked; trial limit realized. Limit: %d seats.",
        Meaning(
            happened="The trial account has reached its limit.",
            advice="Give numbers back, or ask the provider to lift the limit.",
        ),
    ),
    (
        "Order too large; trial limit exceeded. Available: %d seats.",
        Meaning(
            happened="The order is larger than the trial account allows.",
            advice="Order fewer numbers, or ask the provider to lift the limit.",
        ),
    ),
    (
        "One or more numbers is part of a conflicting order.",
        Meaning(
            happened="Another order for the number is still open at the provider.",
            advice="Wait until that order is done and try again.",
            is_about_one=True,
        ),
    ),
    (
        "One or more numbers is already pending disconnect.",
        Meaning(
            happened="The number is being disconnected already.",
            advice="Nothing to do: it leaves the inventory by itself.",
            is_about_one=True,
        ),
    ),
    (
        "One or more numbers is not assigned to this account.",
        Meaning(
            happened="The number is not on this account.",
            advice="Run a sync: it may be gone already.",
            is_about_one=True,
        ),
    ),
    (
        "The 'serviceArea' parameter must match one of the following values: %s",
        Meaning(happened="The provider does not know the service area.", advice=_SETTINGS),
    ),
    (
        "The 'packageID' parameter %s",
        Meaning(happened="The provider does not accept the package.", advice=_SETTINGS),
    ),
    (
        "The following parameters are mutually exclusive: %s",
        Meaning(happened="The request holds two values that exclude each other.", advice=_TELL),
    ),
    (
        "At least one of the following parameters is required: %s",
        Meaning(
            happened="The provider needs an area code or a part of the number.",
            advice="Give more digits or an area code.",
        ),
    ),
    (
        "The %s parameter %s",
        Meaning(happened="The provider does not accept a value in our request.", advice=_TELL),
    ),
)

_PENDING_DISCONNECT = re.compile(r"already pending disconnect", re.IGNORECASE)
# Which text an expired or unknown hold gives is not published (section 5).
_UNLISTED: Final = Meaning(
    happened="The provider refused.",
    advice="If a hold ran out, search again and order afresh; else look at the provider’s words.",
    is_about_one=True,
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%[sd]", ".*", re.escape(text)), re.IGNORECASE)


_PATTERNS: Final = tuple((_pattern(text), meaning) for text, meaning in _TABLE)


def meaning(words: str) -> Meaning:
    """Return what a text of the provider means; a general sentence for one that is not listed."""
    for pattern, found in _PATTERNS:
        if pattern.fullmatch(words.strip()):
            return found
    return _UNLISTED


def is_being_disconnected(words: str) -> bool:
    """Return whether a refusal says that the disconnect is under way already (section 7)."""
    return _PENDING_DISCONNECT.search(words) is not None


def sentence(words: str) -> str:
    """Return what happened in our words, with the provider's own words behind."""
    happened = meaning(words).happened
    if not words:
        return happened
    return f"{happened} The provider says: {words}{'' if words[-1] in '.!?' else '.'}"
