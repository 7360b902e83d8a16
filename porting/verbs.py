"""What people do to an order by hand: each verb is a move of the table, with its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from portal.models import User
from porting.models import PortOrder, moves
from porting.services.moving import why_not


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One verb: to which state it leads, what its page says, whether a reason must be given."""

    to: str
    before: tuple[str, ...]
    title: str
    button: str
    explanation: str
    has_reason: bool = True
    is_grave: bool = False
    is_told_to_provider: bool = False  # the provider has no call for it: a ticket goes along


VERBS: Final = (
    Verb(
        to="customer_input",
        before=("draft",),
        title="Ask the customer",
        button="Ask the customer",
        explanation="The customer gets a mail with a link, fills in what is missing, signs the "
        "letter and uploads the bill. Reminders follow on day 2, 5 and 10.",
        has_reason=False,
    ),
    Verb(
        to="ready",
        before=("draft", "customer_input"),
        title="Ready to submit",
        button="It is ready",
        explanation="Everything is there. From now on its numbers stand on no other order.",
        has_reason=False,
    ),
    Verb(
        to="draft",
        before=("ready",),
        title="Change it again",
        button="Back to draft",
        explanation="Nothing was sent yet. As a draft every field can be changed again.",
        has_reason=False,
    ),
    Verb(
        to="cancelled",
        before=("draft", "customer_input", "ready"),
        title="Withdraw it",
        button="Withdraw",
        explanation="Nothing was sent to a provider, so nothing is charged. The order stays in "
        "the list; its numbers are free for another one.",
        is_grave=True,
    ),
    Verb(
        to="cancel_requested",
        before=("foc_set", "with_losing_carrier"),
        title="Ask to cancel it",
        button="Ask to cancel",
        explanation="The provider has no call for this: a ticket is written, and the order waits "
        "for the answer. What was charged is not given back.",
        is_grave=True,
        is_told_to_provider=True,
    ),
    Verb(
        to="failed",
        before=(
            *("submitted", "pending_documents", "with_losing_carrier", "exception"),
            "supplement_sent",
        ),
        title="Give it up",
        button="Give up",
        explanation="The order ends here as failed. The provider is not told: write to it, too, "
        "if it still works on the order.",
        is_grave=True,
    ),
    Verb(
        to="snapback_requested",
        before=("completed",),
        title="Send it back",
        button="Ask for a snapback",
        explanation="For numbers that were ported by mistake, within 24 hours. A ticket is "
        "written to the provider; the losing carrier takes them back.",
        is_grave=True,
        is_told_to_provider=True,
    ),
    Verb(
        to="completed",
        before=("snapback_requested",),
        title="It stays with us",
        button="It stays",
        explanation="The numbers do not go back. The order is completed as before.",
    ),
    Verb(
        to="cancelled",
        before=("snapback_requested",),
        title="It went back",
        button="It went back",
        explanation="The losing carrier has the numbers again.",
        is_grave=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A verb for one order; `why` says why it cannot be done now, empty where it can."""

    verb: Verb
    why: str


def find(order: PortOrder, to: str) -> Verb | None:
    """Return the verb that leads an order to a state; None where there is none now."""
    return next((verb for verb in VERBS if verb.to == to and order.state in verb.before), None)


def is_allowed(order: PortOrder, verb: Verb, user: User) -> bool:
    """Return whether the user's role may make this move at all."""
    move = moves.find(order.state, verb.to)
    return move is not None and bool(move.who) and user.has_perm(move.who)


def acts(order: PortOrder, user: User) -> Iterator[Act]:
    """Yield what this user can do to an order by hand in the state that it is in."""
    for verb in VERBS:
        if order.state in verb.before and is_allowed(order, verb, user):
            yield Act(verb=verb, why=why_not(order, verb.to))
