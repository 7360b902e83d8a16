"""Record lists, and what became of a change of a record (custom-toll-free.md 4.5, 7.6, 7.10). Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from portal.providers import xml
from portal.providers.custom_toll_free import codes, envelope
from portal.providers.custom_toll_free.envelope import Answer, Refused
from portal.providers.custom_toll_free.mapping import outcomes
from portal.providers.dto import Outcome
from portal.providers.dto.tollfree import FieldProblem, RecordOutcome, RecordPart, RecordSummary
from portal.providers.errors import off_contract
from portal.tn import TN

ACCEPTED: Final = frozenset({"SAVED", "PENDING", "SENDING", "ACTIVE", "OLD"})  # no trouble


def moment(text: str) -> datetime | None:
    """Return a time of the wire as an aware datetime in UTC, None if it is none (section 6)."""
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def version(text: str) -> int | None:
    """Return a record's version, None where it is not told."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def part_names(parts: Collection[RecordPart]) -> list[str]:
    """Return the parts as the wire names them, in its order (section 7.7)."""
    return [part for part in ("CAD", "CPR", "LAD") if part in parts]


def record_summaries(answer: Answer) -> list[RecordSummary]:
    """Return the record rows of a `queryrecord`, `copyrecord` or `updaterecord` answer.

    Empty ones are dropped.
    """
    if answer.results is None:
        return []
    return [
        RecordSummary(
            effective=moment(record.get("effective", "")),
            kind=record.get("type", "").upper(),
            status=record.get("status", "").upper(),
            version=version(record.get("version", "")),
            parts=frozenset(p.strip() for p in record.get("parts", "").split(",") if p.strip()),
            approval=record.get("approval", ""),
        )
        for record in xml.find_records(answer.results, "record")
        if any(record.values())
    ]


def listed_summaries(answer: Answer, tn: TN) -> list[RecordSummary]:
    """Return the record rows of a `queryrecord` answer.

    Raises `ProviderProtocolError` for another number's, and for results that say something else.
    """
    found = record_summaries(answer)
    if answer.results is None:
        return found
    number = envelope.child_text(answer.results, "number")
    if number and number != tn.digits10:
        raise off_contract("queryrecord", False, "it is about another number")
    others = [c for c in answer.results if xml.local_name(c) not in {"", "number", "more", "next"}]
    told = [answer.results.text or "", *(text for each in others for text in xml.texts(each))]
    if not found and "".join(told).strip():
        raise off_contract("queryrecord", False, "the results hold no records")
    return found


def next_start(answer: Answer) -> str:
    """Return the cursor of the next page of a `queryrecord` answer, "" after the last.

    Raises `ProviderProtocolError` where there are more records, but no cursor to them.
    """
    if answer.results is None or envelope.child_text(answer.results, "more") != "1":
        return ""
    start = envelope.child_text(answer.results, "next")
    if not start:
        raise off_contract("queryrecord", False, "it does not tell where the list goes on")
    return start


def changed(tn: TN, answer: Answer, what: str) -> RecordOutcome:
    """Return the verdict on a record that was copied, saved or deleted.

    `what` begins the sentence. A record that the registry keeps as INVALID does not go live.
    """
    if answer.is_pending:
        waiting = outcomes.pending(tn, answer)
        return RecordOutcome(
            tn=tn,
            outcome=waiting.outcome,
            code=waiting.code,
            message=waiting.message,
            provider_ref=waiting.provider_ref,
        )
    made = record_summaries(answer)
    if not made:
        return RecordOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code="not_told",
            message="The provider’s answer does not show the record.",
            advice="List the records of the number.",
            provider_ref=answer.request_id,
        )
    record = made[0]
    is_good = record.status in ACCEPTED
    trouble = codes.record_meaning(record.status)
    if not is_good and record.status not in codes.RECORD_TROUBLE:
        return RecordOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code=record.status or "not_told",
            message=trouble.happened,
            advice=trouble.advice,
            provider_ref=answer.request_id,
            record=record,
        )
    return RecordOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED if is_good else Outcome.REFUSED,
        code=record.status,
        message=f"{what} {codes.record_progress(record.status)}"
        if is_good
        else f"{trouble.happened} Calls are routed as before.",
        advice="" if is_good else trouble.advice,
        provider_ref=answer.request_id,
        record=record,
    )


def deleted(tn: TN, answer: Answer) -> RecordOutcome:
    """Return the verdict on a deleted record: the answer shows what it was."""
    if answer.is_pending:
        return changed(tn, answer, "")
    made = record_summaries(answer)
    return RecordOutcome(
        tn=tn,
        outcome=Outcome.SUCCEEDED,
        code="OK",
        message="The record was deleted.",
        provider_ref=answer.request_id,
        record=made[0] if made else None,
    )


def refused(tn: TN, error: Refused) -> RecordOutcome:
    """Return the verdict on a change that was refused, with each field that is named."""
    return RecordOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=error.message,
        advice=codes.meaning(error.code).advice,
        problems=tuple(
            FieldProblem(path=each.field, message=each.words)
            for each in error.errors
            if each.field or each.words
        ),
    )
