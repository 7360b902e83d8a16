"""The lifecycle's verbs on numbers, by sets: what would happen, and doing it, audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils import timezone

from inventory import assignments
from inventory.assignments import IN_USE
from inventory.expressions import SHOWN, by_ids
from inventory.lifecycle import CHOICES, GUARDS, NEEDS, Choice, Verb, needs_approval, today
from inventory.models import TelephoneNumber
from inventory.services import IllegalMove
from portal import audit
from portal.models import Customer, User

# What follows from the move itself, or from its row in the history of assignments.
_NOT_TOLD = {"last_customer", "disconnected_on", "aged_from"}
# Restoring leads back to a customer: it aged from his use, or from a time that is not on record.
_WAS_USED = Q(aged_from__in=IN_USE) | Q(aged_from="", last_customer__isnull=False)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A group of numbers that stay as they are, and why."""

    count: int
    words: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How a verb would go: how many numbers go, and who stays."""

    going: int
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def staying(self) -> int:
        """How many numbers stay as they are."""
        return sum(refusal.count for refusal in self.refusals)


def preview(verb: Verb, numbers: QuerySet[TelephoneNumber], choice: Choice) -> Preview:
    """Return how many of `numbers` the verb may be done to, and what stands against the others.

    One query, whatever their number.
    """
    judged = numbers.order_by().annotate(stopped_by=_stopped_by(verb, choice))
    groups = judged.values("stopped_by", "state").annotate(n=Count("pk"))
    going = 0
    counts: dict[str, int] = {}
    for group in groups:
        stopped_by = group["stopped_by"]
        if not stopped_by:
            going += group["n"]
            continue
        key = f"state:{group['state']}" if stopped_by == "state" else stopped_by
        counts[key] = counts.get(key, 0) + group["n"]
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return Preview(going=going, refusals=[_refusal(verb, *pair) for pair in ordered])


def going(
    verb: Verb, numbers: QuerySet[TelephoneNumber], choice: Choice
) -> QuerySet[TelephoneNumber]:
    """Return those of `numbers` that nothing stands against."""
    return numbers.annotate(stopped_by=_stopped_by(verb, choice)).filter(stopped_by="")


@transaction.atomic
def carry_out(
    verb: Verb,
    numbers: QuerySet[TelephoneNumber],
    choice: Choice,
    *,
    actor: User | None,
    is_approved: bool = False,
) -> int:
    """Do the verb to those of `numbers` that it may be done to; return how many these were.

    Numbers that something stands against stay as they are. Each change is audited. Raises
    `IllegalMove` where the choice itself lacks something, or where a second person must approve it
    and none did; nothing is changed then.
    """
    for need in NEEDS.get(verb.name, ()):
        if sentence := CHOICES[need](choice):
            raise IllegalMove(sentence)
    free = going(verb, numbers, choice)
    ids = list(free.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if actor is not None and not is_approved and needs_approval(verb, choice, len(ids)):
        raise IllegalMove(f"Another person must approve this for {len(ids):,} numbers.")
    if ids:
        apply_changes(ids, changes(verb.name, choice), verb.audit, actor=actor, choice=choice)
    return len(ids)


@transaction.atomic
def end_aging(numbers: QuerySet[TelephoneNumber]) -> int:
    """Put aging numbers back to stock; what their last user called them is forgotten with him."""
    free = unlocked(numbers.filter(state="aging", legal_hold=False)).order_by("pk")
    ids = list(free.select_for_update(of=("self",)).values_list("pk", flat=True))
    if not ids:
        return 0
    was_used = ~Q(aged_from="stock")
    forgotten: dict[str, Any] = {
        name: Case(When(was_used, then=Value("")), default=name, output_field=models.TextField())
        for name in ("label", "billing_id", "note")
    }
    nothing = Value({}, output_field=models.JSONField())
    values = forgotten | {
        "state": "stock",
        "wanted": Case(When(was_used, then=nothing), default="wanted"),
        "e911_state": Case(
            When(e911_state="not_required", then=Value("none")), default="e911_state"
        ),
        "release_on": None,
        "aged_from": "",
    }
    choice = Choice(reason="The time of aging is over.")
    apply_changes(ids, values, "inventory.tn.aged", actor=None, choice=choice)
    return len(ids)


def unlocked(numbers: QuerySet[TelephoneNumber]) -> QuerySet[TelephoneNumber]:
    """Return those of `numbers` that no open job holds."""
    stops = GUARDS["unlocked"].stops(Choice())
    return numbers.exclude(stops) if stops is not None else numbers


def apply_changes(
    ids: Sequence[int],
    values: dict[str, Any],
    verb: str,
    *,
    actor: User | None,
    choice: Choice,
) -> None:
    """Write `values` (field → value or expression) to locked numbers, with audit and assignments."""
    now = timezone.now()
    rows = by_ids(ids)
    told = {name: value for name, value in values.items() if name not in _NOT_TOLD}
    if verb == "inventory.tn.restored":
        told["customer"] = Case(When(_WAS_USED, then="last_customer__name"))
    audit.record_set(
        actor,
        verb,
        rows,
        text=SHOWN,
        before=_before(told),
        after=_after(told),
        # Whoever had it, or has it now, is told.
        customer=Value(choice.customer.pk) if choice.customer else F("customer_id"),
        reason=choice.reason,
    )
    if verb in {"inventory.tn.moved", "inventory.tn.taken_out"}:
        is_disconnect = verb == "inventory.tn.taken_out"
        assignments.end(ids, at=now, reason=choice.reason, is_disconnect=is_disconnect)
    if "state" in values:
        values = values | {"previous_state": F("state"), "state_since": now}
    rows.update(**values, updated_at=now)
    if verb in {"inventory.tn.moved", "inventory.tn.assigned"} and choice.customer:
        assignments.start(
            ids,
            customer=choice.customer,
            at=now,
            actor=actor,
            e911=choice.e911,
            e911_reason=choice.e911_reason,
        )
    elif verb == "inventory.tn.restored":
        assignments.reopen(ids)


def changes(name: str, choice: Choice) -> dict[str, Any]:
    """Return what a verb writes: field → value or expression over the row as it is."""
    in_use = Q(state__in=IN_USE)
    plan = {"release_on": choice.until, "after_aging": choice.after}
    table: dict[str, dict[str, Any]] = {
        "assign": {"state": "in_service", "held_until": None, "disconnected_on": None}
        | {"last_customer": None}
        | _for_customer(choice, is_new=True),
        "move": _for_customer(choice, is_new=False),
        "hold": {"state": "held", "customer": choice.customer, "held_until": choice.until},
        "prolong": {"held_until": choice.until},
        "free": {"state": "stock", "customer": None, "held_until": None},
        "suspend": {"state": "suspended"},
        "resume": {"state": "in_service"},
        "out": {"state": "aging", "customer": None, "aged_from": F("state")}
        | {
            "last_customer": Case(When(in_use, then="customer_id"), default="last_customer_id"),
            "disconnected_on": Case(When(in_use, then=Value(today())), default="disconnected_on"),
        }
        | plan,
        "replan": plan,
        "restore": _restored(),
    }
    return table[name]


def _for_customer(choice: Choice, *, is_new: bool) -> dict[str, Any]:
    """Return what a number takes over from its customer, and what was decided about E911."""
    billing = choice.customer.billing_id if choice.customer else ""
    wanted = "not_required" if choice.e911 == "not_required" else "none"
    undecided = Q(e911_state__in=("none", "removed", "not_required"))
    return {
        "customer": choice.customer,
        "billing_id": Case(When(billing_id="", then=Value(billing)), default="billing_id")
        if is_new
        else billing,
        "e911_state": Case(When(undecided, then=Value(wanted)), default="e911_state"),
    }


def _restored() -> dict[str, Any]:
    """Return what restoring writes: whoever lost the number has it again, stock is stock again."""
    back = Case(
        When(aged_from__in=IN_USE, then="aged_from"),
        When(_WAS_USED, then=Value("in_service")),
        default=Value("stock"),
        output_field=models.CharField(),
    )
    return {
        "state": back,
        "customer": Case(When(_WAS_USED, then="last_customer_id")),
        "last_customer": Case(When(~_WAS_USED, then="last_customer_id")),
        "disconnected_on": Case(When(~_WAS_USED, then="disconnected_on")),
        "release_on": None,
        "after_aging": "stock",
        "aged_from": "",
    }


def _stopped_by(verb: Verb, choice: Choice) -> Case:
    """Return the expression that names what stands against a number; empty where nothing does."""
    whens = [When(~Q(state__in=verb.sources), then=Value("state"))]
    for name in verb.guards:
        condition = GUARDS[name].stops(choice)
        if condition is not None:
            whens.append(When(condition, then=Value(name)))
    return Case(*whens, default=Value(""), output_field=models.CharField())


def _refusal(verb: Verb, key: str, count: int) -> Refusal:
    if key.startswith("state:"):
        state = TelephoneNumber.State(key.removeprefix("state:")).label
        sources = [f"“{TelephoneNumber.State(source).label}”" for source in verb.sources]
        takes = " and ".join(filter(None, [", ".join(sources[:-1]), sources[-1]]))
        return Refusal(
            count=count, words=f"“{state}”", advice=f"“{verb.button}” is for {takes} only."
        )
    guard = GUARDS[key]
    return Refusal(count=count, words=guard.words, advice=guard.advice)


def _before(names: Iterable[str]) -> dict[str, Any]:
    """Return the audit's words of fields as they are: customers by name."""
    return {name: F("customer__name" if name == "customer" else name) for name in names}


def _after(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the audit's words of what fields become: customers by name."""
    return {
        name: str(value) if isinstance(value, Customer) else value for name, value in values.items()
    }
