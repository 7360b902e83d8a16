"""What the page of giving back shows: which numbers go, from where, and what stands against it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import QuerySet

from inventory import operations
from inventory.forms.number import ReleaseForm
from inventory.models import TelephoneNumber
from inventory.operations.release import needs_approval
from portal import providers
from portal.operations import Problem

LIMIT = 1000
SHOWN = 200


def read(chosen: QuerySet[TelephoneNumber]) -> list[TelephoneNumber]:
    """Return the chosen numbers, one more than the limit at most."""
    return list(chosen.select_related("account", "customer").order_by("tn")[: LIMIT + 1])


def context(
    numbers: list[TelephoneNumber], form: ReleaseForm, refused: list[Problem]
) -> dict[str, Any]:
    """Return the page's context; `refused` is what stood against it when it was sent."""
    targets = [number.tn for number in numbers]
    checked = operations.ReleaseTNs().check(actor=None, account=None, params={}, targets=targets)
    return {
        "numbers": numbers[:SHOWN],
        "count": len(numbers),
        "too_many": len(numbers) > LIMIT,
        "limit": LIMIT,
        "form": form,
        "problems": refused or checked,
        "needs_approval": needs_approval(len(numbers)),
        "per_account": dict(Counter(number.account.name for number in numbers)),
        "provider_names": sorted(
            {providers.provider_class(number.account.slug).name for number in numbers}
        ),
    }
