"""Custom Toll Free's wire words and our DTOs (custom-toll-free.md sections 3, 5 and 7). Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from portal.providers import xml
from portal.providers.custom_toll_free import codes
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.dto import (
    ItemOutcome,
    NumberStatus,
    Offer,
    Outcome,
    OwnedNumber,
    Ownership,
    SearchCriteria,
)
from portal.providers.errors import ProviderError
from portal.tn import TN, TOLL_FREE_NPAS

_STATUSES: Final = {
    "SPAR": "SPARE",
    "AVAI": "SPARE",
    "RESE": "RESERVED",
    "ASSI": "ASSIGNED",
    "WORK": "WORKING",
    "DISC": "DISCONNECT",
    "TRAN": "TRANSITIONAL",
    "SUSP": "SUSPEND",
    "UNAV": "UNAVAILABLE",
}
IN_SERVICE: Final = frozenset({"ASSIGNED", "WORKING", "SUSPEND"})
RESTING: Final = frozenset({"DISCONNECT", "TRANSITIONAL"})  # given back, not yet spare
MIN_VANITY: Final = 3
_MAIN_DIGITS: Final = 7  # of a number behind its toll-free code
_NAMESPACE = uuid.UUID("6f0c1a52-8f0b-5d53-9a43-5b8a0f5d7f10")
_KNOWN_FIELDS = frozenset({"number", "status", "result", "code"})


def reqref(reference: str, operation: str, tn: TN | str = "") -> str:
    """Return our wire reference for one step of a job's slice: the same for the same step.

    36 characters. Each operation and number has its own, since a repeat with other parameters is
    refused (section 6, rule 3).
    """
    return str(uuid.uuid5(_NAMESPACE, f"{reference}:{operation}:{tn}"))


def canonical_status(word: str) -> str:
    """Return a status in its full spelling, "UNKNOWN" for one that is not listed (section 3.2)."""
    return _STATUSES.get(word.strip().upper()[:4], "UNKNOWN")


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberRow:
    """One `item` of an answer about numbers."""

    tn: TN
    word: str = ""  # the status as the provider spells it
    resporg: str = ""
    until: date | None = None
    is_failed: bool = False
    code: str = ""
    fields: Mapping[str, str]

    @property
    def status(self) -> str:
        """The status in its full spelling."""
        return canonical_status(self.word)


def number_row(record: xml.Record) -> NumberRow | None:
    """Return a row for an `item`, None for a dummy one without a usable number."""
    digits = re.sub(r"\D", "", record.get("number", ""))
    if len(digits) == 11:
        digits = digits.removeprefix("1")
    if len(digits) != 10:
        return None
    result = record.get("result", "OK").upper()
    return NumberRow(
        tn=TN.from_digits10(digits),
        word=record.get("status", ""),
        resporg=record.get("resporg", "").upper(),
        until=parse_date(record.get("until", "")),
        is_failed=result not in {"OK", "SUCCESS", ""},
        code=record.get("code", "").lower(),
        fields=record,
    )


def number_rows(answer: Answer) -> dict[TN, NumberRow]:
    """Return the rows of a SUCCESS answer by number; none for a PENDING one."""
    if answer.results is None:
        return {}
    rows = [number_row(record) for record in xml.find_records(answer.results, "item")]
    return {row.tn: row for row in rows if row is not None}


def parse_date(text: str) -> date | None:
    """Return a ``YYYY-MM-DD`` date, also the one that a date-time starts with; None if unreadable."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def end_of(day: date | None) -> datetime | None:
    """Return the moment up to which a hold "until" a day certainly lasts.

    The registry frees the number on the day after (section 3.3); its zone is west of Greenwich.
    """
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def ownership(row: NumberRow, *, resporg: str) -> Ownership:
    """Return who holds a number, for the account whose RespOrg id is `resporg`."""
    if row.status == "SPARE":
        return Ownership.AVAILABLE
    if row.status == "UNAVAILABLE":
        return Ownership.FOREIGN
    if row.status == "UNKNOWN" or not row.resporg:
        return Ownership.UNKNOWN
    if row.resporg != resporg:
        return Ownership.FOREIGN
    if row.status == "RESERVED":
        return Ownership.RESERVED_BY_US
    return Ownership.NOT_OURS if row.status in RESTING else Ownership.OURS


def number_status(tn: TN, row: NumberRow | None, *, resporg: str) -> NumberStatus:
    """Return the answer about one number; UNKNOWN where the provider left it out."""
    if row is None:
        return NumberStatus(tn=tn, ownership=Ownership.UNKNOWN, code="not_told")
    holder = ownership(row, resporg=resporg)
    word = f"{row.word} ({row.resporg})" if row.resporg else row.word
    owned = owned_number(row) if holder == Ownership.OURS else None
    return NumberStatus(tn=tn, ownership=holder, word=word, code=row.status.lower(), owned=owned)


def owned_number(row: NumberRow) -> OwnedNumber:
    """Return the mirror's row; the registry tells status and dates, no place and no route."""
    details = {k: v for k, v in row.fields.items() if k not in _KNOWN_FIELDS and v}
    return OwnedNumber(tn=row.tn, state_word=row.word, details=details)


def listed_number(row: NumberRow) -> OwnedNumber | None:
    """Return the mirror's row for a line of our RespOrg's list, None for what is no asset of ours.

    Held numbers are not bought yet, resting ones are given back; both are also in the list.
    """
    if row.status in RESTING or row.status in {"SPARE", "RESERVED"}:
        return None
    return owned_number(row)


# -- search ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPlan:
    """What to ask of the search interface (section 5); `vanity` may be too short to be asked."""

    vanity: str
    prefixes: frozenset[str]  # toll-free codes; none where no number can fit
    trailing: int | None


def search_plan(criteria: SearchCriteria) -> SearchPlan:
    """Return the widest question that still covers `criteria`: the longest text to look for."""
    prefixes = TOLL_FREE_NPAS & {criteria.npa} if criteria.npa else TOLL_FREE_NPAS
    prefixes = frozenset(code for code in prefixes if code.startswith(criteria.starts[:3]))
    candidates: list[tuple[str, int | None]] = [(criteria.nxx, None), (criteria.starts[3:], None)]
    for text, trailing in ((criteria.contains, None), (criteria.ends, 0)):
        head, tail = text[:-_MAIN_DIGITS], text[-_MAIN_DIGITS:]
        prefixes = frozenset(code for code in prefixes if code.endswith(head[-3:]))
        candidates.append((tail, trailing))
    vanity, trailing = max(candidates, key=lambda pair: len(pair[0]))
    return SearchPlan(vanity=vanity, prefixes=prefixes, trailing=trailing)


def why_not_searchable(criteria: SearchCriteria) -> str:
    """Return the sentence why a search cannot be asked, "" if it can."""
    if not criteria.is_toll_free:
        return "Custom Toll Free sells toll-free numbers only."
    if criteria.features:
        return "Custom Toll Free does not tell which features a number has."
    plan = search_plan(criteria)
    if not plan.prefixes:
        return "No toll-free code fits: 800, 833, 844, 855, 866, 877 and 888 are in use."
    if len(plan.vanity) < MIN_VANITY:
        return (
            "Custom Toll Free needs at least three digits or letters of the number "
            "besides its toll-free code."
        )
    return ""


def offers(answer: Answer) -> Iterator[Offer]:
    """Yield the numbers of a search answer; items without a whole number are dropped."""
    if answer.results is None:
        return
    for record in xml.find_records(answer.results, "item"):
        digits = re.sub(r"\D", "", record.get("prefix", "") + record.get("number", ""))
        if len(digits) == 10:
            yield Offer(tn=TN.from_digits10(digits))


# -- outcomes -------------------------------------------------------------------------------------


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
        return ItemOutcome(
            tn=tn,
            outcome=Outcome.UNKNOWN,
            code="not_told",
            message="The provider’s answer does not name this number.",
            provider_ref=answer.request_id,
        )
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
