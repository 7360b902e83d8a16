"""How one operation is sent and its outer verdict judged (voip-innovations.md sections 1, 3, 5).

The functions of the sections stand in the neighbour modules, one mixin each. Nothing is retried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final
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

WSDL: Final = Path(__file__).parent.parent / "wsdl" / "APIService.wsdl"
PATH: Final = "/Services/APIService.asmx"
ACTION: Final = "http://tempuri.org/"
READ_SECONDS: Final = 60.0
LIST_SECONDS: Final = 180.0  # audits and wide searches are slow (section 1)

_TEN_DIGITS = re.compile(r"\d{10}", re.ASCII)
# Containers of the reply types that stand beside the one that is asked for (section 3).
_NEIGHBOURS = frozenset(
    {"responsecode", "responsemessage", "dids", "didlocators", "didcounts", "didgroups"}
    | {"conferenceline", "conferencelines", "clients", "endpointgroups", "didfailovers"}
    | {"didforwards", "faxtoemails", "statuses", "did911s", "vilocations", "alerts"}
    | {"portdetails", "isportable", "porthistory", "countries", "did", "campaigns", "customers"}
    | {"programmabletelcoscripts"}
)


class Core:
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

    def fetch_wsdl(self) -> bytes:
        """Return the description that the service publishes of itself (section 1)."""
        reply = self.list_wire.call("?wsdl", "GET", f"{PATH}?wsdl", is_write=False)
        if reply.status != 200:
            raise off_contract("?wsdl", False, f"it came with HTTP status {reply.status}")
        return reply.body

    def _asked(
        self, operation: str, values: dict[str, Any]
    ) -> AbstractContextManager[etree._Element]:
        return self._soap.call(
            operation, self._signed(values), is_write=METHODS[operation].is_write
        )

    def _signed(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"login": self._login, "secret": self._secret, **values}

    def _carry_out(self, operation: str, values: dict[str, Any]) -> None:
        """Send an operation whose reply holds nothing but the outer verdict."""
        with self._asked(operation, values) as result:
            judge_result(result, operation)

    def _records(self, result: etree._Element, operation: str, name: str) -> list[Record]:
        judge_result(result, operation)
        records = find_records(result, name)
        if not records:
            container = f"{name}s"
            others = _NEIGHBOURS - {container.lower()}
            require_recognised(result, operation, container=container, others=others)
        return records

    def _entries(self, result: etree._Element, operation: str) -> list[str]:
        """Return the texts of responseData: an array of strings [assumed], or one plain text."""
        judge_result(result, operation)
        boxes = [e for e in result.iterdescendants() if is_named(e, "responsedata")]
        if not boxes:
            require_recognised(result, operation, container="responseData", others=_NEIGHBOURS)
            return []
        pieces = [text for box in boxes for text in texts(box)]
        entries = [e.strip() for piece in pieces for e in re.split(r"[,;|\r\n]", piece)]
        return [entry for entry in entries if entry]

    def _stream(
        self,
        operation: str,
        values: dict[str, Any],
        names: tuple[str, ...],
        *,
        container: str = "",
    ) -> Iterator[Record]:
        with self._list_soap.stream(
            operation,
            self._signed(values),
            records=names,
            judge=judge(operation),
            container=container,
        ) as records:
            yield from records

    def _texts(
        self, operation: str, values: dict[str, Any], names: tuple[str, ...], *, container: str
    ) -> Iterator[str]:
        """Yield the texts of elements that hold nothing else, as they arrive."""
        with self._list_soap.stream(
            operation,
            self._signed(values),
            records=names,
            judge=judge(operation),
            container=container,
            are_texts=True,
        ) as records:
            for record in records:
                if record and "text" not in record:
                    raise off_contract(operation, False, "the list holds more than texts")
                if record:
                    yield record["text"]


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
        raise outer_error(operation, code, message[:300])

    return check


def judge_result(result: etree._Element, operation: str) -> None:
    """Raise unless the outer verdict of a whole result is a success; see `judge`."""
    judge(operation)(find_text(result, "responsecode"), find_text(result, "responsemessage"))


def outer_error(operation: str, code: str, message: str) -> ProviderError:
    """Return the error that a code stands for which is no success; see `judge`."""
    known = codes.outer(code, operation)
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


def require_digits(tn: str) -> str:
    """Return a number's ten digits unchanged; raises ValueError for anything else."""
    if not _TEN_DIGITS.fullmatch(tn):
        raise ValueError(f"{tn!r} is not ten digits")
    return tn
