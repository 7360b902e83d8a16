"""Buying one toll-free number: hold it where it is spare, then copy a template record onto it.

Custom-toll-free.md sections 3.3, 6.1, 7.1 and 7.10. Every step has a wire reference of its own, made
from the slice's reference, so that a repeated slice repeats no step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.providers.custom_toll_free.client import CustomTollFreeClient, is_toll_free
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import numbers, outcomes, records, requests
from portal.providers.custom_toll_free.mapping.numbers import NumberRow
from portal.providers.dto import ItemOutcome, Outcome, Ownership
from portal.providers.errors import ProviderRefused
from portal.tn import TN

NOT_BOUGHT = "It was not bought."
STAYS_HELD = "It was not bought and stays reserved for our RespOrg."


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """What all numbers of one slice share."""

    client: CustomTollFreeClient
    reference: str
    template: str
    contact_name: str
    contact_phone: str

    def order(self, tns: tuple[TN, ...]) -> Iterator[ItemOutcome]:
        """Yield one verdict per number; raises where the answer to a write was lost."""
        sellable = [tn for tn in tns if is_toll_free(tn)]
        rows = numbers.number_rows(self.client.query(sellable)) if sellable else {}
        for tn in tns:
            if tn not in sellable:
                yield outcomes.refused(tn, "invalid_number", tail=NOT_BOUGHT)
            elif row := rows.get(tn):
                yield self._order_one(row)
            else:
                yield outcomes.refused(tn, "not_told", tail=NOT_BOUGHT)

    def _order_one(self, row: NumberRow) -> ItemOutcome:
        holder = numbers.ownership(row, resporg=self.client.resporg)
        if holder == Ownership.AVAILABLE:
            return self._reserve(row.tn) or self._copy(row.tn)
        if holder == Ownership.RESERVED_BY_US:
            return self._copy(row.tn)
        if holder == Ownership.OURS:
            return self._already_ours(row)
        if holder == Ownership.UNKNOWN:
            return outcomes.refused(row.tn, "not_told", row.word, tail=NOT_BOUGHT)
        foreign = holder == Ownership.FOREIGN and row.status != "UNAVAILABLE"
        code = "not_controlling_resporg" if foreign else "invalid_status"
        words = f"status {row.word}, RespOrg {row.resporg or 'not told'}"
        return outcomes.refused(row.tn, code, words, tail=NOT_BOUGHT)

    def _reserve(self, tn: TN) -> ItemOutcome | None:
        """Hold a spare number; return None when it is held, else the verdict."""
        if not self.template:
            return outcomes.refused(tn, "no_template", tail=NOT_BOUGHT)
        if not self.contact_name or not self.contact_phone:
            return outcomes.refused(tn, "no_contact", tail=NOT_BOUGHT)
        try:
            answer = self.client.reserve(
                [tn],
                reqref=numbers.reqref(self.reference, "reserve", tn),
                contact_name=self.contact_name,
                contact_phone=self.contact_phone,
            )
        except ProviderRefused as error:
            return outcomes.refused_by(tn, error)
        if answer.is_pending:
            # Not "pending": the record is not copied yet, so waiting alone would never end well.
            return _undecided(tn, answer, "The registry is still at work on the reservation.")
        held = outcomes.reserved(tn, answer, numbers.number_rows(answer).get(tn))
        return None if held.outcome == Outcome.SUCCEEDED else held

    def _copy(self, tn: TN) -> ItemOutcome:
        """Copy the template's record onto a number that we hold; that puts it into service."""
        if not self.template:
            return outcomes.refused(tn, "no_template", tail=STAYS_HELD)
        try:
            answer = self.client.copyrecord(
                tn,
                source=self.template,
                reqref=numbers.reqref(self.reference, "copyrecord", tn),
            )
        except ProviderRefused as error:
            outcome = outcomes.refused_by(tn, error)
            return outcomes.with_tail(outcome, STAYS_HELD)
        if answer.is_pending:
            return outcomes.pending(tn, answer)
        made = records.record_summaries(answer)
        if not made or made[0].status not in records.ACCEPTED:
            status = made[0].status if made else "not told"
            return _undecided(tn, answer, f"The state of the new record is “{status}”.")
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.SUCCEEDED,
            code=made[0].status,
            message=f"The record of {self.template} was copied; calls flow in about 15 minutes.",
            provider_ref=answer.request_id,
        )

    def _already_ours(self, row: NumberRow) -> ItemOutcome:
        """Judge a number that is in service here: bought by this very slice earlier, or long ours."""
        reqref = numbers.reqref(self.reference, "copyrecord", row.tn)
        if not was_done(self.client, reqref):
            words = f"status {row.word}"
            return outcomes.refused(row.tn, "already_ours", words, tail="It was not bought again.")
        return ItemOutcome(
            tn=row.tn,
            outcome=Outcome.SUCCEEDED,
            code=row.status,
            message="The provider carried this order out before; it was not sent again.",
            owned=numbers.owned_number(row),
        )


def was_done(client: CustomTollFreeClient, reqref: str) -> bool:
    """Return whether the provider knows a request of ours that is done or under way."""
    try:
        state = requests.request_state(client.requeststatus(reqref=reqref))
    except ProviderRefused:  # request_not_found
        return False
    return requests.is_done(state) or state.phase in requests.OPEN


def _undecided(tn: TN, answer: Answer, words: str) -> ItemOutcome:
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN,
        code="PENDING" if answer.is_pending else "not_told",
        message=f"{words} It is not known yet whether the number was bought.",
        advice="Nothing to do: the provider is asked about the number by itself.",
        provider_ref=answer.request_id,
    )
