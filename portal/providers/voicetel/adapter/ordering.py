"""Buying numbers and giving them back: one verdict per number (voicetel.md sections 7.3 and 10).

An order is one request whose key makes a repetition harmless for 24 hours; a release is a request
per number and has no key. What an answer does not name ends as unknown and is never sent again here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, NumberStatus, OrderRequest, Outcome, Ownership
from portal.providers.errors import ProviderError, ProviderRefused
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter.outcomes import refused
from portal.providers.voicetel.client import ORDER_BATCH, Client, OrderedNumber
from portal.providers.voicetel.mapping import inventory as mapping
from portal.tn import TN

RELEASE_BATCH: Final = 25  # one request each, so a broken one leaves few unasked
DEFAULT_ROUTE: Final = "4"  # the system gateway DID (section 6)
_FAILED: Final = "failed"  # the list of the answer that a number stood in; it has no codes
_LOOK = "Nobody needs to do anything: the number is asked about again."


class Ordering:
    """The capabilities that change something; mixed into the adapter."""

    account: Account
    client: Client
    query_tn: Callable[[TN], NumberStatus]

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Buy numbers for a gateway; yield one outcome per number.

        Raises ValueError for more than the provider takes at once, and `ProviderRefused` where the
        gateway is no number; nothing is sent then. `ProviderUnavailable` with code 502 means that
        nothing was written: the same order may be sent again under its reference.
        """
        tns = _distinct(request.tns, ORDER_BATCH)
        route = self._route(request.route_ref)
        numbers = [OrderedNumber(number=tn.digits10, route=route) for tn in tns]
        return self._order(tns, numbers, request.reference)

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Give numbers back, one after the other; yield each outcome. Cannot be undone.

        `reference` cannot be said on this wire. An error in the middle leaves the numbers after it
        unsent; the portal asks about all that have no outcome.
        """
        return self._release(_distinct(tns, RELEASE_BATCH))

    def _route(self, route_ref: str) -> int:
        chosen = str(route_ref or self.account.setting("route", DEFAULT_ROUTE)).strip()
        if re.fullmatch(r"[0-9]{1,10}", chosen) and 0 < int(chosen) < 2**31:
            return int(chosen)
        raise ProviderRefused(
            f"“{chosen[:40]}” is no gateway id. Nothing was ordered. Choose a gateway in the order, "
            "or a default one in the settings of the provider account.",
            operation="POST /v2.2/orders",
        )

    def _order(
        self, tns: Sequence[TN], numbers: Sequence[OrderedNumber], reference: str
    ) -> Iterator[ItemOutcome]:
        try:
            content = self.client.post_orders(numbers, idempotency_key=reference)
        except ProviderRefused as error:
            for tn in tns:
                yield refused(tn, error, codes.NOT_BOUGHT)
            return
        verdicts = mapping.order_verdicts(content)
        for tn in tns:
            yield self._verdict(tn, verdicts)

    def _verdict(self, tn: TN, verdicts: mapping.OrderVerdicts) -> ItemOutcome:
        is_ordered, is_failed = tn in verdicts.ordered, tn in verdicts.failed
        if is_ordered == is_failed:
            what = "calls it both bought and failed" if is_ordered else "does not name it"
            return _unknown(tn, f"The provider’s answer {what}.", verdicts.order_ref)
        if is_ordered:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                provider_ref=verdicts.order_ref,
                charged=verdicts.charged,
            )
        words = verdicts.failed[tn]
        reason = codes.reason(words)
        if reason.may_be_ours:
            return self._asked(tn, words, reason, verdicts.order_ref)
        return _failed(tn, words, reason)

    def _asked(self, tn: TN, words: str, reason: codes.Reason, order_ref: str) -> ItemOutcome:
        """Settle “already there” by asking: it is what a repeated order says of its own numbers.

        The portal orders no number that it holds, so one that turns out ours was bought by this
        reference. The error of the question must not get out: it is a read's, and would be taken
        for "nothing was sent".
        """
        try:
            status = self.query_tn(tn)
        except ProviderError as error:
            return _unknown(tn, f"{words} Asking about it failed: {error.message}", order_ref)
        if status.ownership is Ownership.OURS:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                code=_FAILED,
                message=words,
                provider_ref=order_ref,
                owned=status.owned,
            )
        return _failed(tn, words, reason)

    def _release(self, tns: Sequence[TN]) -> Iterator[ItemOutcome]:
        for tn in tns:
            try:
                self.client.post_number_release(tn.digits10)
            except ProviderRefused as error:
                yield refused(tn, error, codes.NOT_RELEASED)
            else:
                yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)


def _distinct(tns: Sequence[TN], limit: int) -> list[TN]:
    """Return the numbers once each; raises ValueError for none, too many, or a foreign number."""
    distinct = list(dict.fromkeys(tns))
    if not distinct:
        raise ValueError("no number was given")
    if len(distinct) > limit:
        raise ValueError(f"VoiceTel takes at most {limit} numbers at once")
    for tn in distinct:
        _ = tn.digits10
    return distinct


def _failed(tn: TN, words: str, reason: codes.Reason) -> ItemOutcome:
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=_FAILED,
        message=words or "VoiceTel gives no reason.",
        advice=f"{codes.NOT_BOUGHT} {reason.advice}",
    )


def _unknown(tn: TN, message: str, order_ref: str) -> ItemOutcome:
    return ItemOutcome(
        tn=tn, outcome=Outcome.UNKNOWN, message=message, advice=_LOOK, provider_ref=order_ref
    )
