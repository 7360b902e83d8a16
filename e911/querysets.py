"""Every read of E911 that is worth a name.

Customers see what is theirs twice over: the number is theirs now, and the address was given when it
was. A number that moves to somebody else takes no address with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from portal.tn import TN, InvalidTN

if TYPE_CHECKING:
    from e911.models import (  # noqa: F401 (named in the generics below)
        AddressCheck,
        CarrierRecord,
        Difference,
        EmergencyRecord,
        Location,
        Standing,
    )


class StaffQuerySet(models.QuerySet[Any]):
    """Rows that customers never see."""

    def visible_to(self, user: Any) -> StaffQuerySet:
        """Return everything for staff, nothing for a customer's user."""
        return self if user.is_staff_role else self.none()


class LocationQuerySet(models.QuerySet["Location"]):
    """Reads of saved places."""

    def visible_to(self, user: Any) -> LocationQuerySet:
        """Return all for staff; for a customer's user the places of his company."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)

    def active(self) -> LocationQuerySet:
        """Return those that are not archived."""
        return self.filter(is_archived=False)

    def of_customer(self, customer_id: int | None) -> LocationQuerySet:
        """Return the places that a customer's numbers may be given."""
        owner = Q(customer=None) if customer_id is None else Q(customer_id=customer_id)
        return self.active().filter(owner)


class EmergencyRecordQuerySet(models.QuerySet["EmergencyRecord"]):
    """Reads of emergency records."""

    def visible_to(self, user: Any) -> EmergencyRecordQuerySet:
        """Return all for staff; for a customer's user those of his numbers that he gave."""
        if user.is_staff_role:
            return self
        return self.exclude(state="orphan").filter(
            number__customer_id=user.customer_id, customer_id=F("number__customer_id")
        )

    def primary(self) -> EmergencyRecordQuerySet:
        """Return the one record that each number of ours goes by."""
        return self.exclude(state="orphan").filter(number__isnull=False)

    def of_tn(self, tn: str) -> EmergencyRecordQuerySet:
        """Return the records of a number, the one that it goes by first, then orphans."""
        return self.filter(tn=tn).order_by(
            models.Case(models.When(state="orphan", then=1), default=0), "account_id"
        )

    def orphans(self) -> EmergencyRecordQuerySet:
        """Return records at providers without a number in service of ours."""
        return self.filter(state="orphan")

    def lost(self) -> EmergencyRecordQuerySet:
        """Return records whose location is lost: 911 may not work there."""
        return self.filter(is_location_lost=True)

    def matching(self, text: str) -> EmergencyRecordQuerySet:
        """Return the records that a search text means: a number, digits of it, address, name."""
        text = text.strip()
        if not text:
            return self
        try:
            return self.filter(tn=TN.parse(text))
        except InvalidTN:
            pass
        digits = "".join(c for c in text if c.isdigit())
        spelled = Q(accepted_address1__icontains=text) | Q(accepted_caller_name__icontains=text)
        if digits and len(digits) >= 3 and not any(c.isalpha() for c in text):
            spelled |= Q(tn__contains=digits)
        return self.filter(spelled)


class CarrierRecordQuerySet(StaffQuerySet):
    """Reads of the mirror."""

    def present(self) -> CarrierRecordQuerySet:
        """Return what the last lists and answers still held."""
        return self.filter(missing_since=None)


class AddressCheckQuerySet(models.QuerySet["AddressCheck"]):
    """Reads of checks."""

    def visible_to(self, user: Any) -> AddressCheckQuerySet:
        """Return all for staff; for a customer's user those of his company."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)


class OfRecordQuerySet(models.QuerySet[Any]):
    """Reads of what belongs to a record and to the customer of its time: alerts, tests."""

    def visible_to(self, user: Any) -> OfRecordQuerySet:
        """Return all for staff; for a customer's user those of his company's numbers."""
        if user.is_staff_role:
            return self
        return self.filter(
            customer_id=user.customer_id, record__number__customer_id=user.customer_id
        )


class DifferenceQuerySet(StaffQuerySet):
    """Reads of the drift of E911."""

    def live(self) -> DifferenceQuerySet:
        """Return what is open, being repaired or ignored for a while."""
        return self.filter(status__in=["open", "repairing", "ignored"])


class StandingQuerySet(models.QuerySet["Standing"]):
    """Reads of the gap report."""

    def visible_to(self, user: Any) -> StandingQuerySet:
        """Return all for staff; for a customer's user those of his company's numbers."""
        return self if user.is_staff_role else self.filter(customer_id=user.customer_id)
