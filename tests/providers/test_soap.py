"""The SOAP layer: tolerant reading, streaming in constant memory, and no broken reply as a success."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.providers.dto import Outcome, Ownership
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderTimeout
from portal.providers.soap import build
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client import WSDL
from portal.providers.xml import find_records, find_text, parse, texts
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import TNS, URL, WIRE, Faked, connected, order, say

ONE = "<DID><tn>4355550104</tn><statusCode>100</statusCode></DID>"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


def listed(provider: VoIPInnovations) -> list[str]:
    return [number.tn for number in provider.list_owned()]


@pytest.mark.parametrize(
    "inner",
    [
        f"<DIDs>{ONE}</DIDs>",
        ONE,  # without its container
        f"<dids>{ONE.lower()}</dids>",
        f"<Numbers><Page>{ONE}</Page></Numbers>",
        f"<DIDs><!-- note -->{ONE}</DIDs><Total>1</Total>",
        f'<DIDs xmlns:x="urn:other">{ONE.replace("DID>", "x:dId>")}</DIDs>',
        "<DIDs><DID><tn> 435<!-- x -->5550104\n</tn><New><a/></New></DID></DIDs>",
    ],
)
def test_a_record_is_found_wherever_and_however_it_is_spelled(
    provider: VoIPInnovations, faked: Faked, inner: str
) -> None:
    say(faked, "auditDIDs", "<responseCode>100</responseCode>" + inner)
    assert listed(provider) == ["+14355550104"]


def test_the_verdict_may_come_last(provider: VoIPInnovations, faked: Faked) -> None:
    say(faked, "auditDIDs", f"<DIDs>{ONE}</DIDs><responseCode>100</responseCode>")
    say(faked, "auditDIDs", f"<DIDs>{ONE}</DIDs><responseCode>900</responseCode>")
    assert listed(provider) == ["+14355550104"]
    with pytest.raises(ProviderError):
        listed(provider)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<DIDs/>",
        "<DIDs></DIDs><Total>0</Total>",
        "<DIDs><DID/></DIDs>",
        "<New><a><b>1</b></a></New><DIDs/>",  # our container says that there is nothing
    ],
)
def test_an_empty_list_is_empty(provider: VoIPInnovations, faked: Faked, inner: str) -> None:
    say(faked, "auditDIDs", "<responseCode>100</responseCode>" + inner)
    assert listed(provider) == []


@pytest.mark.parametrize(
    "inner",
    [
        "<DIDs><Number><tn>4355550104</tn></Number></DIDs>",
        "<DIDs>4355550104</DIDs>",
        "<DIDs><DID>4355550104</DID></DIDs>",
        "<Inventory><Item><tn>4355550104</tn></Item></Inventory>",
        "<Inventory><Item><tn>4355550104</tn></Item></Inventory><Total>1</Total>",
        "<DIDs><DID><phone>4355550104</phone></DID></DIDs>",
        "<DIDs><DID><tn>soon</tn></DID></DIDs>",
    ],
)
def test_a_shape_that_nobody_knows_is_not_an_empty_list(
    provider: VoIPInnovations, faked: Faked, inner: str
) -> None:
    say(faked, "auditDIDs", "<responseCode>100</responseCode>" + inner)
    with pytest.raises(ProviderProtocolError):
        listed(provider)


def test_a_list_that_ends_too_soon_is_an_error_after_its_rows(
    provider: VoIPInnovations, faked: Faked
) -> None:
    body = (WIRE / "audit_dids.xml").read_bytes()
    faked.add(responses.POST, URL, body=body[: body.index(b"</DIDs>")])
    rows = provider.list_owned()
    assert next(rows).tn == "+14355550101"
    with pytest.raises((ProviderProtocolError, ProviderTimeout)):
        list(rows)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY e "4355550104">]>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a SYSTEM "http://carrier.invalid/a.dtd">',
    ],
)
def test_a_document_type_is_not_accepted(
    provider: VoIPInnovations, faked: Faked, doctype: str
) -> None:
    body = (WIRE / "audit_dids.xml").read_text().replace("?><", f"?>{doctype}<", 1)
    for _ in range(2):
        faked.add(responses.POST, URL, body=body)
    with pytest.raises(ProviderProtocolError):
        listed(provider)
    with pytest.raises(ProviderProtocolError):
        order(provider, TNS[0])


def test_text_is_read_without_comments_and_lists_with_commas() -> None:
    root = parse(b"<a><b>x<!-- no -->y</b><c><s>1</s><s> 2 </s></c><A>z</A></a>")
    assert find_text(root, "b") == "xy"
    assert find_text(root, "none") == ""
    assert texts(root) == ["x", "y", "1", " 2 ", "z"]
    assert find_records(parse(b"<r><a><b>1</b><c><s>1</s><s>2</s></c></a></r>"), "a") == [
        {"b": "1", "c": "1, 2"}
    ]


def test_a_field_that_is_called_like_its_record_is_no_record() -> None:
    rows = find_records(
        parse(b"<r><DIDCounts><DIDCount><didCount>5</didCount></DIDCount></DIDCounts></r>"),
        "DIDCount",
    )
    assert rows == [{"didcount": "5"}]


def test_what_the_schema_does_not_know_cannot_be_sent() -> None:
    for values in (
        {"login": "a", "secret": "b", "colour": "red"},
        {"login": "a", "secret": "b", "didParams": {"DIDParam": [{"tn": "1"}]}},  # epg is required
    ):
        with pytest.raises(ValueError, match="cannot be written"):
            build(WSDL, "assignDID", values)


CAPTURED = sorted(WIRE.glob("*.xml"))
QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def damaged(draw: Callable[..., object]) -> bytes:
    """Return a captured reply with a piece cut out and another put in its place."""
    body = draw(st.sampled_from(CAPTURED)).read_bytes()  # type: ignore[attr-defined]
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 200)))  # type: ignore[operator]
    filling = draw(
        st.binary(max_size=20) | st.sampled_from([b"<DID/>", b"</DID>", b"&x;", b"<!--"])
    )
    return body[:start] + filling + body[end:]  # type: ignore[operator,misc]


@QUIET
@given(body=damaged())
def test_no_damaged_reply_escapes_as_another_exception(
    provider: VoIPInnovations, body: bytes
) -> None:
    with Faked(assert_all_requests_are_fired=False) as faked:
        faked.add(responses.POST, URL, body=body)
        for ask in (
            lambda: order(provider, *TNS),
            lambda: list(provider.reserve_tns(TNS, reference="r")),
            lambda: list(provider.release_tns(TNS, reference="r")),
            lambda: provider.query_tn(TNS[0]),
            lambda: list(provider.list_owned()),
            lambda: list(provider.client.get_dids(_any_stock())),
            provider.check_credentials,
            provider.list_routes,
            provider.coverage_states,
        ):
            with contextlib.suppress(ProviderError):
                ask()  # type: ignore[operator]


@QUIET
@given(data=st.data())
def test_no_part_of_a_success_is_a_success(provider: VoIPInnovations, data: st.DataObject) -> None:
    whole = (WIRE / "assign_did.xml").read_bytes().rstrip()
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with Faked() as faked:
        faked.add(responses.POST, URL, body=part)
        with pytest.raises(ProviderProtocolError):
            order(provider, *TNS)


@QUIET
@given(st.text(max_size=12), st.text(max_size=12))
def test_only_the_success_code_is_a_success(
    provider: VoIPInnovations, outer: str, inner: str
) -> None:
    from xml.sax.saxutils import escape

    record = f"<DID><tn>4355550104</tn><statusCode>{escape(inner)}</statusCode></DID>"
    with Faked(assert_all_requests_are_fired=False) as faked:
        say(
            faked, "assignDID", f"<responseCode>{escape(outer)}</responseCode><DIDs>{record}</DIDs>"
        )
        try:
            outcome = order(provider, TNS[0])[TNS[0]].outcome
        except ProviderError:
            return
        good = outer.strip() == "100" and inner.strip() == "100"
        assert (outcome == Outcome.SUCCEEDED) == good


def test_asking_never_guesses(provider: VoIPInnovations, faked: Faked) -> None:
    say(faked, "queryDID", "<responseCode>100</responseCode><DIDs/>")
    assert provider.query_tn(TN("+14355550104")).ownership == Ownership.UNKNOWN


MEMORY = """
import resource, sys
from portal.providers.http import StreamedReply
from portal.providers.soap import _stream_records, _Wanted

class Endless(StreamedReply):
    def chunks(self, size=65536):
        yield b"<E><B><auditDIDsResponse><auditDIDsResult><responseCode>100</responseCode><DIDs>"
        fields = b"".join(b"<f%d>some text</f%d>" % (n, n) for n in range(20))
        text = b"4355550104" + b" " * 400
        row = b"<DID>" + (text if are_texts else fields) + b"</DID>\\n"
        for _ in range(int(sys.argv[1]) // 100):
            yield row * 100
        yield b"</DIDs></auditDIDsResult></auditDIDsResponse></B></E>"

are_texts = sys.argv[2] == "texts"
wanted = _Wanted(("DID",), "DIDs", are_texts)
reply = Endless(operation="auditDIDs", is_write=False, secrets=())
count = sum(1 for _ in _stream_records(reply, "auditDIDs", wanted, lambda code, message: None))
assert count == int(sys.argv[1]), count
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("kind", ["records", "texts"])
def test_a_large_list_is_read_in_constant_memory(kind: str) -> None:
    root = Path(__file__).parents[2]

    def peak(rows: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(rows), kind]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert peak(60_000) - peak(2_000) < 6_000, "kilobytes; the rows alone are 25 MB"


def _any_stock() -> object:
    from portal.providers.voip_innovations.client import StockFilter

    return StockFilter(npa="435")
