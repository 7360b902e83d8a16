"""Giving one toll-free number back: disconnect what works, make spare what is held or has rested.

Custom-toll-free.md sections 3.3, 3.4, 7.3 and 7.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.providers.custom_toll_free import mapping
from portal.providers.custom_toll_free.client import CustomTollFreeClient, is_toll_free
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import NumberRow
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
    rows = mapping.number_rows(client.query(known)) if known else {}
    for tn in tns:
        if tn not in known:
            yield mapping.refused(tn, "invalid_number", tail=STAYS)
        elif row := rows.get(tn):
            yield _release_one(client, row, reference)
        else:
            yield mapping.refused(tn, "not_told", tail=STAYS)


def _release_one(client: CustomTollFreeClient, row: NumberRow, reference: str) -> ItemOutcome:
    tn = row.tn
    words = f"status {row.word}, RespOrg {row.resporg or 'not told'}"
    if row.status == "UNKNOWN":
        return mapping.refused(tn, "not_told", words, tail=STAYS)
    if row.status in {"SPARE", "UNAVAILABLE"}:
        return mapping.refused(tn, "invalid_status", words, tail=STAYS)
    if row.resporg != client.resporg:
        return mapping.refused(tn, "not_controlling_resporg", words, tail=STAYS)
    if row.status == "ASSIGNED":
        return mapping.refused(tn, "record_waits", tail=STAYS)
    disconnecting = mapping.reqref(reference, "disconnect", tn)
    if row.status in mapping.RESTING and was_done(client, disconnecting):
        return _given_back(row, "The provider disconnected the number for this job before.")
    try:
        if row.status in {"RESERVED", *mapping.RESTING}:
            answer = client.spare(tn, reqref=mapping.reqref(reference, "spare", tn))
        else:
            answer = client.disconnect(tn, reqref=disconnecting)
    except ProviderRefused as error:
        return mapping.with_tail(mapping.refused_by(tn, error), STAYS)
    return _verdict(tn, answer)


def _verdict(tn: TN, answer: Answer) -> ItemOutcome:
    if answer.is_pending:
        return mapping.pending(tn, answer)
    row = mapping.number_rows(answer).get(tn)
    if row is None or row.status not in {"SPARE", *mapping.RESTING}:
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code=row.status.lower() if row else "not_told",
            message="The provider’s answer does not say that the number was given back.",
            provider_ref=answer.request_id,
        )
    return _given_back(row, "", answer.request_id)


def _given_back(row: NumberRow, words: str, request_id: str = "") -> ItemOutcome:
    if row.status == "SPARE":
        message = "The number is spare; anybody may take it now."
    else:
        until = f" until {row.until.isoformat()}" if row.until else ", at most four months"
        message = f"The number is out of service and rests at the registry{until}."
    return ItemOutcome(
        tn=row.tn,
        outcome=Outcome.SUCCEEDED,
        code=row.status,
        message=f"{message} {words}".strip(),
        provider_ref=request_id,
    )
