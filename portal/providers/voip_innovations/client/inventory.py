"""Searching, querying and ordering numbers; coverage (voip-innovations.md 2.1 to 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.xml import Record, find_records

BATCH: Final = 50  # no limit is published; section 1 advises small parts

_TEN_DIGITS = re.compile(r"\d{10}", re.ASCII)
_THREE_DIGITS = re.compile(r"\d{3}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class DIDParam:
    """One number of an order: ten digits, our mark, and the endpoint group (0: not said)."""

    tn: str
    ref_id: str = ""
    epg: int = 0

    def __post_init__(self) -> None:
        if not _TEN_DIGITS.fullmatch(self.tn):
            raise ValueError(f"{self.tn!r} is not ten digits")
        if len(self.ref_id) > 36:
            raise ValueError("a reference has at most 36 characters")
        if self.epg < 0:
            raise ValueError("an endpoint group is not negative")


@dataclass(frozen=True, kw_only=True, slots=True)
class StockFilter:
    """The search criteria of getDIDs and getDIDCount; empty ones are not sent."""

    state: str = ""
    lata: str = ""
    rate_center: str = ""
    npa: str = ""
    nxx: str = ""
    tier: str = ""
    t38: bool = False
    cnam: bool = False  # outbound CNAM storage
    sms: bool = False
    network: str = ""

    def __post_init__(self) -> None:
        for name, code in (("area code", self.npa), ("exchange", self.nxx)):
            if code and not _THREE_DIGITS.fullmatch(code):
                raise ValueError(f"an {name} has three digits, not {code!r}")
        if self.nxx and not self.npa:
            raise ValueError("an exchange is searched together with its area code")

    def values(self) -> dict[str, str | None]:
        """Return the elements to send; those of None are left out."""
        texts = {
            "state": self.state.upper(),
            "lata": self.lata,
            "rateCenter": self.rate_center.upper(),
            "npa": self.npa,
            "nxx": self.nxx,
            "tier": self.tier,
            "network": self.network,
        }
        flags = {"t38": self.t38, "cnam": self.cnam, "sms": self.sms}
        return {name: text or None for name, text in texts.items()} | {
            name: "true" if wanted else None for name, wanted in flags.items()
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the search; getDIDs refuses that."""
        return not any(self.values().values())


class Inventory(Core):
    """The operations on stock and own numbers."""

    def audit_dids(self) -> Iterator[Record]:
        """Yield the DID records of the whole account, as they arrive (3.1)."""
        return self._stream("auditDIDs", {}, ("DID",))

    def query_did(self, did: str) -> list[Record]:
        """Return the DID records about one number, ours or not (3.2); [] for "no records"."""
        require_digits(did)
        with self._asked("queryDID", {"did": did}) as result:
            return self._records(result, "queryDID", "DID")

    def get_dids(self, stock: StockFilter) -> Iterator[Record]:
        """Yield the DIDLocator records of the numbers for sale (3.3); at least one criterion."""
        if stock.is_empty:
            raise ValueError("getDIDs needs at least one criterion")
        return self._stream("getDIDs", stock.values(), ("DIDLocator", "DID"))

    def get_did_count(
        self, stock: StockFilter, *, orderby: Literal["state", "rc", "lata", "tier"]
    ) -> list[Record]:
        """Return the DIDCount records, several per place (3.14)."""
        with self._asked("getDIDCount", {**stock.values(), "orderby": orderby}) as result:
            return self._records(result, "getDIDCount", "DIDCount")

    def reserve_did(self, params: Sequence[DIDParam]) -> list[Record]:
        """Hold numbers for at most 30 minutes; return one DID record each (3.7)."""
        return self._order("reserveDID", params)

    def assign_did(self, params: Sequence[DIDParam]) -> list[Record]:
        """Buy numbers; return one DID record each (3.4). Each needs its endpoint group."""
        if any(param.epg <= 0 for param in params):
            raise ValueError("a number is bought for an endpoint group")
        return self._order("assignDID", params)

    def release_did(self, params: Sequence[DIDParam]) -> list[Record]:
        """Give numbers back; return one DID record each (3.6). Cannot be undone."""
        return self._order("releaseDID", params)

    def get_available_states(self) -> list[str]:
        """Return the entries of the coverage list of states (3.68)."""
        with self._asked("GetAvailableStates", {}) as result:
            return self._entries(result, "GetAvailableStates")

    def get_available_rate_centers(self, state: str) -> list[str]:
        """Return the entries of the coverage list of a state's rate centers (3.67)."""
        with self._asked("GetAvailableRateCenters", {"state": state.upper()}) as result:
            return self._entries(result, "GetAvailableRateCenters")

    def get_available_npas(self, state: str, ratecenter: str = "") -> list[str]:
        """Return the entries of the coverage list of area codes (3.66)."""
        values = {"state": state.upper() or None, "ratecenter": ratecenter.upper() or None}
        with self._asked("GetAvailableNPAs", values) as result:
            return self._entries(result, "GetAvailableNPAs")

    def _order(self, operation: str, params: Sequence[DIDParam]) -> list[Record]:
        if not params:
            raise ValueError("no number was given")
        if len(params) > BATCH:
            raise ValueError(f"{operation} takes at most {BATCH} numbers at once")
        array = [{"tn": p.tn, "refId": p.ref_id or None, "epg": p.epg} for p in params]
        with self._asked(operation, {"didParams": {"DIDParam": array}}) as result:
            judge_result(result, operation)
            return find_records(result, "DID")
