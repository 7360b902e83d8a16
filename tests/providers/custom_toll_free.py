"""Tools for Custom Toll Free's wire tests: an adapter on a faked wire, replies, and what was sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import responses

from portal.providers.base import Account
from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.envelope import Answer, Call, read
from portal.providers.dto import ItemOutcome, OrderRequest
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime

WIRE = Path(__file__).parent / "wire" / "custom_toll_free"
BASE = "http://carrier.invalid"
KEY = "K3Y-0001-secret"
RESPORG = "ABC01"
TN_ONE = TN("+18885550101")
TN_TWO = TN("+18885550102")
Faked = responses.RequestsMock


def make_provider(runtime: RecordingRuntime, **settings: Any) -> CustomTollFree:
    """Return an adapter whose carrier nobody plays but `Faked`."""
    usual = {
        "resporg": RESPORG,
        "template": "*ABDEFAULT, *ABEAST",
        "contact_name": "Jane Roe",
        "contact_phone": "(212) 555-0142",
    }
    account = Account(
        slug="custom_toll_free",
        name="Wire",
        base_url=BASE,
        credentials={"key": KEY},
        settings={**usual, **settings},
    )
    return CustomTollFree(account, runtime)


@contextlib.contextmanager
def connected(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    """Lend an adapter; each of its exchanges must be complete at the end and none keep the key."""
    provider = make_provider(runtime)
    yield provider
    provider.close()
    assert not [e for e in runtime.exchanges if KEY in e.text], "an exchange keeps the key"
    assert "" not in runtime.outcomes


def wire(name: str) -> bytes:
    """Return a captured-style reply."""
    return (WIRE / name).read_bytes()


def answer(faked: Faked, command: str, *names: str, status: int = 200) -> None:
    """Answer the calls of one command with captured replies, one after the other."""
    for name in names:
        say(faked, command, wire(name), status=status)


def say(faked: Faked, command: str, body: Any, *, status: int = 200, **headers: str) -> None:
    """Answer a call of one command with `body`, or with an exception."""
    for method in (responses.GET, responses.POST):
        faked.add(
            method,
            f"{BASE}/api/{command}",
            body=body,
            status=status,
            content_type="text/xml",
            headers=headers,
        )


def error(code: str, words: str = "") -> str:
    """Return an ERROR answer."""
    return (
        "<response><status>ERROR</status><requestid>R0000009</requestid><errors><error>"
        f"<code>{code}</code><message>{words}</message></error></errors></response>"
    )


def sent(faked: Faked) -> list[tuple[str, str, dict[str, str]]]:
    """Return (method, command, fields) of every request, the key left out."""
    found = []
    for call in faked.calls:
        split = urlsplit(call.request.url)
        body = call.request.body or b""
        text = body.decode() if isinstance(body, bytes) else body
        fields = dict(parse_qsl(split.query) + parse_qsl(text))
        assert fields.pop("key") == KEY
        found.append((call.request.method, split.path.removeprefix("/api/"), fields))
    return found


def commands(faked: Faked) -> list[str]:
    """Return the commands that were sent, in order."""
    return [command for _, command, _ in sent(faked)]


def read_wire(name: str, *, operation: str = "query", is_write: bool = False) -> Answer:
    """Return the answer in a captured-style reply."""
    call = Call(operation=operation, is_write=is_write, may_pend=is_write)
    return read(wire(name), call, status=200, headers={})


def order(provider: CustomTollFree, *tns: TN, **fields: Any) -> list[ItemOutcome]:
    """Order numbers under a fixed reference."""
    return list(provider.order_tns(OrderRequest(tns=tns, reference="order-17", **fields)))
