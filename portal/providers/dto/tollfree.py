"""Toll-free numbers at the registry: status, customer records, requests that take their time.

A number is controlled by a RespOrg (five letters or digits). What makes it ring is a customer
record: an administrative part, labels, and a decision tree that picks carrier and destination.
Times of records are aware and on a quarter-hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from portal.providers.dto.inventory import ItemOutcome
from portal.tn import TN


class TollFreeStatus(StrEnum):
    """What the registry says of a number."""

    SPARE = "spare"
    RESERVED = "reserved"  # at most 45 days
    ASSIGNED = "assigned"  # has a record that is not live yet; at most six months
    WORKING = "working"
    DISCONNECT = "disconnect"  # out of service, an announcement plays
    TRANSITIONAL = "transitional"  # out of service, silent
    SUSPEND = "suspend"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"  # a word that no document lists


class RecordPart(StrEnum):
    """The parts that reading and copying may be confined to."""

    ADMINISTRATION = "CAD"
    ROUTING = "CPR"
    LABELS = "LAD"


class RequestPhase(StrEnum):
    """How far the provider is with a request."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class TollFreeStep(StrEnum):
    """The changes whose request can be asked for by our own reference."""

    HOLD = "reserve"
    SPARE = "spare"
    DISCONNECT = "disconnect"
    CHANGE_RESPORG = "changeresporg"
    COPY_RECORD = "copyrecord"
    SAVE_RECORD = "updaterecord"


@dataclass(frozen=True, kw_only=True, slots=True)
class TollFreeNumber:
    """One number as the registry tells of it.

    `word` is the provider's own word of the status; `until` the last day of a hold or of a rest.
    Contact and notes are told to the controlling RespOrg only.
    """

    tn: TN
    status: TollFreeStatus
    word: str = ""
    resporg: str = ""
    status_date: date | None = None
    until: date | None = None
    last_active: date | None = None
    is_auctioned: bool | None = None
    contact_name: str = ""
    notes: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordSummary:
    """One customer record in a number's list. `version` is needed to replace or delete it."""

    effective: datetime | None
    kind: str = ""
    status: str = ""  # SAVED, PENDING, SENDING, ACTIVE, OLD, INVALID, MUST CHECK, …
    version: int | None = None
    parts: frozenset[str] = frozenset()
    approval: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """A ring-to number with its lines."""

    number: str
    lines: int = 9999
    lso: str = ""
    fso: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaOfService:
    """Where calls may come from; at least one entry in all."""

    networks: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    npas: tuple[str, ...] = ()
    latas: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A named list of values that the record uses: ``*`` and up to seven characters.

    `kind` is AC, DT, LT, NX, ST, TI, TE, TD or SD.
    """

    name: str
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One table of the decision tree: condition columns first, result columns after them.

    The main section's name starts with M, the others' with S.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRouting:
    """The decision tree. `timezone` is the provider's short name; empty: the registry's default."""

    sections: tuple[Section, ...]
    timezone: str = ""
    has_daylight_saving: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerRecord:
    """What decides where the calls to a toll-free number go.

    The first five fields are told by the provider and not sent by us. With `template` it is a
    pointer: it routes as that template does and has no labels and no routing of its own.
    """

    tn: TN | None = None
    resporg: str = ""
    effective: datetime | None = None
    status: str = ""
    version: int | None = None
    customer_id: str = ""
    customer_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    service_order: str = ""
    supplemental_form: str = ""
    notes: str = ""
    area: AreaOfService = AreaOfService()
    intra_carriers: tuple[str, ...] = ()
    inter_carriers: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    has_referral: bool = False  # on disconnect records
    intercept_end: str = ""  # likewise, as the provider spells it
    labels: tuple[Label, ...] = ()
    routing: CallRouting | None = None
    template: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One thing that is wrong with a record: `path` as the record's XML names it."""

    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordOutcome(ItemOutcome):
    """What became of a change of a record: the record as it is then, or what is wrong with it."""

    record: RecordSummary | None = None
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestState:
    """How far an earlier request is.

    `outcomes` tell what became of its numbers once it is completed; `code` and `message` why it
    failed, `record` is that of a change of records. `download_url` is where a list that was being
    made can be fetched.
    """

    phase: RequestPhase
    provider_ref: str = ""
    operation: str = ""
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    is_success: bool | None = None  # None while it is not told
    outcomes: tuple[ItemOutcome, ...] = ()
    code: str = ""
    message: str = ""
    advice: str = ""
    record: RecordSummary | None = None
    download_url: str = ""
