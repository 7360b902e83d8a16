"""VoIP Innovations: holding, buying and giving back, one verdict per number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from portal.providers.dto import Outcome
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import (
    TNS,
    URL,
    Faked,
    answer,
    connected,
    order,
    say,
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


def test_each_number_of_an_order_has_its_own_verdict(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "assign_did.xml")
    bought, foreign, odd = order(provider, *TNS).values()
    assert (bought.outcome, bought.code) == (Outcome.SUCCEEDED, "100")
    assert (foreign.outcome, foreign.code) == (Outcome.REFUSED, "104235")
    assert foreign.advice == "It was not bought. Look for a similar number."
    assert (odd.outcome, odd.code) == (Outcome.REFUSED, "104999")
    assert odd.message == "A reason of tomorrow."


def test_holds_tell_how_long_they_last(provider: VoIPInnovations, faked: Faked) -> None:
    answer(faked, "reserve_did.xml")
    new, foreign, again = provider.reserve_tns(TNS, reference="order-17")
    assert new.outcome == Outcome.SUCCEEDED
    assert new.expires_at is not None
    assert foreign.outcome == Outcome.REFUSED
    assert (again.outcome, again.expires_at) == (Outcome.SUCCEEDED, None)


def test_a_number_that_the_answer_does_not_name_is_unknown(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(
        faked,
        "assignDID",
        "<responseCode>100</responseCode><DIDs><DID><tn>4355550104</tn><statusCode>100</statusCode></DID></DIDs>",
    )
    outcomes = order(provider, *TNS[:2])
    assert outcomes[TNS[0]].outcome == Outcome.SUCCEEDED
    assert outcomes[TNS[1]].outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(
    "record",
    [
        "<DID><tn>4355550104</tn></DID>",
        "<DID><tn>4355550104</tn><statusCode/></DID>",
        "<DID><tn/><statusCode>100</statusCode></DID>",
        "<DID><tn>4355550199</tn><statusCode>100</statusCode></DID>",
        "<DID><tn>4355550104</tn><statusCode>100</statusCode></DID>"
        "<DID><tn>4355550104</tn><statusCode>104235</statusCode></DID>",
        "<DID><tn>4355550104</tn><statusCode>900</statusCode></DID>",
        "<DID><number>4355550104</number></DID>",
    ],
)
def test_a_record_without_a_clear_verdict_is_unknown(
    provider: VoIPInnovations, faked: Faked, record: str
) -> None:
    say(faked, "assignDID", f"<responseCode>100</responseCode><DIDs>{record}</DIDs>")
    assert order(provider, TNS[0])[TNS[0]].outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("query_did_assigned.xml", Outcome.SUCCEEDED),
        ("query_did_not_found.xml", Outcome.REFUSED),
        ("query_did_available.xml", Outcome.UNKNOWN),  # it tells of another number
        ("get_dids.xml", Outcome.UNKNOWN),
    ],
)
def test_an_order_of_what_is_ours_already_is_settled_by_asking(
    provider: VoIPInnovations, faked: Faked, query: str, outcome: Outcome
) -> None:
    answer(faked, "assign_did_again.xml", query)
    tn = TN("+14355550101")
    found = order(provider, tn)[tn]
    assert (found.outcome, found.code) == (outcome, "104225")
    assert (found.owned is not None) == (outcome == Outcome.SUCCEEDED)


@pytest.mark.parametrize(
    ("availability", "code", "outcome"),
    [
        ("Available", "100", Outcome.SUCCEEDED),
        ("", "102420", Outcome.SUCCEEDED),
        ("Unavailable", "102235", Outcome.SUCCEEDED),
        ("assigned", "100", Outcome.UNKNOWN),  # still ours: may only be slow
        ("Unavailable", "100", Outcome.UNKNOWN),
    ],
)
def test_a_release_that_says_available_is_confirmed_by_asking(
    provider: VoIPInnovations, faked: Faked, availability: str, code: str, outcome: Outcome
) -> None:
    answer(faked, "release_did_available.xml")
    say(
        faked,
        "queryDID",
        "<responseCode>100</responseCode><DIDs><DID><tn>4355550104</tn>"
        f"<availability>{availability}</availability><statusCode>{code}</statusCode></DID></DIDs>",
    )
    (found,) = provider.release_tns(TNS[:1], reference="job-1")
    assert (found.outcome, found.code) == (outcome, "106231")


def test_a_question_that_fails_leaves_the_number_unknown(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "release_did_available.xml")
    faked.add(responses.POST, URL, body="<html>", status=503)
    (found,) = provider.release_tns(TNS[:1], reference="job-1")
    assert found.outcome == Outcome.UNKNOWN
    assert len(faked.calls) == 2, "the release itself is not sent again"
