"""Holding, buying and giving back numbers: one verdict per number (sections 2.3, 5 and 6).

The outer code only says that the call was understood. Where a number's code alone does not tell
what happened, queryDID is asked; what stays unclear ends as unknown and is never sent again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from portal.providers.base import Account
from portal.providers.dto import (
    ItemOutcome,
    NumberStatus,
    OrderRequest,
    Outcome,
    Ownership,
)
from portal.providers.errors import ProviderError, ProviderRefused
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.client import BATCH, Client, DIDParam
from portal.providers.voip_innovations.mapping import inventory as mapping
from portal.providers.xml import Record
from portal.tn import TN

HOLD: Final = timedelta(minutes=30)
_LOOK = "Nobody needs to do anything: the number is asked about again."

_BOUGHT: Final = {
    Ownership.OURS: Outcome.SUCCEEDED,
    Ownership.RESERVED_BY_US: Outcome.REFUSED,
    Ownership.AVAILABLE: Outcome.REFUSED,
    Ownership.FOREIGN: Outcome.REFUSED,
    Ownership.NOT_FOUND: Outcome.REFUSED,
}
# What a number's ownership, once asked, says of the operation that left it unclear.
_SETTLED: Final[dict[str, dict[Ownership, Outcome]]] = {
    "reserveDID": {
        Ownership.RESERVED_BY_US: Outcome.SUCCEEDED,
        Ownership.OURS: Outcome.REFUSED,
        Ownership.AVAILABLE: Outcome.REFUSED,
        Ownership.FOREIGN: Outcome.REFUSED,
        Ownership.NOT_FOUND: Outcome.REFUSED,
    },
    "assignDID": _BOUGHT,
    "assignDIDExtended": _BOUGHT,
    # Still ours right after "available again" may only be slow: that stays unknown.
    "releaseDID": {
        Ownership.AVAILABLE: Outcome.SUCCEEDED,
        Ownership.FOREIGN: Outcome.SUCCEEDED,
        Ownership.NOT_FOUND: Outcome.SUCCEEDED,
    },
}


class Ordering:
    """The capabilities that change something; mixed into the adapter."""

    account: Account
    client: Client
    query_tn: Callable[[TN], NumberStatus]

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Hold numbers for 30 minutes; yield one outcome per number.

        A hold of ours that was there before succeeds without `expires_at`, for nobody tells when
        it began.
        """
        params = _params(tns, reference=reference)
        expires_at = datetime.now(UTC) + HOLD
        for outcome in self._carry_out("reserveDID", self.client.reserve_did, params):
            is_new = outcome.outcome is Outcome.SUCCEEDED and outcome.code == codes.SUCCESS
            yield replace(outcome, expires_at=expires_at) if is_new else outcome

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Buy numbers for an endpoint group; yield one outcome per number.

        Raises `ProviderRefused` before anything is sent when no endpoint group is known. The reply
        tells no facts worth keeping but the tier; sync brings them.
        """
        yield from self._bought("assignDID", self.client.assign_did, request)

    def order_extended(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Buy numbers of the extended inventory; as `order_tns`."""
        yield from self._bought("assignDIDExtended", self.client.assign_did_extended, request)

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Give numbers back; yield one outcome per number. Cannot be undone."""
        params = _params(tns, reference=reference)
        yield from self._carry_out("releaseDID", self.client.release_did, params)

    def _bought(
        self,
        operation: str,
        send: Callable[[Sequence[DIDParam]], list[Record]],
        request: OrderRequest,
    ) -> Iterator[ItemOutcome]:
        epg = self._endpoint_group(request.route_ref, operation, "Nothing was ordered.")
        params = _params(request.tns, reference=request.reference, epg=epg)
        yield from self._carry_out(operation, send, params)

    def _endpoint_group(self, route_ref: str, operation: str, not_done: str) -> int:
        """Return the group chosen, or the account's default; `ProviderRefused` where none is."""
        chosen = str(route_ref or self.account.setting("endpoint_group")).strip()
        if chosen.isascii() and chosen.isdigit() and 0 < int(chosen) < 2**31:
            return int(chosen)
        raise ProviderRefused(
            f"No endpoint group is chosen for the number. {not_done} Choose one, "
            "or set a default one in the settings of the provider account.",
            operation=operation,
        )

    def _carry_out(
        self,
        operation: str,
        send: Callable[[Sequence[DIDParam]], list[Record]],
        params: Sequence[DIDParam],
    ) -> Iterator[ItemOutcome]:
        """Send one write; yield the outcome of each of its numbers."""
        tns = [TN.from_digits10(param.tn) for param in params]
        try:
            records = send(params)
        except ProviderRefused as error:
            advice = (
                f"{codes.not_done(operation)} {codes.outer(error.code, operation).words.advice}"
            )
            for tn in tns:
                yield ItemOutcome(
                    tn=tn,
                    outcome=Outcome.REFUSED,
                    code=error.code,
                    message=error.message,
                    advice=advice,
                )
            return
        told = mapping.by_number(records, operation)
        for tn in tns:
            yield self._outcome(operation, tn, told.get(tn, []))

    def _outcome(self, operation: str, tn: TN, records: Sequence[Record]) -> ItemOutcome:
        found = {record.get("statuscode", "") for record in records}
        if len(found) != 1:  # not named in the reply, or with two verdicts
            return _unknown(tn, "The provider's answer does not tell what became of it.")
        code = found.pop()
        message = records[0].get("status", "") or codes.words(code).happened
        verdict = codes.verdict(code)
        if verdict is codes.Verdict.DONE:
            return ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, code=code, message=message)
        if verdict is codes.Verdict.ASK:
            return self._asked(operation, tn, code, message)
        if verdict is codes.Verdict.UNKNOWN:
            return _unknown(tn, message, code)
        return _refused(operation, tn, code, message)

    def _asked(self, operation: str, tn: TN, code: str, message: str) -> ItemOutcome:
        """Settle an unclear code by asking about the number; a failing question leaves it unknown.

        The error of the question must not get out: it is a read's, and would be taken for "nothing
        was sent".
        """
        try:
            status = self.query_tn(tn)
        except ProviderError as error:
            return _unknown(tn, f"{message} Asking about it failed: {error.message}", code)
        outcome = _SETTLED[operation].get(status.ownership, Outcome.UNKNOWN)
        if outcome is Outcome.REFUSED:
            return _refused(operation, tn, code, message)
        if outcome is Outcome.UNKNOWN:
            return _unknown(tn, message, code)
        return ItemOutcome(tn=tn, outcome=outcome, code=code, message=message, owned=status.owned)


def _params(tns: Sequence[TN], *, reference: str, epg: int = 0) -> list[DIDParam]:
    """Return the wire's parameters; raises ValueError for none, too many, or a foreign number."""
    distinct = list(dict.fromkeys(tns))
    if not distinct:
        raise ValueError("no number was given")
    if len(distinct) > BATCH:
        raise ValueError(f"VoIP Innovations takes at most {BATCH} numbers at once")
    return [DIDParam(tn=tn.digits10, ref_id=reference, epg=epg) for tn in distinct]


def _refused(operation: str, tn: TN, code: str, message: str) -> ItemOutcome:
    advice = f"{codes.not_done(operation)} {codes.words(code).advice}"
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code=code, message=message, advice=advice)


def _unknown(tn: TN, message: str, code: str = "") -> ItemOutcome:
    return ItemOutcome(tn=tn, outcome=Outcome.UNKNOWN, code=code, message=message, advice=_LOOK)
