"""The lifecycle of a port order as a table: each legal move, what brings it about, who may make it.

The states are those of `PortOrder.State`. A move that is not listed is refused. Polls see moments,
not steps: `path` finds the steps that lie between, through moves that a provider's word can show.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

REQUEST = "porting.request_own"
CHANGE = "porting.change_portorder"
SUBMIT = "porting.submit_portorder"
SYSTEM = ""  # an answer of a provider, or a date that has come

US, CUSTOMER, PROVIDER, CARRIER, NOBODY = "us", "customer", "provider", "losing_carrier", "nobody"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One legal move: `who` is the permission it takes, empty where no person makes it.

    `is_told` says that the word of a provider can show that it happened.
    """

    before: str
    to: str
    trigger: str
    who: str = SYSTEM
    is_told: bool = False
    guards: tuple[str, ...] = ()


def _moves(
    before: str, to: str, trigger: str, who: str = SYSTEM, guards: str = "", *, told: bool = False
) -> list[Move]:
    return [
        Move(
            before=one,
            to=other,
            trigger=trigger,
            who=who,
            is_told=told,
            guards=tuple(guards.split()),
        )
        for one in before.split()
        for other in to.split()
    ]


MOVES: Final[tuple[Move, ...]] = (
    *_moves("draft", "customer_input", "ask the customer", CHANGE),
    *_moves("draft customer_input", "ready", "everything is there", CHANGE, "complete"),
    *_moves("customer_input", "draft", "the customer sends", REQUEST),
    *_moves("ready", "draft", "change it again", CHANGE, "not_submitting"),
    *_moves("draft customer_input ready", "cancelled", "withdraw", CHANGE, "not_submitting"),
    *_moves("ready", "submitted", "submit, or found at the provider", SUBMIT, "portable priced"),
    *_moves(
        "submitted", "pending_documents with_losing_carrier exception", "the provider", told=True
    ),
    *_moves("pending_documents", "submitted with_losing_carrier", "the letter is there", told=True),
    *_moves("with_losing_carrier", "pending_documents", "the provider wants papers", told=True),
    *_moves("pending_documents exception", "expired", "nobody acted for too long"),
    *_moves("with_losing_carrier", "foc_set exception", "the losing carrier", told=True),
    *_moves("exception", "supplement_sent", "correct it", CHANGE, "named_fields", told=True),
    *_moves("supplement_sent", "with_losing_carrier foc_set exception", "the provider", told=True),
    *_moves("foc_set", "supplement_sent", "ask for another date", CHANGE, "not_frozen"),
    *_moves("foc_set", "activating", "the date has come", told=True),
    *_moves("foc_set", "exception", "the date lapsed, or a conflict", told=True),
    *_moves(
        "foc_set with_losing_carrier", "cancel_requested", "ask to cancel", CHANGE, "not_frozen"
    ),
    *_moves("activating", "completed partially_completed exception", "the provider", told=True),
    *_moves("partially_completed", "completed exception", "the provider", told=True),
    *_moves("cancel_requested", "foc_set", "too late to cancel", told=True),
    *_moves("cancel_requested", "cancelled", "the provider", told=True),
    *_moves(
        "submitted pending_documents with_losing_carrier exception supplement_sent foc_set",
        "cancelled",
        "the provider canceled it",
        told=True,
    ),
    *_moves(
        "submitted pending_documents with_losing_carrier exception supplement_sent",
        "failed",
        "given up",
        CHANGE,
    ),
    *_moves("completed", "snapback_requested", "it must go back", CHANGE, "within_snapback"),
    *_moves("snapback_requested", "completed", "it stays", CHANGE),
    *_moves("snapback_requested", "cancelled", "it went back", CHANGE),
)

# Who acts next in each state; a rejection may name somebody else.
WHO_ACTS: Final[dict[str, str]] = {
    "draft": US,
    "customer_input": CUSTOMER,
    "ready": US,
    "submitted": PROVIDER,
    "pending_documents": US,
    "with_losing_carrier": CARRIER,
    "exception": US,
    "supplement_sent": CARRIER,
    "foc_set": NOBODY,
    "activating": PROVIDER,
    "partially_completed": US,
    "completed": NOBODY,
    "cancel_requested": PROVIDER,
    "cancelled": NOBODY,
    "expired": NOBODY,
    "failed": NOBODY,
    "snapback_requested": CARRIER,
}


def by_state() -> dict[str, set[str]]:
    """Return where an order may go from each state."""
    table: dict[str, set[str]] = {state: set() for state in WHO_ACTS}
    for move in MOVES:
        table[move.before].add(move.to)
    return table


def find(before: str, to: str) -> Move | None:
    """Return the move between two states, None where the table has none."""
    return next((move for move in MOVES if (move.before, move.to) == (before, to)), None)


def path(before: str, to: str) -> list[str] | None:
    """Return the states from `before` (left out) to `to` by the fewest steps that can be told.

    Empty where nothing moves; None where no told steps lead there.
    """
    if before == to:
        return []
    waiting: deque[tuple[str, list[str]]] = deque([(before, [])])
    seen = {before}
    while waiting:
        state, steps = waiting.popleft()
        for move in MOVES:
            if move.before != state or not move.is_told or move.to in seen:
                continue
            if move.to == to:
                return [*steps, to]
            # An end, or a detour that nobody told of, is no way through.
            if move.to not in _WAY_STATIONS:
                continue
            seen.add(move.to)
            waiting.append((move.to, [*steps, move.to]))
    return None


_WAY_STATIONS: Final = frozenset(
    {"submitted", "with_losing_carrier", "supplement_sent", "foc_set", "activating"}
)
