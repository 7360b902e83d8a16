"""How far an earlier request is (custom-toll-free.md section 7.9). Pure."""

from __future__ import annotations

from typing import Final

from lxml import etree

from portal.providers import xml
from portal.providers.custom_toll_free import codes, envelope
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import outcomes
from portal.providers.custom_toll_free.mapping.numbers import number_rows
from portal.providers.custom_toll_free.mapping.records import moment, record_summaries
from portal.providers.dto import ItemOutcome
from portal.providers.dto.tollfree import RequestPhase, RequestState
from portal.providers.errors import off_contract

OPEN: Final = frozenset({RequestPhase.QUEUED, RequestPhase.PROCESSING})
_PHASES: Final = {phase.value: phase for phase in RequestPhase}
_OUTCOMES: Final = {"SUCCESS": True, "ERROR": False}


def request_state(answer: Answer) -> RequestState:
    """Return the state in a `requeststatus` answer; raises `ProviderProtocolError` without one."""
    results = answer.results if answer.results is not None else etree.Element("results")
    word = envelope.child_text(results, "state")
    if not word:
        raise off_contract(answer.operation, False, "it tells no state of the request")
    operation = envelope.child_text(results, "operation")
    errors = envelope.read_errors(results)
    first = errors[0] if errors else None
    return RequestState(
        phase=_PHASES.get(word.lower(), RequestPhase.UNKNOWN),
        provider_ref=envelope.child_text(results, "requestid"),
        operation=operation,
        submitted_at=moment(envelope.child_text(results, "submitted")),
        finished_at=moment(envelope.child_text(results, "finished")),
        is_success=_OUTCOMES.get(envelope.child_text(results, "outcome").upper()),
        outcomes=tuple(_outcomes(answer, results, operation)) if not errors else (),
        record=next(iter(record_summaries(answer)), None),
        code=first.code if first else "",
        message=codes.sentence(first.code, first.words) if first else "",
        advice=codes.meaning(first.code).advice if first else "",
        download_url=xml.find_text(results, "downloadurl"),
    )


def is_done(state: RequestState) -> bool:
    """Return whether a request ended well."""
    return state.phase == RequestPhase.COMPLETED and state.is_success is True


def _outcomes(answer: Answer, results: etree._Element, operation: str) -> list[ItemOutcome]:
    """Return the verdicts of the numbers in a finished request."""
    inner = envelope.child(results, "results")
    if inner is None:
        return []
    told = Answer(
        operation=operation,
        request_id=envelope.child_text(results, "requestid") or answer.request_id,
        results=inner,
    )
    rows = number_rows(told)
    if operation == "reserve":
        return [outcomes.reserved(tn, told, row) for tn, row in rows.items()]
    return [outcomes.settled(tn, told, row) for tn, row in rows.items()]
