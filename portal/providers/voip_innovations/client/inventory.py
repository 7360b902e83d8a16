"""Searching, querying, ordering, configuring numbers; coverage (voip-innovations.md 2.1 to 2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.xml import Record, find_records

BATCH: Final = 50  # no limit is published; section 1 advises small parts
DIDType = Literal["LOCAL", "TF", "INTL", "ALL"]

_TEN_DIGITS = re.compile(r"\d{10}", re.ASCII)
_THREE_DIGITS = re.compile(r"\d{3}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class DIDParam:
    """One number of an order: ten digits, our mark, the endpoint group (0: not said), and whether
    callers' names are looked up (None: as it is)."""

    tn: str
    ref_id: str = ""
    epg: int = 0
    cnam: bool | None = None

    def __post_init__(self) -> None:
        if not _TEN_DIGITS.fullmatch(self.tn):
            raise ValueError(f"{self.tn!r} is not ten digits")
        if len(self.ref_id) > 36:
            raise ValueError("a reference has at most 36 characters")
        if not 0 <= self.epg < 2**31:
            raise ValueError("an endpoint group is a positive number")

    def values(self) -> dict[str, str | int | None]:
        """Return the elements to send; the flag is a string (2.3)."""
        flag = None if self.cnam is None else str(self.cnam).lower()
        return {"tn": self.tn, "cnam": flag, "refId": self.ref_id or None, "epg": self.epg}


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
    def suits_extended(self) -> bool:
        """Whether getDIDsExtended can answer: it wants one of three narrowings (2.1)."""
        return bool(self.npa or self.lata or (self.state and self.rate_center))

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

    def config_did(self, params: Sequence[DIDParam]) -> list[Record]:
        """Change endpoint group and lookup of callers' names; return one DID record each (3.5).

        What an `epg` of 0 does is not told: send the number's own one where only the lookup changes.
        """
        if any(not param.epg and param.cnam is None for param in params):
            raise ValueError("a number is configured with an endpoint group or a flag")
        return self._order("configDID", params)

    def assign_did_extended(self, params: Sequence[DIDParam]) -> list[Record]:
        """Buy numbers of the extended inventory; return one DID record each (3.76)."""
        if any(param.epg <= 0 for param in params):
            raise ValueError("a number is bought for an endpoint group")
        return self._order("assignDIDExtended", params)

    def inventory_dids(self, params: Sequence[DIDParam]) -> list[Record]:
        """Move numbers to the personal inventory (3.49); no record is promised, only a verdict."""
        return self._order("InventoryDIDs", params)

    def get_dids_extended(self, stock: StockFilter) -> Iterator[Record]:
        """Yield the DIDLocator records of the extended inventory (3.75)."""
        if not stock.suits_extended:
            raise ValueError(
                "getDIDsExtended needs an area code, a LATA, or a state with a rate center"
            )
        return self._stream("getDIDsExtended", stock.values(), ("DIDLocator", "DID"))

    def get_inventory_tns(self, did_type: DIDType) -> Iterator[str]:
        """Yield the numbers of the personal inventory, as the provider spells them (3.47)."""
        return self._tns("GetInventoryTNs", did_type)

    def get_unconfigured_tns(self, did_type: DIDType) -> Iterator[str]:
        """Yield the numbers that are not configured yet, as the provider spells them (3.48)."""
        return self._tns("GetUnconfiguredTNs", did_type)

    def _tns(self, operation: str, did_type: DIDType) -> Iterator[str]:
        if did_type not in get_args(DIDType):  # the provider would take it for ALL
            raise ValueError(f"{did_type!r} is not a kind of number")
        return self._texts(operation, {"didType": did_type}, ("string", "TN"), container="TNs")

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
        array = [param.values() for param in params]
        with self._asked(operation, {"didParams": {"DIDParam": array}}) as result:
            judge_result(result, operation)
            return find_records(result, "DID")
