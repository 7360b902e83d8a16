"""What a number does at VoiceTel, and moves between accounts (voicetel.md 10)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.features import FaxToEmail
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import features as mapping
from portal.providers.voicetel.methods.features import PUT_NUMBER_FORWARD
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, make_provider, sent, sign_in
from tests.providers.voicetel_values import records

TN1, TN2, TN3 = TNS
PATH = "numbers/2125550142"
FAR = TN("+13125550142")
ABROAD = TN("+442079460123")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def told(**fields: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"number": "2125550142", **fields}}).encode()


def done(**values: str) -> ItemOutcome:
    return ItemOutcome(tn=TN1, outcome=Outcome.SUCCEEDED, values=values)


class Change:
    """One write on a number: how it is asked for, what travels, what confirms it."""

    def __init__(
        self,
        call: Callable[[VoiceTel], ItemOutcome],
        verb: str,
        path: str,
        body: dict[str, Any] | None,
        reply: dict[str, Any],
        **values: str,
    ) -> None:
        self.call, self.verb, self.path, self.body = call, verb, path, body
        self.reply, self.values = reply, values


CHANGES = {
    "route": Change(
        lambda p: next(p.assign_route([TN1], route_ref="4107")),
        "PUT",
        f"{PATH}/route",
        {"route": 4107},
        {"route": 4107},
        route_ref="4107",
    ),
    "lookup": Change(
        lambda p: p.set_caller_name_lookup(TN1, is_on=False),
        "PUT",
        f"{PATH}/cnam",
        {"enabled": False},
        {"cnam": False},
        inbound_cnam="false",
    ),
    "fax": Change(
        lambda p: p.set_fax_to_email(TN1, email="fax@example.net"),
        "PUT",
        f"{PATH}/fax",
        {"email": "fax@example.net"},
        {"email": "fax@example.net"},
        fax_email="fax@example.net",
    ),
    "forward": Change(
        lambda p: p.set_forward(TN1, to=FAR),
        "PUT",
        f"{PATH}/forward",
        {"destination": "3125550142"},
        {"forwardTo": "13125550142"},
        forward_to="13125550142",
    ),
    "translation": Change(
        lambda p: p.set_translation(TN1, digits="100#"),
        "PUT",
        f"{PATH}/translation",
        {"translation": "100#"},
        {"translation": "100#"},
        translated_to="100#",
    ),
    "claim": Change(
        lambda p: p.claim_tn(TN1),
        "POST",
        "numbers",
        {"number": "2125550142", "route": 4},
        {"route": 4},
        route_ref="4",
    ),
    "transfer": Change(
        lambda p: p.transfer_tn(TN1, account_ref="1000000002", route_ref="5001"),
        "PATCH",
        PATH,
        {"accountId": 1000000002, "route": 5001},
        {"accountId": 1000000002, "route": 5001},
        account_ref="1000000002",
    ),
}
REMOVALS = {
    "fax": (lambda p: p.remove_fax_to_email(TN1), f"{PATH}/fax"),
    "forward": (lambda p: p.remove_forward(TN1), f"{PATH}/forward"),
    "number": (lambda p: p.remove_tn(TN1), PATH),
}


class TestChanges:
    @pytest.mark.parametrize("name", CHANGES)
    def test_what_the_reply_confirms_is_told(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        change = CHANGES[name]
        answer(faked, change.verb, change.path, body=told(**change.reply))
        assert change.call(provider) == done(**change.values)
        assert sent(faked) == (change.verb, change.path, change.body)

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_reply_that_confirms_nothing_is_a_success_all_the_same(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        change = CHANGES[name]
        answer(faked, change.verb, change.path, body=told())
        assert change.call(provider) == done()

    @pytest.mark.parametrize("name", CHANGES)
    def test_another_value_than_the_one_sent_is_unknown(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        change = CHANGES[name]
        other = dict.fromkeys(change.reply, "9")
        answer(faked, change.verb, change.path, body=told(**other))
        outcome = change.call(provider)
        assert outcome.outcome is Outcome.UNKNOWN
        assert list(outcome.values.values()) == ["9"]
        assert outcome.advice

    @pytest.mark.parametrize("name", CHANGES)
    def test_an_answer_about_another_number_is_off_contract(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        change = CHANGES[name]
        body = told(**change.reply).replace(b"2125550142", b"2125550143")
        answer(faked, change.verb, change.path, body=body)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            change.call(provider)

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_refusal_is_an_outcome_with_words_and_advice(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        change = CHANGES[name]
        answer(faked, change.verb, change.path, "not_found.json", status=404)
        outcome = change.call(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "404")
        assert "VoiceTel does not know it on this account." in outcome.message
        assert outcome.advice.count(".") >= 2

    @pytest.mark.parametrize("name", [*CHANGES, *(f"no {name}" for name in REMOVALS)])
    def test_a_conflict_is_a_refusal_only_where_it_is_documented(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        documented = {"lookup", "forward", "translation", "claim", "transfer"}
        documented |= {"no forward", "no number"}
        if name in CHANGES:
            change = CHANGES[name]
            verb, path, call = change.verb, change.path, change.call
        else:
            call, path = REMOVALS[name.removeprefix("no ")]
            verb = "DELETE"
        answer(faked, verb, path, "conflict.json", status=409)
        if name in documented:
            assert call(provider).outcome is Outcome.REFUSED
        else:
            with pytest.raises(ProviderProtocolError):
                call(provider)


class TestRemovals:
    @pytest.mark.parametrize("name", REMOVALS)
    def test_an_empty_answer_is_the_success(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        call, path = REMOVALS[name]
        answer(faked, "DELETE", path, status=204)
        assert call(provider) == done()
        assert sent(faked) == ("DELETE", path, None)

    @pytest.mark.parametrize("name", REMOVALS)
    def test_what_is_not_there_is_refused(
        self, faked: Faked, provider: VoiceTel, name: str
    ) -> None:
        call, path = REMOVALS[name]
        answer(faked, "DELETE", path, "not_found.json", status=404)
        assert call(provider).code == "404"

    def test_another_route_cannot_be_said_with_it(
        self, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        with pytest.raises(ValueError, match="route them afterwards"):
            provider.remove_forward(TN1, route_ref="4")
        assert runtime.exchanges == []


class TestRoutes:
    def test_each_number_is_a_request_and_an_outcome(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", f"{PATH}/route", body=told(route=4))
        answer(faked, "PUT", "numbers/2125550143/route", "fields_required.json", status=400)
        first, second = provider.assign_route([TN1, TN2, TN1], route_ref="4")
        assert (first.tn, first.outcome) == (TN1, Outcome.SUCCEEDED)
        assert (second.tn, second.outcome, second.code) == (TN2, Outcome.REFUSED, "400")

    def test_an_error_leaves_the_rest_unsent(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", f"{PATH}/route", body=told(route=4))
        answer(faked, "PUT", "numbers/2125550143/route", body=b"<html>", status=500)
        outcomes = provider.assign_route([TN1, TN2, TN3], route_ref="4")
        assert next(outcomes).tn == TN1
        with pytest.raises(ProviderProtocolError):
            next(outcomes)
        assert len(runtime.exchanges) == 2

    def test_the_accounts_default_gateway_is_taken_for_a_claim(self, faked: Faked) -> None:
        provider = make_provider(sign_in(RecordingRuntime()), settings={"route": "4107"})
        answer(faked, "POST", "numbers", body=told(route=4107), status=201)
        assert provider.claim_tn(TN1).values == {"route_ref": "4107"}

    def test_a_low_balance_is_a_refusal_with_advice(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "POST", "numbers", "balance.json", status=402)
        outcome = provider.claim_tn(TN1, route_ref="4")
        assert outcome.advice.startswith("It was not put on the account. Top up")


class TestForward:
    def test_the_target_is_told(self, faked: Faked, provider: VoiceTel) -> None:
        record = told(forward=True, forwardTo="3125550142")
        answer(faked, "GET", PATH, body=record)
        assert provider.forward(TN1) == FAR

    def test_none_is_none(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", PATH, body=told(forward=False, forwardTo="3125550142"))
        assert provider.forward(TN1) is None

    def test_a_number_that_is_not_ours_is_refused(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", PATH, "not_found.json", status=404)
        with pytest.raises(ProviderRefused) as caught:
            provider.forward(TN1)
        assert caught.value.code == "404"

    @pytest.mark.parametrize("fields", [{}, {"forward": True}, {"forward": "yes"}])
    def test_what_is_not_told_is_not_guessed(
        self, faked: Faked, provider: VoiceTel, fields: dict[str, Any]
    ) -> None:
        answer(faked, "GET", PATH, body=told(**fields))
        with pytest.raises(ProviderProtocolError):
            provider.forward(TN1)


class TestFax:
    def test_none_set_is_no_address(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", f"{PATH}/fax", "not_found.json", status=404)
        assert provider.fax_to_email(TN1) == FaxToEmail(tn=TN1)

    def test_the_address_is_told(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", f"{PATH}/fax", body=told(email="fax@example.net"))
        assert provider.fax_to_email(TN1).emails == ("fax@example.net",)

    def test_an_answer_without_an_address_is_off_contract(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", f"{PATH}/fax", body=told())
        with pytest.raises(ProviderProtocolError):
            provider.fax_to_email(TN1)


BAD_CALLS: tuple[Callable[[VoiceTel], Any], ...] = (
    lambda p: p.assign_route([TN1, ABROAD], route_ref="4"),
    lambda p: p.assign_route([TN1], route_ref="DID"),
    lambda p: p.set_forward(TN1, to=ABROAD),
    lambda p: p.set_translation(TN1, digits=""),
    lambda p: p.set_translation(TN1, digits="1*2"),
    lambda p: p.set_fax_to_email(TN1, email="fax"),
    lambda p: p.set_caller_name(TN1, name="A", reference="line\nbreak"),
    lambda p: p.claim_tn(TN1, route_ref="gw"),
    lambda p: p.transfer_tn(TN1, account_ref="next door", route_ref="4"),
    lambda p: p.transfer_tn(TN1, account_ref="1000000002", route_ref="0"),
    lambda p: p.transfer_tn(TN1, account_ref="0", route_ref="4"),
    lambda p: p.remove_tn(ABROAD),
    lambda p: p.look_up_name(ABROAD),
    lambda p: p.client.put_number_forward("12125550142", destination="3125550142"),
    lambda p: p.client.put_number_route("2125550142", route=0),
    lambda p: p.client.get_lrn("2125550142", ani="1125550142"),
    lambda p: p.client.get_number_fax("2125550142/../x"),
)


@pytest.mark.parametrize("call", BAD_CALLS)
def test_what_the_wire_cannot_carry_is_not_sent(
    runtime: RecordingRuntime, provider: VoiceTel, call: Callable[[VoiceTel], Any]
) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        call(provider)
    assert runtime.exchanges == []


@given(record=records())
def test_no_record_crashes_a_mapping(record: dict[str, Any]) -> None:
    reads: list[Callable[[], Any]] = [
        lambda: mapping.confirmed(record, "forwardTo", TN1, PUT_NUMBER_FORWARD),
        lambda: mapping.forward_of(record, TN1),
        lambda: mapping.fax_to_email(record, TN1),
    ]
    for read in reads:
        with contextlib.suppress(ProviderProtocolError):
            read()
