"""Requests and responses as the wires of the sandbox see them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from portal.sandbox.faults import Fault

JSON_TYPE = "application/json; charset=utf-8"
PLACEHOLDER = re.compile(r"\{\w+\}")
BODY_LIMIT = 32 * 1024 * 1024


def operation_shape(name: str) -> str:
    """Return an operation named by verb and path without the names of its placeholders."""
    verb, _, path = name.strip().partition(" ")
    return f"{verb.upper()} {PLACEHOLDER.sub('{}', path.strip())}"


class BodyTooLarge(Exception):
    """The body of a request is longer than `BODY_LIMIT` bytes."""


@dataclass(kw_only=True)
class Request:
    """One HTTP request.

    `query` holds decoded pairs in the order sent. `headers` has lower-case names: read them by
    `header`. `fault` is what the core found for the request and the wire has to act out: `refuse`,
    `partial`, `auth`, `empty` and words that only one wire knows. `scratch` keeps what a wire
    parsed once for several steps.
    """

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    remote: str = ""
    host: str = ""
    scheme: str = "http"
    operation: str = ""
    fault: Fault | None = None
    scratch: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any]) -> Request:
        """Read a WSGI environment, body included; raise `BodyTooLarge` or ValueError."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > BODY_LIMIT:
            raise BodyTooLarge
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        return cls(
            method=environ["REQUEST_METHOD"].upper(),
            path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
            query=parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True),
            headers=headers,
            body=environ["wsgi.input"].read(length) if length else b"",
            remote=environ.get("REMOTE_ADDR", ""),
            host=headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
            scheme=environ.get("wsgi.url_scheme", "http"),
        )

    def header(self, name: str, default: str = "") -> str:
        """Return a header, whatever the case of its name."""
        return self.headers.get(name.lower(), default)

    def json(self) -> Any:
        """Return the body as JSON; raise ValueError when it is none."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str]]:
        """Return the pairs of a form-encoded body in the order sent; ValueError off UTF-8."""
        return parse_qsl(self.body.decode("utf-8"), keep_blank_values=True)

    def base_url(self) -> str:
        """Return scheme and host as the client wrote them, without a path."""
        return f"{self.scheme}://{self.host}"


@dataclass
class Response:
    """One HTTP answer; `body` may be an iterator, which is then sent in chunks.

    `reason` replaces the usual words of the status line. `carried_out` tells the log whether the
    request had its effect; None lets the core judge by the status. `done` lists the numbers of a
    batch that it had its effect on, where that is not all of them.
    """

    status: int
    body: bytes | str | Iterator[bytes] = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    carried_out: bool | None = None
    done: list[str] | None = None

    def chunks(self) -> Iterable[bytes]:
        """Return the body as an iterable of byte strings."""
        if isinstance(self.body, str):
            return [self.body.encode("utf-8")]
        return [self.body] if isinstance(self.body, bytes) else self.body

    def close(self) -> None:
        """Let go of a streamed body that will not be sent."""
        close = getattr(self.body, "close", None)
        if close is not None:
            close()


def json_response(status: int, obj: Any, **headers: str) -> Response:
    """Return an object as a JSON answer."""
    body = json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return Response(status, body, JSON_TYPE, dict(headers))
