"""What the page of giving back shows: which numbers go, from where, and why others stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from inventory.forms.number import ReleaseForm
from inventory.lifecycle import VERBS
from inventory.models import TelephoneNumber
from inventory.operations.release import against, needs_approval
from inventory.selection import Selection
from portal import providers
from portal.operations import Problem

LIMIT: Final = 1000
SHOWN: Final = 50
IN_A_LINK: Final = 100  # numbers in an address


@dataclass(kw_only=True)
class Split:
    """The numbers that can be given back, and why others stay: (words, advice) → how many."""

    going: list[TelephoneNumber] = field(default_factory=list)
    staying: Counter[tuple[str, str]] = field(default_factory=Counter)


def read(chosen: QuerySet[TelephoneNumber]) -> list[TelephoneNumber]:
    """Return the chosen numbers, one more than the limit at most."""
    return list(chosen.select_related("account", "customer").order_by("tn")[: LIMIT + 1])


def split(numbers: list[TelephoneNumber]) -> Split:
    """Return which of the numbers can go now, and what stands against the others."""
    found = Split()
    for number in numbers:
        if reason := against(number):
            found.staying[reason] += 1
        else:
            found.going.append(number)
    return found


def context(
    chosen: Selection,
    numbers: list[TelephoneNumber],
    found: Split,
    form: ReleaseForm,
    refused: list[Problem],
) -> dict[str, Any]:
    """Return the page's context; `refused` is what stood against it when it was sent."""
    shown = found.going or numbers
    return {
        "selection": chosen,
        "fields": _fields(chosen, found),
        "numbers": shown[:SHOWN],
        "count": len(shown),
        "can_go": bool(found.going) and len(numbers) <= LIMIT,
        "too_many": len(numbers) > LIMIT,
        "limit": LIMIT,
        "form": form,
        "problems": refused,
        "staying": found.staying.most_common(),
        "staying_count": found.staying.total(),
        "needs_approval": needs_approval(len(found.going)),
        "per_account": dict(Counter(number.account.name for number in found.going)),
        "provider_names": sorted(
            {providers.provider_class(number.account.slug).name for number in shown}
        ),
        "aside_url": _aside_url(chosen, found),
    }


def _fields(chosen: Selection, found: Split) -> list[tuple[str, str]]:
    """Return the hidden fields by which the form finds those that go."""
    if not found.staying:
        return chosen.fields
    return [("tns", " ".join(number.tn for number in found.going)), ("filters", chosen.query)]


def _aside_url(chosen: Selection, found: Split) -> str:
    """Return where the same numbers are set aside first; empty where they cannot be."""
    if not found.going or {n.state for n in found.going} - set(VERBS["out"].sources):
        return ""
    if not chosen.is_all and len(found.going) > IN_A_LINK:
        return ""
    which: dict[str, Any] = {"tn": [number.tn for number in found.going]}
    if chosen.is_all:
        which = {"all": "1", "filters": chosen.query}
    return f"{reverse('inventory:tn-out')}?{urlencode(which | {'after': 'release'}, doseq=True)}"
