"""How far an order is in five steps, and what it needs of the customer: in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from porting import rejections
from porting.models import PortOrder

STEPS: Final = ("Prepared", "Sent", "In check", "Date fixed", "Done")
# The step that an order stands on; those before it are done.
_AT: Final = {
    "draft": 0,
    "customer_input": 0,
    "ready": 0,
    "submitted": 1,
    "pending_documents": 2,
    "with_losing_carrier": 2,
    "exception": 2,
    "supplement_sent": 2,
    "foc_set": 3,
    "activating": 3,
    "partially_completed": 3,
    "cancel_requested": 3,
    "completed": 5,
    "snapback_requested": 4,
}
_STUCK: Final = ("exception", "cancelled", "expired", "failed", "snapback_requested")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: `look` is "done", "now", "stuck" or ""."""

    title: str
    look: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Own:
    """One order in a customer's list."""

    order: PortOrder
    way: list[Step]
    is_asked: bool

    @property
    def title(self) -> str:
        """What the customer knows it by."""
        return self.order.label or f"Move {self.order.pon}"


def own(order: PortOrder) -> Own:
    """Return an order as a customer's list shows it."""
    return Own(order=order, way=way(order), is_asked=is_asked(order))


def way(order: PortOrder) -> list[Step]:
    """Return the steps of an order with how far it is."""
    is_stuck = order.state in _STUCK
    at = _AT.get(order.state, _AT.get(order.previous_state, 0))
    return [
        Step(title=title, look=_look(place, at, is_stuck=is_stuck), note=_note(order, place, at))
        for place, title in enumerate(STEPS)
    ]


def _look(place: int, at: int, *, is_stuck: bool) -> str:
    if place < at:
        return "done"
    if place == at:
        return "stuck" if is_stuck else "now"
    return ""


def _note(order: PortOrder, place: int, at: int) -> str:
    if place == 1 and order.submitted_at:
        return f"{order.submitted_at:%b} {order.submitted_at.day}"
    if place == 3 and order.foc_date:
        return f"{order.foc_date:%b} {order.foc_date.day}"
    if place == 3 and order.desired_date and at < 3:
        return f"wished: {order.desired_date:%b} {order.desired_date.day}"
    if place == 4 and order.completed_at:
        return f"{order.completed_at:%b} {order.completed_at.day}"
    return ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that a customer is asked for."""

    words: str
    url: str = ""
    label: str = ""


def is_asked(order: PortOrder) -> bool:
    """Return whether something is expected of the customer: asked by us, or begun by himself."""
    if order.is_over:
        return False
    is_begun = order.is_requested_by_customer and order.state == "draft"
    return order.who_must_act == PortOrder.Actor.CUSTOMER or is_begun


def needs(order: PortOrder, missing: list[str], *, can_answer: bool) -> list[Need]:
    """Return what an order needs of the customer; without addresses for who may only look."""
    if not is_asked(order):
        return []
    found = list(_rejected(order) if order.state == "exception" else _unfinished(order, missing))
    return found if can_answer else [Need(words=need.words) for need in found]


def _rejected(order: PortOrder) -> Iterator[Need]:
    rejection = rejections.find(order.reject_code) or rejections.OTHER
    words = rejection.customer_words or "Your present carrier refused the move."
    if rejection.code == "letter_unreadable":
        url = reverse("porting:letter-sign", args=[order.pk])
        yield Need(words=words, url=url, label="Sign the letter")
    elif rejection.fields:
        url = reverse("porting:port-correct", args=[order.pk])
        yield Need(words=words, url=url, label="Correct it")
    else:
        yield Need(words=words)


def _unfinished(order: PortOrder, missing: list[str]) -> Iterator[Need]:
    if any(sentence.startswith("Fill in") or "PIN" in sentence for sentence in missing):
        url = reverse("porting:own-edit", args=[order.pk])
        yield Need(words="Some facts of your bill are missing.", url=url, label="Fill them in")
    if any("letter" in sentence for sentence in missing):
        url = reverse("porting:letter-sign", args=[order.pk])
        yield Need(
            words="Sign the letter that lets us move your numbers.", url=url, label="Sign it"
        )
    if not order.documents.filter(kind="bill").exists():
        url = f"{order.get_absolute_url()}#documents"
        yield Need(words="Upload the latest bill of your present carrier.", url=url, label="Upload")
