"""The HTTP layer under every adapter: time limits, redaction, the exchange hook, error translation.

Requests are never retried here; whether a call may be repeated is decided by the job ledger.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import requests
from urllib3.exceptions import NewConnectionError

from portal.providers.base import Runtime, WireCall, WireReply
from portal.providers.errors import (
    MAYBE_DONE,
    ProviderAuthError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.redaction import REDACTED, SECRET_NAMES, redact

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
# Raised before a connection is made, or, for a bad certificate, before anything is sent on it.
_MALFORMED = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
_BEFORE_THE_FIRST_BYTE = (
    NewConnectionError,
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
)
MAX_BODY = 32 * 1024 * 1024  # a reply that is not read as a stream


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A complete reply: status, headers with lower-case names, and the body as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8, undecodable bytes replaced."""
        return self.body.decode("utf-8", "replace")


class _Session(requests.Session):
    """A session that takes nothing from its surroundings and follows nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc, no proxy from a worker's environment

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: even looking at where a redirect leads can fail on a bad address."""
        return None


class Wire:
    """One account's connection. Give it the runtime and the secrets that must never be stored."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        base_url: str,
        secrets: Sequence[str] = (),
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.runtime = runtime
        self.base_url = base_url.rstrip("/")
        self.secrets = tuple(secret for secret in secrets if secret)
        self.read_seconds = read_seconds
        self.session = _Session()
        self._write_session = _Session()

    def close(self) -> None:
        """Give back the sockets."""
        self.session.close()
        self._write_session.close()

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        is_write: bool,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        expect_5xx: frozenset[int] = frozenset(),
    ) -> Reply:
        """Send one request and return its reply, whatever its status below 500 except 429.

        Raises `ProviderUnavailable` (nothing carried out: no connection, 429, a read met by 5xx),
        `ProviderTimeout` (sent, no whole answer) or `ProviderProtocolError` (a write met by 5xx, a
        redirect, or a body over 32 MiB).
        """
        with self.stream(
            operation,
            method,
            path,
            is_write=is_write,
            params=params,
            headers=headers,
            content=content,
            expect_5xx=expect_5xx,
        ) as streamed:
            body = streamed.read_all()
        return Reply(status=streamed.status, headers=streamed.headers, body=body)

    @contextlib.contextmanager
    def stream(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        is_write: bool = False,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        expect_5xx: frozenset[int] = frozenset(),
        spend: Callable[[], None] | None = None,
    ) -> Iterator[StreamedReply]:
        """Send one request and hand over the reply to be read piece by piece.

        The exchange is recorded before the bytes leave and completed when the block ends, whichever
        way it ends. Raises as `call` does; what the block itself raises passes through. `spend`
        takes the call from a budget of the provider's; not called where the account is paused.
        """
        url = self.base_url + path
        if params:
            # %20 for a space: some servers take the + of forms for itself (intelepeer.md 1).
            url = f"{url}?{urlencode(list(params), quote_via=quote)}"
        self.runtime.guard()
        if spend is not None:
            spend()
        sent_headers = {"User-Agent": "Numberdesk", "Accept-Encoding": "gzip", **(headers or {})}
        if is_write:
            # A reused connection may be dead; then nobody could tell "not sent" from "lost". So a
            # write gets a connection of its own, and no read is sent after it on the same one.
            sent_headers["Connection"] = "close"
            self._write_session.close()
        handle = self.runtime.before_send(
            WireCall(
                operation=operation,
                is_write=is_write,
                method=method,
                url=redact(url, self.secrets),
                headers={
                    name: REDACTED if name.lower() in SECRET_NAMES else redact(value, self.secrets)
                    for name, value in sent_headers.items()
                },
                body=redact((content or b"").decode("utf-8", "replace"), self.secrets),
            )
        )
        started = time.monotonic()
        reply = StreamedReply(operation=operation, is_write=is_write, secrets=self.secrets)
        outcome = "answered"
        note = ""
        try:
            reply.attach(self._send(operation, method, url, sent_headers, content, is_write))
            reply.raise_for_transport_status(expect_5xx)
            yield reply
        except ProviderUnavailable as error:
            outcome, note = "unavailable", error.message
            raise
        except ProviderTimeout as error:
            outcome, note = "timeout", error.message
            raise
        except ProviderProtocolError as error:
            outcome, note = "protocol", error.message
            raise
        except ProviderAuthError as error:
            outcome, note = "auth", error.message
            raise
        except ProviderRefused as error:
            outcome, note = "refused", error.message
            raise
        except Exception as error:
            outcome = "protocol"
            note = str(error)[:500]
            raise
        finally:
            self.runtime.after_reply(
                handle,
                reply.summary(outcome, redact(note, self.secrets), time.monotonic() - started),
            )
            reply.close()

    def _send(
        self,
        operation: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        is_write: bool,
    ) -> requests.Response:
        try:
            session = self._write_session if is_write else self.session
            return session.request(
                method,
                url,
                headers=dict(headers),
                data=content,
                timeout=(CONNECT_SECONDS, self.read_seconds),
                stream=True,
                allow_redirects=False,
            )
        except _MALFORMED as error:
            raise ProviderUnavailable(
                "The base address of the account is not a usable address.", operation=operation
            ) from error
        except requests.exceptions.ConnectTimeout as error:
            raise ProviderUnavailable(
                "The provider could not be reached: no connection in time.", operation=operation
            ) from error
        except requests.exceptions.Timeout as error:
            raise self._lost(operation, is_write, "no answer in time") from error
        except requests.exceptions.ConnectionError as error:
            if _never_connected(error):
                raise ProviderUnavailable(
                    "The provider could not be reached: no connection.", operation=operation
                ) from error
            raise self._lost(operation, is_write, "the connection broke off") from error
        except requests.exceptions.RequestException as error:
            raise self._lost(operation, is_write, "the request failed half-way") from error

    def _lost(self, operation: str, is_write: bool, what: str) -> ProviderTimeout:
        tail = MAYBE_DONE if is_write else "Nothing was changed."
        return ProviderTimeout(f"The request was sent and {what}. {tail}", operation=operation)


class StreamedReply:
    """A reply while it is being read."""

    def __init__(self, *, operation: str, is_write: bool, secrets: Sequence[str]) -> None:
        self.operation = operation
        self.is_write = is_write
        self._secrets = secrets
        self._response: requests.Response | None = None
        self._head = bytearray()  # the first bytes, for the exchange record
        self._size = 0
        self.status = 0
        self.headers: Mapping[str, str] = {}

    def attach(self, response: requests.Response) -> None:
        """Take the response whose headers have arrived."""
        self._response = response
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def raise_for_transport_status(self, expect_5xx: frozenset[int]) -> None:
        """Raise for 429, 5xx and redirects, which mean the same at every provider.

        A 5xx that the provider documents (VoiceTel 502, a SOAP fault's 500) is named in
        `expect_5xx` and read by the adapter.
        """
        if self.status == 429:
            raise ProviderUnavailable(
                "The provider says that we call too often.",
                code="429",
                operation=self.operation,
                retry_at=retry_after(self.headers.get("retry-after", "")),
            )
        if self.status in expect_5xx:
            return
        if self.status >= 500:
            self._peek()
            if self.is_write:
                raise ProviderProtocolError(
                    f"The provider answered with an internal error ({self.status}). {MAYBE_DONE}",
                    code=str(self.status),
                    operation=self.operation,
                )
            raise ProviderUnavailable(
                f"The provider answered with an internal error ({self.status}).",
                code=str(self.status),
                operation=self.operation,
            )
        if 300 <= self.status < 400:
            raise ProviderProtocolError(
                "The provider sent us to another address. Check the base address of the account.",
                code=str(self.status),
                operation=self.operation,
            )

    def _peek(self) -> None:
        with contextlib.suppress(Exception):
            for piece in self.chunks():
                if len(self._head) >= 4096 or not piece:
                    break

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Yield the decoded body in pieces; raises `ProviderTimeout` when it breaks off."""
        if self._response is None:
            return
        try:
            for piece in self._response.iter_content(size):
                self._size += len(piece)
                if len(self._head) < 65536:
                    self._head += piece[: 65536 - len(self._head)]
                yield piece
        except requests.exceptions.RequestException as error:
            tail = MAYBE_DONE if self.is_write else ""
            raise ProviderTimeout(
                f"The answer broke off in the middle. {tail}".strip(), operation=self.operation
            ) from error

    def read_all(self) -> bytes:
        """Return the whole body; raises `ProviderProtocolError` over 32 MiB."""
        body = bytearray()
        for piece in self.chunks():
            body += piece
            if len(body) > MAX_BODY:
                raise ProviderProtocolError(
                    "The answer is larger than any that this operation can give.",
                    operation=self.operation,
                )
        return bytes(body)

    def summary(self, outcome: str, note: str, seconds: float) -> WireReply:
        """Return what the exchange ledger keeps of the reply."""
        return WireReply(
            outcome=outcome,
            status=self.status or None,
            body=redact(self._head.decode("utf-8", "replace"), self._secrets),
            size=self._size,
            note=note,
            seconds=seconds,
        )

    def close(self) -> None:
        """Give the socket back."""
        if self._response is not None:
            self._response.close()


class ChunkReader:
    """A file-like view on a streamed reply, for parsers that want `read(n)`."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def read(self, size: int = 65536) -> bytes:
        """Return at most `size` bytes, b"" at the end."""
        while not self._left:
            piece = next(self._chunks, None)
            if piece is None:
                return b""
            self._left = piece
        piece, self._left = self._left[:size], self._left[size:]
        return piece


def retry_after(value: str) -> datetime | None:
    """Return the moment that a Retry-After header names (seconds or a date), None if unreadable."""
    if value.strip().isdigit():
        return datetime.now(UTC) + timedelta(seconds=min(int(value), 86_400))
    try:
        parsed: Any = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _never_connected(error: BaseException) -> bool:
    """Whether a connection error arose before the first byte could leave."""
    seen: set[int] = set()
    stack: list[Any] = [error]
    while stack:
        current = stack.pop()
        if id(current) in seen or not isinstance(current, BaseException):
            continue
        seen.add(id(current))
        if isinstance(current, _BEFORE_THE_FIRST_BYTE):
            return True
        stack += [*current.args, current.__cause__, current.__context__]
        stack.append(getattr(current, "reason", None))
    return False
