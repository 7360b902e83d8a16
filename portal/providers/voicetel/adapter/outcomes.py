"""What became of one number, told in one way by all mixins."""

from __future__ import annotations

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.providers.voicetel import codes
from portal.tn import TN


def refused(tn: TN, error: ProviderRefused, not_done: str) -> ItemOutcome:
    """Return the outcome of a plain no; `not_done` is the sentence of what was not carried out."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=error.message,
        advice=f"{not_done} {codes.status(error.code, error.operation).advice}",
    )
