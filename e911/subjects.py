"""Which number a page of E911 is about, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from e911.models import EmergencyRecord
from inventory.models import TelephoneNumber
from portal.models import ProviderAccount
from portal.tn import TN, InvalidTN


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One number with its record, as far as there is one; `number` is None where it is not ours."""

    tn: TN
    number: TelephoneNumber | None
    record: EmergencyRecord | None

    @property
    def account(self) -> ProviderAccount:
        """The provider account that serves it."""
        if self.record is not None:
            return self.record.account
        assert self.number is not None  # noqa: S101 (a subject has one of both)
        return self.number.account

    def __str__(self) -> str:
        return self.tn.pretty


def subject_or_404(user: Any, text: str) -> Subject:
    """Return what is known of a number in any spelling; raises Http404 for what is not the user's.

    Staff see numbers that are not ours too, where a provider has a record of them.
    """
    try:
        tn = TN.parse(text)
    except InvalidTN as error:
        raise Http404(str(error)) from error
    numbers = TelephoneNumber.objects.visible_to(user).select_related("account", "customer")
    number = numbers.filter(tn=tn).first()
    known = EmergencyRecord.objects.visible_to(user).of_tn(tn)
    record = known.select_related(
        "account", "number", "customer", "location", "accepted_by", "not_required_by", "job"
    ).first()
    if number is None and record is None:
        raise Http404("There is no such number here, or it is not yours to see.")
    return Subject(tn=tn, number=number, record=record)
