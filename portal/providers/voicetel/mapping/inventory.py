"""Wire ⇄ DTO, pure functions (voicetel.md sections 2, 6, 7 and 10).

A record that says nothing at all is dropped; one that says something, but not which number it is
about, is `ProviderProtocolError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from portal.providers.dto import (
    Offer,
    OwnedNumber,
    SearchCriteria,
    StockCount,
)
from portal.providers.errors import off_contract
from portal.providers.rest import clean
from portal.providers.voicetel.client.inventory import CountBy
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.mapping.fields import (
    is_dummy,
    lata_of,
    money,
    read_tn,
    state_of,
    tn_of,
    told,
)
from portal.providers.voicetel.methods import inventory as methods
from portal.providers.voicetel.methods.core import Method
from portal.tn import TN

COUNT_BY: Final[dict[str, CountBy]] = {
    "state": "state",
    "city": "city",
    "rate_center": "rateCenter",
    "nxx": "npanxx",
    "block": "block",
}
# By smsEnabled and cnam: a list has 200,000 records and four sets of features.
_FEATURES: Final[dict[tuple[bool, bool], frozenset[str]]] = {
    (False, False): frozenset(),
    (False, True): frozenset({"cnam"}),
    (True, False): frozenset({"sms"}),
    (True, True): frozenset({"sms", "cnam"}),
}
_DETAILS = ("translated", "carrier", "faxEnabled")  # what no field of ours has


def mask(criteria: SearchCriteria) -> str:
    """Return the prefix to search, "" where fewer than three leading digits are known.

    Where area code and leading digits contradict each other, the area code is sent; the answer is
    filtered to nothing afterwards.
    """
    starts = criteria.starts
    if not criteria.npa:
        return (starts + criteria.nxx if len(starts) == 3 else starts)[:10] if starts[2:] else ""
    place = criteria.npa + criteria.nxx
    return (starts if starts.startswith(place) else place)[:10]


def offers(records: Iterable[Record]) -> Iterator[Offer]:
    """Yield the numbers of an inventory answer; features and prices are not told."""
    method = methods.GET_INVENTORY
    for record in records:
        if is_dummy(record):
            continue
        yield Offer(
            tn=tn_of(record, method),
            rate_center=clean(record.get("rateCenter")).upper(),
            city=clean(record.get("city")),
            state=state_of(record.get("province")),
            lata=lata_of(record.get("lata")),
        )


def stock_counts(records: Iterable[Record]) -> list[StockCount]:
    """Return the rows of a coverage answer, by place; rows without anything for sale left out."""
    method = methods.GET_INVENTORY_COVERAGE
    found: list[StockCount] = []
    for record in records:
        if not any(clean(value) for value in record.values()):
            continue
        text = clean(record.get("count"))
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise off_contract(method.name, False, "a count is not a number")
        if int(text) > 0:
            found.append(
                StockCount(
                    count=int(text),
                    state=state_of(record.get("locState")),
                    city=clean(record.get("city")),
                    rate_center=clean(record.get("rcAbbre")).upper(),
                    npa=clean(record.get("npa")),
                    nxx=clean(record.get("nxx")),
                    block=clean(record.get("block")),
                    lata=lata_of(record.get("lata")),
                )
            )
    return sorted(
        found, key=lambda c: (c.state, c.city, c.rate_center, c.npa, c.nxx, c.block, c.lata)
    )


def owned_numbers(records: Iterable[Record]) -> Iterator[OwnedNumber]:
    """Yield the numbers of the account's list, dummies left out."""
    for record in records:
        if not is_dummy(record):
            yield owned_number(record, methods.GET_NUMBERS)


def owned_number(record: Record, method: Method) -> OwnedNumber:
    """Return the mirror's row for one `numberDetail`; the provider has no word for a state."""
    values: dict[str, str] = {}
    forward = record.get("forward")
    if forward is True:
        if target := clean(record.get("forwardTo")):
            values["forward_to"] = read_tn(target) or target
    elif forward is False:
        values["forward_to"] = ""
    if isinstance(record.get("cnam"), bool):
        values["inbound_cnam"] = str(record["cnam"]).lower()
    tn = tn_of(record, method)
    if translated := clean(record.get("translated")):  # its own digits: nothing is translated
        values["translated_to"] = "" if read_tn(translated) == tn else translated
    return OwnedNumber(
        tn=tn,
        route_ref=clean(record.get("route")),
        route_name=clean(record.get("gateway")),
        features=_FEATURES[record.get("smsEnabled") is True, record.get("cnam") is True],
        values=values,
        details=told(record, _DETAILS),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderVerdicts:
    """What an order's answer tells: the bought, the failed with their reasons, the price of each."""

    order_ref: str
    ordered: frozenset[TN]
    failed: Mapping[TN, str]
    charged: Decimal | None


def order_verdicts(content: Record) -> OrderVerdicts:
    """Return the verdicts of an order; what cannot be read proves nothing and is left out."""
    ordered = [read_tn(element) for element in content.get("numbersOrdered") or ()]
    failed: dict[TN, str] = {}
    for element in content.get("failed") or ():
        is_record = isinstance(element, dict)
        if (tn := read_tn(element.get("number") if is_record else element)) is not None:
            failed[tn] = clean(element.get("reason")) if is_record else ""
    total = money(content.get("amountCharged"))
    return OrderVerdicts(
        order_ref=clean(content.get("orderId"))[:64],
        ordered=frozenset(tn for tn in ordered if tn is not None),
        failed=failed,
        charged=_each(total, ordered),
    )


def _each(total: Decimal | None, ordered: Sequence[TN | None]) -> Decimal | None:
    """Return the price of one number: an order costs `rates.did` for each (1.6)."""
    if total is None or not ordered:
        return None
    return (total / len(ordered)).quantize(Decimal("0.0001"))
