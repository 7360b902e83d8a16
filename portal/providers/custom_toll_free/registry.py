"""Toll-free numbers at the registry as capabilities: asking, listing, holding, ending, moving.

Custom-toll-free.md sections 3, 7.1 to 7.5 and 7.8. A change is sent once for each number, under a
reference of its own, so that one number's refusal is not another's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from portal.providers.custom_toll_free.client import (
    MAX_NUMBERS,
    NOW,
    CustomTollFreeClient,
    is_toll_free,
)
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.listing import RowStream
from portal.providers.custom_toll_free.mapping import numbers, outcomes, requests, search
from portal.providers.dto import ItemOutcome
from portal.providers.dto.tollfree import TollFreeNumber, TollFreeStatus, TollFreeStep
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
    off_contract,
)
from portal.tn import TN

# A list that is still being made is asked for so often (section 6.1): 30 minutes in all.
LIST_PAUSES: Final = (2, 5, 10, 30, *([60] * 29))
NOT_HELD: Final = "It is not held."
NOT_ENDED: Final = "It was not disconnected."
NOT_SPARED: Final = "It was not given back."
NOT_MOVED: Final = "Its RespOrg was not changed."


class Registry:
    """The registry's part of the adapter."""

    client: CustomTollFreeClient
    sleep: Callable[[float], None]

    def query_toll_free(self, tns: Sequence[TN]) -> Iterator[TollFreeNumber]:
        """Yield what the registry tells of numbers, ten to a request; others are left out."""
        known = [tn for tn in tns if is_toll_free(tn)]
        for start in range(0, len(known), MAX_NUMBERS):
            part = known[start : start + MAX_NUMBERS]
            rows = numbers.number_rows(self.client.query(part))
            yield from (numbers.toll_free_number(rows[tn]) for tn in part if tn in rows)

    def list_toll_free(
        self, *, statuses: Collection[TollFreeStatus] = (), since: date | None = None
    ) -> Iterator[TollFreeNumber]:
        """Yield the numbers of our RespOrg; waits up to half an hour for a list in the making."""
        for row in self.listed_rows(statuses=sorted(s.upper() for s in statuses), since=since):
            yield numbers.toll_free_number(row)

    def listed_rows(
        self, *, statuses: Sequence[str] = (), since: date | None = None
    ) -> Iterator[numbers.NumberRow]:
        """Yield the rows of the RespOrg's list; dummy ones without a number are left out."""
        with self.client.resporgcheck(statuses=statuses, since=since) as rows:
            yield from _rows(rows)
        if not rows.is_pending:
            return
        with self.client.download(self._await_list(rows.request_id)) as ready:
            yield from _rows(ready)

    def _await_list(self, request_id: str) -> str:
        """Return the address of a list once it is ready."""
        if not request_id:
            raise ProviderProtocolError(
                "The provider is making the list but named no request to ask for.",
                operation="resporgcheck",
            )
        for pause in LIST_PAUSES:
            self.sleep(pause)
            state = requests.request_state(self.client.requeststatus(request_id=request_id))
            if state.phase in requests.OPEN:
                continue
            if requests.is_done(state) and state.download_url:
                return state.download_url
            raise ProviderProtocolError(
                f"The provider ended the list as {state.phase}. {state.message}".strip(),
                code=state.code,
                operation="requeststatus",
            )
        raise ProviderUnavailable(
            "The provider did not finish the list of numbers within 30 minutes.",
            operation="requeststatus",
        )

    def hold_until(
        self,
        tns: Sequence[TN],
        *,
        reference: str,
        contact_name: str,
        contact_phone: str,
        until: date | None = None,
        notes: str = "",
    ) -> Iterator[ItemOutcome]:
        """Hold numbers in one request; SUCCESS means that at least one is held (section 7.1)."""
        sellable = [tn for tn in tns if is_toll_free(tn)]
        for tn in tns:
            if tn not in sellable:
                yield outcomes.refused(tn, "invalid_number", tail=NOT_HELD)
            elif not contact_name or not contact_phone:
                yield outcomes.refused(tn, "no_contact", tail=NOT_HELD)
        if not sellable or not contact_name or not contact_phone:
            return
        try:
            answer = self.client.reserve(
                sellable,
                reqref=numbers.step_reference(reference, TollFreeStep.HOLD, sellable),
                contact_name=contact_name,
                contact_phone=contact_phone,
                until=until,
                notes=notes,
            )
        except ProviderRefused as error:  # none of them
            yield from (outcomes.refused_by(tn, error) for tn in sellable)
            return
        rows = numbers.number_rows(answer)
        for tn in sellable:
            yield outcomes.reserved(tn, answer, rows.get(tn))

    def disconnect_tn(
        self,
        tn: TN,
        *,
        reference: str,
        effective: datetime | None = None,
        intercept_end: date | None = None,
        has_intercept: bool = True,
        has_referral: bool = False,
        notes: str = "",
    ) -> ItemOutcome:
        """End a working number's service, now or later, with or without an announcement."""

        def send(reqref: str) -> Answer:
            return self.client.disconnect(
                tn,
                reqref=reqref,
                effective=effective,
                intercept_end=intercept_end if has_intercept else NOW,
                has_referral=has_referral,
                notes=notes,
            )

        step = TollFreeStep.DISCONNECT
        return _one(tn, reference, step, send, outcomes.ended, tail=NOT_ENDED)

    def make_spare(self, tn: TN, *, reference: str) -> ItemOutcome:
        """Give a held number, or one that has rested, back to the pool."""

        def send(reqref: str) -> Answer:
            return self.client.spare(tn, reqref=reqref)

        step = TollFreeStep.SPARE
        return _one(tn, reference, step, send, outcomes.spared, tail=NOT_SPARED)

    def change_resporg(
        self, tns: Sequence[TN], *, resporg: str, reference: str, effective: date | None = None
    ) -> Iterator[ItemOutcome]:
        """Move numbers one by one; raises where the answer to a change was lost."""
        target = resporg.strip().upper()

        def judge(tn: TN, answer: Answer, row: numbers.NumberRow | None) -> ItemOutcome:
            return outcomes.moved(tn, answer, row, resporg=target)

        for tn in tns:

            def send(reqref: str, tn: TN = tn) -> Answer:
                return self.client.changeresporg(
                    [tn], new_resporg=target, reqref=reqref, effective=effective
                )

            step = TollFreeStep.CHANGE_RESPORG
            yield _one(tn, reference, step, send, judge, tail=NOT_MOVED)

    def vanity_spellings(self, tn: TN) -> tuple[str, ...]:
        """Return the words that the provider's search finds in a number."""
        return search.spellings(self.client.reverselookup(tn))


def _rows(rows: RowStream) -> Iterator[numbers.NumberRow]:
    for record in rows:
        row = numbers.number_row(record)
        if row is not None:
            yield row
        elif record.get("number") or ("number" not in record and any(record.values())):
            raise off_contract("resporgcheck", False, "a row does not name its number")


def _one(
    tn: TN,
    reference: str,
    step: TollFreeStep,
    send: Callable[[str], Answer],
    judge: Callable[[TN, Answer, numbers.NumberRow | None], ItemOutcome],
    *,
    tail: str,
) -> ItemOutcome:
    """Send one number's change and return its verdict; `tail` says what a refusal left undone."""
    if not is_toll_free(tn):
        return outcomes.refused(tn, "invalid_number", tail=tail)
    try:
        answer = send(numbers.step_reference(reference, step, [tn]))
    except ProviderRefused as error:
        return outcomes.with_tail(outcomes.refused_by(tn, error), tail)
    return judge(tn, answer, numbers.number_rows(answer).get(tn))
