"""SOAP over `http.Wire`: requests built by zeep from a vendored WSDL, replies read tolerantly by lxml.

zeep only describes types and writes requests; nothing is sent or parsed by it. Replies are searched
by local element name without regard to case, because schemas drift and containers vary.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, cast

import zeep
import zeep.exceptions
from lxml import etree
from zeep.transports import Transport

from portal.providers.errors import (
    MAYBE_DONE,
    ProviderAuthError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
    off_contract,
)
from portal.providers.http import StreamedReply, Wire
from portal.providers.redaction import redacted_errors
from portal.providers.xml import (
    Record,
    find_records,
    find_text,
    free,
    is_named,
    local_name,
    parse,
    read_record,
    refuse_dtd,
    spellings,
    without_lead,
)

logging.getLogger("zeep").setLevel(logging.WARNING)  # at debug level it prints whole envelopes

Judge = Callable[[str, str], None]  # (code, message); raises when the code is not a success


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a stream looks for; see `SOAPCaller.stream`."""

    names: tuple[str, ...]
    container: str
    are_texts: bool


class _NoNetwork(Transport):  # type: ignore[misc]
    """Keeps zeep from fetching anything: a vendored WSDL is complete in itself."""

    def _load_remote_data(self, url: str) -> NoReturn:
        raise RuntimeError(f"the WSDL must not refer to {url}")


@cache
def load(wsdl: Path) -> zeep.Client:
    """Return the description of a service; read once per process, it takes a while."""
    return zeep.Client(str(wsdl), transport=_NoNetwork())


def build(wsdl: Path, operation: str, values: Mapping[str, Any]) -> bytes:
    """Return the request for an operation; values of None are left out.

    Raises ValueError for values that the schema or XML itself cannot carry.
    """
    client = load(wsdl)
    present = {name: value for name, value in values.items() if value is not None}
    try:
        envelope = client.create_message(client.service, operation, **present)
    except (zeep.exceptions.Error, TypeError) as error:
        raise ValueError(f"{operation} cannot be written with these values: {error}") from error
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


class SOAPCaller:
    """Sends the operations of one WSDL to one address. `action` is put before the operation's name."""

    def __init__(self, wire: Wire, *, wsdl: Path, path: str, action: str) -> None:
        self.wire = wire
        self._wsdl = wsdl
        self._path = path
        self._action = action

    @contextlib.contextmanager
    def call(
        self, operation: str, values: Mapping[str, Any], *, is_write: bool
    ) -> Iterator[etree._Element]:
        """Send one operation and hand over its ``{operation}Result`` element.

        The exchange stays open during the block, so that a verdict raised there is recorded with
        it. Raises the five provider errors only; see `read_result`.
        """
        with self._sent(operation, values, is_write=is_write) as reply:
            yield read_result(reply, operation)

    @contextlib.contextmanager
    def stream(
        self,
        operation: str,
        values: Mapping[str, Any],
        *,
        records: tuple[str, ...],
        judge: Judge,
        container: str = "",
        are_texts: bool = False,
    ) -> Iterator[Iterator[Record]]:
        """Send one read and hand over its records as they arrive, in constant memory.

        `judge` is called with responseCode and responseMessage before the first record, and at the
        end. Records named by the first of `records` are expected; without any, the reply must be
        recognisably empty, else `ProviderProtocolError`: `container` is where they would stand, by
        default the plural of that name. With `are_texts` elements of these names that hold one
        text are records too, with the one field ``text``.
        """
        with self._sent(operation, values, is_write=False) as reply:
            if reply.status != 200:
                read_result(reply, operation)
            wanted = _Wanted(records, container or f"{records[0]}s", are_texts)
            yield _stream_records(reply, operation, wanted, judge)

    @contextlib.contextmanager
    def _sent(
        self, operation: str, values: Mapping[str, Any], *, is_write: bool
    ) -> Iterator[StreamedReply]:
        with (
            redacted_errors(self.wire.secrets),
            self.wire.stream(
                operation,
                "POST",
                self._path,
                is_write=is_write,
                headers={
                    "Content-Type": "text/xml; charset=utf-8",
                    "SOAPAction": f'"{self._action}{operation}"',
                },
                content=build(self._wsdl, operation, values),
                expect_5xx=frozenset({500}),  # a SOAP fault travels as a 500
            ) as reply,
        ):
            yield reply


def read_result(reply: StreamedReply, operation: str) -> etree._Element:
    """Return the result element of a whole reply.

    Raises `ProviderAuthError` for 401 and 403, what `raise_fault` says for a SOAP fault, and
    `ProviderProtocolError` (a read met by a bare 500: `ProviderUnavailable`) for everything else
    that is not an answer to this operation.
    """
    if reply.status in {401, 403}:
        reply.read_all()
        raise ProviderAuthError(
            f"The provider does not let us in (HTTP {reply.status}). "
            "Nothing was carried out. Check the credentials and the addresses that it allows.",
            code=str(reply.status),
            operation=operation,
        )
    body = reply.read_all()
    try:
        root = parse(body)
    except etree.LxmlError as error:
        _raise_unreadable(reply, operation, error)
    raise_fault(root, operation, is_write=reply.is_write)
    if reply.status != 200:
        _raise_unreadable(reply, operation, None)
    result = _find_result(root, operation)
    if result is None:
        raise off_contract(operation, reply.is_write, "it is not an answer to this operation")
    return result


def raise_fault(root: etree._Element, operation: str, *, is_write: bool) -> None:
    """Raise if the document is a SOAP fault, of version 1.1 or 1.2.

    A fault that blames the request means that nothing was carried out: `ProviderRefused`. One that
    blames the server is `ProviderUnavailable` for a read and, because it may have struck half-way,
    `ProviderProtocolError` for a write.
    """
    fault = _find_fault(root)
    if fault is None:
        return
    code = find_text(fault, "faultcode") or find_text(fault, "value")
    text = (find_text(fault, "faultstring") or find_text(fault, "text"))[:300]
    blamed = code.rpartition(":")[2].partition(".")[0].lower()
    if blamed in {"client", "sender", "versionmismatch", "mustunderstand"}:
        raise ProviderRefused(
            f"The provider could not read the request. Nothing was carried out. ({text})",
            code=code,
            operation=operation,
        )
    if is_write:
        raise ProviderProtocolError(
            f"The provider met an error of its own. {MAYBE_DONE} ({text})",
            code=code,
            operation=operation,
        )
    raise ProviderUnavailable(
        f"The provider met an error of its own. ({text})", code=code, operation=operation
    )


def _find_fault(root: etree._Element) -> etree._Element | None:
    if is_named(root, "fault"):
        return root
    body = next((child for child in root if is_named(child, "body")), root)
    return next((child for child in body if is_named(child, "fault")), None)


def require_recognised(
    result: etree._Element, operation: str, *, container: str, others: frozenset[str]
) -> None:
    """Raise `ProviderProtocolError` unless a result without records is recognisably empty.

    A missing or an empty `container` reads as empty, and so do fields of one text. Where it is
    missing, anything with a structure of its own that is neither one of `others` nor empty may be
    what we looked for.
    """
    strange = ""
    for child in result:
        name = local_name(child)
        if not name or name in others:
            continue
        is_ours = name == container.lower()
        has_structure = any(isinstance(inner.tag, str) for inner in child)
        if is_ours and not has_structure and not (child.text or "").strip():
            return
        if is_ours or has_structure:
            strange = strange or name
    if strange:
        raise off_contract(operation, False, f"“{strange}” holds something else than expected")


def _stream_records(
    reply: StreamedReply, operation: str, wanted: _Wanted, judge: Judge
) -> Iterator[Record]:
    """Yield records while the reply arrives, free them, and read what is left at the end."""
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[tag for name in wanted.names for tag in spellings(name)],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    any_yielded = False
    try:
        for chunk in without_lead(reply.chunks()):
            parser.feed(chunk)
            for _, item in parser.read_events():
                element = cast(etree._Element, item)
                text = "" if len(element) else (element.text or "").strip()
                if text and not wanted.are_texts:
                    continue  # a field that is called like a record (didCount in DIDCount)
                if not any_yielded:
                    refuse_dtd(element)
                    _judge_early(element, judge)
                    any_yielded = True
                record = {"text": text} if text else read_record(element)
                free(element)
                yield record
        root = parser.close()
        refuse_dtd(root)
    except etree.LxmlError as error:
        _raise_unreadable(reply, operation, error)
    yield from _rest(root, operation, wanted, judge, any_yielded=any_yielded)


def _judge_early(first: etree._Element, judge: Judge) -> None:
    """Call `judge` before the first record where the reply says by then how it went."""
    root = first.getroottree().getroot()
    if code := find_text(root, "responsecode"):
        judge(code, find_text(root, "responsemessage"))


def _rest(
    root: etree._Element,
    operation: str,
    wanted: _Wanted,
    judge: Judge,
    *,
    any_yielded: bool,
) -> Iterator[Record]:
    """Judge the whole reply once it has ended; yield records of unusual spelling, if any."""
    raise_fault(root, operation, is_write=False)
    result = _find_result(root, operation)
    if result is None:
        raise off_contract(operation, False, "it is not an answer to this operation")
    judge(find_text(result, "responsecode"), find_text(result, "responsemessage"))
    seen = any_yielded
    for name in wanted.names:
        for record in find_records(result, name):
            if record:  # the freed ones are still there, empty
                seen = True
                yield record
    if not seen:
        require_recognised(
            result,
            operation,
            container=wanted.container,
            others=frozenset({"responsecode", "responsemessage", "conferenceline"}),
        )


def _find_result(root: etree._Element, operation: str) -> etree._Element | None:
    wanted = f"{operation}result".lower()
    return next((element for element in root.iter() if is_named(element, wanted)), None)


def _raise_unreadable(
    reply: StreamedReply, operation: str, cause: BaseException | None
) -> NoReturn:
    """Raise for a body that is no SOAP document; a read met by a bare 500 may be tried again."""
    if reply.status >= 500 and not reply.is_write:
        raise ProviderUnavailable(
            f"The provider answered with an internal error ({reply.status}).",
            code=str(reply.status),
            operation=operation,
        ) from cause
    what = "it is not a SOAP document"
    if reply.status == 404:
        what = "there is no such service at this address (404); check the account’s base address"
    elif reply.status != 200:
        what = f"it came with HTTP status {reply.status}"
    error = off_contract(operation, reply.is_write, what)
    error.code = "" if reply.status == 200 else str(reply.status)
    raise error from cause
