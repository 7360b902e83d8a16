"""The HTTP layer: what each failure of the way means, and that nothing secret is kept."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.providers.errors import (
    ProviderAuthError,
    ProviderProtocolError,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.http import MAX_BODY, Wire, retry_after
from portal.providers.redaction import REDACTED, redact
from tests.providers.runtime import RecordingRuntime

Handler = Callable[[socket.socket, bytes], None]


class Server:
    """A server of bytes: takes one request per connection turn and does what it is told."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            connection.settimeout(2)
            with connection, contextlib.suppress(OSError):
                while request := self._read(connection):
                    self.requests.append(request)
                    self._handler(connection, request)

    def _read(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        return data

    def stop(self) -> None:
        """Close the listener and wait for the thread."""
        self._stop.set()
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Handler], Server]]:
    servers: list[Server] = []

    def start(handler: Handler) -> Server:
        servers.append(Server(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def reply(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(answer: bytes) -> Handler:
    return lambda connection, request: connection.sendall(answer)


def hang_up(connection: socket.socket, request: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def wire_to(server: Server | str, runtime: RecordingRuntime, *secrets: str) -> Wire:
    url = server if isinstance(server, str) else server.url
    return Wire(runtime, base_url=url, secrets=secrets, read_seconds=0.5)


def test_a_call_is_recorded_before_it_leaves_and_completed_after(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    seen: list[int] = []

    def handler(connection: socket.socket, request: bytes) -> None:
        seen.append(len(runtime.exchanges))
        connection.sendall(reply("200 OK", b"fine"))

    wire = wire_to(serve(handler), runtime)
    answer = wire.call("ask", "POST", "/x", is_write=False, content=b"question")
    assert (answer.status, answer.text) == (200, "fine")
    assert seen == [1]
    (exchange,) = runtime.exchanges
    assert exchange.call.body == "question"
    assert exchange.reply is not None
    assert (exchange.reply.outcome, exchange.reply.body, exchange.reply.size) == (
        "answered",
        "fine",
        4,
    )
    wire.close()


@pytest.mark.parametrize(
    ("is_write", "error"), [(False, ProviderUnavailable), (True, ProviderProtocolError)]
)
def test_an_internal_error_may_hide_a_write_that_was_carried_out(
    serve: Callable[[Handler], Server],
    runtime: RecordingRuntime,
    is_write: bool,
    error: type[Exception],
) -> None:
    wire = wire_to(serve(always(reply("503 Busy", b"later"))), runtime)
    with pytest.raises(error):
        wire.call("op", "POST", "/", is_write=is_write)
    assert runtime.exchanges[0].reply is not None
    assert runtime.exchanges[0].reply.body == "later"
    wire.close()


def test_a_documented_5xx_is_the_adapters(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    wire = wire_to(serve(always(reply("502 Bad", b"{}"))), runtime)
    answer = wire.call("op", "GET", "/", is_write=True, expect_5xx=frozenset({502}))
    assert answer.status == 502
    wire.close()


def test_too_many_calls_tells_when_to_come_back(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    wire = wire_to(serve(always(reply("429 Slow down", b"", "Retry-After: 60"))), runtime)
    with pytest.raises(ProviderUnavailable) as caught:
        wire.call("op", "POST", "/", is_write=True)
    assert caught.value.retry_at is not None
    assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= timedelta(seconds=60)
    wire.close()


@pytest.mark.parametrize("location", ["/elsewhere", "http://[bad", ""])
def test_a_redirect_is_not_followed(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime, location: str
) -> None:
    server = serve(always(reply("302 Found", b"", f"Location: {location}")))
    wire = wire_to(server, runtime)
    with pytest.raises(ProviderProtocolError, match="another address"):
        wire.call("op", "POST", "/", is_write=True)
    assert len(server.requests) == 1
    wire.close()


@pytest.mark.parametrize("is_write", [False, True])
def test_a_connection_cut_after_sending_is_lost_and_never_sent_again(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime, is_write: bool
) -> None:
    server = serve(hang_up)
    wire = wire_to(server, runtime)
    with pytest.raises(ProviderTimeout):
        wire.call("op", "POST", "/", is_write=is_write, content=b"x")
    time.sleep(0.2)
    assert len(server.requests) == 1
    assert runtime.outcomes == ["timeout"]
    wire.close()


def test_silence_is_a_timeout(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    wire = wire_to(serve(lambda connection, request: time.sleep(1)), runtime)
    with pytest.raises(ProviderTimeout, match="no answer in time"):
        wire.call("op", "POST", "/", is_write=True)
    wire.close()


def test_an_answer_that_breaks_off_is_lost(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    def half(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_RDWR)

    wire = wire_to(serve(half), runtime)
    with pytest.raises(ProviderTimeout, match="broke off"):
        wire.call("op", "POST", "/", is_write=True)
    assert runtime.outcomes == ["timeout"]
    wire.close()


def test_nobody_listening_means_nothing_was_sent(runtime: RecordingRuntime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    wire = wire_to(f"http://127.0.0.1:{port}", runtime)
    with pytest.raises(ProviderUnavailable):
        wire.call("op", "POST", "/", is_write=True)
    assert runtime.outcomes == ["unavailable"]
    wire.close()


@pytest.mark.parametrize(
    "address",
    ["", "carrier.invalid", "ftp://carrier.invalid", "http://", "http://[::1", "http://*"],
)
def test_an_address_that_is_none_means_nothing_was_sent(
    runtime: RecordingRuntime, address: str
) -> None:
    wire = wire_to(address, runtime)
    with pytest.raises(ProviderUnavailable):
        wire.call("op", "POST", "/x", is_write=True)
    wire.close()


def test_a_name_that_does_not_exist_means_nothing_was_sent(runtime: RecordingRuntime) -> None:
    wire = wire_to("http://carrier.invalid", runtime)
    with pytest.raises(ProviderUnavailable):
        wire.call("op", "POST", "/", is_write=True)
    wire.close()


def test_each_write_has_a_connection_of_its_own(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    server = serve(always(reply("200 OK")))  # says nothing of closing, so reads reuse theirs
    wire = wire_to(server, runtime)
    wire.call("read", "GET", "/1", is_write=False)
    wire.call("read", "GET", "/2", is_write=False)
    assert server.connections == 1
    wire.session.close()
    wire.call("write", "POST", "/3", is_write=True)
    wire.call("write", "POST", "/4", is_write=True)
    assert server.connections == 3
    assert b"connection: close" in server.requests[2].lower()
    wire.close()


def test_a_body_without_end_is_not_read_into_memory(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    def flood(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        block = b"x" * 1024 * 1024
        for _ in range(MAX_BODY // len(block) + 2):
            connection.sendall(block)

    wire = wire_to(serve(flood), runtime)
    with pytest.raises(ProviderProtocolError, match="larger"):
        wire.call("op", "GET", "/", is_write=False)
    assert runtime.exchanges[0].reply is not None
    assert len(runtime.exchanges[0].reply.body) <= 65536
    wire.close()


def test_a_verdict_raised_while_reading_is_recorded_with_the_exchange(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    wire = wire_to(serve(always(reply("200 OK", b"no"))), runtime)
    with pytest.raises(ProviderAuthError), wire.stream("op", "GET", "/") as streamed:
        raise ProviderAuthError(f"refused: {streamed.read_all()!r}")
    assert runtime.outcomes == ["auth"]
    wire.close()


def test_a_stream_that_is_left_early_is_completed(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    wire = wire_to(serve(always(reply("200 OK", b"x" * 200_000))), runtime)

    def rows() -> Iterator[bytes]:
        with wire.stream("op", "GET", "/") as streamed:
            yield from streamed.chunks(1000)

    reader = rows()
    assert len(next(reader)) == 1000
    reader.close()  # type: ignore[attr-defined]
    assert runtime.outcomes == ["answered"]
    wire.close()


def test_secrets_are_not_kept(
    serve: Callable[[Handler], Server], runtime: RecordingRuntime
) -> None:
    server = serve(always(reply("200 OK", b'{"token": "t0ken-of-ours", "echo": "hunter22"}')))
    wire = wire_to(server, runtime, "hunter22")
    wire.call(
        "op",
        "POST",
        "/login",
        is_write=False,
        params=[("key", "hunter22"), ("page", "1")],
        headers={"Authorization": "Basic aHVudGVyMjI="},
        content=b'{"username": "desk", "password": "hunter22", "n": 1}',
    )
    (exchange,) = runtime.exchanges
    for secret in ("hunter22", "aHVudGVyMjI=", "t0ken-of-ours", '"desk"'):
        assert secret not in exchange.text
    assert "page=1" in exchange.call.url
    assert b"hunter22" in server.requests[0], "the provider itself does get it"
    wire.close()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("<login>desk</login><secret>pa&amp;ss</secret>", ["desk", "pa&amp;ss"]),
        ('<ns0:secret xmlns:ns0="urn:x">pass1</ns0:secret>', ["pass1"]),
        ('{"Token" : "a\\"b"}', ['a\\"b']),
        ("?key=abc123&x=1", ["abc123"]),
        ('{"username":"desk","password":"hunt', ["desk", "hunt"]),
        ('{"password":"hunt\\', ["hunt"]),
        ('{"a": 1, "pin": 4711, "b": 2}', ["4711"]),
        ("<a><password>hunt", ["hunt"]),
        ("<a><password>hunter</passw", ["hunter"]),
    ],
)
def test_redaction_knows_the_names_of_secrets(text: str, gone: list[str]) -> None:
    redacted = redact(text)
    assert REDACTED in redacted
    assert not [word for word in gone if word in redacted]


def test_short_secrets_do_not_blacken_the_whole_text() -> None:
    assert redact("a cat", ("a",)) == "a cat"


@pytest.mark.parametrize(
    ("value", "is_known"),
    [("120", True), ("Fri, 01 Jan 2027 00:00:00 GMT", True), ("", False), ("soon", False)],
)
def test_retry_after_in_seconds_or_as_a_date(value: str, is_known: bool) -> None:
    moment = retry_after(value)
    assert (moment is not None) == is_known
    assert moment is None or moment.tzinfo is not None
