"""The Custom Toll Free wire of the sandbox: its routes and tables (custom-toll-free.md).

The search calls are the provider's published ones; the eleven operations of SMS/800 are the
contract of sections 6 to 9. Settings, all of `custom_toll_free.`: `hold_cap`, `pool_percent`,
`activation_seconds`, `pending_seconds`, `search_lock` (seconds).
"""

from __future__ import annotations

from functools import wraps

from portal.sandbox.http import Request, Response
from portal.sandbox.store import Store
from portal.sandbox.wsgi import Handler, ListTns, Route, no_tns
from portal.sandbox.xml_customtollfree_clock import tick
from portal.sandbox.xml_customtollfree_download import download, resporg_check
from portal.sandbox.xml_customtollfree_requests import (
    READS,
    WRITES,
    read_operation,
    request_status,
    write_operation,
)
from portal.sandbox.xml_customtollfree_search import reverse_lookup, search
from portal.sandbox.xml_customtollfree_templates import seed
from portal.sandbox.xml_customtollfree_wire import (
    PROVIDER,
    TOLL_FREE,
    error_answer,
    parameters_of,
    refuse,
    xml_response,
)

__all__ = ["PROVIDER", "ROUTES", "SCHEMA", "rate_limited", "seed", "tick"]

UNCLOSED_ERRORS = (
    b"<response><status>ERROR</status><errors><error><code>number_unavailable</code>"
    b"<message>The number is not available</message></error></response>"
)
SCHEMA = """
CREATE TABLE IF NOT EXISTS ctf_serial (last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ctf_request (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL, operation TEXT NOT NULL, reqref TEXT NOT NULL,
    fingerprint TEXT NOT NULL, parameters TEXT NOT NULL, state TEXT NOT NULL, plan TEXT NOT NULL,
    submitted TEXT NOT NULL, finished TEXT NOT NULL, outcome TEXT NOT NULL,
    content TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ctf_request_reqref ON ctf_request (login, reqref);
CREATE TABLE IF NOT EXISTS ctf_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tn TEXT NOT NULL, effective TEXT NOT NULL,
    type TEXT NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL,
    is_disconnect INTEGER NOT NULL, intercept_end TEXT NOT NULL, xml TEXT NOT NULL,
    changed_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ctf_record_tn ON ctf_record (tn, effective);
CREATE INDEX IF NOT EXISTS ctf_record_dead ON ctf_record (status, changed_at);
CREATE TABLE IF NOT EXISTS ctf_template (
    name TEXT PRIMARY KEY, entity TEXT NOT NULL, xml TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ctf_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, tn TEXT NOT NULL,
    reference INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS ctf_event_at ON ctf_event (at, id);
CREATE TABLE IF NOT EXISTS ctf_lock (tn TEXT PRIMARY KEY, login TEXT, until TEXT);
"""


def named_tns(request: Request) -> list[str]:
    """List the toll-free numbers that a request names in `number` or `numbers`."""
    parameters = parameters_of(request)
    given = f"{parameters.get('number', '')},{parameters.get('numbers', '')}".split(",")
    return [part.strip() for part in given if TOLL_FREE.fullmatch(part.strip())]


def rate_limited(request: Request) -> Response:
    """Answer the error `rate_limited` with HTTP status 429, for the fault `rate_limit`."""
    return xml_response(error_answer(None, refuse("rate_limited").problems), status=429)


def _guarded(handler: Handler) -> Handler:
    """Have a handler act out the fault `unclosed_errors`: the printed sample's own flaw (5)."""

    @wraps(handler)
    def answer(request: Request, store: Store, **path: str) -> Response:
        if request.fault is not None and request.fault.kind == "unclosed_errors":
            return xml_response(UNCLOSED_ERRORS)
        return handler(request, store, **path)

    return answer


def _routes() -> list[Route]:
    """Return the routes: reads by GET, writes by POST or GET (6, item 2)."""
    reads: dict[str, tuple[Handler, ListTns]] = {
        "search": (search, no_tns),
        "reverselookup": (reverse_lookup, named_tns),
        "resporgcheck": (resporg_check, no_tns),
        "requeststatus": (request_status, no_tns),
        **{name: (read_operation(name), named_tns) for name in READS},
    }
    routes = [
        Route("GET", f"/api/{name}", name, _guarded(handler), tns)
        for name, (handler, tns) in reads.items()
    ]
    routes.append(Route("GET", "/api/download/{request_id}", "download", download, no_tns))
    for name in WRITES:
        routes += [
            Route(
                method,
                f"/api/{name}",
                name,
                _guarded(write_operation(name)),
                named_tns,
                is_write=True,
            )
            for method in ("POST", "GET")
        ]
    return routes


ROUTES = _routes()
