"""The lifecycle of a number as a table: each legal move, who makes it, what guards it, the way back.

The states are those of `TelephoneNumber.State`. Guards are names; `inventory.lifecycle` knows what
each asks of a number and says the sentence of a refusal. A move that is not listed is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ASSIGN = "inventory.assign_telephonenumber"
ORDER = "inventory.order_telephonenumber"
RELEASE = "inventory.release_telephonenumber"
REPAIR = "inventory.repair_finding"
PORT_OUT = "porting.change_portout"
SYSTEM = ""  # an answer of a provider, a list, or a date that has come


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One legal move: `who` is the permission it takes, empty where no person makes it."""

    before: str
    to: str
    trigger: str
    who: str = SYSTEM
    guards: tuple[str, ...] = ()
    way_back: str = ""


def _moves(
    before: str,
    to: str,
    trigger: str,
    who: str = SYSTEM,
    guards: str = "",
    way_back: str = "",
) -> list[Move]:
    return [
        Move(
            before=state,
            to=to,
            trigger=trigger,
            who=who,
            guards=tuple(guards.split()),
            way_back=way_back,
        )
        for state in before.split()
    ]


MOVES: Final[tuple[Move, ...]] = (
    *_moves("purchasing", "stock", "the provider confirms", way_back="give it back"),
    *_moves("purchasing", "held", "the provider confirms, for a customer", way_back="free it"),
    *_moves("purchasing", "in_service", "the provider confirms, in use at once"),
    *_moves("purchasing", "lost", "nobody could tell what became of it"),
    *_moves("port_in", "stock", "the port completes"),
    *_moves("port_in", "in_service", "the port completes, for a customer"),
    *_moves(
        "stock",
        "held",
        "hold",
        ASSIGN,
        "end_date active_customer no_legal_hold unlocked",
        "free it",
    ),
    *_moves(
        "held", "stock", "free, or the hold ends", ASSIGN, "no_legal_hold unlocked", "hold it again"
    ),
    *_moves(
        "stock",
        "in_service",
        "assign",
        ASSIGN,
        "active_customer e911_decided aged no_legal_hold unlocked",
        "take it out of service",
    ),
    *_moves(
        "held",
        "in_service",
        "assign",
        ASSIGN,
        "active_customer e911_decided held_for_them aged no_legal_hold unlocked",
        "take it out of service",
    ),
    *_moves(
        "in_service",
        "in_service",
        "move to another customer",
        ASSIGN,
        "active_customer e911_decided other_customer same_subscriber no_port no_legal_hold"
        " unlocked",
        "move it back",
    ),
    *_moves("in_service", "suspended", "suspend", ASSIGN, "unlocked", "resume"),
    *_moves("suspended", "in_service", "resume", ASSIGN, "unlocked", "suspend again"),
    *_moves(
        "in_service suspended",
        "aging",
        "take out of service",
        ASSIGN,
        "no_port e911_kept no_legal_hold no_deletion_lock unlocked",
        "restore to the same customer",
    ),
    *_moves(
        "stock",
        "aging",
        "set aside before it is given back",
        ASSIGN,
        "no_port no_legal_hold no_deletion_lock unlocked",
        "restore",
    ),
    *_moves(
        "aging",
        "in_service",
        "restore, same customer",
        ASSIGN,
        "was_theirs no_legal_hold unlocked",
        "take out",
    ),
    *_moves(
        "aging",
        "suspended",
        "restore, same customer",
        ASSIGN,
        "was_theirs no_legal_hold unlocked",
        "take out",
    ),
    *_moves(
        "aging",
        "stock",
        "restore what was stock, or the time is over",
        ASSIGN,
        "aged no_legal_hold unlocked",
        "set it aside again",
    ),
    *_moves(
        "stock aging",
        "releasing",
        "give back",
        RELEASE,
        "no_deletion_lock no_legal_hold no_port no_e911 no_campaign unlocked",
    ),
    *_moves("releasing", "released", "the provider confirms", way_back="buy it again"),
    *_moves("releasing", "stock", "the provider refuses"),
    *_moves("releasing", "aging", "the provider refuses"),
    *_moves(
        "stock held in_service suspended aging",
        "port_out",
        "a request to port out is seen",
        PORT_OUT,
        way_back="reject it in time",
    ),
    *_moves("port_out", "ported_out", "the provider says so", REPAIR, way_back="port it back"),
    *_moves("port_out", "stock", "rejected or canceled", PORT_OUT),
    *_moves("port_out", "held", "rejected or canceled", PORT_OUT),
    *_moves("port_out", "in_service", "rejected or canceled", PORT_OUT),
    *_moves("port_out", "suspended", "rejected or canceled", PORT_OUT),
    *_moves("port_out", "aging", "rejected or canceled", PORT_OUT),
    *_moves(
        "stock held in_service suspended aging releasing",
        "lost",
        "two full lists do not hold it",
        REPAIR,
        way_back="found again",
    ),
    *_moves("lost", "stock", "found again", REPAIR),
    *_moves("lost", "held", "found again", REPAIR),
    *_moves("lost", "in_service", "found again", REPAIR),
    *_moves("lost", "suspended", "found again", REPAIR),
    *_moves("lost", "aging", "found again", REPAIR),
    *_moves("lost", "ported_out", "it left", REPAIR),
    *_moves("lost", "released", "it was given back", REPAIR),
    *_moves("lost released ported_out", "purchasing", "bought again", ORDER),
    *_moves("released ported_out", "port_in", "ported in again", ORDER),
    *_moves("released ported_out", "stock", "found at the provider again", REPAIR),
)


def by_state() -> dict[str, set[str]]:
    """Return where a number may go from each state."""
    table: dict[str, set[str]] = {}
    for move in MOVES:
        table.setdefault(move.before, set()).add(move.to)
    return table


def guards_of(before: str, to: str) -> tuple[str, ...]:
    """Return the names of what guards a move; none where it is not in the table."""
    found = (move.guards for move in MOVES if (move.before, move.to) == (before, to))
    return next(found, ())
