"""What each of Custom Toll Free's answers means: errors, broken replies, questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from portal.providers.custom_toll_free import codes
from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.dto import Ownership, SearchCriteria
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.tn import TN
from tests.providers.custom_toll_free import (
    KEY,
    TN_ONE,
    Faked,
    answer,
    connected,
    error,
    make_provider,
    say,
    sent,
)
from tests.providers.runtime import RecordingRuntime

FIND = SearchCriteria(is_toll_free=True, npa="888", contains="555", quantity=20)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


# -- what answers mean ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(codes.MEANINGS))
def test_each_error_code_of_a_write(provider: CustomTollFree, faked: Faked, code: str) -> None:
    expected = {
        "refused": ProviderRefused,
        "auth": ProviderAuthError,
        "unavailable": ProviderUnavailable,
        "lost": ProviderTimeout,
    }[codes.meaning(code).kind]
    say(faked, "spare", error(code, "their words"))
    with pytest.raises(expected) as caught:
        provider.client.spare(TN_ONE, reqref="r")
    assert caught.value.code == code
    assert caught.value.operation == "spare"
    assert "their words" in caught.value.message


@pytest.mark.parametrize("code", ["sms800_unavailable", "sms800_timeout", "internal_error"])
def test_what_leaves_a_write_unknown_only_puts_a_read_off(
    provider: CustomTollFree, faked: Faked, code: str
) -> None:
    say(faked, "query", error(code))
    with pytest.raises(ProviderUnavailable):
        provider.query_tn(TN_ONE)


def test_a_code_that_is_not_documented_is_a_refusal(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime
) -> None:
    say(faked, "spare", error("brand_new"))
    with pytest.raises(ProviderRefused) as caught:
        provider.client.spare(TN_ONE, reqref="r")
    assert caught.value.code == "brand_new"
    assert runtime.outcomes == ["refused"]


def test_every_problem_of_a_record_is_named_with_its_field(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "updaterecord", "error_invalid_record.xml")
    with pytest.raises(ProviderRefused) as caught:
        provider.client.updaterecord(TN_ONE, record="<record/>", reqref="r")
    assert "Needs a carrier (cad/carriers)" in caught.value.message
    assert "cad/destinations/destination[2]" in caught.value.message


def test_the_unclosed_errors_of_the_providers_own_sample_are_read(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "search", "error_unclosed.xml")
    with pytest.raises(ProviderRefused) as caught:
        list(provider.search(FIND))
    assert caught.value.code == "number_unavailable"
    assert "Number & prefix not available" in caught.value.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b"", ProviderAuthError),
        (403, b"<html/>", ProviderRefused),
        (404, b"not here", ProviderProtocolError),
        (400, error("invalid_number").encode(), ProviderRefused),
        (403, error("permission_denied").encode(), ProviderRefused),
        (401, error("invalid_key").encode(), ProviderAuthError),
        (429, b"", ProviderUnavailable),
        (500, b"", ProviderProtocolError),
        (302, b"", ProviderProtocolError),
        (200, b"", ProviderProtocolError),
        (200, b"<response/>", ProviderProtocolError),
        (200, b"<response><status>SUCCESS</status></response>", ProviderProtocolError),
        (200, b"<response><status>ERROR</status></response>", ProviderProtocolError),
        (200, b"<other><status>SUCCESS</status><results/></other>", ProviderProtocolError),
        (404, b"<response><status>SUCCESS</status><results/></response>", ProviderProtocolError),
        (
            200,
            b'<!DOCTYPE r [<!ENTITY e "SUCCESS">]><response><status>&e;</status><results/></response>',
            ProviderProtocolError,
        ),
        (200, error("sms800_timeout").encode()[:75], ProviderProtocolError),  # cut in the code
    ],
)
def test_http_statuses_and_broken_bodies_of_a_write(
    provider: CustomTollFree,
    faked: Faked,
    status: int,
    body: bytes,
    expected: type[ProviderError],
) -> None:
    say(faked, "spare", body, status=status)
    with pytest.raises(ProviderError) as caught:
        provider.client.spare(TN_ONE, reqref="r")
    assert isinstance(caught.value, expected)


def test_being_told_to_wait_names_the_moment(provider: CustomTollFree, faked: Faked) -> None:
    headers = {"Retry-After": "120"}
    say(faked, "query", error("rate_limited"), **headers)
    with pytest.raises(ProviderUnavailable) as caught:
        provider.query_tn(TN_ONE)
    assert caught.value.retry_at is not None
    assert caught.value.retry_at > datetime.now(UTC) + timedelta(seconds=60)


def test_pending_by_status_word_and_by_http_status(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "spare", "pending.xml")
    assert provider.client.spare(TN_ONE, reqref="r").request_id == "R0000003"
    faked.reset()
    answer(faked, "spare", "spare.xml", status=202)
    assert provider.client.spare(TN_ONE, reqref="r").is_pending
    answer(faked, "query", "pending.xml")
    with pytest.raises(ProviderUnavailable):  # a question has no answer yet: nothing is known
        provider.query_tn(TN_ONE)


def test_a_refusal_that_quotes_the_key_does_not_show_it(
    provider: CustomTollFree, faked: Faked
) -> None:
    say(faked, "query", error("invalid_key", f"no such key {KEY}"))
    with pytest.raises(ProviderAuthError) as caught:
        provider.query_tn(TN_ONE)
    assert KEY not in caught.value.message
    assert KEY not in str(caught.value)


def test_time_out_and_cut_of_a_write_are_lost(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime
) -> None:
    for trouble in (
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ConnectionError("reset"),
    ):
        faked.reset()
        say(faked, "spare", trouble)
        with pytest.raises(ProviderTimeout):
            provider.client.spare(TN_ONE, reqref="r")
    assert runtime.outcomes == ["timeout", "timeout"]


# -- questions of the adapter ---------------------------------------------------------------------


def test_a_search_asks_for_the_code_and_the_digits(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "search", "search.xml")
    assert [offer.tn for offer in provider.search(FIND)] == ["+18885550101", "+18775550142"]
    fields = {"vanity": "555", "prefix": "888", "quantity": "20", "numeric": "1"}
    assert sent(faked) == [("GET", "search", fields)]


def test_a_search_that_cannot_be_asked_sends_nothing(
    provider: CustomTollFree, runtime: RecordingRuntime
) -> None:
    assert list(provider.search(SearchCriteria(npa="312"))) == []
    assert not runtime.exchanges


def test_a_query_tells_ours_from_theirs(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query_working.xml", "query_working_foreign.xml", "search_none.xml")
    assert provider.query_tn(TN_ONE).ownership == Ownership.OURS
    assert provider.query_tn(TN_ONE).ownership == Ownership.FOREIGN
    assert provider.query_tn(TN_ONE).ownership == Ownership.UNKNOWN


def test_a_local_number_is_not_asked_for(
    provider: CustomTollFree, runtime: RecordingRuntime
) -> None:
    assert provider.query_tn(TN("+13125550142")).ownership == Ownership.NOT_FOUND
    assert not runtime.exchanges


@pytest.mark.parametrize("code", ["invalid_key", "permission_denied", "invalid_resporg"])
def test_the_check_finds_a_wrong_key_and_a_wrong_resporg(
    provider: CustomTollFree, faked: Faked, code: str
) -> None:
    say(faked, "query", error(code))
    with pytest.raises(ProviderAuthError) as caught:
        provider.check_credentials()
    assert caught.value.code == code


def test_the_check_needs_no_number_that_exists(provider: CustomTollFree, faked: Faked) -> None:
    say(faked, "query", error("invalid_number"))
    assert provider.check_credentials().name == "RespOrg ABC01"


def test_templates_come_from_the_settings(provider: CustomTollFree) -> None:
    routes = provider.list_routes()
    assert [(r.ref, r.kind) for r in routes] == [
        ("*ABDEFAULT", "template"),
        ("*ABEAST", "template"),
    ]
    assert all("settings" in r.details["source"] for r in routes)


def test_no_template_is_no_route(runtime: RecordingRuntime) -> None:
    assert make_provider(runtime, template="DEFAULT").list_routes() == []
