"""The provider's words for the state of a port (voip-innovations.md 4).

Only PENDING SIGNATURE is known from a reply. The others are words that cannot mean two things; the
provider's may differ [assumed]. What stands in no table stays unknown, and its word is kept.
"""

from __future__ import annotations

import re
from typing import Final

from portal.providers.dto.porting import PortState

STATES: Final[dict[str, PortState]] = {
    "pending signature": PortState.PENDING_DOCUMENTS,
    "submitted": PortState.SUBMITTED,
    "foc received": PortState.FOC_SET,
    "rejected": PortState.EXCEPTION,
    "complete": PortState.COMPLETED,
    "completed": PortState.COMPLETED,
    "cancelled": PortState.CANCELLED,
    "canceled": PortState.CANCELLED,
}


def state(word: str) -> PortState:
    """Return what a status means, whatever its case, blanks and dashes."""
    plain = " ".join(re.split(r"[\s_-]+", word.strip())).casefold()
    return STATES.get(plain, PortState.UNKNOWN)
