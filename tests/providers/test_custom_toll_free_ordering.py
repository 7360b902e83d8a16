"""Holding, buying, giving back and listing at Custom Toll Free: every step and every way it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.mapping import numbers
from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.errors import (
    ProviderError,
    ProviderProtocolError,
    ProviderTimeout,
)
from portal.tn import TN
from tests.providers.custom_toll_free import (
    BASE,
    TN_ONE,
    TN_TWO,
    Faked,
    answer,
    commands,
    connected,
    error,
    make_provider,
    order,
    say,
    sent,
    wire,
)
from tests.providers.runtime import RecordingRuntime


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


# -- buying ---------------------------------------------------------------------------------------


def test_a_spare_number_is_held_and_gets_the_templates_record(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "query", "query_spare.xml")
    answer(faked, "reserve", "reserve_one.xml")
    answer(faked, "copyrecord", "copyrecord.xml")
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, "SENDING")
    assert outcome.provider_ref == "R0000021"
    (_, _, _), (_, _, held), (_, _, copied) = sent(faked)
    assert held["contactname"] == "Jane Roe"
    assert held["contactphone"] == "2125550142"
    assert held["reqref"] == numbers.reqref("order-17", "reserve", TN_ONE)
    assert (copied["source"], copied["effective"]) == ("*ABDEFAULT", "NOW")
    assert copied["reqref"] == numbers.reqref("order-17", "copyrecord", TN_ONE)


def test_a_held_number_only_gets_the_record_of_the_chosen_template(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "query", "query_reserved.xml")
    answer(faked, "copyrecord", "copyrecord.xml")
    (outcome,) = order(provider, TN_ONE, route_ref="*ABEAST")
    assert outcome.outcome == Outcome.SUCCEEDED
    assert commands(faked) == ["query", "copyrecord"]
    assert sent(faked)[1][2]["source"] == "*ABEAST"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("query_working_foreign.xml", "not_controlling_resporg"),
        ("query_disconnect.xml", "invalid_status"),
        ("search_none.xml", "not_told"),
    ],
)
def test_what_is_not_for_us_is_refused_before_any_change(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime, name: str, code: str
) -> None:
    answer(faked, "query", name)
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert "It was not bought." in outcome.message
    assert outcome.advice
    assert not runtime.writes()


def test_a_number_in_service_here_is_ours_only_if_this_order_put_it_there(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime
) -> None:
    answer(faked, "query", "query_working.xml")
    answer(faked, "requeststatus", "requeststatus_done.xml", "request_not_found.xml")
    (before,) = order(provider, TN_ONE)
    assert before.outcome == Outcome.SUCCEEDED
    assert before.owned is not None
    assert sent(faked)[1][2]["reqref"] == numbers.reqref("order-17", "copyrecord", TN_ONE)
    (foreign,) = order(provider, TN_ONE)
    assert (foreign.outcome, foreign.code) == (Outcome.REFUSED, "already_ours")
    assert not runtime.writes()


def test_a_hold_still_at_work_is_unknown_and_nothing_is_copied(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "query", "query_spare.xml")
    answer(faked, "reserve", "pending.xml")
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.provider_ref) == (Outcome.UNKNOWN, "R0000003")
    assert commands(faked) == ["query", "reserve"]


def test_a_copy_still_at_work_is_pending(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query_reserved.xml")
    answer(faked, "copyrecord", "pending.xml")
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.provider_ref) == (Outcome.PENDING, "R0000003")


@pytest.mark.parametrize("status", ["FAILED", "INVALID", "MUST CHECK", ""])
def test_a_record_that_is_in_trouble_is_no_success(
    provider: CustomTollFree, faked: Faked, status: str
) -> None:
    answer(faked, "query", "query_reserved.xml")
    say(faked, "copyrecord", wire("copyrecord.xml").replace(b"SENDING", status.encode()))
    (outcome,) = order(provider, TN_ONE)
    assert outcome.outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(
    "code",
    [
        "template_not_found",
        "record_not_found",
        "invalid_status",
        "not_controlling_resporg",
        "invalid_effective_date",
        "record_locked",
        "version_conflict",
        "reservation_expired",
        "duplicate_reqref",
    ],
)
def test_each_refusal_of_the_copy_says_that_the_number_stays_held(
    provider: CustomTollFree, faked: Faked, code: str
) -> None:
    answer(faked, "query", "query_reserved.xml")
    say(faked, "copyrecord", error(code, "their words"))
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert "their words" in outcome.message
    assert "stays reserved" in outcome.message
    assert outcome.advice


@pytest.mark.parametrize("code", ["number_unavailable", "reservation_limit", "invalid_resporg"])
def test_each_refusal_of_the_hold_ends_the_order_of_that_number(
    provider: CustomTollFree, faked: Faked, code: str
) -> None:
    answer(faked, "query", "query_spare.xml")
    say(faked, "reserve", error(code))
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert commands(faked) == ["query", "reserve"]


def test_numbers_of_one_order_have_verdicts_of_their_own(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "query", "query.xml")
    say(faked, "reserve", error("number_unavailable"))
    answer(faked, "copyrecord", "copyrecord.xml")
    local = TN("+13125550142")
    outcomes = order(provider, TN_ONE, TN_TWO, TN("+18885550104"), local)
    assert [(o.tn[-4:], o.outcome) for o in outcomes] == [
        ("0101", Outcome.REFUSED),
        ("0102", Outcome.SUCCEEDED),
        ("0104", Outcome.REFUSED),
        ("0142", Outcome.REFUSED),
    ]


@pytest.mark.parametrize(
    ("settings_", "code"),
    [
        ({"contact_name": ""}, "no_contact"),
        ({"contact_phone": "555-0142"}, "no_contact"),
        ({"template": ""}, "no_template"),
        ({"template": "DEFAULT"}, "no_template"),
    ],
)
def test_without_contact_or_template_nothing_is_changed(
    runtime: RecordingRuntime, faked: Faked, settings_: dict[str, str], code: str
) -> None:
    provider = make_provider(runtime, **settings_)
    answer(faked, "query", "query_spare.xml")
    answer(faked, "reserve", "reserve_one.xml")
    (outcome,) = order(provider, TN_ONE)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
    assert not runtime.writes()


@pytest.mark.parametrize("step", ["reserve", "copyrecord"])
@pytest.mark.parametrize(
    "trouble",
    [
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ConnectionError("cut"),
        b"<html>busy</html>",
        b"",
        error("sms800_timeout").encode(),
        error("sms800_unavailable").encode(),
        error("internal_error").encode(),
    ],
)
def test_a_lost_answer_to_any_step_is_never_a_verdict_and_never_sent_again(
    provider: CustomTollFree, faked: Faked, runtime: RecordingRuntime, step: str, trouble: object
) -> None:
    answer(faked, "query", "query_spare.xml")
    if step == "copyrecord":
        answer(faked, "reserve", "reserve_one.xml")
    say(faked, step, trouble)
    with pytest.raises((ProviderTimeout, ProviderProtocolError)):
        order(provider, TN_ONE)
    assert runtime.operations.count(step) == 1
    assert runtime.operations[-1] == step


def test_a_500_on_the_copy_is_lost(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query_reserved.xml")
    say(faked, "copyrecord", b"<response/>", status=500)
    with pytest.raises(ProviderProtocolError):
        order(provider, TN_ONE)


def test_every_cut_of_a_good_answer_is_lost(runtime: RecordingRuntime) -> None:
    whole = wire("copyrecord.xml").rstrip()
    for length in range(0, len(whole), 7):
        provider = make_provider(runtime)
        with Faked() as faked:
            faked.add(responses.GET, f"{BASE}/api/query", body=wire("query_reserved.xml"))
            faked.add(responses.POST, f"{BASE}/api/copyrecord", body=whole[:length])
            with pytest.raises(ProviderProtocolError):
                order(provider, TN_ONE)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(["copyrecord.xml", "pending.xml", "error_unclosed.xml"]),
    at=st.integers(0, 300),
    noise=st.binary(min_size=1, max_size=12),
)
def test_no_damaged_answer_escapes_as_another_exception(name: str, at: int, noise: bytes) -> None:
    body = wire(name)
    damaged = body[:at] + noise + body[at + len(noise) :]
    provider = make_provider(RecordingRuntime())
    with Faked() as faked:
        faked.add(responses.GET, f"{BASE}/api/query", body=wire("query_reserved.xml"))
        faked.add(responses.POST, f"{BASE}/api/copyrecord", body=damaged)
        try:
            (outcome,) = order(provider, TN_ONE)
        except ProviderError:
            return
    assert isinstance(outcome, ItemOutcome)


# -- holding --------------------------------------------------------------------------------------


def test_a_hold_has_one_request_for_all_and_a_verdict_each(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "reserve", "reserve.xml")
    local = TN("+13125550142")
    outcomes = list(provider.reserve_tns([TN_ONE, local, TN_TWO], reference="hold-1"))
    told = {o.tn: (o.outcome, o.code) for o in outcomes}
    assert told == {
        TN_ONE: (Outcome.SUCCEEDED, "OK"),
        TN_TWO: (Outcome.REFUSED, "number_unavailable"),
        local: (Outcome.REFUSED, "invalid_number"),
    }
    assert sent(faked)[0][2]["numbers"] == "8885550101,8885550102"


def test_a_hold_for_a_named_subscriber_overrides_the_settings(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "reserve", "reserve_one.xml")
    list(
        provider.reserve_tns(
            [TN_ONE], reference="h", contact_name="Roe " * 10, contact_phone="+1 312 555 0100"
        )
    )
    fields = sent(faked)[0][2]
    assert fields["contactname"] == ("Roe " * 10).strip()[:30]
    assert fields["contactphone"] == "3125550100"


def test_a_refused_hold_is_a_verdict_for_every_number(
    provider: CustomTollFree, faked: Faked
) -> None:
    say(faked, "reserve", error("reservation_limit"))
    outcomes = list(provider.reserve_tns([TN_ONE, TN_TWO], reference="h"))
    assert [o.code for o in outcomes] == ["reservation_limit"] * 2
    assert all(o.advice for o in outcomes)


def test_a_hold_at_work_is_pending(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "reserve", "pending.xml")
    (outcome,) = provider.reserve_tns([TN_ONE], reference="h")
    assert (outcome.outcome, outcome.provider_ref) == (Outcome.PENDING, "R0000003")


def test_no_hold_without_a_subscriber(runtime: RecordingRuntime) -> None:
    provider = make_provider(runtime, contact_name="")
    (outcome,) = provider.reserve_tns([TN_ONE], reference="h")
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "no_contact")
    assert not runtime.exchanges
