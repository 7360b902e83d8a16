"""Numbers as the registry tells of them (custom-toll-free.md sections 3 and 7.1 to 7.5). Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from portal.providers import xml
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.dto import NumberStatus, OwnedNumber, Ownership
from portal.providers.dto.tollfree import TollFreeNumber, TollFreeStatus, TollFreeStep
from portal.tn import TN

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
_NAMESPACE = uuid.UUID("6f0c1a52-8f0b-5d53-9a43-5b8a0f5d7f10")
_KNOWN_FIELDS = frozenset({"number", "status", "result", "code"})
_TOLD_FIELDS = _KNOWN_FIELDS | {
    "resporg",
    "statusdate",
    "until",
    "lastactive",
    "auctioned",
    "contactname",
    "notes",
}


def reqref(reference: str, operation: str, tn: TN | str = "") -> str:
    """Return our wire reference for one step of a job's slice: the same for the same step.

    36 characters. Each operation and number has its own, since a repeat with other parameters is
    refused (section 6, rule 3).
    """
    return str(uuid.uuid5(_NAMESPACE, f"{reference}:{operation}:{tn}"))


def step_reference(reference: str, step: TollFreeStep, tns: Sequence[TN]) -> str:
    """Return our wire reference for a step about some numbers."""
    return reqref(reference, step, ",".join(tns))


def new_reference() -> str:
    """Return a reference that nothing else has, for a change that no job stands behind."""
    return str(uuid.uuid4())


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


def is_true(text: str) -> bool:
    """Return a flag of the wire: ``0`` or ``1``, and their spellings in words."""
    return text.strip().upper() in {"1", "Y", "YES", "TRUE"}


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


def toll_free_number(row: NumberRow) -> TollFreeNumber:
    """Return all that the registry tells of a number (section 7.2)."""
    told = row.fields
    auctioned = told.get("auctioned", "").upper()
    return TollFreeNumber(
        tn=row.tn,
        status=TollFreeStatus(row.status.lower()),
        word=row.word,
        resporg=row.resporg,
        status_date=parse_date(told.get("statusdate", "")),
        until=row.until,
        last_active=parse_date(told.get("lastactive", "")),
        is_auctioned={"Y": True, "1": True, "N": False, "0": False}.get(auctioned),
        contact_name=told.get("contactname", ""),
        notes=told.get("notes", ""),
        details={name: text for name, text in told.items() if name not in _TOLD_FIELDS and text},
    )
