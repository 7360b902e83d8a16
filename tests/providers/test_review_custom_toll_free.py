"""Custom Toll Free's answers under odd statuses and in odd spellings: the code in them counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.dto import Outcome, SearchCriteria
from portal.providers.errors import (
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from tests.providers.custom_toll_free import TN_ONE, Faked, answer, connected, error, say, wire
from tests.providers.runtime import RecordingRuntime

UNCLOSED = (
    "<response><status>ERROR</status><errors><error><code>invalid_status</code>"
    "<message>Not &amp; now</message></error></response>"
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


@pytest.mark.parametrize("status", [400, 404, 500, 502, 503])
@pytest.mark.parametrize("body", [error("invalid_status", "Not now"), UNCLOSED])
def test_a_refusal_is_one_under_any_status(
    provider: CustomTollFree, faked: Faked, status: int, body: str
) -> None:
    answer(faked, "query", "query_reserved.xml")
    say(faked, "spare", body, status=status)
    (outcome,) = provider.release_tns([TN_ONE], reference="release-1")
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "invalid_status")
    say(faked, "resporgcheck", error("permission_denied"), status=status)
    with pytest.raises(ProviderRefused):
        list(provider.list_owned())


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "<response><status>"])
def test_an_error_page_leaves_a_write_unknown_and_a_read_to_be_repeated(
    provider: CustomTollFree, faked: Faked, body: str
) -> None:
    for command in ("query", "resporgcheck", "spare"):
        say(faked, command, body, status=503)
    with pytest.raises(ProviderUnavailable) as caught:
        provider.query_tn(TN_ONE)
    assert caught.value.code == "503"
    with pytest.raises(ProviderUnavailable):
        list(provider.list_owned())
    with pytest.raises(ProviderProtocolError) as lost:
        provider.client.spare(TN_ONE, reqref="release-1")
    assert "may or may not" in lost.value.message


@pytest.mark.parametrize("name", ["spare.xml", "pending.xml"])
def test_a_success_under_an_error_status_is_believed_of_nobody(
    provider: CustomTollFree, faked: Faked, name: str
) -> None:
    say(faked, "spare", wire(name), status=500)
    with pytest.raises(ProviderProtocolError):
        provider.client.spare(TN_ONE, reqref="release-1")


@pytest.mark.parametrize(
    "code", ["sms800_unavailable", "sms800_timeout", "internal_error"], ids=str
)
def test_a_write_that_the_registry_may_have_is_lost_under_any_status(
    provider: CustomTollFree, faked: Faked, code: str
) -> None:
    for status in (200, 500):
        say(faked, "spare", error(code), status=status)
        with pytest.raises(ProviderTimeout):
            provider.client.spare(TN_ONE, reqref="release-1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<status>ERROR", "<status> error "),
        ("code>", "Code>"),
        (">invalid_status<", "><![CDATA[invalid_status]]><"),
        (">Not &amp; now<", "><![CDATA[Not & now]]><"),
    ],
)
def test_an_unclosed_refusal_is_read_in_other_spellings_too(
    provider: CustomTollFree, faked: Faked, before: str, after: str
) -> None:
    assert before in UNCLOSED
    say(faked, "query", UNCLOSED.replace(before, after))
    with pytest.raises(ProviderError) as caught:
        provider.query_tn(TN_ONE)
    assert caught.value.code == "invalid_status"
    assert "Not & now" in caught.value.message


SEARCHED = SearchCriteria(is_toll_free=True, contains="555", quantity=5)
ROW = "<item><number>8885550101</number><status>WORKING</status></item>"


def found(inner: str) -> str:
    return f"<response><status>SUCCESS</status><results>{inner}</results></response>"


@pytest.mark.parametrize(
    "inner",
    [
        "<entry><number>8885550101</number><status>WORKING</status></entry>",
        f"<numbers>{ROW.replace('item', 'entry')}</numbers>",
        "<item><status>WORKING</status></item>",
        "<item><tn>8885550101</tn></item>",
        "<item><number>abc</number></item>",
        "<item>8885550101</item>",
        "8885550101",
        f"{ROW}<item><number>555</number></item>",
    ],
)
def test_a_list_of_another_shape_is_unknown_and_not_empty(
    provider: CustomTollFree, faked: Faked, inner: str
) -> None:
    for command in ("resporgcheck", "search"):
        say(faked, command, found(inner))
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())
    with pytest.raises(ProviderProtocolError):
        list(provider.search(SEARCHED))


@pytest.mark.parametrize("inner", ["", " \n ", "<item/>", "<item><number/></item>", "<more/>"])
def test_a_list_that_says_nothing_is_empty(
    provider: CustomTollFree, faked: Faked, inner: str
) -> None:
    for command in ("resporgcheck", "search"):
        say(faked, command, found(inner))
    assert list(provider.list_owned()) == []
    assert list(provider.search(SEARCHED)) == []


RECORD = "<record><effective>2025-01-02T15:30Z</effective><status>ACTIVE</status></record>"


@pytest.mark.parametrize(
    "inner",
    [
        RECORD.replace("record", "entry"),
        "ACTIVE",
        f"<number>8885550199</number>{RECORD}",
        f"{RECORD}<more>1</more>",
        f"{RECORD}<more>1</more><next/>",
    ],
)
def test_a_list_of_records_of_another_shape_is_unknown(
    provider: CustomTollFree, faked: Faked, inner: str
) -> None:
    say(faked, "queryrecord", found(inner))
    with pytest.raises(ProviderProtocolError):
        list(provider.list_records(TN_ONE))


@pytest.mark.parametrize("inner", ["", "<number>8885550101</number><more>0</more>", "<record/>"])
def test_a_number_without_records_has_none(
    provider: CustomTollFree, faked: Faked, inner: str
) -> None:
    say(faked, "queryrecord", found(inner))
    assert list(provider.list_records(TN_ONE)) == []


def test_another_number_s_record_is_not_taken_for_ours(
    provider: CustomTollFree, faked: Faked
) -> None:
    say(faked, "retrieve", wire("retrieve.xml").replace(b'"8885550101"', b'"8885550199"'))
    with pytest.raises(ProviderProtocolError, match="another number"):
        provider.read_record(TN_ONE)


@pytest.mark.parametrize("inner", ["<record/>", RECORD.replace("ACTIVE", "QUEUED")])
def test_a_record_in_a_state_that_is_not_known_leaves_the_change_unknown(
    provider: CustomTollFree, faked: Faked, inner: str
) -> None:
    say(faked, "copyrecord", found(inner))
    outcome = provider.copy_record(TN_ONE, source="*ABDEFAULT", reference="copy-1")
    assert outcome.outcome is Outcome.UNKNOWN
