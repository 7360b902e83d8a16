"""JSON over HTTP: requests with a JSON body, replies read safely, long arrays read as a stream.

Knows no envelope: what a provider wraps around its answers is judged by that provider's client.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from portal.providers.errors import ProviderProtocolError, off_contract
from portal.providers.http import StreamedReply, Wire
from portal.providers.redaction import redacted_errors

MAX_VALUE: Final = 1024 * 1024  # characters of one value in a streamed reply

_SCALAR_END = re.compile(r"[\s,\]}]")
_SPACE = re.compile(r"[ \t\r\n]*")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


class RESTCaller:
    """Sends JSON requests over one wire and keeps secrets out of the errors they end in."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    @contextlib.contextmanager
    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        is_write: bool,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        payload: Any = None,
        expect_5xx: frozenset[int] = frozenset(),
        spend: Callable[[], None] | None = None,
    ) -> Iterator[StreamedReply]:
        """Send one request and hand over its reply, whose exchange stays open during the block.

        `payload` travels as JSON; without one there is no body. Raises as `Wire.stream` does; a
        verdict raised in the block is recorded with the exchange.
        """
        sent_headers = {"Accept": "application/json", **(headers or {})}
        content = None
        if payload is not None:
            content = json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()
            sent_headers["Content-Type"] = "application/json"
        with (
            redacted_errors(self.wire.secrets),
            self.wire.stream(
                operation,
                method,
                path,
                is_write=is_write,
                params=params,
                headers=sent_headers,
                content=content,
                expect_5xx=expect_5xx,
                spend=spend,
            ) as reply,
        ):
            yield reply


def parse(body: bytes) -> Any:
    """Return the value of a JSON document, fractions as `Decimal`; raises ValueError.

    Stricter than the standard library: UTF-8 only, no NaN, and nesting too deep is a ValueError.
    """
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_json(reply: StreamedReply) -> Any:
    """Return the value of a whole reply; raises `ProviderProtocolError` where it is not JSON."""
    body = reply.read_all()
    try:
        return parse(body)
    except ValueError as error:
        raise not_json(reply) from error


def not_json(reply: StreamedReply) -> ProviderProtocolError:
    """Return the error for a reply that is no JSON document."""
    what = "it is not a JSON document"
    if reply.status == 404:
        what = "there is no such service at this address (404); check the account’s base address"
    elif reply.status != 200:
        what = f"it is not a JSON document (HTTP status {reply.status})"
    error = off_contract(reply.operation, reply.is_write, what)
    error.code = "" if reply.status == 200 else str(reply.status)
    return error


def clean(value: Any) -> str:
    """Return a wire value as text: numbers written out, null and structures as "".

    What no database takes (a null character, half of a surrogate pair) is replaced.
    """
    if not isinstance(value, str):
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return str(value) if is_number else ""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value.replace("\x00", "\ufffd").strip()


def plain(value: Any, *, depth: int = 4) -> Any:
    """Return a wire value as what a JSON column takes: fractions as text, texts made safe.

    What is nested deeper than any documented field is left out.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Decimal):
        return clean(value)
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {clean(name): plain(inner, depth=depth - 1) for name, inner in value.items()}
    return [plain(inner, depth=depth - 1) for inner in value]


class ArrayReader:
    """One long array inside a JSON object, read in constant memory.

    Iterate once: yields the elements of the array that stands at `path` (names of nested objects).
    `others` then holds what stood beside it, nested as on the wire: the envelope. It is filled as
    the reply arrives and complete at the end, so an envelope can be judged before and after.
    Raises ValueError for what is not one JSON object; what the chunks raise passes through.
    """

    def __init__(self, chunks: Iterator[bytes], path: tuple[str, ...]) -> None:
        self._chunks = chunks
        self._path = path
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._text = ""
        self._at = 0
        self._is_ended = False
        self.others: dict[str, Any] = {}
        self.is_found = False

    def __iter__(self) -> Iterator[Any]:
        yield from self._object(self._path, self.others)
        if self._peek():
            raise ValueError("something follows the document")

    def _object(self, path: tuple[str, ...], members: dict[str, Any]) -> Iterator[Any]:
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            name = self._value()
            if not isinstance(name, str) or name in members:
                raise ValueError("a member has no name of its own")
            self._take(":")
            yield from self._member(name, path, members)
            if self._peek() != ",":
                self._take("}")
                return
            self._take(",")

    def _member(self, name: str, path: tuple[str, ...], members: dict[str, Any]) -> Iterator[Any]:
        """Yield the elements if they are, or are inside, this member; keep any other member."""
        start = self._peek()
        if name != path[0]:
            members[name] = self._value()
        elif len(path) > 1 and start == "{":
            inner: dict[str, Any] = {}
            members[name] = inner
            yield from self._object(path[1:], inner)
        elif len(path) == 1 and start == "[":
            if self.is_found:
                raise ValueError("the list is there twice")
            self.is_found = True
            yield from self._elements()
        else:
            members[name] = self._value()

    def _elements(self) -> Iterator[Any]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield self._value()
            if self._peek() != ",":
                self._take("]")
                return
            self._take(",")

    def _value(self) -> Any:
        """Return the next whole value; reads on, each time half as much again, until it is there."""
        start = self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise ValueError("it is nested too deeply") from error
            except ValueError:
                if self._is_ended:
                    raise
            else:
                # A number at the end of the buffer may go on in the next piece.
                is_whole = start in '{["' or _SCALAR_END.match(self._text, end)
                if is_whole or self._is_ended:
                    self._at = end
                    return value
            size = len(self._text) - self._at
            if size > MAX_VALUE:
                raise ValueError("one value is larger than any that can be expected")
            self._fill(size + size // 2 + 1)

    def _peek(self) -> str:
        """Return the next character that is not white space, "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_ended:
                return ""
            self._fill(1)

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise ValueError(f"a {wanted} is missing")
        self._at += 1

    def _fill(self, size: int) -> None:
        """Read until `size` characters are there, or to the end."""
        pieces = [self._text[self._at :]]
        count = len(pieces[0])
        while count < size and not self._is_ended:
            chunk = next(self._chunks, None)
            self._is_ended = chunk is None
            piece = self._decode.decode(chunk or b"", final=chunk is None)
            pieces.append(piece)
            count += len(piece)
        self._text = "".join(pieces)
        self._at = 0
