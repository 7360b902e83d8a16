"""What became of a number, in our words (custom-toll-free.md sections 7.1 to 7.5). Pure."""

from __future__ import annotations

from dataclasses import replace

from portal.providers.custom_toll_free import codes
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping.numbers import (
    IN_SERVICE,
    RESTING,
    NumberRow,
    end_of,
)
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import ProviderError
from portal.tn import TN


def refused(tn: TN, code: str, words: str = "", *, tail: str = "") -> ItemOutcome:
    """Return the verdict of a no: what happened, what was not done (`tail`), what to do."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=code,
        message=f"{codes.sentence(code, words)} {tail}".strip(),
        advice=codes.meaning(code).advice,
    )


def refused_by(tn: TN, error: ProviderError) -> ItemOutcome:
    """Return the verdict for a number whose request was refused."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=error.message,
        advice=codes.meaning(error.code).advice,
    )


def with_tail(outcome: ItemOutcome, tail: str) -> ItemOutcome:
    """Return a verdict whose message ends with what was not done."""
    return replace(outcome, message=f"{outcome.message} {tail}")


def pending(tn: TN, answer: Answer) -> ItemOutcome:
    """Return the verdict for a request that the registry has not finished yet."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.PENDING,
        code="PENDING",
        message="The provider accepted the request; the toll-free registry is still at work on it.",
        provider_ref=answer.request_id,
    )


def reserved(tn: TN, answer: Answer, row: NumberRow | None) -> ItemOutcome:
    """Return the verdict on one number of a reservation (section 7.1)."""
    if answer.is_pending:
        return pending(tn, answer)
    if row is None:
        return not_told(tn, answer)
    if row.is_failed:
        return refused(tn, row.code, row.fields.get("message", ""), tail="It is not held for us.")
    if row.status not in {"RESERVED", "UNKNOWN"} or (row.status == "UNKNOWN" and row.word):
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code=row.status.lower(),
            message=f"The provider’s answer calls the number “{row.word}”, not reserved.",
            provider_ref=answer.request_id,
        )
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED,
        code="OK",
        message="The number is reserved for our RespOrg.",
        provider_ref=answer.request_id,
        expires_at=end_of(row.until),
    )


def settled(tn: TN, answer: Answer, row: NumberRow | None) -> ItemOutcome:
    """Return the verdict on a number by the state that an answer shows (sections 7.3 to 7.5)."""
    if answer.is_pending:
        return pending(tn, answer)
    if row is None:
        return not_told(tn, answer)
    if row.status in RESTING:
        return rests(row, request_id=answer.request_id)
    holder = row.resporg or "(none)"
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED,
        code=row.status,
        message="The number is spare; anybody may take it now."
        if row.status == "SPARE"
        else f"The registry shows the number as “{row.word}” of RespOrg {holder}.",
        provider_ref=answer.request_id,
    )


def rests(row: NumberRow, words: str = "", *, request_id: str = "") -> ItemOutcome:
    """Return the verdict on a number that is out of service; `words` end the sentence."""
    until = f" until {row.until.isoformat()}" if row.until else ", at most four months"
    message = f"The number is out of service and rests at the registry{until}."
    return ItemOutcome(
        tn=row.tn,
        outcome=Outcome.SUCCEEDED,
        code=row.status,
        message=f"{message} {words}".strip(),
        provider_ref=request_id,
    )


def not_told(tn: TN, answer: Answer) -> ItemOutcome:
    """Return the verdict on a number that an answer leaves out."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN,
        code="not_told",
        message="The provider’s answer does not name this number.",
        advice="Nothing to do: the provider is asked about the number by itself.",
        provider_ref=answer.request_id,
    )


def ended(tn: TN, answer: Answer, row: NumberRow | None) -> ItemOutcome:
    """Return the verdict on a disconnect; one for later leaves the number working until then."""
    if answer.is_pending or row is None or row.status in RESTING:
        return settled(tn, answer, row)
    is_waiting = row.status in IN_SERVICE
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.PENDING if is_waiting else Outcome.UNKNOWN,
        code=row.status,
        message="The disconnect is entered and waits for its time; calls go on until then."
        if is_waiting
        else f"The provider’s answer calls the number “{row.word}”.",
        provider_ref=answer.request_id,
    )


def spared(tn: TN, answer: Answer, row: NumberRow | None) -> ItemOutcome:
    """Return the verdict on a number that was to become spare."""
    if answer.is_pending or row is None or row.status == "SPARE":
        return settled(tn, answer, row)
    return replace(
        not_told(tn, answer),
        code=row.status,
        message=f"The provider’s answer calls the number “{row.word}”, not spare.",
    )


def moved(tn: TN, answer: Answer, row: NumberRow | None, *, resporg: str) -> ItemOutcome:
    """Return the verdict on a number that was to go to another RespOrg (section 7.5)."""
    if answer.is_pending:
        return pending(tn, answer)
    if row is None:
        return not_told(tn, answer)
    is_there = row.resporg == resporg
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED if is_there else Outcome.PENDING,
        code=row.status,
        message=f"RespOrg {resporg} controls the number now. Its waiting records must be checked."
        if is_there
        else f"The change to RespOrg {resporg} is entered and waits for its day.",
        provider_ref=answer.request_id,
    )
