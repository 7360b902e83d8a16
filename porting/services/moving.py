"""Moving an order from state to state: what stands against it, what goes with it, who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.services import summaries
from portal import audit
from portal.models import Job, User
from portal.providers.dto.porting import PortRecord
from porting import clock, rejections
from porting.models import PortLine, PortOrder, ProviderWord, moves
from porting.polling import next_poll
from porting.services import arriving, mails, words
from porting.services.notes import record_event
from porting.services.orders import SECRETS, missing


class IllegalMove(Exception):
    """A move that the table does not know or a guard forbids; `str(error)` is a sentence."""


def _not_complete(order: PortOrder) -> str:
    found = missing(order)
    return f"{found[0]} Then it is ready." if found else ""


def _submitting(order: PortOrder) -> str:
    job = order.submit_job
    if job is None or not job.is_open:
        return ""
    return f"It is being submitted (job {job.pk}). Wait for the outcome."


def _not_portable(order: PortOrder) -> str:
    wrong = order.lines.active().filter(status=PortLine.Status.NOT_PORTABLE).first()
    return f"{wrong} cannot be ported. Take it off the order." if wrong else ""


def _not_priced(order: PortOrder) -> str:
    is_paid = not order.is_manual and order.price_accepted_at is None
    return "The price was not accepted." if is_paid else ""


def _frozen(order: PortOrder) -> str:
    hours, zone = settings.PORT_FREEZE_HOURS, timezone.get_default_timezone()
    if order.foc_date is None or not clock.is_frozen(order.foc_date, timezone.now(), hours, zone):
        return ""
    return (
        f"The date is {order.foc_date:%B %-d, %Y}; within {hours} hours before it nothing can be "
        "changed. Call the provider."
    )


def _too_late_to_go_back(order: PortOrder) -> str:
    until = order.snapback_until
    if until is not None and timezone.now() <= until:
        return ""
    return (
        "Numbers go back within 24 hours only. Later it is a new port, made by the other carrier."
    )


# Names of guards in the table → why they forbid a move, as a sentence; empty where they do not.
GUARDS: Final[Mapping[str, Callable[[PortOrder], str]]] = {
    "complete": _not_complete,
    "not_submitting": _submitting,
    "portable": _not_portable,
    "priced": _not_priced,
    "not_frozen": _frozen,
    "within_snapback": _too_late_to_go_back,
    "named_fields": lambda order: "",  # `orders.change_order` lets no other field change
}
# What the numbers of an order become with it, by their status before.
_LINES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "submitted": {"submitted": ("pending", "portable", "not_portable", "rejected")},
    "supplement_sent": {"submitted": ("rejected", "foc_set")},
    "with_losing_carrier": {"submitted": ("pending", "portable", "rejected")},
    "foc_set": {"foc_set": ("pending", "portable", "submitted", "rejected")},
    "exception": {"rejected": ("submitted", "foc_set")},
}
_LOCKED: Final = ("ready", *PortOrder.AT_PROVIDER)


def _locked(order: PortOrder) -> PortOrder:
    """Return the order's row, locked, without its secrets: what cannot be read is never rewritten."""
    return PortOrder.objects.select_for_update().defer(*SECRETS).get(pk=order.pk)


def why_not(order: PortOrder, to: str) -> str:
    """Return why a person may not move an order to a state, as a sentence; empty where he may."""
    if refusal := order.why_not(to):
        return refusal
    move = moves.find(order.state, to)
    for name in move.guards if move else ():
        if refusal := GUARDS[name](order):
            return refusal
    return ""


@transaction.atomic
def move(
    order: PortOrder,
    to: str,
    *,
    actor: User | None,
    reason: str = "",
    job: Job | None = None,
    word: str = "",
    is_told: bool = False,
    **changes: Any,
) -> None:
    """Move an order to another state; history, audit, numbers, clocks and mails follow.

    `is_told` says that the provider's word shows it. Guards, which are for people, are asked
    neither then nor of a job: its operation did. `changes` are further fields. Raises `IllegalMove` and changes nothing where the table
    has no such move, a guard forbids it, or a number stands on another open order.
    """
    row = _locked(order)
    refusal = row.why_not(to) if is_told or job is not None else why_not(row, to)
    if refusal:
        raise IllegalMove(refusal)
    before, now = row.state, timezone.now()
    row.previous_state, row.state, row.state_since = before, to, now
    for name, value in changes.items():
        setattr(row, name, value)
    _enter(row, now)
    _lines_follow(row, before)
    row.save()
    order.refresh_from_db()
    source = "provider" if is_told else _source(actor)
    label = str(row.get_state_display())
    by: dict[str, Any] = {"actor": actor, "job": job, "at": now}
    record_event(row, source=source, before=before, after=to, word=word[:120], text=label, **by)
    if reason and reason != label:  # it may name the provider: what a customer wrote he may see
        record_event(row, source=source, text=reason, is_for_customer=source == "customer", **by)
    facts = {"state": to} | {name: str(value or "") for name, value in changes.items()}
    audit.record(
        actor,
        f"porting.port.{to}",
        row,
        before={"state": before},
        after=facts,
        reason=reason,
        job=job,
    )
    _note_on_numbers(row)
    arriving.follow(row, actor=actor, job=job)
    if before != PortOrder.State.SNAPBACK_REQUESTED:  # the customer was told that it is here
        mails.tell(row, to, actor=actor)


def _source(actor: User | None) -> str:
    if actor is None:
        return "system"
    return "us" if actor.is_staff_role else "customer"


def _enter(order: PortOrder, now: Any) -> None:
    """Set what belongs to the state entered: who acts, until when, when it is asked about."""
    zone = timezone.get_default_timezone()
    order.who_must_act = moves.WHO_ACTS[order.state]
    order.reminder_count = 0
    if order.state == PortOrder.State.EXCEPTION:
        rejection = rejections.find(order.reject_code)
        if rejection is not None and rejection.is_for_customer and order.customer_id:
            order.who_must_act = moves.CUSTOMER
    elif order.state in ("supplement_sent", "foc_set", "completed"):
        order.reject_code = order.reject_words = ""
    if order.state == PortOrder.State.SUBMITTED and order.submitted_at is None:
        order.submitted_at = now
    if order.state == PortOrder.State.COMPLETED and order.completed_at is None:
        order.completed_at = now
    order.sla_due_at = clock.due_at(order.state, now, zone, foc_date=order.foc_date)
    order.next_poll_at = next_poll(order, now)


def _lines_follow(order: PortOrder, before: str) -> None:
    now = timezone.now()
    lines = order.lines.active()
    for status, sources in _LINES.get(order.state, {}).items():
        lines.filter(status__in=sources).update(status=status, status_since=now)
    is_open = order.state in _LOCKED
    if is_open == (before in _LOCKED):
        return
    try:
        with transaction.atomic():
            lines.update(is_open=is_open)
    except IntegrityError as error:
        tns = list(lines.values_list("tn", flat=True))
        other = PortLine.objects.filter(tn__in=tns, is_open=True).exclude(order=order).first()
        named = f"{other} is on {other.order} already" if other else "A number is on another order"
        raise IllegalMove(f"{named}, which is not over. Take it off one of the two.") from error


def _note_on_numbers(order: PortOrder) -> None:
    word = "" if order.state in ("draft", "customer_input") else order.state
    lines = order.lines.active()
    if order.state in PortOrder.PREPARING[:2] or order.state in ("cancelled", "expired", "failed"):
        # Another order may hold the number by now; its word stands.
        tns = list(lines.values_list("tn", flat=True))
        held = set(PortLine.objects.filter(tn__in=tns, is_open=True).values_list("tn", flat=True))
        summaries.note("port_state", {tn: word for tn in tns if tn not in held})
        return
    summaries.note("port_state", dict.fromkeys(lines.values_list("tn", flat=True), word))


@transaction.atomic
def follow(order: PortOrder, record: PortRecord, *, job: Job | None = None) -> list[str]:
    """Write what a provider told of an order and move it as its word says; return the states passed.

    A word that nobody knows moves nothing: it is flagged, and shown to staff. One that means an
    earlier step than ours moves nothing either. Steps between two looks are passed one by one.
    """
    row = _locked(order)
    slug = row.account.slug if row.account else ""
    meaning = words.meaning_of(slug, record.word, record.state)
    _hear(row, record, meaning)
    row.save()
    passed: list[str] = []
    if meaning:
        passed = _walk(row, meaning, record, job=job)
    order.refresh_from_db()
    return passed


def _hear(order: PortOrder, record: PortRecord, meaning: str | None) -> None:
    """Keep the provider's word, date and message beside ours; a new word is a line of history."""
    now = timezone.now()
    word, message = record.word.strip()[:120], record.message.strip()[:500]
    is_new = word != order.provider_word
    if is_new or (message and message != order.provider_message):
        is_unknown = meaning is None
        text = (
            "The provider’s word is not known here; nothing was moved." if is_unknown else message
        )
        record_event(order, source="provider", word=word, text=text, is_for_customer=False, at=now)
    if is_new or order.word_at is None:
        order.word_at = now
    order.provider_word, order.provider_message = word, message
    order.is_word_known, order.word_note = meaning is not None, ""
    if record.losing_carrier and not order.losing_carrier:
        order.losing_carrier = record.losing_carrier[:120]
    if record.foc_date is not None and record.foc_date != order.foc_date:
        _new_date(order, record.foc_date, now)


def _new_date(order: PortOrder, day: date, now: datetime) -> None:
    """Set the confirmed date; one that moved while it was confirmed is told to the customer."""
    had, order.foc_date = order.foc_date, day
    if order.state != PortOrder.State.FOC_SET or had is None:
        return
    zone = timezone.get_default_timezone()
    order.sla_due_at = clock.due_at(order.state, now, zone, foc_date=day)
    order.next_poll_at = next_poll(order, now)
    text = f"The date moved from {had:%B %-d, %Y} to {day:%B %-d, %Y}."
    record_event(order, source="provider", text=text, at=now)
    audit.record(
        None,
        "porting.port.date_moved",
        order,
        before={"foc_date": had.isoformat()},
        after={"foc_date": day.isoformat()},
    )
    mails.tell(order, "foc_set", actor=None)


def _walk(order: PortOrder, meaning: str, record: PortRecord, *, job: Job | None) -> list[str]:
    steps = moves.path(order.state, meaning)
    if order.state == PortOrder.State.READY and order.is_manual:
        rest = moves.path("submitted", meaning)
        steps = None if rest is None else ["submitted", *rest]
    if steps is None:
        label = PortOrder.State(meaning).label
        order.word_note = f"The provider’s word means “{label}”, which does not follow here."
        order.save(update_fields=["word_note"])
        return []
    for step in steps:
        changes: dict[str, Any] = {}
        if step == PortOrder.State.EXCEPTION:
            said = record.message or record.word
            changes = {"reject_code": rejections.guess(said).code, "reject_words": said[:500]}
        is_last = step == steps[-1]
        reason = "" if is_last else "Passed between two looks at the provider."
        move(
            order,
            step,
            actor=None,
            job=job,
            word=record.word,
            is_told=True,
            reason=reason[:300],
            **changes,
        )
    return steps


def hear_again(word: ProviderWord, *, actor: User) -> int:
    """Let orders that showed a word follow what it means now; return how many moved."""
    moved = 0
    orders = PortOrder.objects.at_provider() | PortOrder.objects.filter(state="ready")
    shown = orders.filter(account__slug=word.slug).exclude(provider_word="")
    told = shown.order_by("pk").values_list("pk", "provider_word")
    for pk in [pk for pk, text in told if words.fold(text) == word.folded]:
        order = PortOrder.objects.defer(*SECRETS).get(pk=pk)
        record = PortRecord(
            ref=order.provider_ref,
            word=order.provider_word,
            message=order.provider_message,
            foc_date=order.foc_date,
        )
        moved += bool(follow(order, record))
    return moved
