"""Tools for IntelePeer's wire tests: an adapter on a faked wire, replies, and what was sent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import responses

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, OrderRequest
from portal.providers.intelepeer.adapter import IntelePeer
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime

WIRE = Path(__file__).parent / "wire" / "intelepeer"
BASE = "http://carrier.invalid"
PASSWORD = "p4ssword-of-the-api-user"
USERNAME = "api-user@example.net"
TOKEN = "tok-1.Abc_def-0001"
TNS = tuple(TN(f"+1888555010{n}") for n in range(1, 5))
SEARCH = "/_rest/v4/carrier/tf"
HOLD = "/_rest/v4/carrier/tf/reservations"
ORDER = "/_rest/v4/my/tf/orders"
OWN = "/_rest/v4/my/tf"
OWN_V3 = "/_rest/v3/my/tf"
GIVE_BACK = "/_rest/v4/my/tf/disconnect"
LOGIN = "/_rest/v4/authenticate"
PACKAGES = "/_rest/v4/my/packages"
GONE = "Number(s) not available."
NOT_OURS = "One or more numbers is not assigned to this account."
Faked = responses.RequestsMock


def make_provider(runtime: RecordingRuntime, **settings: Any) -> IntelePeer:
    """Return an adapter that is signed in and whose carrier nobody plays but `Faked`."""
    runtime.tokens.setdefault("session", TOKEN)
    account = Account(
        slug="intelepeer",
        name="Wire",
        base_url=BASE,
        credentials={"username": USERNAME, "password": PASSWORD},
        settings={"package_id": "30001", **settings},
    )
    return IntelePeer(account, runtime)


@contextlib.contextmanager
def connected(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    """Lend an adapter; each of its exchanges must be complete at the end and none keep a secret."""
    provider = make_provider(runtime)
    yield provider
    provider.close()
    for exchange in runtime.exchanges:
        for secret in (USERNAME, PASSWORD, TOKEN):
            assert secret not in exchange.text, f"{exchange.call.operation} keeps a secret"
    assert "" not in runtime.outcomes


def wire(name: str) -> bytes:
    """Return a captured-style reply."""
    return (WIRE / name).read_bytes()


def value(name: str) -> Any:
    """Return the JSON value of a captured-style reply."""
    return json.loads(wire(name))


def say(faked: Faked, path: str, body: Any, *, status: int = 200) -> None:
    """Answer one call with text, JSON or an exception."""
    content = json.dumps(body) if isinstance(body, dict | list) else body
    writes = path in {HOLD, ORDER, GIVE_BACK, LOGIN} or path.endswith("/package")
    method = responses.POST if writes else responses.GET
    faked.add(method, BASE + path, body=content, status=status)


def answer(faked: Faked, path: str, *names: str, status: int = 200) -> None:
    """Answer one call after the other with captured replies."""
    for name in names:
        say(faked, path, wire(name), status=status)


def refuse(faked: Faked, path: str, status: int, words: str) -> None:
    """Answer one call with an error body."""
    say(faked, path, {"code": status, "error": words}, status=status)


def hold_everything(faked: Faked) -> None:
    """Play a carrier that holds whatever is asked for."""

    def hold(request: Any) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.body)
        reply = {
            "reservationID": asked["reservationID"],
            "expirationDate": "2025-01-01T10:30:00Z",
            "endpoints": [{"endpoint": endpoint} for endpoint in asked["endpoints"]],
        }
        return 200, {}, json.dumps([reply])

    faked.add_callback(responses.POST, BASE + HOLD, callback=hold)


def judge_by_number(
    faked: Faked, path: str, key: str, verdict: Callable[[list[str]], tuple[int, str]]
) -> None:
    """Answer writes by the list under `key`: `verdict` gives the status and the error text."""

    def judge(request: Any) -> tuple[int, dict[str, str], str]:
        status, words = verdict(json.loads(request.body)[key])
        body = value("order.json") if status < 300 else {"code": status, "error": words}
        return status, {}, json.dumps(body)

    faked.add_callback(responses.POST, BASE + path, callback=judge)


def sent(faked: Faked) -> list[tuple[str, str, list[tuple[str, str]], Any]]:
    """Return (method, path, query, JSON body) of every request."""
    found = []
    for call in faked.calls:
        split = urlsplit(call.request.url)
        body = json.loads(call.request.body) if call.request.body else None
        found.append((call.request.method, split.path, parse_qsl(split.query), body))
    return found


def paths(faked: Faked) -> list[str]:
    """Return the paths that were called, in order."""
    return [path for _, path, _, _ in sent(faked)]


def order(provider: IntelePeer, *tns: TN, **fields: Any) -> list[ItemOutcome]:
    """Order numbers under a fixed reference."""
    return list(provider.order_tns(OrderRequest(tns=tns, reference="order-17", **fields)))
