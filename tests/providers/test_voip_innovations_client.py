"""VoIP Innovations' wire: what is sent, letter for letter, and what each answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import responses

from portal import providers
from portal.providers.base import Account
from portal.providers.dto import OrderRequest, Outcome, SearchCriteria
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.providers.soap import load
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client import WSDL, DIDParam, StockFilter
from portal.providers.voip_innovations.methods import METHODS
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import (
    SECRET,
    TNS,
    URL,
    Faked,
    answer,
    connected,
    order,
    say,
    sent,
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


def test_the_wsdl_describes_every_operation_of_the_catalogue() -> None:
    (service,) = load(WSDL).wsdl.services.values()
    (port,) = service.ports.values()
    callable_ = {name for name, method in METHODS.items() if method.function}
    assert set(port.binding._operations) == callable_
    assert (service.name, port.name) == ("APIService", "APIServiceSoap")
    for name, operation in port.binding._operations.items():
        assert operation.soapaction == f"http://tempuri.org/{name}"
        first = [child for child, _ in operation.input.body.type.elements][:2]
        assert first == ["login", "secret"]


def test_a_request_is_a_soap_call_with_credentials_first(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "get_prepaid_balance.xml")
    assert str(provider.check_credentials().balance) == "1234.5600"
    headers = faked.calls[0].request.headers
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["SOAPAction"] == '"http://tempuri.org/GetPrepaidBalance"'
    operation, elements = sent(faked)
    assert operation == "GetPrepaidBalance"
    assert elements == [("login", "desk"), ("secret", SECRET)]
    assert faked.calls[0].request.body.startswith(b"<?xml")


def test_no_credential_reaches_an_exchange(
    provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
) -> None:
    words = "No such user: desk, s3cret &amp; &lt;more&gt;"
    inner = f"<responseCode>902</responseCode><responseMessage>{words}</responseMessage>"
    say(faked, "queryDID", inner)
    with pytest.raises(ProviderAuthError) as caught:
        provider.query_tn(TNS[0])
    assert "s3cret" not in caught.value.message + str(caught.value)
    (exchange,) = runtime.exchanges
    assert "desk" not in exchange.call.body
    assert "s3cret" not in exchange.text
    assert exchange.reply is not None
    assert exchange.reply.outcome == "auth"


def test_an_order_carries_each_number_with_its_group(
    provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
) -> None:
    answer(faked, "assign_did.xml")
    order(provider, *TNS[:2])
    operation, elements = sent(faked)
    assert operation == "assignDID"
    assert elements[2] == (
        "didParams",
        [
            ("DIDParam", [("tn", "4355550104"), ("refId", "order-17"), ("epg", "13550")]),
            ("DIDParam", [("tn", "4355550105"), ("refId", "order-17"), ("epg", "13550")]),
        ],
    )
    assert runtime.writes()[0].call.operation == "assignDID"
    assert faked.calls[0].request.headers["Connection"] == "close"


def test_holds_and_releases_need_no_group(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "reserve_did.xml")
    say(faked, "releaseDID", "<responseCode>100</responseCode>")
    list(provider.reserve_tns(TNS[:1], reference="cart-1"))
    list(provider.release_tns(TNS[:1], reference="job-1"))
    for number in (0, 1):
        assert dict(dict(sent(faked, number)[1])["didParams"])["DIDParam"][-1] == ("epg", "0")


def test_a_search_sends_only_what_is_asked_in_the_published_order(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "get_dids.xml")
    criteria = SearchCriteria(npa="435", nxx="555", state="UT", features=frozenset({"sms"}))
    assert len(list(provider.search(criteria))) == 2
    assert sent(faked)[1][2:] == [("state", "UT"), ("npa", "435"), ("nxx", "555"), ("sms", "true")]


def test_coverage_uses_the_odd_spelling_of_the_provider(
    provider: VoIPInnovations, faked: Faked
) -> None:
    inner = "<responseCode>100</responseCode><responseData><string>435</string></responseData>"
    say(faked, "GetAvailableNPAs", inner)
    assert provider.coverage_npas("ut", "Richfield") == ["435"]
    assert sent(faked)[1][2:] == [("state", "UT"), ("ratecenter", "RICHFIELD")]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: DIDParam(tn="435555010"),
        lambda: DIDParam(tn="4355550101", ref_id="x" * 37),
        lambda: DIDParam(tn="4355550101", epg=-1),
        lambda: StockFilter(npa="43"),
        lambda: StockFilter(nxx="555"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wrong()


def test_what_cannot_be_sent_is_refused_before_anything_is_sent(
    provider: VoIPInnovations, runtime: RecordingRuntime
) -> None:
    for wrong in (
        lambda: list(provider.client.get_dids(StockFilter())),
        lambda: provider.client.assign_did([DIDParam(tn="4355550101")]),
        lambda: provider.client.query_did("x"),
        lambda: order(provider),
        lambda: list(provider.release_tns([TN("+442079460100")], reference="r")),
        lambda: list(provider.client.get_dids(StockFilter(rate_center="a\x00b"))),
        lambda: provider.stock_counts(SearchCriteria(npa="435"), by="npa"),
    ):
        with pytest.raises(ValueError, match=r".+"):
            wrong()
    assert runtime.exchanges == []


@pytest.mark.parametrize("route", ["", "0", "-1", "main", "99999999999"])
def test_an_order_without_an_endpoint_group_is_refused_with_advice(
    route: str, runtime: RecordingRuntime
) -> None:
    account = Account(
        slug="voip_innovations", name="x", base_url="http://carrier.invalid", credentials={}
    )
    request = OrderRequest(tns=TNS[:1], reference="r", route_ref=route)
    with pytest.raises(ProviderRefused, match="Nothing was ordered"):
        list(providers.get(account, runtime).order_tns(request))  # type: ignore[attr-defined]
    assert runtime.exchanges == []


@pytest.mark.parametrize(
    ("criteria", "word"),
    [
        (SearchCriteria(), "needs"),
        (SearchCriteria(contains="2665"), "needs"),
        (SearchCriteria(nxx="555", state="UT"), "area code"),
    ],
)
def test_why_a_search_is_not_possible(
    provider: VoIPInnovations, criteria: SearchCriteria, word: str
) -> None:
    assert word in provider.why_not_searchable(criteria)
    with pytest.raises(ValueError, match=word):
        provider.search(criteria)


@pytest.mark.parametrize(
    ("code", "on_read", "on_write"),
    [
        ("900", ProviderUnavailable, ProviderProtocolError),
        ("901", ProviderAuthError, ProviderAuthError),
        ("902", ProviderAuthError, ProviderAuthError),
        ("903", ProviderUnavailable, ProviderProtocolError),
        ("944", ProviderRefused, None),
        ("948", ProviderRefused, None),
        ("12345", ProviderRefused, None),
        ("", ProviderProtocolError, ProviderProtocolError),
        ("yes", ProviderProtocolError, ProviderProtocolError),
    ],
)
def test_the_outer_verdict(
    provider: VoIPInnovations,
    faked: Faked,
    code: str,
    on_read: type[ProviderError],
    on_write: type[ProviderError] | None,
) -> None:
    inner = f"<responseCode>{code}</responseCode><responseMessage>Their words</responseMessage>"
    for operation in ("queryDID", "auditDIDs", "assignDID"):
        say(faked, operation, inner + "<DIDs/>")
    with pytest.raises(on_read) as read:
        provider.query_tn(TNS[0])
    with pytest.raises(on_read):
        list(provider.list_owned())
    if on_write is None:  # nothing was carried out, which each number is told
        outcome = order(provider, TNS[0])[TNS[0]]
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
        assert "Their words" in outcome.message
        assert outcome.advice.startswith("It was not bought.")
    else:
        with pytest.raises(on_write):
            order(provider, TNS[0])
    if code.isdigit():
        assert (read.value.code, read.value.operation) == (code, "queryDID")
        assert "Their words" in read.value.message


def test_no_records_is_an_empty_answer_to_a_read(provider: VoIPInnovations, faked: Faked) -> None:
    for operation in ("getDIDs", "auditDIDs", "AuditEndpointGroups"):
        say(faked, operation, "<responseCode>101</responseCode>")
    assert list(provider.search(SearchCriteria(npa="435"))) == []
    assert list(provider.list_owned()) == []
    assert provider.list_routes() == []


@pytest.mark.parametrize(
    ("name", "on_read", "on_write"),
    [
        ("fault_client.xml", ProviderRefused, None),
        ("fault_server.xml", ProviderUnavailable, ProviderProtocolError),
    ],
)
@pytest.mark.parametrize("status", [500, 200, 400])
def test_a_fault_tells_whose_it_is(
    provider: VoIPInnovations,
    faked: Faked,
    name: str,
    on_read: type[ProviderError],
    on_write: type[ProviderError] | None,
    status: int,
) -> None:
    answer(faked, name, name, name, status=status)
    with pytest.raises(on_read):
        provider.query_tn(TNS[0])
    with pytest.raises(on_read):
        list(provider.list_owned())
    if on_write is None:
        assert order(provider, TNS[0])[TNS[0]].outcome == Outcome.REFUSED
    else:
        with pytest.raises(on_write, match="may or may not"):
            order(provider, TNS[0])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ProviderAuthError),
        (403, ProviderAuthError),
        (404, ProviderProtocolError),
        (302, ProviderProtocolError),
        (429, ProviderUnavailable),
        (500, ProviderUnavailable),
        (502, ProviderUnavailable),
        (200, ProviderProtocolError),
    ],
)
def test_a_web_page_instead_of_an_answer(
    provider: VoIPInnovations, faked: Faked, status: int, error: type[ProviderError]
) -> None:
    for _ in range(2):
        faked.add(responses.POST, URL, body="<html><body>No<br></body></html>", status=status)
    with pytest.raises(error):
        provider.query_tn(TNS[0])
    with pytest.raises(error):
        list(provider.list_owned())


def test_the_answer_to_another_question_is_off_contract(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "query_did_assigned.xml", "query_did_assigned.xml", "query_did_assigned.xml")
    with pytest.raises(ProviderProtocolError):
        provider.list_routes()
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())
    with pytest.raises(ProviderProtocolError):
        order(provider, TNS[0])


@pytest.mark.parametrize("name", ["get_dids_no_criteria.xml", "get_dids_no_criteria_inside.xml"])
def test_a_refused_search_is_no_empty_search(
    provider: VoIPInnovations, faked: Faked, name: str
) -> None:
    answer(faked, name)
    with pytest.raises(ProviderRefused) as caught:
        list(provider.search(SearchCriteria(npa="435")))
    assert caught.value.code == "302490"


@pytest.mark.parametrize(
    ("name", "count"),
    [("get_dids.xml", 2), ("get_dids_one_old_shape.xml", 1), ("get_dids_none.xml", 0)],
)
def test_two_records_one_or_none(
    provider: VoIPInnovations, faked: Faked, name: str, count: int
) -> None:
    answer(faked, name)
    assert len(list(provider.search(SearchCriteria(npa="435")))) == count


@pytest.mark.parametrize("name", ["get_available_states.xml", "get_available_states_plain.xml"])
def test_coverage_is_read_as_a_list_or_as_one_text(
    provider: VoIPInnovations, faked: Faked, name: str
) -> None:
    answer(faked, name)
    assert provider.coverage_states() == ["IL", "UT"]


def test_coverage_that_is_none_is_off_contract(provider: VoIPInnovations, faked: Faked) -> None:
    inner = "<responseCode>100</responseCode><responseData>see the portal</responseData>"
    say(faked, "GetAvailableStates", inner)
    say(faked, "GetAvailableNPAs", inner)
    with pytest.raises(ProviderProtocolError):
        provider.coverage_states()
    with pytest.raises(ProviderProtocolError):
        provider.coverage_npas("UT")


def test_an_account_without_prepaid_balance_is_proved_otherwise(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(faked, "GetPrepaidBalance", "<responseCode>950</responseCode>")
    answer(faked, "get_available_states.xml")
    status = provider.check_credentials()
    assert status.balance is None
    assert "950" in status.details["balance"]


@pytest.mark.parametrize("amount", ["much", "NaN", "Infinity"])
def test_a_balance_that_is_no_amount_is_off_contract(
    provider: VoIPInnovations, faked: Faked, amount: str
) -> None:
    inner = f"<responseCode>100</responseCode><Amount>{amount}</Amount>"
    say(faked, "GetPrepaidBalance", inner)
    with pytest.raises(ProviderProtocolError):
        provider.check_credentials()


def test_an_unknown_address_is_an_auth_error_by_its_code(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "response_901.xml")
    with pytest.raises(ProviderAuthError) as caught:
        provider.check_credentials()
    assert caught.value.code == "901"
    assert len(faked.calls) == 1
