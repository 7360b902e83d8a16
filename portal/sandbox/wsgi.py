"""The WSGI program: finds the route of a request, acts out faults, keeps the log."""

from __future__ import annotations

import importlib
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from types import ModuleType
from typing import Any

from portal.sandbox import control, faults, log, reshape
from portal.sandbox.faults import Fault
from portal.sandbox.http import BodyTooLarge, Request, Response, json_response, operation_shape
from portal.sandbox.store import Store

WIRES = (
    "portal.sandbox.soap_voip_innovations",
    "portal.sandbox.rest_voicetel",
    "portal.sandbox.rest_intelepeer",
    "portal.sandbox.xml_customtollfree",
)
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
CONTROL_PREFIX = "/_sandbox"
RETRY_AFTER_SECONDS = 30
DRIP_SECONDS = 1.0
GARBAGE = "<html><body><h1>It works!</h1><p>&nbsp;<br></body>"

logger = logging.getLogger(__name__)

Handler = Callable[..., Response]
ListTns = Callable[[Request], list[str]]


def no_tns(request: Request) -> list[str]:
    """List nothing: for routes that name no numbers."""
    return []


@dataclass(frozen=True)
class Route:
    """One address of a wire.

    `pattern` is a path with `{names}` that each stand for one segment and are handed to the
    handler, which is called as `handler(request, store, **names)`. `operation` names the call for
    faults and log; a function where the path does not tell. `tns` lists the numbers that a request
    is about; `held_tns` adds those that it names by a hold or order only. `is_write` None means:
    whatever is not GET or HEAD.
    """

    method: str
    pattern: str
    operation: str | Callable[[Request], str]
    handler: Handler
    tns: ListTns = no_tns
    is_write: bool | Callable[[Request], bool] | None = None
    held_tns: Callable[[Request, Store], list[str]] | None = None

    @cached_property
    def regex(self) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", self.pattern)
        return re.compile(
            "".join(
                f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
                for index, part in enumerate(parts)
            )
        )

    @cached_property
    def documented(self) -> str:
        """The operation as REST references name it: the verb, and the path with its `{names}`."""
        path = re.sub(r"\{\w+_id\}", "{id}", self.pattern)
        return f"{self.method} {path}"

    def name(self, request: Request) -> str:
        """Return the name of the operation that a request asks for."""
        return self.operation if isinstance(self.operation, str) else self.operation(request)

    def numbers(self, request: Request, store: Store) -> list[str]:
        """Return the numbers that a request is about."""
        return self.tns(request) + (self.held_tns(request, store) if self.held_tns else [])

    def writes(self, request: Request) -> bool:
        """Tell whether a request is there to change something."""
        if self.is_write is None:
            return request.method not in ("GET", "HEAD")
        return self.is_write if isinstance(self.is_write, bool) else self.is_write(request)


def load_wires() -> list[ModuleType]:
    """Import the wire modules."""
    return [importlib.import_module(name) for name in WIRES]


class Application:
    """The WSGI callable of one store.

    `stopping` ends stalls early when it is set.
    """

    def __init__(self, store: Store, wires: Iterable[ModuleType]) -> None:
        self.store = store
        self.stopping = threading.Event()
        self._routes: list[tuple[str, ModuleType, Route]] = []
        for wire in wires:
            self._routes += [(wire.PROVIDER, wire, route) for route in wire.ROUTES]
        self._documented = {
            operation_shape(route.documented): route.documented for _, _, route in self._routes
        }
        # Literal paths come before those with names in them (voicetel.md 9).
        self._routes.sort(key=lambda entry: entry[2].pattern.count("{"))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        try:
            request = Request.from_environ(environ)
        except BodyTooLarge:
            return _send(start_response, Response(413, "Payload too large"))
        except ValueError:
            return _send(start_response, Response(400, "Bad request"))
        try:
            if request.path == CONTROL_PREFIX or request.path.startswith(f"{CONTROL_PREFIX}/"):
                return _send(start_response, control.answer(request, self.store, self._documented))
            self.store.tick()
            return self._dispatch(request, environ, start_response)
        except Exception:
            logger.exception("The sandbox failed at %s %s", request.method, request.path)
            return _send(start_response, Response(500, "Internal server error"))

    def _find(self, request: Request) -> tuple[str, ModuleType, Route, Mapping[str, str]] | None:
        for provider, wire, route in self._routes:
            match = route.regex.fullmatch(request.path)
            if match and route.method == request.method:
                return provider, wire, route, match.groupdict()
        return None

    def _dispatch(
        self, request: Request, environ: Mapping[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        found = self._find(request)
        if found is None:
            return _send(start_response, self._not_found(request))
        provider, wire, route, names = found
        request.operation = route.name(request)
        tns = route.numbers(request, self.store)
        fault = faults.check(
            self.store,
            provider,
            request.operation,
            tns,
            is_write=route.writes(request),
            documented=route.documented,
        )
        kind = fault.kind if fault else ""

        def keep(response: Response | None, *, carried_out: bool) -> None:
            done = tns if response is None or response.done is None else response.done
            log.write(
                self.store,
                provider,
                request.operation,
                tns,
                done=done if carried_out else (),
                carried_out=carried_out,
                status=response.status if response else log.NO_ANSWER,
                fault=kind,
                documented=route.documented,
            )

        if kind == "drop_before":
            keep(None, carried_out=False)
            return _cut(environ)
        early = _early_answer(wire, request, kind)
        if early is not None:
            keep(early, carried_out=False)
            return _send(start_response, early)
        request.fault = fault if fault and kind not in faults.TRANSPORT else None
        response = route.handler(request, self.store, **names)
        carried_out = _was_carried_out(response, kind)
        keep(response, carried_out=carried_out)
        return self._deliver(response, fault, environ, start_response)

    def _deliver(
        self,
        response: Response,
        fault: Fault | None,
        environ: Mapping[str, Any],
        start_response: Any,
    ) -> Iterable[bytes]:
        """Send the answer of a request that was carried out, or spoil it as the fault says."""
        kind = fault.kind if fault else ""
        if kind == "drop_after":
            response.close()
            return _cut(environ)
        if fault and kind == "stall":
            self.stopping.wait(fault.seconds)
        elif kind == "garbage":
            response.close()
            response = Response(200, GARBAGE, "text/html; charset=utf-8")
        elif kind == "extra":
            response = reshape.add_unknown(response)
        elif kind == "sparse":
            response = reshape.drop_optional(response)
        elif kind == "truncated":
            return _send_half(environ, start_response, response)
        elif fault and kind == "slow":
            return self._send_dripping(environ, start_response, response, fault.seconds)
        return _send(start_response, response)

    def _send_dripping(
        self,
        environ: Mapping[str, Any],
        start_response: Any,
        response: Response,
        seconds: float,
    ) -> Iterator[bytes]:
        """Send the head and a first piece at once, then a piece each second until all is sent."""
        body = b"".join(response.chunks())
        headers = _headers(response)
        if response.status not in BODILESS:
            headers.append(("Content-Length", str(len(body))))
        start_response(_status_line(response), headers)
        pauses = max(int(seconds / DRIP_SECONDS), 1)
        size = max(len(body) // (pauses + 1), 1)
        for index in range(pauses):
            yield body[index * size : (index + 1) * size]
            environ["sandbox.flush"]()
            self.stopping.wait(DRIP_SECONDS)
        yield body[pauses * size :]

    def _not_found(self, request: Request) -> Response:
        allowed = sorted(
            {route.method for _, _, route in self._routes if route.regex.fullmatch(request.path)}
        )
        if allowed:
            return Response(405, "Method not allowed", headers={"Allow": ", ".join(allowed)})
        return Response(404, "Not found")


def application(store: Store) -> Application:
    """Return the WSGI callable for a store that `stock.open_store` made."""
    return Application(store, load_wires())


def _early_answer(wire: ModuleType, request: Request, kind: str) -> Response | None:
    """Return the answer of a fault that keeps a request from being carried out.

    A wire that has words of its own for a limit offers `rate_limited(request)`.
    """
    if kind == "http_500":
        return Response(500, "Internal server error")
    if kind != "rate_limit":
        return None
    own: Callable[[Request], Response] | None = getattr(wire, "rate_limited", None)
    response = own(request) if own else json_response(429, {"error": "Too many requests"})
    response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def _was_carried_out(response: Response, kind: str) -> bool:
    if response.carried_out is not None:
        return response.carried_out
    return response.status < HTTPStatus.BAD_REQUEST and kind not in ("refuse", "auth")


def _send(start_response: Any, response: Response) -> Iterable[bytes]:
    start_response(_status_line(response), _headers(response))
    return response.chunks()


def _status_line(response: Response) -> str:
    return f"{response.status} {response.reason or _phrase(response.status)}"


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = list(response.headers.items())
    if response.status not in BODILESS:
        headers.append(("Content-Type", response.content_type))
    return headers


def _send_half(
    environ: Mapping[str, Any], start_response: Any, response: Response
) -> Iterator[bytes]:
    """Announce a whole body, send half of it and cut the line."""
    body = b"".join(response.chunks())
    headers = [("Content-Type", response.content_type), ("Content-Length", str(len(body)))]
    start_response(f"{response.status} {_phrase(response.status)}", headers)
    yield body[: len(body) // 2]
    environ["sandbox.cut"]()


def _cut(environ: Mapping[str, Any]) -> Iterable[bytes]:
    environ["sandbox.cut"]()
    return []


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
