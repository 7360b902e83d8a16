"""The HTTP server of the sandbox: threads, keep-alive, chunked bodies, and a line it can cut."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_to_bytes, urlencode

from portal.sandbox import stock
from portal.sandbox.wsgi import Application, application

IDLE_SECONDS = 120
CONTROL_TIMEOUT_SECONDS = 60

logger = logging.getLogger(__name__)


class _Handler(BaseHTTPRequestHandler):
    """Runs the WSGI program for one connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: Server

    def version_string(self) -> str:
        return "Sandbox"

    def handle_expect_100(self) -> bool:
        answered = super().handle_expect_100()
        self.wfile.flush()
        return answered

    def _run(self) -> None:
        self._is_cut = False
        try:
            body = self._read_body()
        except ValueError:
            self.close_connection = True
            self.send_error(400)
            return
        try:
            self._answer(body)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _run  # noqa: N815

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = BytesIO()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body.write(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body.getvalue()

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.cut": self._cut,
            "sandbox.flush": self.wfile.flush,
        }
        for name, value in self.headers.items():
            key = f"HTTP_{name.upper().replace('-', '_')}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def _cut(self) -> None:
        """Close the line under the client's feet: whatever was written goes out, nothing more."""
        self._is_cut = self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, body: bytes) -> None:
        start: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            start[:] = [status, headers]

        chunks = self.server.application(self._environ(body), start_response)
        try:
            # A generator may call start_response as late as at its first chunk.
            iterator = iter(chunks)
            first = next(iterator, b"")
            if self._is_cut:
                return
            is_whole = isinstance(chunks, list)
            status, headers = start
            self._send_head(status, headers, len(first) if is_whole else None)
            if self.command != "HEAD":
                self._send_body(first, iterator)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def _send_head(self, status: str, headers: list[tuple[str, str]], length: int | None) -> None:
        code, _, reason = status.partition(" ")
        has_body = int(code) not in (204, 304)
        names = {name.lower() for name, _ in headers}
        self._chunked = False
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if has_body and "content-length" not in names:
            if length is not None:
                self.send_header("Content-Length", str(length))
            elif self.request_version == "HTTP/1.1":
                self._chunked = True
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.close_connection = True
                self.send_header("Connection", "close")
        self.end_headers()

    def _send_body(self, first: bytes, rest: Iterable[bytes]) -> None:
        self._write(first)
        for chunk in rest:
            self._write(chunk)
        if self._is_cut:
            return
        if self._chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _write(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        self.wfile.write(chunk)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.server.application.store.close()

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


class Server(ThreadingMixIn, TCPServer):
    """A thread for each connection."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: Application) -> None:
        self.application = application
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            logger.exception("The sandbox failed on a connection")

    def stop(self) -> None:
        """End stalls and the loop of `serve_forever`, and free the port."""
        self.application.stopping.set()
        self.shutdown()
        self.server_close()


def make_server(host: str, port: int, directory: Path, *, scale: float = 1.0) -> Server:
    """Return a server that is bound but does not answer yet; port 0 takes a free one.

    The store is kept in `directory`. Raises OSError when the address is taken or the folder cannot
    be written.
    """
    return Server((host, port), application(stock.open_store(directory, scale=scale)))


def serve(
    host: str,
    port: int,
    directory: Path,
    ready: Callable[[int], None] | None = None,
    *,
    scale: float = 1.0,
) -> None:
    """Answer requests until the process is interrupted; `ready` is told the port once it can be."""
    server = make_server(host, port, directory, scale=scale)
    try:
        if ready:
            ready(server.port)
        server.serve_forever(poll_interval=0.2)
    finally:
        server.application.stopping.set()
        server.server_close()


class RunningSandbox:
    """A sandbox in a thread of this process, for tests: `with RunningSandbox() as sandbox:`.

    Without a directory everything is made afresh and thrown away afterwards. The stock is a
    `scale`-th of the full one.
    """

    def __init__(
        self, directory: Path | None = None, *, host: str = "127.0.0.1", scale: float = 0.05
    ) -> None:
        self._host = host
        self._directory = directory
        self._scale = scale
        self._stack = contextlib.ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        directory = self._directory
        if directory is None:
            directory = Path(
                self._stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
                )
            )
        self.server = make_server(self._host, 0, directory, scale=self._scale)
        self.store = self.server.application.store
        thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        thread.start()
        self._stack.callback(thread.join, 5)
        self._stack.callback(self.store.close)
        self._stack.callback(self.server.stop)
        self.url = f"http://{self._host}:{self.server.port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def control(self, path: str, **fields: Any) -> Any:
        """Post to a control address (`reset`, `clock`, `fault`, …) and return its JSON."""
        return self._call(
            f"{self.url}/_sandbox/{path.lstrip('/')}", json.dumps(fields).encode("utf-8")
        )

    def state(self) -> Any:
        """Return the counts, clock, faults and accounts."""
        return self._call(f"{self.url}/_sandbox/state")

    def log(self, **filters: str) -> Any:
        """Return the calls so far, by `provider`, `operation` and `tn`."""
        return self._call(f"{self.url}/_sandbox/log?{urlencode(filters)}")

    def _call(self, url: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=CONTROL_TIMEOUT_SECONDS) as reply:  # noqa: S310
            return json.load(reply)
