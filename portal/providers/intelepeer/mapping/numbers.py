"""Lists of numbers, for sale and our own, page by page (intelepeer.md sections 2 and 3). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from portal.providers.dto import Offer, OwnedNumber
from portal.providers.errors import ProviderProtocolError
from portal.providers.intelepeer.envelope import Call, unexpected
from portal.providers.rest import clean, plain
from portal.tn import TN

_NUMBER_FIELDS: Final = ("endpoint", "e164", "number")
_DIGITS: Final = re.compile(r"\+?[0-9]{1,15}", re.ASCII)
_ROW_FIELDS: Final = frozenset({"endpoint", "e164", "number", "label", "packageID", "media"})


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
        named = next((row[name] for name in _NUMBER_FIELDS if row.get(name)), None)
        tn = read_tn(named)
        if tn is not None:
            rows.append((tn, row))
        elif _is_strange(row, named):
            raise unexpected(call, "a row of the list does not name its number")
    told_more = isinstance(value, dict) and value.get("hasMore") in (True, 1, "1", "true")
    return Page(rows=rows, has_more=told_more or len(listed) > page_size, is_empty=not listed)


def _is_strange(row: Mapping[str, Any], named: Any) -> bool:
    """Return whether a row without a number of ours is neither a short code nor a dummy."""
    if named is None:
        return not any(name in row for name in _NUMBER_FIELDS) and any(row.values())
    return _DIGITS.fullmatch(clean(named)) is None


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
