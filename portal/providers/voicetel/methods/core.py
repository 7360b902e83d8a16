"""What VoiceTel's routes have beyond a catalogue's entry: statuses, budgets, keys (section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.providers.catalogue import WireMethod

BUDGET_CALLS: Final = 6  # per hour and source address, on four routes (voicetel.md 1.4)
BUDGET_SECONDS: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Method(WireMethod):
    """One route; its name is verb and path as documented, placeholders included.

    `refusals` are statuses documented for this route on top of 400, 402, 403 and 404, which mean
    everywhere that nothing was carried out. `not_ours_on_401` marks the routes where 401 is about
    the item and not about the key (1.3): no new key is fetched for it.
    """

    is_public: bool = False  # goes without a key
    is_budgeted: bool = False
    is_empty_on_404: bool = False
    answers_without_body: bool = False
    not_ours_on_401: bool = False
    refusals: frozenset[int] = frozenset()
    nothing_done_on: frozenset[int] = frozenset()  # documented 5xx: nothing was written

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with ``{number}`` and other placeholders."""
        return self.name.partition(" ")[2]
