"""Customer records and earlier requests as capabilities (custom-toll-free.md 7.6, 7.7, 7.9 to 7.11)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from portal.providers.custom_toll_free import codes, envelope
from portal.providers.custom_toll_free.client import CustomTollFreeClient, is_toll_free
from portal.providers.custom_toll_free.mapping import customer, numbers, records, requests, rules
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.tollfree import (
    CustomerRecord,
    FieldProblem,
    RecordOutcome,
    RecordPart,
    RecordSummary,
    RequestState,
    TollFreeStep,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused, off_contract
from portal.tn import TN

MOST_PAGES: Final = 100
NOT_CHANGED: Final = "Calls are routed as before."


class Recording:
    """The records' part of the adapter."""

    client: CustomTollFreeClient

    def list_records(self, tn: TN) -> Iterator[RecordSummary]:
        """Yield all records of a number, ten to a request."""
        start = ""
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            answer = self.client.queryrecord(tn, start=start)
            yield from records.listed_summaries(answer, tn)
            start = records.next_start(answer)
            if not start:
                return
            if start in seen:
                break
            seen.add(start)
        raise ProviderProtocolError(
            "The provider’s list of records does not come to an end.", operation="queryrecord"
        )

    def read_record(
        self, tn: TN, *, effective: datetime | None = None, parts: Collection[RecordPart] = ()
    ) -> CustomerRecord | None:
        """Return one whole record, or the parts asked for; None where the number has none."""
        try:
            answer = self.client.retrieve(tn, effective=effective, parts=records.part_names(parts))
        except ProviderRefused as error:
            if error.code != "record_not_found":
                raise
            return None
        found = customer.read_record(answer)
        if found.tn not in {None, tn}:
            raise off_contract("retrieve", False, "it is about another number")
        return found

    def record_problems(self, record: CustomerRecord) -> tuple[FieldProblem, ...]:
        """Return what the registry would refuse in a record."""
        return rules.problems(record)

    def copy_record(
        self,
        tn: TN,
        *,
        source: str | TN,
        reference: str,
        effective: datetime | None = None,
        source_effective: datetime | None = None,
        parts: Collection[RecordPart] = (),
        replaces_version: int | None = None,
    ) -> RecordOutcome:
        """Copy a template's or another number's record onto a number, at once or for later."""
        if not is_toll_free(tn):
            return _not_toll_free(tn)
        try:
            answer = self.client.copyrecord(
                tn,
                source=source,
                reqref=numbers.step_reference(reference, TollFreeStep.COPY_RECORD, [tn]),
                source_effective=source_effective,
                effective=effective,
                parts=records.part_names(parts),
                overwrite_version=replaces_version,
            )
        except envelope.Refused as error:
            return records.refused(tn, error)
        return records.changed(tn, answer, f"The record of {source} was copied.")

    def assign_route(
        self, tns: Sequence[TN], *, route_ref: str, reference: str = ""
    ) -> Iterator[ItemOutcome]:
        """Yield one outcome per number: it gets the record of the template `route_ref` at once.

        Raises where the answer to a copy was lost. A `reference` keeps a repeat from copying anew.
        """
        for tn in tns:
            yield self.copy_record(
                tn, source=route_ref, reference=reference or numbers.new_reference()
            )

    def save_record(
        self,
        tn: TN,
        record: CustomerRecord,
        *,
        reference: str,
        effective: datetime | None = None,
        replaces_version: int | None = None,
    ) -> RecordOutcome:
        """Create a record, or change the waiting one of that time; a wrong one is not sent."""
        found = rules.problems(record)
        if found:
            return _invalid(tn, found)
        return self._update(
            tn,
            record,
            reference=reference,
            effective=effective,
            action="create" if replaces_version is None else "change",
            version=replaces_version,
        )

    def delete_record(
        self, tn: TN, record: CustomerRecord, *, reference: str, effective: datetime, version: int
    ) -> RecordOutcome:
        """Delete a record that is not live yet; the wire wants the record itself too."""
        return self._update(
            tn, record, reference=reference, effective=effective, action="delete", version=version
        )

    def _update(
        self,
        tn: TN,
        record: CustomerRecord,
        *,
        reference: str,
        effective: datetime | None,
        action: str,
        version: int | None,
    ) -> RecordOutcome:
        if not is_toll_free(tn):
            return _not_toll_free(tn)
        try:
            answer = self.client.updaterecord(
                tn,
                record=customer.write_record(record),
                reqref=numbers.step_reference(reference, TollFreeStep.SAVE_RECORD, [tn]),
                effective=effective,
                action=action,
                version=version,
            )
        except envelope.Refused as error:
            return records.refused(tn, error)
        if action == "delete":
            return records.deleted(tn, answer)
        return records.changed(tn, answer, "The record was saved.")

    def request_state(self, provider_ref: str) -> RequestState:
        """Return how far a request is, by the provider's id of it."""
        return requests.request_state(self.client.requeststatus(request_id=provider_ref))

    def step_state(
        self, reference: str, step: TollFreeStep, tns: Sequence[TN]
    ) -> RequestState | None:
        """Return the same by our reference; None where the provider never got the request."""
        reqref = numbers.step_reference(reference, step, tns)
        try:
            state = requests.request_state(self.client.requeststatus(reqref=reqref))
        except ProviderRefused as error:
            if error.code != "request_not_found":
                raise
            return None
        return state


def _not_toll_free(tn: TN) -> RecordOutcome:
    meaning = codes.meaning("invalid_number")
    return RecordOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code="invalid_number",
        message=f"{meaning.happened} Nothing was sent.",
        advice=meaning.advice,
    )


def _invalid(tn: TN, found: tuple[FieldProblem, ...]) -> RecordOutcome:
    """Return the verdict on a record that the registry would refuse."""
    meaning = codes.meaning("invalid_record")
    first = f"{found[0].path}: {found[0].message}"
    return RecordOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code="invalid_record",
        message=f"{meaning.happened} {first} Nothing was sent. {NOT_CHANGED}",
        advice=meaning.advice,
        problems=found,
    )
