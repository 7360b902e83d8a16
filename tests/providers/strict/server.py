"""A provider in a thread of this process that answers strictly, for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.providers.strict.check import Dialect, judge
from tests.providers.strict.routes import Seen, fill

REFUSED = 599


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, has it judged, and answers."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def _run(self) -> None:
        path, _, query = self.path.partition("?")
        seen = Seen(
            method=self.command,
            path=path,
            raw_query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            content=b"".join(self._content()),
        )
        status, content, media_type = self.server.mock.answer(seen)
        self.send_response(status, "Strict" if status == REFUSED else None)
        if status != 204:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _run  # noqa: N815

    def _content(self) -> Iterator[bytes]:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mock: StrictMock) -> None:
        self.mock = mock
        super().__init__(("127.0.0.1", 0), _Handler)


class StrictMock:
    """A strict provider on a free port: `with StrictMock(DIALECT) as mock:`.

    `calls` names the operations that were called by the reference, `violations` what was wrong
    with the others.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.calls: list[str] = []
        self.seen: list[Seen] = []
        self.violations: list[str] = []

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, seen: Seen) -> tuple[int, bytes, str]:
        """Return status, content and media type of the answer to a request, and remember it."""
        operation, read, problems = judge(self.dialect, seen)
        self.seen.append(read)
        if operation is None or problems:
            name = operation.name if operation else f"{seen.method} {seen.path}"
            self.violations += [f"{name}: {problem}" for problem in problems]
            return REFUSED, f"STRICT: {'; '.join(problems)}".encode(), "text/plain"
        self.calls.append(operation.name)
        if operation.answer is None:
            return operation.status, b"", ""
        payload = self.dialect.wrap(operation, fill(operation.answer, read))
        return operation.status, *self.dialect.encode(payload)
