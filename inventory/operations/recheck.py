"""Asking whether numbers of a cart are still for sale, where the provider holds none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from inventory.models import CartLine
from portal.models import JobItem
from portal.operations import Item, Operation, register
from portal.providers.capabilities.inventory import NumberQuery
from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.tn import TN

_FOR_SALE: Final = frozenset({Ownership.AVAILABLE, Ownership.RESERVED_BY_US})


@register
class RecheckOffers(Operation):
    """Ask about each number; one that is gone is shown as such before anybody orders it."""

    kind, permission = "inventory.recheck_offers", "inventory.reserve_telephonenumber"
    capability = "number_query"
    queue = "interactive"
    max_attempts = 2

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return how many numbers are asked about."""
        return f"Check {len(items)} number{'s' if len(items) != 1 else ''} of a cart"

    def call(self, provider: NumberQuery, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask about one after the other."""
        for tn in part.tns:
            yield _outcome(tn, provider.query_tn(tn))

    def apply(self, run: Any, items: Sequence[JobItem]) -> None:
        """Show in the cart what was told."""
        for item in items:
            lines = CartLine.objects.filter(tn=item.target, account=run.account)
            if item.status == JobItem.Status.SUCCEEDED:
                lines.update(hold=CartLine.Hold.SOFT, hold_note=item.message[:300])
            elif item.status == JobItem.Status.REFUSED:
                note = f"{item.message} {item.advice}".strip()
                lines.update(hold=CartLine.Hold.FAILED, hold_note=note[:300])


def _outcome(tn: TN, status: NumberStatus) -> ItemOutcome:
    if status.ownership in _FOR_SALE:
        return ItemOutcome(
            tn=tn, outcome=Outcome.SUCCEEDED, message="Asked the provider: it is still for sale."
        )
    if status.ownership == Ownership.UNKNOWN:
        words = f"The provider does not tell whether it is still for sale: {status.word}"
        return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message=words)
    is_ours = status.ownership == Ownership.OURS
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=status.code,
        message="It is ours already." if is_ours else "The provider does not sell it any more.",
        advice="Take it out of the cart." if is_ours else "Look for a similar number.",
    )
