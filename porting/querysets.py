"""Every read of porting that is worth a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from portal import lookups  # noqa: F401 (registers `among`)
from portal.tn import TN, InvalidTN

if TYPE_CHECKING:
    from porting.models import (  # noqa: F401 (named in the generics below)
        PortLine,
        PortNote,
        PortOrder,
        PortOut,
        Preflight,
        PreflightLine,
    )

OVER = ("completed", "cancelled", "expired", "failed", "snapback_requested")
PREPARING = ("draft", "customer_input", "ready")


class PortOrderQuerySet(models.QuerySet["PortOrder"]):
    """Reads of port orders."""

    def visible_to(self, user: Any) -> PortOrderQuerySet:
        """Return all orders for staff, those of one's own company for a customer's user."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def open(self) -> PortOrderQuerySet:
        """Return the orders of which something is expected of somebody."""
        return self.exclude(state__in=OVER)

    def at_provider(self) -> PortOrderQuerySet:
        """Return the orders that a provider works on."""
        return self.exclude(state__in=[*OVER, *PREPARING])

    def due_for_poll(self, now: datetime | None = None) -> PortOrderQuerySet:
        """Return the orders whose time to be asked about has come, the longest overdue first."""
        return self.filter(next_poll_at__lte=now or timezone.now()).order_by("next_poll_at", "id")

    def for_list(self) -> PortOrderQuerySet:
        """Return orders with customer and account, without secrets that no list shows."""
        heavy = ("account_number", "pin", "account__credentials", "account__settings")
        return self.select_related("customer", "account").defer(*heavy)

    def with_papers(self) -> PortOrderQuerySet:
        """Add `has_loa` and `has_bill`: whether such a document, or a signature, is there."""
        papers = _rows("PortDocument").filter(order=OuterRef("pk"))
        signed = _rows("PortSignature").filter(order=OuterRef("pk"))
        return self.annotate(
            has_loa=Exists(papers.filter(kind="loa")) | Exists(signed),
            has_bill=Exists(papers.filter(kind="bill")),
        )

    def matching(self, text: str) -> PortOrderQuerySet:
        """Return the orders that a search text means.

        A number or 3+ digits of one, our order number or PON, the provider's id, a ticket, a name.
        """
        text = text.strip()
        if not text:
            return self
        compact = text.upper().removeprefix("PORT").strip(" #")
        plain = compact.removeprefix("ND")
        found = Q(provider_ref__iexact=text) | Q(ticket_ref=text)
        if plain.isascii() and plain.isdigit() and len(plain) <= 12:
            found |= Q(pk=int(plain))
        if (tns := _lines_matching(text)) is not None:
            found |= Q(pk__in=tns)
        if any(c.isalpha() for c in text):
            found |= Q(name__icontains=text) | Q(label__icontains=text)
            found |= Q(losing_carrier__icontains=text)
        return self.filter(found)

    def counts(self) -> dict[str, int]:
        """Return how many orders are in each state."""
        rows = self.order_by().values("state").annotate(n=Count("pk"))
        return {row["state"]: row["n"] for row in rows}


def _rows(model: str) -> models.QuerySet[Any]:
    """Return all rows of a model, which is loaded after this."""
    return apps.get_model("porting", model)._default_manager.all()


def _lines_matching(text: str) -> models.QuerySet[Any] | None:
    lines = _rows("PortLine").order_by()
    try:
        return lines.filter(tn=TN.parse(text)).values("order")
    except InvalidTN:
        digits = "".join(c for c in text if c.isdigit())
    if len(digits) < 3 or any(c.isalpha() for c in text):
        return None
    return lines.filter(tn__contains=digits).values("order")


class PortLineQuerySet(models.QuerySet["PortLine"]):
    """Reads of the numbers of orders."""

    def visible_to(self, user: Any) -> PortLineQuerySet:
        """Return all for staff, those of one's own company for a customer's user."""
        return self if user.is_staff_role else self.filter(order__customer_id=user.customer_id)

    def among(self, tns: Iterable[str]) -> PortLineQuerySet:
        """Return those of some numbers, thousands if need be."""
        return self.filter(tn__among=tns)

    def active(self) -> PortLineQuerySet:
        """Return what was not taken off its order."""
        return self.exclude(status="removed")


class PortPaperQuerySet(models.QuerySet[Any]):
    """Reads of what belongs to an order."""

    def visible_to(self, user: Any) -> PortPaperQuerySet:
        """Return what belongs to the orders that the user may see."""
        return self if user.is_staff_role else self.filter(order__customer_id=user.customer_id)


class PortEventQuerySet(PortPaperQuerySet):
    """Reads of the history."""

    def visible_to(self, user: Any) -> PortEventQuerySet:
        """Return all for staff; a customer's user sees what is meant for him."""
        if user.is_staff_role:
            return self
        return self.filter(order__customer_id=user.customer_id, is_for_customer=True)


class PortNoteQuerySet(PortPaperQuerySet):
    """Reads of notes."""

    def visible_to(self, user: Any) -> PortNoteQuerySet:
        """Return all notes for staff; a customer's user sees those that are not internal."""
        if user.is_staff_role:
            return self
        return self.filter(order__customer_id=user.customer_id, is_internal=False)


class StaffQuerySet(models.QuerySet[Any]):
    """Rows that customers never see."""

    def visible_to(self, user: Any) -> StaffQuerySet:
        """Return everything for staff, nothing for a customer's user."""
        return self if user.is_staff_role else self.none()

    def unknown(self) -> StaffQuerySet:
        """Return the words that nobody has given a meaning yet."""
        return self.filter(meaning="")


class PreflightQuerySet(models.QuerySet["Preflight"]):
    """Reads of pre-flights."""

    def visible_to(self, user: Any) -> PreflightQuerySet:
        """Return all for staff; a customer's user sees those of his company."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def drafts(self) -> PreflightQuerySet:
        """Return those that somebody may come back to."""
        return self.filter(state__in=["checking", "checked"])


class PreflightLineQuerySet(models.QuerySet["PreflightLine"]):
    """Reads of the entries of pre-flights."""

    def visible_to(self, user: Any) -> PreflightLineQuerySet:
        """Return the entries of the pre-flights that the user may see."""
        if user.is_staff_role:
            return self
        return self.filter(preflight__customer_id=user.customer_id)


class PortOutQuerySet(models.QuerySet["PortOut"]):
    """Reads of port-outs."""

    def visible_to(self, user: Any) -> PortOutQuerySet:
        """Return all for staff; customers do not see what is only suspected of their numbers."""
        if user.is_staff_role:
            return self
        return self.filter(customer_id=user.customer_id).exclude(
            state__in=["suspected", "dismissed"]
        )

    def open(self) -> PortOutQuerySet:
        """Return those that are not settled."""
        return self.filter(
            state__in=["suspected", "requested", "approved", "auto_approved", "rejected"]
        )

    def to_follow_up(self) -> PortOutQuerySet:
        """Return the numbers that left, and whose consequences are not all drawn."""
        return self.filter(state="completed", is_followed_up=False)
