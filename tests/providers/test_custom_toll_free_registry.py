"""Custom Toll Free: asking the registry, lists, holds, ends, moves, and requests that take time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import numbers, requests
from portal.providers.dto import Outcome
from portal.providers.dto.tollfree import RequestPhase, TollFreeStatus, TollFreeStep
from portal.providers.errors import ProviderProtocolError, ProviderRefused, ProviderTimeout
from portal.tn import TN
from tests.providers.custom_toll_free import (
    TN_ONE,
    TN_TWO,
    Faked,
    answer,
    connected,
    error,
    read_wire,
    say,
    sent,
)
from tests.providers.runtime import RecordingRuntime

LATER = datetime(2030, 1, 2, 15, 30, tzinfo=UTC)
TODAY = datetime.now(UTC).date()


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


# -- asking and listing ---------------------------------------------------------------------------


def test_all_that_the_registry_tells_of_numbers(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query.xml")
    tns = [TN(f"+1888555010{n}") for n in range(1, 9)]
    found = {each.tn: each for each in provider.query_toll_free([TN("+12125550142"), *tns])}
    assert list(found) == tns
    assert found[tns[0]].status == TollFreeStatus.SPARE
    held = found[tns[1]]
    assert (held.status, held.until) == (TollFreeStatus.RESERVED, date(2025, 2, 16))
    assert held.contact_name == "Jane Roe"
    working = found[tns[2]]
    assert (working.resporg, working.status_date) == ("ABC01", date(2025, 1, 2))
    assert (working.last_active, working.is_auctioned) == (date(2025, 1, 2), False)
    assert working.details == {"later": "something new"}
    assert (found[tns[5]].status, found[tns[5]].word) == (TollFreeStatus.UNKNOWN, "Sideways")


def test_numbers_are_asked_for_by_tens(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "query", "query.xml", "query_spare.xml")
    tns = [TN(f"+1888555{n:04d}") for n in range(101, 112)]
    assert len(list(provider.query_toll_free(tns))) >= 8
    first, second = (fields for _, _, fields in sent(faked))
    assert len(first["numbers"].split(",")) == 10
    assert second["number"] == "8885550111"


def test_the_whole_list_with_its_filters(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "resporgcheck", "resporgcheck.xml")
    found = list(
        provider.list_toll_free(
            statuses={TollFreeStatus.WORKING, TollFreeStatus.RESERVED}, since=date(2025, 1, 2)
        )
    )
    assert [each.status for each in found][:2] == [TollFreeStatus.WORKING, TollFreeStatus.RESERVED]
    assert found[1].until == date(2025, 2, 16)
    fields = sent(faked)[0][2]
    assert fields["status"] == "RESERVED,WORKING"
    assert (fields["since"], fields["resporg"]) == ("2025-01-02", "ABC01")


def test_the_words_in_a_number(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "reverselookup", "reverselookup.xml", "search_none.xml")
    assert provider.vanity_spellings(TN("+18883569377")) == ("FLOWERS", "FL-OWERS")
    assert provider.vanity_spellings(TN("+18883569377")) == ()


# -- changes --------------------------------------------------------------------------------------


def test_a_hold_until_a_day(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "reserve", "reserve.xml")
    until = TODAY + timedelta(days=20)
    held, gone, local = sorted(
        provider.hold_until(
            [TN_ONE, TN_TWO, TN("+12125550142")],
            reference="job-1",
            contact_name="Jane Roe",
            contact_phone="2125550142",
            until=until,
            notes="For a customer",
        ),
        key=lambda outcome: ["OK", "number_unavailable", "invalid_number"].index(outcome.code),
    )
    assert (held.outcome, gone.outcome) == (Outcome.SUCCEEDED, Outcome.REFUSED)
    assert local.code == "invalid_number"
    fields = sent(faked)[0][2]
    assert (fields["until"], fields["notes"]) == (until.isoformat(), "For a customer")


def test_no_hold_lasts_longer_than_45_days(provider: CustomTollFree, faked: Faked) -> None:
    with pytest.raises(ValueError, match="45 days"):
        provider.client.reserve(
            [TN_ONE],
            reqref="r",
            contact_name="Jane Roe",
            contact_phone="2125550142",
            until=TODAY + timedelta(days=47),
        )
    assert not sent(faked)


def test_a_number_is_disconnected_at_once_or_later(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "disconnect", "disconnect.xml", "disconnect_later.xml", "pending.xml")
    now = provider.disconnect_tn(TN_ONE, reference="job-1", has_intercept=False)
    assert (now.outcome, now.code) == (Outcome.SUCCEEDED, "DISCONNECT")
    assert "2025-05-02" in now.message
    later = provider.disconnect_tn(
        TN_ONE,
        reference="job-2",
        effective=LATER,
        intercept_end=date(2030, 2, 1),
        has_referral=True,
        notes="End of contract",
    )
    assert (later.outcome, later.code) == (Outcome.PENDING, "WORKING")
    waiting = provider.disconnect_tn(TN_ONE, reference="job-3")
    assert (waiting.outcome, waiting.provider_ref) == (Outcome.PENDING, "R0000003")
    first, second, third = (fields for _, _, fields in sent(faked))
    assert (first["effective"], first["interceptend"], first["referral"]) == ("NOW", "NOW", "0")
    assert (second["effective"], second["interceptend"]) == ("2030-01-02T15:30Z", "2030-02-01")
    assert (second["referral"], second["notes"]) == ("1", "End of contract")
    assert "interceptend" not in third


def test_a_number_is_given_back_to_the_pool(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "spare", "spare.xml", "disconnect.xml")
    assert provider.make_spare(TN_ONE, reference="job-1").code == "SPARE"
    odd = provider.make_spare(TN_ONE, reference="job-2")
    assert (odd.outcome, odd.code) == (Outcome.UNKNOWN, "DISCONNECT")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("changeresporg.xml", Outcome.SUCCEEDED),
        ("changeresporg_later.xml", Outcome.PENDING),
        ("pending.xml", Outcome.PENDING),
        ("search_none.xml", Outcome.UNKNOWN),
    ],
)
def test_a_number_goes_to_another_resporg(
    provider: CustomTollFree, faked: Faked, name: str, outcome: Outcome
) -> None:
    answer(faked, "changeresporg", name)
    (told,) = provider.change_resporg(
        [TN_ONE], resporg="xyz99", reference="job-1", effective=date(2030, 1, 2)
    )
    assert told.outcome == outcome
    fields = sent(faked)[0][2]
    assert (fields["newresporg"], fields["effective"]) == ("XYZ99", "2030-01-02")
    step = TollFreeStep.CHANGE_RESPORG
    assert fields["reqref"] == numbers.step_reference("job-1", step, [TN_ONE])


def test_one_numbers_refusal_is_not_anothers(provider: CustomTollFree, faked: Faked) -> None:
    say(faked, "changeresporg", error("not_controlling_resporg", "Not yours"))
    answer(faked, "changeresporg", "changeresporg.xml")
    refused, moved = provider.change_resporg([TN_TWO, TN_ONE], resporg="XYZ99", reference="j")
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "not_controlling_resporg")
    assert refused.message.endswith("Its RespOrg was not changed.")
    assert refused.advice
    assert moved.outcome == Outcome.SUCCEEDED


@pytest.mark.parametrize("resporg", ["", "ABC", "ABC01X", "AB-01"])
def test_a_resporg_of_another_form_is_not_sent(
    provider: CustomTollFree, faked: Faked, resporg: str
) -> None:
    with pytest.raises(ValueError, match="RespOrg"):
        list(provider.change_resporg([TN_ONE], resporg=resporg, reference="j"))
    assert not sent(faked)


def test_a_lost_answer_is_told_and_the_request_can_be_asked_for(
    provider: CustomTollFree, faked: Faked
) -> None:
    say(faked, "spare", error("sms800_timeout"))
    with pytest.raises(ProviderTimeout):
        provider.make_spare(TN_ONE, reference="job-1")
    answer(faked, "requeststatus", "requeststatus_done.xml")
    state = provider.step_state("job-1", TollFreeStep.SPARE, [TN_ONE])
    assert state is not None
    assert state.is_success
    (_, _, spare), (_, _, asked) = sent(faked)
    assert spare["reqref"] == asked["reqref"]


# -- requests -------------------------------------------------------------------------------------


def test_the_state_of_a_request() -> None:
    done = requests.request_state(read_wire("requeststatus_done.xml"))
    assert (done.phase, done.is_success) == (RequestPhase.COMPLETED, True)
    assert (done.operation, done.provider_ref) == ("copyrecord", "R0000021")
    assert done.submitted_at == datetime(2025, 1, 2, 15, 30, tzinfo=UTC)
    assert done.finished_at == datetime(2025, 1, 2, 15, 31, tzinfo=UTC)
    at_work = requests.request_state(read_wire("requeststatus_open.xml"))
    assert (at_work.phase, at_work.is_success) == (RequestPhase.PROCESSING, None)
    failed = requests.request_state(read_wire("requeststatus_error.xml"))
    assert (failed.is_success, failed.code) == (False, "record_locked")
    assert failed.message
    assert failed.advice
    ready = requests.request_state(read_wire("requeststatus_list.xml"))
    assert ready.download_url == "/api/download/R0000003"


def test_a_finished_request_tells_the_fate_of_its_numbers() -> None:
    state = requests.request_state(read_wire("requeststatus_reserve.xml"))
    assert [(each.tn, each.outcome) for each in state.outcomes] == [
        (TN_ONE, Outcome.SUCCEEDED),
        (TN_TWO, Outcome.REFUSED),
    ]
    assert state.outcomes[0].provider_ref == "R0000004"
    assert state.outcomes[0].expires_at is not None


def test_a_request_that_never_came_is_none(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "requeststatus", "request_not_found.xml")
    assert provider.step_state("job-1", TollFreeStep.HOLD, [TN_ONE]) is None
    with pytest.raises(ProviderRefused) as caught:
        provider.request_state("R0000099")
    assert caught.value.code == "request_not_found"


def test_an_answer_without_a_state_is_off_contract() -> None:
    with pytest.raises(ProviderProtocolError):
        requests.request_state(read_wire("spare.xml", operation="requeststatus"))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@given(state=TEXT.filter(str.strip), outcome=TEXT, moment=TEXT, number=TEXT)
def test_reading_a_state_never_fails(state: str, outcome: str, moment: str, number: str) -> None:
    from lxml import etree

    results = etree.Element("results")
    told = {"state": state, "outcome": outcome, "submitted": moment, "operation": "reserve"}
    for name, text in told.items():
        etree.SubElement(results, name).text = text
    item = etree.SubElement(etree.SubElement(results, "results"), "item")
    etree.SubElement(item, "number").text = number
    read = requests.request_state(
        Answer(operation="requeststatus", request_id="R1", results=results)
    )
    assert read.phase in RequestPhase
    assert read.submitted_at is None or read.submitted_at.tzinfo
