"""The wire: one typed function per operation, named after it (voip-innovations.md sections 1, 2).

Functions check their arguments before anything is sent (ValueError), judge the outer verdict, and
return records as the provider spells them, keys in lower case. The fate of each number is in the
records; `mapping` reads it. Nothing is retried here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from lxml import etree

from portal.providers.base import Account, Runtime
from portal.providers.errors import (
    MAYBE_DONE,
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
    off_contract,
)
from portal.providers.http import Wire
from portal.providers.soap import SOAPCaller, require_recognised
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.methods import METHODS
from portal.providers.xml import Record, find_records, find_text, is_named, texts

WSDL: Final = Path(__file__).parent / "wsdl" / "APIService.wsdl"
PATH: Final = "/Services/APIService.asmx"
ACTION: Final = "http://tempuri.org/"
BATCH: Final = 50  # no limit is published; section 1 advises small parts
READ_SECONDS: Final = 60.0
LIST_SECONDS: Final = 180.0  # audits and wide searches are slow (section 1)

_TEN_DIGITS = re.compile(r"\d{10}")
_THREE_DIGITS = re.compile(r"\d{3}")
# Containers of the reply types that stand beside the one that is asked for (section 3).
_NEIGHBOURS = frozenset(
    {"responsecode", "responsemessage", "dids", "didlocators", "didcounts", "didgroups"}
    | {"conferenceline", "conferencelines", "clients", "didfailovers", "didforwards"}
    | {"faxtoemails"}
)


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


class Client:
    """One account's connection. Two wires, because lists are waited for longer than answers."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._login = account.credentials.get("login", "")
        self._secret = account.credentials.get("secret", "")
        escaped = escape(self._secret)  # as an answer that repeats it would spell it
        secrets = (self._secret, escaped, escaped.replace("&gt;", ">"))
        self.wire = Wire(
            runtime, base_url=account.base_url, secrets=secrets, read_seconds=READ_SECONDS
        )
        self.list_wire = Wire(
            runtime, base_url=account.base_url, secrets=secrets, read_seconds=LIST_SECONDS
        )
        self._soap = SOAPCaller(self.wire, wsdl=WSDL, path=PATH, action=ACTION)
        self._list_soap = SOAPCaller(self.list_wire, wsdl=WSDL, path=PATH, action=ACTION)

    def close(self) -> None:
        """Give back the sockets."""
        self.wire.close()
        self.list_wire.close()

    def audit_dids(self) -> Iterator[Record]:
        """Yield the DID records of the whole account, as they arrive (3.1)."""
        return self._stream("auditDIDs", {}, ("DID",))

    def query_did(self, did: str) -> list[Record]:
        """Return the DID records about one number, ours or not (3.2); [] for "no records"."""
        _require_digits(did)
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

    def get_prepaid_balance(self) -> Decimal | None:
        """Return the balance in US dollars, None where the reply tells none (3.45)."""
        with self._asked("GetPrepaidBalance", {}) as result:
            _judge_result(result, "GetPrepaidBalance")
            amount = find_text(result, "amount")
            if not amount:
                return None
            try:
                balance = Decimal(amount)
            except InvalidOperation as error:
                what = "the balance is not an amount"
                raise off_contract("GetPrepaidBalance", False, what) from error
            if not balance.is_finite():
                raise off_contract("GetPrepaidBalance", False, "the balance is not an amount")
            return balance

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

    def audit_endpoint_groups(self) -> list[Record]:
        """Return the EndpointGroup records (3.58); their fields are assumed, so read them all."""
        with self._asked("AuditEndpointGroups", {}) as result:
            return self._records(result, "AuditEndpointGroups", "EndpointGroup")

    def _asked(
        self, operation: str, values: dict[str, Any]
    ) -> AbstractContextManager[etree._Element]:
        return self._soap.call(
            operation, self._signed(values), is_write=METHODS[operation].is_write
        )

    def _signed(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"login": self._login, "secret": self._secret, **values}

    def _order(self, operation: str, params: Sequence[DIDParam]) -> list[Record]:
        if not params:
            raise ValueError("no number was given")
        if len(params) > BATCH:
            raise ValueError(f"{operation} takes at most {BATCH} numbers at once")
        array = [{"tn": p.tn, "refId": p.ref_id or None, "epg": p.epg} for p in params]
        with self._asked(operation, {"didParams": {"DIDParam": array}}) as result:
            _judge_result(result, operation)
            return find_records(result, "DID")

    def _records(self, result: etree._Element, operation: str, name: str) -> list[Record]:
        _judge_result(result, operation)
        records = find_records(result, name)
        if not records:
            container = f"{name}s"
            others = _NEIGHBOURS - {container.lower()}
            require_recognised(result, operation, container=container, others=others)
        return records

    def _entries(self, result: etree._Element, operation: str) -> list[str]:
        """Return the texts of responseData: an array of strings [assumed], or one plain text."""
        _judge_result(result, operation)
        boxes = [e for e in result.iterdescendants() if is_named(e, "responsedata")]
        if not boxes:
            require_recognised(result, operation, container="responseData", others=_NEIGHBOURS)
            return []
        pieces = [text for box in boxes for text in texts(box)]
        entries = [e.strip() for piece in pieces for e in re.split(r"[,;|\r\n]", piece)]
        return [entry for entry in entries if entry]

    def _stream(
        self, operation: str, values: dict[str, Any], names: tuple[str, ...]
    ) -> Iterator[Record]:
        with self._list_soap.stream(
            operation, self._signed(values), records=names, judge=judge(operation)
        ) as records:
            yield from records


def judge(operation: str) -> Callable[[str, str], None]:
    """Return the function that raises unless an outer code says success or "no records".

    "No records" (101) is a success for reads only. 901 and 902 are `ProviderAuthError`; an error of
    the provider's own is `ProviderUnavailable` for a read and `ProviderProtocolError` for a write;
    a code that is no number is off contract; every other one, known or not, is `ProviderRefused`
    with the provider's text.
    """
    is_write = METHODS[operation].is_write

    def check(code: str, message: str) -> None:
        if code == codes.SUCCESS or (code == codes.NO_RECORDS and not is_write):
            return
        if not re.fullmatch(r"-?\d+", code):
            raise off_contract(operation, is_write, "it has no response code")
        raise _outer_error(operation, code, message[:300])

    return check


def _judge_result(result: etree._Element, operation: str) -> None:
    judge(operation)(find_text(result, "responsecode"), find_text(result, "responsemessage"))


def _outer_error(operation: str, code: str, message: str) -> ProviderError:
    known = codes.outer(code)
    said = f" It said: {message}" if message else ""
    if known.kind is codes.Outer.THEIR_FAULT:
        if METHODS[operation].is_write:
            return ProviderProtocolError(
                f"{known.words.happened} {MAYBE_DONE}{said}", code=code, operation=operation
            )
        return ProviderUnavailable(f"{known.words.happened}{said}", code=code, operation=operation)
    error = ProviderAuthError if known.kind is codes.Outer.AUTH else ProviderRefused
    return error(
        f"{known.words.happened} Nothing was carried out.{said}", code=code, operation=operation
    )


def _require_digits(did: str) -> None:
    if not _TEN_DIGITS.fullmatch(did):
        raise ValueError(f"{did!r} is not ten digits")
