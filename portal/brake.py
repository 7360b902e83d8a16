"""The brake: a provider's list that would change or remove too much of what is known is not applied.

An administrator can have it applied all the same: nobody else, and with a fresh list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from portal.models import User
from portal.operations import Problem, Stopped

SHARE: Final = 0.30
LEAST: Final = 50  # below so many known things the brake does not judge
OVERRULES: Final = "portal.change_provideraccount"
_TAIL = (
    "Nothing was applied. Check the account at the provider; an administrator can apply the list "
    "all the same."
)


class TooMuchWouldChange(Stopped):
    """The list differs from what we know by more than we believe; nothing was applied."""

    code = "too_much_would_change"


def judge(words: str, *, known: int, touched: int, result: Mapping[str, Any] | None = None) -> None:
    """Raise `TooMuchWouldChange` where a list touches too much of what is known.

    `words` is a sentence with the figures; `result` is shown beside it.
    """
    if known >= LEAST and touched > known * SHARE:
        raise TooMuchWouldChange(f"{words} {_TAIL}", result=result)


def why_not_forced(actor: User | None, params: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for whoever has the brake overruled and is no administrator."""
    if not params.get("force") or (actor is not None and actor.has_perm(OVERRULES)):
        return []
    words = "Only an administrator applies a list that the brake has stopped. Nothing was sent."
    return [Problem(message=words)]
