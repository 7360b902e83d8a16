"""Tools for VoiceTel's wire tests: an adapter on a faked wire, and captured replies."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import responses

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, OrderRequest
from portal.providers.voicetel.adapter import VoiceTel
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime

WIRE = Path(__file__).parent / "wire" / "voicetel"
BASE = "http://carrier.invalid"
USERNAME = "2125550100"
PASSWORD = 'Secret"1'  # spelled differently in JSON
KEY = "0123456789abcdef0123456789abcdef"
NEW_KEY = "fedcba9876543210fedcba9876543210"
TNS = (TN("+12125550142"), TN("+12125550143"), TN("+12125550144"))
Faked = responses.RequestsMock


def make_provider(
    runtime: RecordingRuntime,
    *,
    credentials: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> VoiceTel:
    """Return an adapter whose carrier nobody plays but `Faked`."""
    account = Account(
        slug="voicetel",
        name="Wire",
        base_url=BASE,
        credentials=credentials or {"username": USERNAME, "password": PASSWORD},
        settings=settings or {},
    )
    return VoiceTel(account, runtime)


def sign_in(runtime: RecordingRuntime) -> RecordingRuntime:
    """Have the runtime keep the key already."""
    runtime.tokens["apikey"] = KEY
    return runtime


@contextlib.contextmanager
def connected(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    """Lend an adapter that is signed in."""
    provider = make_provider(sign_in(runtime))
    yield provider
    provider.close()


def answer(
    faked: Faked, verb: str, path: str, name: str = "", *, status: int = 200, body: bytes = b""
) -> None:
    """Answer a route with a captured reply, or with `body`; answers of one route queue up."""
    content = (WIRE / name).read_bytes() if name else body
    faked.add(verb, f"{BASE}/v2.2/{path}", body=content, status=status)


def sent(faked: Faked, number: int = 0) -> tuple[str, str, Any]:
    """Return verb, path with query, and JSON body of a request."""
    request = faked.calls[number].request
    body = json.loads(request.body) if request.body else None
    return request.method, request.url.removeprefix(f"{BASE}/v2.2/"), body


def order(provider: VoiceTel, *tns: TN, route_ref: str = "") -> dict[TN, ItemOutcome]:
    """Order numbers; return their outcomes by number."""
    request = OrderRequest(tns=tns, reference="order-17", route_ref=route_ref)
    return {outcome.tn: outcome for outcome in provider.order_tns(request)}
