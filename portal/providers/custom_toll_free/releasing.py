"""Giving one toll-free number back: disconnect what works, make spare what is held or has rested.

Custom-toll-free.md sections 3.3, 3.4, 7.3 and 7.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.providers.custom_toll_free.client import CustomTollFreeClient, is_toll_free
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import numbers, outcomes
from portal.providers.custom_toll_free.mapping.numbers import NumberRow
from portal.providers.custom_toll_free.ordering import was_done
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderRefused
from portal.tn import TN

STAYS = "It was not given back."


def release(
    client: CustomTollFreeClient, tns: Sequence[TN], *, reference: str
) -> Iterator[ItemOutcome]:
    """Yield one verdict per number; raises where the answer to a write was lost."""
    known = [tn for tn in tns if is_toll_free(tn)]
    rows = numbers.number_rows(client.query(known)) if known else {}
    for tn in tns:
        if tn not in known:
            yield outcomes.refused(tn, "invalid_number", tail=STAYS)
        elif row := rows.get(tn):
            yield _release_one(client, row, reference)
        else:
            yield outcomes.refused(tn, "not_told", tail=STAYS)


def _release_one(client: CustomTollFreeClient, row: NumberRow, reference: str) -> ItemOutcome:
    tn = row.tn
    words = f"status {row.word}, RespOrg {row.resporg or 'not told'}"
    if row.status == "UNKNOWN":
        return outcomes.refused(tn, "not_told", words, tail=STAYS)
    if row.status in {"SPARE", "UNAVAILABLE"}:
        return outcomes.refused(tn, "invalid_status", words, tail=STAYS)
    if row.resporg != client.resporg:
        return outcomes.refused(tn, "not_controlling_resporg", words, tail=STAYS)
    if row.status == "ASSIGNED":
        return outcomes.refused(tn, "record_waits", tail=STAYS)
    disconnecting = numbers.reqref(reference, "disconnect", tn)
    if row.status in numbers.RESTING and was_done(client, disconnecting):
        return outcomes.rests(row, "The provider disconnected the number for this job before.")
    try:
        if row.status in {"RESERVED", *numbers.RESTING}:
            answer = client.spare(tn, reqref=numbers.reqref(reference, "spare", tn))
        else:
            answer = client.disconnect(tn, reqref=disconnecting)
    except ProviderRefused as error:
        return outcomes.with_tail(outcomes.refused_by(tn, error), STAYS)
    return _verdict(tn, answer)


def _verdict(tn: TN, answer: Answer) -> ItemOutcome:
    row = numbers.number_rows(answer).get(tn)
    if not answer.is_pending and (row is None or row.status not in {"SPARE", *numbers.RESTING}):
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code=row.status.lower() if row else "not_told",
            message="The provider’s answer does not say that the number was given back.",
            provider_ref=answer.request_id,
        )
    return outcomes.settled(tn, answer, row)
