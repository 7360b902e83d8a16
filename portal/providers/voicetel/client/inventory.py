"""Stock, orders and own numbers (voicetel.md 7.1 to 7.3, 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from portal.providers.errors import off_contract
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import STATE, TN10, Core, filters, positive, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods.inventory import (
    DELETE_NUMBER,
    GET_INVENTORY,
    GET_INVENTORY_COVERAGE,
    GET_NUMBER,
    GET_NUMBERS,
    PATCH_NUMBER,
    POST_NUMBER_RELEASE,
    POST_NUMBERS,
    POST_ORDERS,
)

ORDER_BATCH: Final = 100
MAX_QUANTITY: Final = 1000

CountBy = Literal["state", "city", "rateCenter", "npanxx", "block"]

_MASK = re.compile(r"[2-9][0-9]{2,9}\*?")
_NPA = re.compile(r"[2-9][0-9]{2}")
_LATA = re.compile(r"[0-9]{1,5}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedNumber:
    """One number of an order: ten digits, and the id of the gateway that its calls go to."""

    number: str
    route: int

    def __post_init__(self) -> None:
        require(TN10, self.number, "a number has ten digits")
        positive(self.route, "a gateway id")


class Inventory(Core):
    """The operations on stock and own numbers."""

    def get_inventory(
        self,
        tn_mask: str,
        *,
        quantity: int = 10,
        province: str = "",
        rate_center: str = "",
        lata: str = "",
    ) -> Iterator[Record]:
        """Yield numbers for sale (7.1); the provider keeps an answer for ten minutes.

        `tn_mask` is a prefix of at least three digits, a star at its end allowed.
        """
        require(_MASK, tn_mask, "a mask is a prefix of three to ten digits")
        if not 1 <= quantity <= MAX_QUANTITY:
            raise ValueError(f"a search asks for 1 to {MAX_QUANTITY} numbers")
        params = [("tnMask", tn_mask), ("quantity", str(quantity))]
        params += filters(province=(province, STATE), rateCenter=(rate_center, None))
        params += filters(lata=(lata, _LATA))
        return self._stream(GET_INVENTORY, self.wire, params=params)

    def get_inventory_coverage(
        self,
        count_by: CountBy,
        *,
        loc_state: str = "",
        city: str = "",
        rc_abbre: str = "",
        npa: str = "",
        lata: str = "",
    ) -> list[Record]:
        """Return how many numbers are for sale per place (7.2); kept for ten minutes too."""
        params: list[tuple[str, str]] = [("countBy", count_by)]
        params += filters(locState=(loc_state, STATE), city=(city, None))
        params += filters(rcAbbre=(rc_abbre, None), npa=(npa, _NPA), lata=(lata, _LATA))
        return self._list(GET_INVENTORY_COVERAGE, "coverage", params=params)

    def post_orders(self, numbers: Sequence[OrderedNumber], *, idempotency_key: str) -> Record:
        """Buy numbers at once; return ids of those ordered and of those that failed (7.3).

        The same key gives the stored answer for 24 hours and neither orders nor charges again.
        `ProviderUnavailable` with code 502: documented as "nothing was written".
        """
        method = POST_ORDERS
        if not 1 <= len(numbers) <= ORDER_BATCH:
            raise ValueError(f"an order has at least one and at most {ORDER_BATCH} numbers")
        require(_REFERENCE, idempotency_key, "a reference has letters, digits, - and _ only")
        payload = {"numbers": [{"number": n.number, "route": n.route} for n in numbers]}
        headers = {"Idempotency-Key": idempotency_key}
        with self._sent(method, payload=payload, headers=headers) as reply:
            content = envelope.read_data(reply, method) or {}
            lists = [content[name] for name in ("numbersOrdered", "failed") if name in content]
            if not lists or not all(isinstance(listed, list | None) for listed in lists):
                raise off_contract(method.name, True, "it names no numbers")
            return content

    def get_numbers(self) -> Iterator[Record]:
        """Yield every number of the account as it arrives (10); none where it owns none."""
        return self._stream(GET_NUMBERS, self.list_wire)

    def get_number(self, number: str) -> Record | None:
        """Return the record of one number, None where it is not on this account (10)."""
        require(TN10, number, "a number has ten digits")
        method = GET_NUMBER
        with self._sent(method, parts={"number": number}) as reply:
            content = envelope.read_data(reply, method)
            if content is not None and not content.get("number"):
                raise off_contract(method.name, False, "it is no number")
            return content

    def post_number_release(self, number: str) -> None:
        """Give one number back to the network (10). Cannot be undone."""
        require(TN10, number, "a number has ten digits")
        method = POST_NUMBER_RELEASE
        with self._sent(method, parts={"number": number}) as reply:
            envelope.read_data(reply, method)

    def post_numbers(self, number: str, *, route: int | None = None) -> Record:
        """Put one number on the account (10); without a `route` VoiceTel takes its gateway 4.

        The balance must cover the monthly price. Not said: whether it is charged at once.
        """
        require(TN10, number, "a number has ten digits")
        payload: Record = {"number": number}
        if route is not None:
            payload["route"] = positive(route, "a gateway id")
        return self._data(POST_NUMBERS, payload=payload)

    def patch_number(self, number: str, *, account_id: int, route: int) -> Record:
        """Move one number to another account, onto a gateway of that account (10)."""
        require(TN10, number, "a number has ten digits")
        payload = {
            "accountId": positive(account_id, "an account id"),
            "route": positive(route, "a gateway id"),
        }
        return self._data(PATCH_NUMBER, parts={"number": number}, payload=payload)

    def delete_number(self, number: str) -> None:
        """Take one number off the account (10). Cannot be undone."""
        require(TN10, number, "a number has ten digits")
        self._data(DELETE_NUMBER, parts={"number": number})
