"""What a person does with the lifecycle of numbers: the verbs, what stands against each, in words.

`services.lifecycle` previews a verb and carries it out, for one number and for a hundred thousand
alike: guards are conditions in SQL. Their names are those of `inventory.models.moves`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from inventory.assignments import IN_USE
from inventory.models import Assignment, TelephoneNumber
from portal import approvals
from portal.models import Customer, JobItem

AGING_DAYS = 45  # at least, before another subscriber may have it (Reassigned Numbers Database)
LONGEST_AGING = {"residential": 90, "business": 365}  # days: 47 CFR 52.15(f)
E911_RECORD = ("provisioning", "provisioned", "verified", "changing", "removing", "orphan")
ON_A_CAMPAIGN = ("requested", "assigned", "live", "partly_mapped", "removing", "remove_failed")
PORT_OVER = ("", "none", "completed", "cancelled", "expired", "failed")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen on the page of a verb; dates are days of the site's time zone."""

    customer: Customer | None = None
    until: date | None = None  # of a hold, or of aging
    after: str = "stock"  # what follows aging
    e911: str = ""
    e911_reason: str = ""
    take_off: tuple[str, ...] = ()  # features that the customer does not take over
    is_same_subscriber: bool = False
    keeps_e911: bool = False
    reason: str = ""

    def kept(self) -> dict[str, Any]:
        """Return the choice as JSON can hold it; `again` reads it."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {
            "customer": self.customer.pk if self.customer else None,
            "until": self.until.isoformat() if self.until else None,
        }

    @classmethod
    def again(cls, kept: Mapping[str, Any]) -> Choice:
        """Return a choice that was kept; a customer who is gone since is none."""
        until = kept.get("until")
        return cls(
            **dict(kept)
            | {
                "customer": Customer.objects.filter(pk=kept.get("customer") or 0).first(),
                "until": date.fromisoformat(until) if until else None,
                "take_off": tuple(kept.get("take_off", ())),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What stands against a verb: which numbers, what they are called then, what to do."""

    stops: Callable[[Choice], Q | None]  # None: nothing can be stopped with this choice
    words: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One thing that a person does with numbers."""

    name: str
    title: str  # on the page: "Assign to a customer"
    button: str  # "Assign"
    done: str  # "12 numbers are <done>.", as `done_by` completes it
    sources: tuple[str, ...]
    guards: tuple[str, ...]  # in the order in which they are told
    audit: str
    explanation: str


def done_by(verb: Verb, choice: Choice) -> str:
    """Return what numbers are once a verb is done: "aging until Jan 5, 2027, then given back"."""
    return verb.done.format(
        customer=choice.customer,
        until=f"{choice.until:%b %-d, %Y}" if choice.until else "further notice",
        after="given back" if choice.after == "release" else "back to stock",
    )


def needs_approval(verb: Verb, choice: Choice, count: int) -> bool:
    """Return whether a second person must approve a verb on so many numbers.

    Moving to another customer, and planning to give back, where it is about many.
    """
    is_risky = verb.name == "move" or (
        verb.name in {"out", "replan"} and choice.after == TelephoneNumber.AfterAging.RELEASE
    )
    return is_risky and approvals.is_needed(count)


# Before anything was chosen: only what no answer can change stands against a number.
ANY: Final = Choice(keeps_e911=True)


def today() -> date:
    """Return the day in the site's time zone, which dates of the lifecycle go by."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def earliest_reuse(disconnected_on: date) -> date:
    """Return the first day on which another subscriber may have a number."""
    return disconnected_on + timedelta(days=AGING_DAYS)


def _still_aging(choice: Choice) -> Q | None:
    if choice.customer is None:
        return None
    lately = Q(disconnected_on__gt=today() - timedelta(days=AGING_DAYS))
    return lately & (Q(last_customer=None) | ~Q(last_customer=choice.customer))


def _e911_of_another(choice: Choice) -> Q | None:
    """A record that stands is not passed on in silence: help would be sent to the old address."""
    if choice.e911 not in {Assignment.E911.LATER, Assignment.E911.NOT_REQUIRED}:
        return None
    return Q(e911_state__in=E911_RECORD)


def _held_for_another(choice: Choice) -> Q | None:
    return Q(state="held") & ~Q(customer=choice.customer) if choice.customer else None


def _in_open_job(choice: Choice) -> Q:
    locks = JobItem.objects.filter(target=OuterRef("tn"), is_lock=True, status__in=JobItem.OPEN)
    return Q(Exists(locks))


GUARDS: Final[dict[str, Guard]] = {
    "unlocked": Guard(
        stops=_in_open_job,
        words="part of a job that is not settled",
        advice="Wait for the job, or open it to see what it waits for.",
    ),
    "no_legal_hold": Guard(
        stops=lambda choice: Q(legal_hold=True),
        words="under legal hold",
        advice="An administrator takes the hold off, once it may go.",
    ),
    "no_deletion_lock": Guard(
        stops=lambda choice: Q(deletion_lock=True) if choice.after == "release" else None,
        words="locked against giving back",
        advice="Take the deletion lock off first, or let it go back to stock.",
    ),
    "no_port": Guard(
        stops=lambda choice: ~Q(port_state__in=PORT_OVER),
        words="on a port that is not over",
        advice="Finish or cancel the port first.",
    ),
    "e911_kept": Guard(
        stops=lambda choice: None if choice.keeps_e911 else Q(e911_state__in=E911_RECORD),
        words="set up for E911",
        advice="Remove the record first, or say below that it is kept on purpose.",
    ),
    "e911_decided": Guard(
        stops=_e911_of_another,
        words="set up for E911 with an address that nobody has confirmed for the new customer",
        advice="Say that the record is right for them, or remove it first.",
    ),
    "aged": Guard(
        stops=_still_aging,
        words=f"used by another subscriber until less than {AGING_DAYS} days ago",
        advice="Only the same subscriber may have it before that.",
    ),
    "held_for_them": Guard(
        stops=_held_for_another,
        words="held for another customer",
        advice="Free the hold first.",
    ),
    "other_customer": Guard(
        stops=lambda choice: Q(customer=choice.customer) if choice.customer else None,
        words="with this customer already",
    ),
    "was_theirs": Guard(
        stops=lambda choice: (
            (Q(aged_from__in=IN_USE) | Q(aged_from="", last_customer__isnull=False))
            & ~Q(last_customer__is_active=True)
        ),
        words="without the customer whom it would go back to",
        advice="Its former customer is not active any more.",
    ),
}


def _e911_missing(choice: Choice) -> str:
    if choice.e911 not in Assignment.E911.values:
        return "Decide about E911: a record comes later, or none is needed."
    if choice.e911 == Assignment.E911.NOT_REQUIRED and not choice.e911_reason.strip():
        return "Say why no E911 record is needed."
    return ""


# Guards that ask of the choice alone: the form's questions, asked again where it is carried out.
CHOICES: Final[dict[str, Callable[[Choice], str]]] = {
    "active_customer": lambda choice: (
        "" if choice.customer and choice.customer.is_active else "Choose an active customer."
    ),
    "end_date": lambda choice: (
        "" if choice.until and choice.until > today() else "Choose a day after today."
    ),
    "e911_decided": _e911_missing,
    "same_subscriber": lambda choice: (
        ""
        if choice.is_same_subscriber
        else f"A new subscriber must wait {AGING_DAYS} days. Take it out of service first."
    ),
}


_VERBS: Final = (
    Verb(
        name="assign",
        title="Assign to a customer",
        button="Assign",
        done="in service for {customer}",
        sources=("stock", "held"),
        guards=("no_legal_hold", "held_for_them", "aged", "e911_decided", "unlocked"),
        audit="inventory.tn.assigned",
        explanation="The customer uses the number from now on and sees it here.",
    ),
    Verb(
        name="move",
        title="Move to another customer",
        button="Move",
        done="moved to {customer}",
        sources=("in_service",),
        guards=("other_customer", "no_legal_hold", "no_port", "e911_decided", "unlocked"),
        audit="inventory.tn.moved",
        explanation="For the same subscriber under another customer: a sale, a merger, a new "
        "contract. What is not kept below is taken off at the provider.",
    ),
    Verb(
        name="hold",
        title="Hold for a customer",
        button="Hold",
        done="held for {customer} until {until}",
        sources=("stock",),
        guards=("no_legal_hold", "unlocked"),
        audit="inventory.tn.held",
        explanation="Promised, not yet in use. It goes back to stock by itself after the last day.",
    ),
    Verb(
        name="prolong",
        title="Hold longer",
        button="Hold longer",
        done="held until {until}",
        sources=("held",),
        guards=("unlocked",),
        audit="inventory.tn.hold_prolonged",
        explanation="Another last day for the same customer.",
    ),
    Verb(
        name="free",
        title="Free the hold",
        button="Free",
        done="back in stock",
        sources=("held",),
        guards=("no_legal_hold", "unlocked"),
        audit="inventory.tn.freed",
        explanation="The promise to the customer ends, the number goes back to stock.",
    ),
    Verb(
        name="suspend",
        title="Suspend",
        button="Suspend",
        done="suspended",
        sources=("in_service",),
        guards=("unlocked",),
        audit="inventory.tn.suspended",
        explanation="The customer keeps the number and may not use it. The provider is not asked: "
        "calls, 911 included, go on until the route or the forward is changed.",
    ),
    Verb(
        name="resume",
        title="Resume",
        button="Resume",
        done="in service again",
        sources=("suspended",),
        guards=("unlocked",),
        audit="inventory.tn.resumed",
        explanation="The customer may use the number again.",
    ),
    Verb(
        name="out",
        title="Take out of service",
        button="Take out of service",
        done="aging until {until}, then {after}",
        sources=("in_service", "suspended", "stock"),
        guards=("no_legal_hold", "no_deletion_lock", "no_port", "e911_kept", "unlocked"),
        audit="inventory.tn.taken_out",
        explanation="It ages until the day below and can be restored whole until then. Route and "
        "features stay at the provider as they are, and the provider goes on billing.",
    ),
    Verb(
        name="replan",
        title="Change what follows aging",
        button="Change the plan",
        done="aging until {until}, then {after}",
        sources=("aging",),
        guards=("no_legal_hold", "no_deletion_lock", "unlocked"),
        audit="inventory.tn.aging_planned",
        explanation="The day on which aging ends, and what happens then.",
    ),
    Verb(
        name="restore",
        title="Restore",
        button="Restore",
        done="restored",
        sources=("aging",),
        guards=("no_legal_hold", "was_theirs", "unlocked"),
        audit="inventory.tn.restored",
        explanation="Back to what it was: the customer, the label, what was wanted of it.",
    ),
)
VERBS: Final[dict[str, Verb]] = {verb.name: verb for verb in _VERBS}
NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "assign": ("active_customer", "e911_decided"),
    "move": ("active_customer", "same_subscriber", "e911_decided"),
    "hold": ("active_customer", "end_date"),
    "prolong": ("end_date",),
    "out": ("end_date",),
    "replan": ("end_date",),
}
