"""Every read of the inventory that is worth a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal import lookups  # noqa: F401 (registers `among`)
from portal.tn import TN, InvalidTN, keypad_digits

if TYPE_CHECKING:
    from inventory.models import (  # noqa: F401 (named in the generics below)
        Assignment,
        CartLine,
        NumberSearch,
        Order,
        Route,
        SavedView,
        TelephoneNumber,
    )

STALE_AFTER = timedelta(hours=26)


class TelephoneNumberQuerySet(models.QuerySet["TelephoneNumber"]):
    """Reads of numbers."""

    def visible_to(self, user: Any) -> TelephoneNumberQuerySet:
        """Return all numbers for staff; for a customer's user those of his company."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def ours(self) -> TelephoneNumberQuerySet:
        """Return the numbers that we hold, or are about to."""
        return self.exclude(state__in=["released", "ported_out", "lost"])

    def among(self, tns: Iterable[str]) -> TelephoneNumberQuerySet:
        """Return those of some numbers, thousands if need be."""
        return self.filter(tn__among=tns)

    def matching(self, text: str) -> TelephoneNumberQuerySet:
        """Return the numbers that a search text means: a number, a fragment of 3+ digits, a label.

        Digits are looked for anywhere in the number by the trigram index; a whole number in any
        spelling matches exactly. Letters are looked for in labels.
        """
        text = text.strip()
        if not text:
            return self
        try:
            return self.filter(tn=TN.parse(text))
        except InvalidTN:
            pass
        digits = "".join(c for c in text if c.isdigit())
        if digits and not any(c.isalpha() for c in text):
            return self.filter(tn__contains=digits)
        spelled = Q(label__icontains=text) | Q(billing_id__iexact=text)
        compact = "".join(c for c in text if c.isalnum())
        if len(compact) >= 3 and compact.isascii():
            spelled |= Q(tn__contains=keypad_digits(compact))
        return self.filter(spelled)


class StaffQuerySet(models.QuerySet[Any]):
    """Rows that customers never see."""

    def visible_to(self, user: Any) -> StaffQuerySet:
        """Return everything for staff, nothing for a customer's user."""
        return self if user.is_staff_role else self.none()


class FindingQuerySet(StaffQuerySet):
    """Reads of the drift."""

    def live(self) -> FindingQuerySet:
        """Return what is open, being repaired or ignored for a while."""
        return self.filter(status__in=["open", "repairing", "ignored"])


class LookupQuerySet(StaffQuerySet):
    """Reads of lookups."""


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Reads of who had a number."""

    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """Return all for staff; for a customer's user the times of his own company."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Reads of saved views."""

    def visible_to(self, user: Any) -> SavedViewQuerySet:
        """Return one's own; staff see those that other staff share, too."""
        shared = Q(is_shared=True) if user.is_staff_role else Q(pk=None)
        return self.filter(Q(user=user) | shared)


class CartLineQuerySet(models.QuerySet["CartLine"]):
    """Reads of carts."""

    def visible_to(self, user: Any) -> CartLineQuerySet:
        """Return one's own cart."""
        return self.filter(user=user)

    def lapsed(self) -> CartLineQuerySet:
        """Return the lines whose hold has run out."""
        return self.filter(hold="active", expires_at__lte=timezone.now())


class OrderQuerySet(models.QuerySet["Order"]):
    """Reads of orders."""

    def visible_to(self, user: Any) -> OrderQuerySet:
        """Return all orders for staff; customers do not see what we buy."""
        return self if user.is_staff_role else self.none()


class NumberSearchQuerySet(models.QuerySet["NumberSearch"]):
    """Reads of searches."""

    def visible_to(self, user: Any) -> NumberSearchQuerySet:
        """Return one's own searches for staff; customers do not search the providers' stock."""
        return self.filter(actor=user) if user.is_staff_role else self.none()


class RouteQuerySet(models.QuerySet["Route"]):
    """Reads of routes."""

    def visible_to(self, user: Any) -> RouteQuerySet:
        """Return all routes for staff."""
        return self if user.is_staff_role else self.none()

    def choosable(self) -> RouteQuerySet:
        """Return the routes that a number can be sent to."""
        return self.filter(is_active=True, missing_since=None).order_by("account_id", "name")
