"""Requests and customer records as typed rows (custom-toll-free.md sections 4.5, 7.6 and 7.9). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from portal.providers import xml
from portal.providers.custom_toll_free import envelope
from portal.providers.custom_toll_free.envelope import Answer, WireError

ACCEPTED: Final = frozenset({"SAVED", "PENDING", "SENDING", "ACTIVE", "OLD"})  # no trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestState:
    """How far a request is (section 7.9)."""

    state: str  # QUEUED, PROCESSING, COMPLETED, FAILED, EXPIRED
    outcome: str = ""  # SUCCESS or ERROR, once it is finished
    operation: str = ""
    request_id: str = ""
    download_url: str = ""
    errors: tuple[WireError, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the provider is still at work on it."""
        return self.state in {"QUEUED", "PROCESSING"}

    @property
    def is_done(self) -> bool:
        """Whether it ended well."""
        return self.state == "COMPLETED" and self.outcome == "SUCCESS"


def request_state(answer: Answer) -> RequestState:
    """Return the state in a `requeststatus` answer."""
    results = answer.results if answer.results is not None else etree.Element("results")
    return RequestState(
        state=envelope.child_text(results, "state").upper(),
        outcome=envelope.child_text(results, "outcome").upper(),
        operation=envelope.child_text(results, "operation"),
        request_id=envelope.child_text(results, "requestid"),
        download_url=xml.find_text(results, "downloadurl"),
        errors=tuple(envelope.read_errors(results)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordSummary:
    """One customer record of a number (section 7.6)."""

    effective: str
    kind: str
    status: str
    version: int | None
    parts: frozenset[str]
    approval: str


def record_summaries(answer: Answer) -> list[RecordSummary]:
    """Return the record rows of a `queryrecord`, `copyrecord` or `updaterecord` answer."""
    if answer.results is None:
        return []
    return [
        RecordSummary(
            effective=record.get("effective", ""),
            kind=record.get("type", ""),
            status=record.get("status", "").upper(),
            version=int(v) if (v := record.get("version", "")).isascii() and v.isdigit() else None,
            parts=frozenset(p.strip() for p in record.get("parts", "").split(",") if p.strip()),
            approval=record.get("approval", ""),
        )
        for record in xml.find_records(answer.results, "record")
    ]


def next_start(answer: Answer) -> str:
    """Return the cursor of the next page of a `queryrecord` answer, "" after the last."""
    if answer.results is None or envelope.child_text(answer.results, "more") != "1":
        return ""
    return envelope.child_text(answer.results, "next")
