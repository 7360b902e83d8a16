"""Giving back and listing at Custom Toll Free: every step and every way it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, cast

import pytest
import responses

from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.envelope import Call
from portal.providers.custom_toll_free.listing import RowStream
from portal.providers.custom_toll_free.mapping import numbers
from portal.providers.custom_toll_free.registry import LIST_PAUSES
from portal.providers.dto import Outcome
from portal.providers.errors import (
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderUnavailable,
)
from portal.providers.http import StreamedReply
from tests.providers.custom_toll_free import (
    BASE,
    TN_ONE,
    Faked,
    answer,
    commands,
    connected,
    error,
    make_provider,
    say,
    sent,
    wire,
)
from tests.providers.runtime import RecordingRuntime


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


# -- giving back ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "command", "reply", "code"),
    [
        ("query_working.xml", "disconnect", "disconnect.xml", "DISCONNECT"),
        ("query_reserved.xml", "spare", "spare.xml", "SPARE"),
    ],
)
def test_giving_back_takes_the_step_that_the_status_allows(
    provider: CustomTollFree, faked: Faked, state: str, command: str, reply: str, code: str
) -> None:
    answer(faked, "query", state)
    answer(faked, command, reply)
    (outcome,) = provider.release_tns([TN_ONE], reference="rel-1")
    assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, code)
    assert commands(faked) == ["query", command]
    assert sent(faked)[1][2]["reqref"] == numbers.reqref("rel-1", command, TN_ONE)


def test_a_rested_number_is_made_spare_or_told_when(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query_disconnect.xml")
    answer(faked, "requeststatus", "request_not_found.xml")
    say(faked, "spare", error("too_early_to_spare"))
    (outcome,) = provider.release_tns([TN_ONE], reference="rel-1")
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "too_early_to_spare")
    assert "45 days" in outcome.message


def test_a_disconnect_that_this_job_did_before_is_done(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime
) -> None:
    answer(faked, "query", "query_disconnect.xml")
    answer(faked, "requeststatus", "requeststatus_done.xml")
    (outcome,) = provider.release_tns([TN_ONE], reference="rel-1")
    assert outcome.outcome == Outcome.SUCCEEDED
    assert not runtime.writes()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("query_spare.xml", "invalid_status"),
        ("query_assigned.xml", "record_waits"),
        ("query_working_foreign.xml", "not_controlling_resporg"),
        ("search_none.xml", "not_told"),
    ],
)
def test_what_cannot_be_given_back_is_refused_before_any_change(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime, state: str, code: str
) -> None:
    answer(faked, "query", state)
    (outcome,) = provider.release_tns([TN_ONE], reference="rel-1")
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert "It was not given back." in outcome.message
    assert not runtime.writes()


def test_an_answer_that_shows_no_disconnect_is_unknown(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "query", "query_working.xml")
    answer(faked, "disconnect", "query_working.xml")
    (outcome,) = provider.release_tns([TN_ONE], reference="rel-1")
    assert outcome.outcome == Outcome.UNKNOWN


# -- the list -------------------------------------------------------------------------------------


def test_the_list_is_read_row_by_row_and_dummies_are_dropped(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "resporgcheck", "resporgcheck.xml")
    listed = list(provider.list_owned())
    assert [number.tn[-4:] for number in listed] == ["0101", "0103", "0105", "0106"]
    assert listed[2].details["region"] == "new here"
    assert sent(faked) == [("GET", "resporgcheck", {"resporg": "ABC01", "format": "xml"})]


def test_an_empty_list_is_empty(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "resporgcheck", "resporgcheck_none.xml")
    assert list(provider.list_owned()) == []


def test_rows_come_while_the_rest_is_still_on_its_way() -> None:
    read = 0

    class Arriving:
        status = 200
        headers: ClassVar[dict[str, str]] = {}

        def chunks(self) -> Iterator[bytes]:
            nonlocal read
            yield b"<response><status>SUCCESS</status><results>"
            for number in range(2000):
                read += 1
                row = f"<item><number>888555{number:04d}</number><status>WORKING</status></item>"
                yield row.encode()
            yield b"</results></response>"

    rows = iter(RowStream(cast(StreamedReply, Arriving()), Call(operation="resporgcheck")))
    assert next(rows)["number"] == "8885550000"
    assert read < 100
    assert sum(1 for _ in rows) == 1999


def test_every_cut_of_the_list_is_an_error(runtime: RecordingRuntime) -> None:
    whole = wire("resporgcheck.xml").rstrip()
    for length in range(0, len(whole), 11):
        provider = make_provider(runtime)
        with Faked() as faked:
            faked.add(responses.GET, f"{BASE}/api/resporgcheck", body=whole[:length])
            with pytest.raises(ProviderProtocolError):
                list(provider.list_owned())


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (error("permission_denied"), 200, ProviderRefused),
        (error("sms800_unavailable"), 200, ProviderUnavailable),
        (wire("error_unclosed.xml"), 200, ProviderRefused),
        (error("permission_denied"), 403, ProviderRefused),
        (b"<html>not here</html>", 404, ProviderProtocolError),
        (b"<response><status>SUCCESS</status></response>", 200, ProviderProtocolError),
        (b"<response><results/></response>", 200, ProviderProtocolError),
        (b"<html/>", 200, ProviderProtocolError),
        (
            b"<!DOCTYPE r [<!ENTITY e 'x'>]><response><status>SUCCESS</status><results/></response>",
            200,
            ProviderProtocolError,
        ),
    ],
)
def test_a_list_that_is_none_is_an_error(
    provider: CustomTollFree,
    faked: Faked,
    body: str | bytes,
    status: int,
    expected: type[ProviderError],
) -> None:
    say(faked, "resporgcheck", body, status=status)
    with pytest.raises(ProviderError) as caught:
        list(provider.list_owned())
    assert isinstance(caught.value, expected)


def test_a_list_that_has_to_be_made_is_waited_for(provider: CustomTollFree, faked: Faked) -> None:
    pauses: list[float] = []
    provider.sleep = pauses.append
    answer(faked, "resporgcheck", "pending.xml")
    answer(faked, "requeststatus", "requeststatus_open.xml", "requeststatus_list.xml")
    answer(faked, "download/R0000003", "resporgcheck.xml")
    assert len(list(provider.list_owned())) == 4
    assert pauses == [2, 5]
    assert commands(faked)[-1] == "download/R0000003"


def test_the_wait_for_a_list_ends(provider: CustomTollFree, faked: Faked) -> None:
    pauses: list[float] = []
    provider.sleep = pauses.append
    answer(faked, "resporgcheck", "pending.xml")
    answer(faked, "requeststatus", "requeststatus_open.xml")
    with pytest.raises(ProviderUnavailable):
        list(provider.list_owned())
    assert tuple(pauses) == LIST_PAUSES
    assert sum(pauses) <= 30 * 60


def test_a_list_that_could_not_be_made_is_an_error(provider: CustomTollFree, faked: Faked) -> None:
    provider.sleep = lambda _: None
    answer(faked, "resporgcheck", "pending.xml")
    answer(faked, "requeststatus", "requeststatus_error.xml")
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())


@pytest.mark.parametrize(
    "url", ["http://elsewhere.invalid/list", "//elsewhere.invalid/list", "file:///etc/hostname"]
)
def test_a_list_is_never_fetched_from_a_foreign_address(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime, url: str
) -> None:
    provider.sleep = lambda _: None
    answer(faked, "resporgcheck", "pending.xml")
    body = wire("requeststatus_list.xml").replace(b"/api/download/R0000003", url.encode())
    say(faked, "requeststatus", body)
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())
    assert runtime.operations == ["resporgcheck", "requeststatus"]
