"""Tools for VoIP Innovations' wire tests: an adapter on a faked wire, replies, and what was sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import responses
from lxml import etree

from portal.providers.base import Account
from portal.providers.dto import ItemOutcome, OrderRequest
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.xml import parse
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime

WIRE = Path(__file__).parent / "wire" / "voip_innovations"
URL = "http://carrier.invalid/Services/APIService.asmx"
NS = "{http://tempuri.org/}"
SECRET = "s3cret & <more>"
TNS = (TN("+14355550104"), TN("+14355550105"), TN("+14355550106"))
Faked = responses.RequestsMock


def make_provider(runtime: RecordingRuntime) -> VoIPInnovations:
    """Return an adapter whose carrier nobody plays but `Faked`."""
    account = Account(
        slug="voip_innovations",
        name="Wire",
        base_url="http://carrier.invalid",
        credentials={"login": "desk", "secret": SECRET},
        settings={"endpoint_group": "13550"},
    )
    return VoIPInnovations(account, runtime)


@contextlib.contextmanager
def connected(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    """Lend an adapter."""
    provider = make_provider(runtime)
    yield provider
    provider.close()


def answer(faked: Faked, *names: str, status: int = 200) -> None:
    """Answer one call after the other with captured replies."""
    for name in names:
        body = (WIRE / name).read_bytes()
        faked.add(responses.POST, URL, body=body, status=status, content_type="text/xml")


def say(faked: Faked, operation: str, inner: str, *, status: int = 200) -> None:
    """Answer one call with a result that holds `inner`."""
    body = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{operation}Response xmlns="http://tempuri.org/"><{operation}Result>{inner}'
        f"</{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
    )
    faked.add(responses.POST, URL, body=body, status=status)


def sent(faked: Faked, number: int = 0) -> tuple[str, list[tuple[str, Any]]]:
    """Return the operation of a request and its elements in order."""
    (operation,) = parse(faked.calls[number].request.body)[0]
    return operation.tag.removeprefix(NS), [_element(child) for child in operation]


def _element(element: etree._Element) -> tuple[str, Any]:
    assert element.tag.startswith(NS), "every element is qualified"
    inner = [_element(child) for child in element]
    return element.tag.removeprefix(NS), inner or element.text


def order(provider: VoIPInnovations, *tns: TN) -> dict[TN, ItemOutcome]:
    """Order numbers; return their outcomes by number."""
    outcomes = provider.order_tns(OrderRequest(tns=tns, reference="order-17"))
    return {outcome.tn: outcome for outcome in outcomes}
