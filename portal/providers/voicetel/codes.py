"""The provider's statuses and reasons as data, in our words (voicetel.md sections 1.3 and 7.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NOT_BOUGHT: Final = "It was not bought."
NOT_RELEASED: Final = "It was not given back."


@dataclass(frozen=True, slots=True)
class Words:
    """What happened, and what to do now."""

    happened: str
    advice: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in `failed[]`: free text, known by a pattern.

    `may_be_ours` marks reasons that a repeated order gives for numbers that it bought before: only
    asking about the number tells.
    """

    pattern: re.Pattern[str]
    advice: str
    may_be_ours: bool = False


_UNKNOWN: Final = Words(
    "VoiceTel refused.", "Ask the provider's support and name the code and the text."
)
STATUSES: Final[dict[str, Words]] = {
    "400": Words(
        "VoiceTel found a mistake in the request.",
        "Check the number and the gateway; if both are right, ask the provider's support.",
    ),
    "401": Words(
        "VoiceTel does not accept the account's username and password.",
        "Check both in the account's settings; six attempts an hour are allowed.",
    ),
    "402": Words(
        "The balance at VoiceTel is too low, or the service is not enabled.",
        "Top up the account at VoiceTel, then send it again.",
    ),
    "403": Words(
        "It belongs to another account at VoiceTel, or only an administrator there may do it.",
        "Check that it is a number of this account.",
    ),
    "404": Words(
        "VoiceTel does not know it on this account.",
        "Sync the account: it may have been given back already.",
    ),
    "409": Words(
        "It failed at VoiceTel or its carrier, or the number is being ported.",
        "Look at the text; if the number is being ported, wait until the port has ended.",
    ),
    "502": Words(
        "VoiceTel's network did not take the order. Nothing was written.",
        "It is sent again with the same key.",
    ),
}

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        re.compile(r"already|duplicate|exists|(your|this) account", re.IGNORECASE),
        "Sync the account: the number may be there since an earlier order.",
        may_be_ours=True,
    ),
    Reason(
        re.compile(r"no longer|not available|unavailable|taken|gone", re.IGNORECASE),
        "Somebody else was quicker. Look for a similar number.",
    ),
    Reason(
        re.compile(r"route|gateway", re.IGNORECASE),
        "Choose a gateway that this account has.",
    ),
    Reason(
        re.compile(r"balance|funds|credit", re.IGNORECASE),
        "Top up the account at VoiceTel, then order again.",
    ),
)
_ANY_REASON: Final = Reason(re.compile(""), "Look for a similar number.")


def status(code: str) -> Words:
    """Return the words for an HTTP status; one for all that we do not know."""
    return STATUSES.get(code, _UNKNOWN)


def reason(text: str) -> Reason:
    """Return what we know of a reason in `failed[]`."""
    return next((known for known in REASONS if known.pattern.search(text)), _ANY_REASON)
