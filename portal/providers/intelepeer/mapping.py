"""IntelePeer's JSON and our DTOs (intelepeer.md sections 2 to 8). Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from portal.providers.dto import (
    ItemOutcome,
    Offer,
    Outcome,
    OwnedNumber,
    RouteRecord,
    SearchCriteria,
)
from portal.providers.errors import ProviderError, ProviderProtocolError
from portal.providers.intelepeer import codes
from portal.providers.intelepeer.envelope import Call, Refused, unexpected
from portal.providers.rest import clean, plain
from portal.tn import TN, TOLL_FREE_NPAS

_NAMESPACE: Final = uuid.UUID("2f7e2a54-3c7f-5f0e-8d64-2d3c5f1b9a01")
_ROW_FIELDS: Final = frozenset({"endpoint", "e164", "number", "label", "packageID", "media"})


def reservation_id(reference: str, tn: TN) -> str:
    """Return our own id for the hold of one number in one slice: the same for the same slice.

    One hold covers one number, since ordering a hold buys all that it covers (section 4).
    """
    return str(uuid.uuid5(_NAMESPACE, f"{reference}:{tn}")).upper()


def read_tn(value: Any) -> TN | None:
    """Return the number in an endpoint, E.164 or plain digits; None for what is none."""
    digits = re.sub(r"[\s+]", "", clean(value))
    if len(digits) == 11:
        digits = digits.removeprefix("1")
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return None
    return TN.from_digits10(digits)


def read_time(value: Any) -> datetime | None:
    """Return an ISO 8601 time as an aware datetime in UTC, None if it is not one."""
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


# -- pages ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The rows of one page that are numbers, and whether there are further pages.

    More rows than asked for mean that there are (section 3).
    """

    rows: list[tuple[TN, Mapping[str, Any]]]
    has_more: bool
    is_empty: bool  # no row at all, not even a dummy one


def _page(value: Any, listed: list[Any], call: Call, page_size: int) -> Page:
    rows: list[tuple[TN, Mapping[str, Any]]] = []
    for row in listed:
        if not isinstance(row, dict):
            raise unexpected(call, "a row of the list is not a record")
        tn = read_tn(row.get("endpoint") or row.get("e164") or row.get("number"))
        if tn is not None:
            rows.append((tn, row))
    told_more = isinstance(value, dict) and value.get("hasMore") in (True, 1, "1", "true")
    return Page(rows=rows, has_more=told_more or len(listed) > page_size, is_empty=not listed)


def owned_page(value: Any, *, page_size: int, version: str = "v4") -> Page:
    """Return a page of our own numbers; raises `ProviderProtocolError` for another shape.

    The older answer is a bare array (section 3); an empty one is believed of version 3 only.
    """
    call = Call(operation=f"GET /_rest/{version}/my/tf")
    if not isinstance(value, list):
        return _page(value, _endpoints(value, call), call, page_size)
    if not value and version != "v3":
        raise unexpected(call, "it holds no list of numbers")
    if not all(isinstance(row, dict) and row.keys() & {"e164", "endpoint"} for row in value):
        raise unexpected(call, "the array does not hold numbers")
    return _page(value, value, call, page_size)


def stock_page(value: Any, *, page_size: int) -> Page:
    """Return a page of the numbers for sale; raises `ProviderProtocolError` for another shape."""
    call = Call(operation="GET /_rest/v4/carrier/tf")
    return _page(value, _endpoints(value, call), call, page_size)


def _endpoints(value: Any, call: Call) -> list[Any]:
    listed = value.get("endpoints") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise unexpected(call, "it holds no list of numbers")
    return listed


def repeats_itself(operation: str) -> ProviderProtocolError:
    """Return the exception for a list whose next page brings nothing new."""
    return ProviderProtocolError(
        "The provider’s list repeats a page; it cannot be read to its end.", operation=operation
    )


# -- rows -----------------------------------------------------------------------------------------


def _place(row: Mapping[str, Any]) -> Mapping[str, Any]:
    geo = row.get("geo")
    return geo if isinstance(geo, dict) else {}


def offer(tn: TN, row: Mapping[str, Any]) -> Offer:
    """Return a number for sale; toll-free numbers have no place as a rule (section 2)."""
    geo = _place(row)
    return Offer(
        tn=tn, city=clean(geo.get("city")), state=clean(geo.get("stateProvince")).upper()[:2]
    )


def owned_number(tn: TN, row: Mapping[str, Any]) -> OwnedNumber:
    """Return the mirror's row of one of our numbers; the list tells no state word (section 3)."""
    media = row.get("media")
    has_sms = isinstance(media, dict) and bool(media.get("sms"))
    return OwnedNumber(
        tn=tn,
        route_ref=clean(row.get("packageID")),
        state=clean(_place(row).get("stateProvince")).upper()[:2],
        label=clean(row.get("label")),
        features=frozenset({"sms"}) if has_sms else frozenset(),
        provider_ref=clean(row.get("orderID")),
        details=plain({name: value for name, value in row.items() if name not in _ROW_FIELDS}),
    )


def routes(value: Any) -> list[RouteRecord]:
    """Return the packages of the account; their fields are not documented (section 8)."""
    listed = value.get("packages") if isinstance(value, dict) else value
    if not isinstance(listed, list):
        raise unexpected(Call(operation="GET /_rest/v4/my/packages"), "it holds no packages")
    found: dict[str, RouteRecord] = {}
    for row in listed:
        if not isinstance(row, dict):
            continue
        ref = clean(row.get("packageID")) or clean(row.get("id"))
        name = next(
            (t for key in ("name", "label", "description") if (t := clean(row.get(key)))), ""
        )
        if ref.isascii() and ref.isdigit():
            found[ref] = RouteRecord(
                ref=ref, name=name or f"Package {ref}", kind="package", details=plain(row)
            )
    return list(found.values())


# -- search ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPlan:
    """What to ask of the stock (section 2)."""

    like: str
    npas: tuple[str, ...]
    is_sequential: bool


def search_plan(criteria: SearchCriteria) -> SearchPlan:
    """Return the widest question that covers `criteria`: the longest text, and the area codes."""
    start = criteria.starts
    if criteria.npa and criteria.npa.startswith(start):
        start = criteria.npa + criteria.nxx
    whole_start = f"+1{start}" if len(start) > 3 else ""
    like = max(whole_start, criteria.contains, criteria.ends, criteria.nxx, key=len)
    npas = fitting_codes(criteria)
    return SearchPlan(
        like=like,
        npas=() if like and len(npas) == len(TOLL_FREE_NPAS) else npas,
        is_sequential=criteria.consecutive > 1 and not like,
    )


def fitting_codes(criteria: SearchCriteria) -> tuple[str, ...]:
    """Return the toll-free codes that `criteria` leaves, sorted."""
    head = criteria.starts[:3]
    return tuple(
        code
        for code in sorted(TOLL_FREE_NPAS)
        if code.startswith(head) and criteria.npa in {"", code}
    )


def why_not_searchable(criteria: SearchCriteria) -> str:
    """Return the sentence why the stock cannot be asked, "" if it can."""
    if not criteria.is_toll_free:
        return "IntelePeer sells toll-free numbers only."
    if criteria.features:
        return "IntelePeer does not tell which features a toll-free number has."
    if not fitting_codes(criteria):
        return "No toll-free code fits: 800, 833, 844, 855, 866, 877 and 888 are in use."
    return ""


# -- outcomes -------------------------------------------------------------------------------------


def refused(tn: TN, happened: str, advice: str, *, code: str) -> ItemOutcome:
    """Return the verdict of a no that needed no call."""
    return ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code=code, message=happened, advice=advice)


def refused_by(tn: TN, error: Refused, tail: str) -> ItemOutcome:
    """Return the verdict for a number whose request was refused; `tail` says what was not done."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.REFUSED,
        code=error.code,
        message=f"{codes.sentence(error.words)} {tail}",
        advice=codes.meaning(error.words).advice,
    )


def undecided(tn: TN, error: ProviderError) -> ItemOutcome:
    """Return the verdict where a refusal could not be checked against our own list."""
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN,
        code=error.code,
        message=f"It is not known yet whether the number is ours. {error.message}",
        advice="Nothing to do: the provider is asked about the number by itself.",
    )


def held(tn: TN, value: Any) -> ItemOutcome:
    """Return the verdict on one number of a hold; raises `ProviderProtocolError` off contract.

    The answer is an array with one object, or the object (section 4).
    """
    call = Call(operation="POST /_rest/v4/carrier/tf/reservations", is_write=True)
    holds = value if isinstance(value, list) else [value]
    for hold in holds:
        if not isinstance(hold, dict) or not isinstance(hold.get("endpoints"), list):
            raise unexpected(call, "it is not a reservation")
        covered = {read_tn(e.get("endpoint")) for e in hold["endpoints"] if isinstance(e, dict)}
        ref = clean(hold.get("reservationID"))
        if tn in covered and ref:
            return ItemOutcome(
                tn=tn,
                outcome=Outcome.SUCCEEDED,
                code="200",
                message="The provider holds the number for us.",
                reservation_ref=ref,
                expires_at=read_time(hold.get("expirationDate")),
            )
    raise unexpected(call, "it does not name the number that was to be held")


def order_ref(value: Any, call: Call) -> tuple[str, str]:
    """Return (order id, status word) of an order object; raises `ProviderProtocolError` else."""
    ref = clean(value.get("orderID")) if isinstance(value, dict) else ""
    if not (ref.isascii() and ref.isdigit()):
        raise unexpected(call, "it holds no order id")
    return ref, clean(value.get("status")).upper()


def accepted(tn: TN, ref: str, status: str, what: str) -> ItemOutcome:
    """Return the verdict on a number in an accepted order; only our own list tells that it is done.

    A status that says that the order ended badly leaves the number unknown, to be asked for.
    """
    is_bad = status in {"FAILED", "CANCELLED", "CANCELED", "REJECTED"}
    return ItemOutcome(
        tn=tn,
        outcome=Outcome.UNKNOWN if is_bad else Outcome.PENDING,
        code=status or "PENDING",
        message=f"The provider calls its order {ref} “{status}”."
        if is_bad
        else f"The provider accepted {what} as order {ref} and works on it.",
        provider_ref=ref,
    )
