"""What the page of one order shows; what customers must not see is not even looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.models import Job, User
from porting import board, cards, clock, desk_mail, follow, rejections, services, verbs
from porting.forms.acts import DocumentForm, NoteForm
from porting.models import PortLine, PortOrder
from porting.services.mails import contacts

EVENTS: Final = 40
LINES: Final = 50
PREPARING: Final = ("draft", "customer_input", "ready")


@dataclass(frozen=True, kw_only=True)
class Next:
    """What is to be done now: a sentence, its button, how urgent."""

    words: str
    tone: str = "info"
    url: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One clock of an order; `at` counts down where it lies ahead."""

    label: str
    at: datetime | None
    words: str = ""
    is_late: bool = False


def context(
    order: PortOrder, user: User, *, job: Job | None = None, all_events: bool = False
) -> dict[str, Any]:
    """Return what the page shows to this user; `job` is that of `open_job`."""
    shown: dict[str, Any] = {
        "order": order,
        "card": cards.card(order, timezone.now()),
        "way": follow.way(order),
        "documents": list(order.documents.visible_to(user).select_related("uploaded_by")),
        "signatures": list(order.signatures.visible_to(user)),
        "notes": list(order.notes.visible_to(user)),
        "can_answer": user.has_perm("porting.answer_portorder"),
        "missing": services.missing(order) if order.state in PREPARING else [],
        "rejection": rejections.find(order.reject_code),
        "statuses": statuses(order.lines.visible_to(user)),
        "events": _events(order, user, all_events=all_events),
    }
    shown["events_are_cut"] = not all_events and len(shown["events"]) == EVENTS
    shown["document_form"] = DocumentForm(is_staff=user.is_staff_role)
    has_customer = order.customer_id is not None
    shown["note_form"] = NoteForm(is_staff=user.is_staff_role, has_customer=has_customer)
    if user.is_staff_role:
        shown |= _for_staff(order, user, shown["missing"]) | {"job": job}
    else:
        can_request = user.has_perm("porting.request_own")
        shown["needs"] = follow.needs(order, shown["missing"], can_answer=can_request)
        shown["can_edit"] = can_request and order.state in PREPARING[:2]
        shown["can_send"] = can_request and order.state == "customer_input"
    return shown


def _for_staff(order: PortOrder, user: User, missing: list[str]) -> dict[str, Any]:
    can_change = user.has_perm("porting.change_portorder")
    found = list(verbs.acts(order, user))
    return {
        "can_change": can_change,
        "can_edit": can_change and order.state in PREPARING[:2],
        "can_decide_words": user.has_perm("porting.change_providerword"),
        "next": _next(order, user, missing),
        "clocks": list(_clocks(order)),
        "acts": found,
        "mails": list(order.mails.visible_to(user)[:20]),
        "can_poll": can_change and order.is_at_provider,
        "can_write": can_change and desk_mail.takes_tickets(order),
        "contacts": contacts(order),
    }


def _events(order: PortOrder, user: User, *, all_events: bool) -> list[Any]:
    """Return the history. A customer's has our words for states, and no text of a provider."""
    rows: QuerySet[Any] = order.events.visible_to(user).select_related("line")
    if not user.is_staff_role:
        rows = rows.filter(is_for_customer=True).exclude(source="provider", after="")
    return list(rows if all_events else rows[:EVENTS])


def statuses(lines: QuerySet[PortLine]) -> list[tuple[str, int]]:
    """Return how many numbers have each status, in the order of the way."""
    rows = lines.order_by().values("status").annotate(n=Count("pk"))
    counts = {row["status"]: row["n"] for row in rows}
    return [(status, counts[status]) for status in PortLine.Status.values if status in counts]


def open_job(pk: int) -> Job | None:
    """Return the newest open job about an order.

    Asked for before the order is read: a job that settles in between is shown as open once more,
    and the next look brings what it changed.
    """
    mark = f"port:{pk}"
    about = Q(subject=mark) | Q(items__target=mark) | Q(params__order=pk)
    rows = Job.objects.open().filter(about, kind__startswith="porting.")
    return rows.select_related("account").order_by("-pk").first()


def earliest() -> dict[str, Any]:
    """Return the first days on which numbers that are asked for now may move."""
    now, zone = timezone.now(), timezone.get_default_timezone()
    return {
        "simple": clock.earliest_port_date(now, zone, is_simple=True),
        "other": clock.earliest_port_date(now, zone, is_simple=False),
    }


def _next(order: PortOrder, user: User, missing: list[str]) -> Next:
    """Return what is to be done now about an order, for staff."""
    if not order.is_word_known:
        return Next(
            words=f"The provider says “{order.provider_word}”, which nobody explained yet. The "
            "order stays as it is until somebody says what that means.",
            tone="bad",
            url=reverse("porting:word-list"),
            label="Say what it means",
        )
    found = _NEXT.get(order.state)
    step = found(order, missing) if found else Next(words="")
    return (
        step
        if user.has_perm("porting.change_portorder")
        else Next(words=step.words, tone=step.tone)
    )


def _draft(order: PortOrder, missing: list[str]) -> Next:
    edit = reverse("porting:port-edit", args=[order.pk])
    if missing:
        return Next(words=missing[0], tone="warn", url=edit, label="Fill it in")
    ready = reverse("porting:port-move", args=[order.pk, "ready"])
    return Next(words="Everything is there.", tone="ok", url=ready, label="It is ready…")


def _ready(order: PortOrder, missing: list[str]) -> Next:
    if missing:
        return _draft(order, missing)
    if order.is_manual:
        return Next(
            words=f"{order.account} takes port requests in its back office only: enter the order "
            "there. It is found in the provider’s list by its numbers, or enter its id here.",
            tone="warn",
            url=reverse("porting:port-match", args=[order.pk]),
            label="Match it…",
        )
    submit = reverse("porting:port-submit", args=[order.pk])
    return Next(words="It can be submitted.", tone="ok", url=submit, label="Submit…")


def _at_provider(order: PortOrder, missing: list[str]) -> Next:
    if order.is_loa_outstanding and order.letter_url:
        return Next(
            words="The provider waits for the signed letter. Sign or upload it on its page, then "
            "note here that it was sent.",
            tone="warn",
            url=order.letter_url,
            label="The letter’s page",
        )
    if order.state == "pending_documents":
        return Next(words="The provider wants papers. Send them, then note it here.", tone="warn")
    return Next(words=clock.DEADLINES[order.state].words.capitalize() + ".")


def _exception(order: PortOrder, missing: list[str]) -> Next:
    rejection = rejections.find(order.reject_code) or rejections.OTHER
    correct = reverse("porting:port-correct", args=[order.pk])
    can_mend = bool(rejection.fields)
    return Next(
        words=f"{rejection.title}. {rejection.advice}",
        tone="bad",
        url=correct if can_mend else "",
        label="Correct it…" if can_mend else "",
    )


def _foc_set(order: PortOrder, missing: list[str]) -> Next:
    day = f"{order.foc_date:%A, %B} {order.foc_date.day}" if order.foc_date else "the date"
    return Next(words=f"Nothing to do until {day}.", tone="ok")


def _completed(order: PortOrder, missing: list[str]) -> Next:
    return Next(
        words="The numbers are here. Make a test call, and look at what they got.", tone="ok"
    )


_NEXT: Final = {
    "draft": _draft,
    "customer_input": lambda order, missing: Next(
        words="The customer was asked. " + (missing[0] if missing else "Everything is there now.")
    ),
    "ready": _ready,
    "submitted": _at_provider,
    "pending_documents": _at_provider,
    "with_losing_carrier": _at_provider,
    "exception": _exception,
    "supplement_sent": _at_provider,
    "foc_set": _foc_set,
    "activating": _at_provider,
    "partially_completed": lambda order, missing: Next(
        words="Some numbers are here, others not. Ask the provider about the rest.", tone="warn"
    ),
    "cancel_requested": _at_provider,
    "completed": _completed,
    "snapback_requested": _at_provider,
}


def _clocks(order: PortOrder) -> Any:
    now = timezone.now()
    if order.sla_due_at and order.state not in board.FINISHED:
        deadline = clock.DEADLINES.get(order.state)
        yield Clock(
            label=f"{order.get_who_must_act_display()}, until",
            at=order.sla_due_at,
            words=cards.due_words(order.sla_due_at, now)
            if order.sla_due_at < now
            else (deadline.words if deadline else "end of business on the day"),
            is_late=order.sla_due_at < now,
        )
    if freeze := cards.freeze_starts(order):
        label = "Frozen since" if freeze <= now else "Can be changed until"
        yield Clock(label=label, at=freeze)
    if order.state == "ready" and not order.is_manual and order.portability_valid_until:
        until = order.portability_valid_until
        words = "asked again when it is submitted" if until < now else ""
        yield Clock(label="Portability holds until", at=until, words=words)
    if order.state == "completed" and order.snapback_until and order.snapback_until > now:
        yield Clock(label="Snapback until", at=order.snapback_until)
    if order.next_poll_at and order.is_at_provider:
        yield Clock(label="Asked again", at=order.next_poll_at)
