"""Buying and giving back toll-free numbers at IntelePeer (intelepeer.md sections 4, 5 and 7).

Orders and disconnects are all or nothing and do not say which number stands in the way: a refused
group is halved until every number has a verdict of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.providers.dto import ItemOutcome, NumberStatus, Outcome, Ownership
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderTimeout
from portal.providers.intelepeer import codes
from portal.providers.intelepeer.client import IntelePeerClient
from portal.providers.intelepeer.envelope import Call, Refused
from portal.providers.intelepeer.mapping import outcomes
from portal.tn import TN

NOT_BOUGHT = "It was not bought."
NOT_GIVEN_BACK = "It was not given back."
NOT_CHANGED = "It stays on its package."
_ORDER = Call(operation="POST /_rest/v4/my/tf/orders", is_write=True)
_PACKAGE = Call(operation="POST /_rest/v4/my/tf/package", is_write=True)
_DISCONNECT = Call(operation="POST /_rest/v4/my/tf/disconnect", is_write=True)

Verdict = Callable[[TN, Refused], ItemOutcome]


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """What all numbers of one slice share. `query` asks what a number is to us."""

    client: IntelePeerClient
    query: Callable[[TN], NumberStatus]
    reference: str
    package_id: int
    service_area: int
    has_own_resporg: bool = False
    email: str = ""
    notes: str = ""

    def order(self, tns: Sequence[TN], refs: Mapping[TN, str]) -> Iterator[ItemOutcome]:
        """Yield a verdict per number; raises where the answer to an order was lost."""
        sure: dict[TN, str] = {}
        doubtful: dict[TN, Refused | None] = {}
        for tn in tns:
            if tn in refs:
                sure[tn] = refs[tn]
                continue
            own = outcomes.reservation_id(self.reference, tn)
            try:
                hold = outcomes.held(
                    tn, self.client.carrier_tf_reservations([tn], reservation_id=own)
                )
                sure[tn] = hold.reservation_ref
            except Refused as error:
                if error.code != "409":
                    yield outcomes.refused_by(tn, error, NOT_BOUGHT)
                    continue
                doubtful[tn] = error
            except (ProviderTimeout, ProviderProtocolError):
                doubtful[tn] = None
        yield from self._order_held(sure)
        # A hold that was lost or "not available" may be ours, from this call or an earlier try of
        # this slice: ordering its id buys exactly this number, or is refused (section 4).
        for tn, refusal in doubtful.items():
            own = outcomes.reservation_id(self.reference, tn)
            yield from self._order_held({tn: own}, refusal)

    def _order_held(
        self, refs: Mapping[TN, str], why_not_held: Refused | None = None
    ) -> Iterator[ItemOutcome]:
        def send(tns: Sequence[TN]) -> Any:
            return self.client.my_tf_orders(
                package_id=self.package_id,
                service_area=self.service_area,
                reservation_ids=list(dict.fromkeys(refs[tn] for tn in tns)),
                has_own_resporg=self.has_own_resporg,
                reference_id=self.reference,
                email=self.email,
                notes=self.notes,
            )

        def judge(tn: TN, error: Refused) -> ItemOutcome:
            return self._refusal(tn, why_not_held or error)

        yield from _halving(list(refs), send, judge, call=_ORDER, what="the purchase")

    def _refusal(self, tn: TN, error: Refused) -> ItemOutcome:
        """Judge a number whose order was refused: it may be ours by an earlier try of this order."""
        try:
            status = self.query(tn)
        except ProviderError as unasked:
            return outcomes.undecided(tn, unasked)
        if status.ownership != Ownership.OURS:
            return outcomes.refused_by(tn, error, NOT_BOUGHT)
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.SUCCEEDED,
            code=error.code,
            message="The number is ours already; it was not bought again.",
            owned=status.owned,
        )


def release(
    client: IntelePeerClient, tns: Sequence[TN], *, reference: str, email: str = ""
) -> Iterator[ItemOutcome]:
    """Yield a verdict per number; raises where the answer to a disconnect was lost."""

    def send(some: Sequence[TN]) -> Any:
        return client.my_tf_disconnect(some, reference_id=reference, email=email)

    yield from _halving(list(tns), send, _release_refusal, call=_DISCONNECT, what="the disconnect")


def change_package(
    client: IntelePeerClient,
    tns: Sequence[TN],
    *,
    package_id: int,
    reference: str,
    email: str = "",
) -> Iterator[ItemOutcome]:
    """Yield a verdict per number; raises where the answer to a change was lost (section 6)."""

    def send(some: Sequence[TN]) -> Any:
        return client.my_tf_package(
            some, package_id=package_id, reference_id=reference, email=email
        )

    def judge(tn: TN, error: Refused) -> ItemOutcome:
        return outcomes.refused_by(tn, error, NOT_CHANGED)

    sent = [tn for tn in tns if tn.is_toll_free]
    for tn in tns:
        if tn not in sent:
            yield outcomes.not_toll_free(tn, NOT_CHANGED)
    yield from _halving(sent, send, judge, call=_PACKAGE, what="the change of package")


def _release_refusal(tn: TN, error: Refused) -> ItemOutcome:
    if not codes.is_being_disconnected(error.words):
        return outcomes.refused_by(tn, error, NOT_GIVEN_BACK)
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.PENDING,
        code=error.code,
        message="The provider is disconnecting the number already.",
    )


def _halving(
    tns: Sequence[TN],
    send: Callable[[Sequence[TN]], Any],
    judge: Verdict,
    *,
    call: Call,
    what: str,
) -> Iterator[ItemOutcome]:
    """Send a group; where it is refused for one number's sake, send its halves, down to single ones."""
    if not tns:
        return
    try:
        ref, status = outcomes.order_ref(send(tns), call)
    except Refused as error:
        if len(tns) == 1 or not codes.meaning(error.words).is_about_one:
            for tn in tns:
                yield judge(tn, error)
            return
    else:
        for tn in tns:
            yield outcomes.accepted(tn, ref, status, what)
        return
    middle = len(tns) // 2
    for half in (tns[:middle], tns[middle:]):
        yield from _halving(half, send, judge, call=call, what=what)
