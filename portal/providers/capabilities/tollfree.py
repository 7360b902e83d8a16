"""What a provider may do with toll-free numbers at the registry.

Changes of one number return an outcome: succeeded, pending where the registry is still at work,
or refused with our advice; where an answer is lost they raise `ProviderTimeout` or
`ProviderProtocolError`, and `RequestTracking` tells what became of them. `reference` is at most 36
characters of ``[A-Za-z0-9-]`` and fixed at submit: the same change under the same reference is
carried out once. Arguments that the wire cannot carry raise ValueError before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Protocol, runtime_checkable

from portal.providers.dto import ItemOutcome
from portal.providers.dto.tollfree import (
    CustomerRecord,
    FieldProblem,
    RecordOutcome,
    RecordPart,
    RecordSummary,
    RequestState,
    TollFreeNumber,
    TollFreeStatus,
    TollFreeStep,
)
from portal.tn import TN


@runtime_checkable
class TollFreeQuery(Protocol):
    """Ask the registry about numbers, whoever controls them."""

    def query_toll_free(self, tns: Sequence[TN]) -> Iterator[TollFreeNumber]:
        """Yield what the registry tells, in the order asked; left out is what it did not tell."""


@runtime_checkable
class TollFreeList(Protocol):
    """List every number under our RespOrg, held and resting ones included."""

    def list_toll_free(
        self, *, statuses: Collection[TollFreeStatus] = (), since: date | None = None
    ) -> Iterator[TollFreeNumber]:
        """Yield them as a stream; `since` leaves out what has not changed its status since a day.

        Raises a `ProviderError` when the list turns out incomplete, also after some rows.
        """


@runtime_checkable
class TollFreeHold(Protocol):
    """Hold spare numbers for a named subscriber until a day of our choice."""

    def hold_until(
        self,
        tns: Sequence[TN],
        *,
        reference: str,
        contact_name: str,
        contact_phone: str,
        until: date | None = None,
        notes: str = "",
    ) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; without a day the longest hold, which is 45 days."""


@runtime_checkable
class TollFreeEnd(Protocol):
    """End a number's service on our terms, and give it back to the pool."""

    def disconnect_tn(
        self,
        tn: TN,
        *,
        reference: str,
        effective: datetime | None = None,
        intercept_end: date | None = None,
        has_intercept: bool = True,
        has_referral: bool = False,
        notes: str = "",
    ) -> ItemOutcome:
        """Take a working number out of service, now or at a quarter-hour to come.

        An announcement plays until `intercept_end`, 120 days at most and unless told otherwise;
        with `has_intercept` off there is none.
        """

    def make_spare(self, tn: TN, *, reference: str) -> ItemOutcome:
        """Give back a held number, or one that has rested 45 days. Cannot be undone."""


@runtime_checkable
class RespOrgChange(Protocol):
    """Move numbers to another RespOrg, or into ours where both are under our key."""

    def change_resporg(
        self, tns: Sequence[TN], *, resporg: str, reference: str, effective: date | None = None
    ) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; the status of a number does not change by it."""


@runtime_checkable
class RecordRead(Protocol):
    """Read the customer records of a number."""

    def list_records(self, tn: TN) -> Iterator[RecordSummary]:
        """Yield all its records, the latest effective time first."""

    def read_record(
        self,
        tn: TN,
        *,
        effective: datetime | None = None,
        parts: Collection[RecordPart] = (),
    ) -> CustomerRecord | None:
        """Return the record of a time, or the one in force; None where there is none."""


@runtime_checkable
class RecordCopy(Protocol):
    """Copy a record onto a number: what puts a held number into service."""

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
        """Copy a template (``*`` and name) or another number's record, whole or in parts.

        Replaces a record of the same time only where its version is given.
        """


@runtime_checkable
class RecordUpdate(Protocol):
    """Write records of our own making."""

    def record_problems(self, record: CustomerRecord) -> tuple[FieldProblem, ...]:
        """Return what the registry would refuse in a record, as far as its rules are published."""

    def save_record(
        self,
        tn: TN,
        record: CustomerRecord,
        *,
        reference: str,
        effective: datetime | None = None,
        replaces_version: int | None = None,
    ) -> RecordOutcome:
        """Create a record, or change the waiting one of that time where its version is given."""

    def delete_record(
        self, tn: TN, record: CustomerRecord, *, reference: str, effective: datetime, version: int
    ) -> RecordOutcome:
        """Delete a record that is not live yet."""


@runtime_checkable
class RequestTracking(Protocol):
    """Ask what became of an earlier request, also of one whose answer was lost."""

    def request_state(self, provider_ref: str) -> RequestState:
        """Return how far the request is; raises `ProviderRefused` for one that is not known."""

    def step_state(
        self, reference: str, step: TollFreeStep, tns: Sequence[TN]
    ) -> RequestState | None:
        """Return the same by our reference; None where the provider never got the request."""


@runtime_checkable
class VanityLookup(Protocol):
    """Spell a number in letters."""

    def vanity_spellings(self, tn: TN) -> tuple[str, ...]:
        """Return the words that the provider finds in a number."""


CAPABILITIES: dict[str, type] = {
    "toll_free_query": TollFreeQuery,
    "toll_free_list": TollFreeList,
    "toll_free_hold": TollFreeHold,
    "toll_free_end": TollFreeEnd,
    "resporg_change": RespOrgChange,
    "record_read": RecordRead,
    "record_copy": RecordCopy,
    "record_update": RecordUpdate,
    "request_tracking": RequestTracking,
    "vanity_lookup": VanityLookup,
}


def _lacking(sentence: str) -> Mapping[str, str]:
    return dict.fromkeys(CAPABILITIES, sentence)


LACKING_AT_VOIP_INNOVATIONS: Final = _lacking(
    "VoIP Innovations keeps its toll-free numbers under its own RespOrg; "
    "it has no access to the registry for customers."
)
LACKING_AT_VOICETEL: Final = _lacking(
    "VoiceTel has no access to the toll-free registry for customers."
)
LACKING_AT_INTELEPEER: Final = _lacking(
    "IntelePeer keeps the registry’s records by itself: a package decides where calls go."
)
