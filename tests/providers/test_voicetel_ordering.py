"""Buying at VoiceTel and giving back: each number's verdict, and what stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from portal.providers.dto import Outcome
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.voicetel.adapter import VoiceTel
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import (
    BASE,
    TNS,
    Faked,
    answer,
    connected,
    make_provider,
    order,
    sent,
    sign_in,
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def test_an_order_names_numbers_and_gateway_and_carries_its_reference(
    faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
) -> None:
    answer(faked, "POST", "orders", "order_partial.json", status=201)
    order(provider, *TNS, route_ref="4107")
    verb, path, body = sent(faked)
    assert (verb, path) == ("POST", "orders")
    assert body == {"numbers": [{"number": tn.digits10, "route": 4107} for tn in TNS]}
    headers = faked.calls[0].request.headers
    assert headers["Idempotency-Key"] == "order-17"
    assert headers["Connection"] == "close"
    assert [exchange.call.is_write for exchange in runtime.exchanges] == [True]


def test_each_number_has_its_own_verdict(faked: Faked, provider: VoiceTel) -> None:
    answer(faked, "POST", "orders", "order_partial.json", status=201)
    outcomes = order(provider, *TNS)
    assert [o.outcome for o in outcomes.values()] == [
        Outcome.SUCCEEDED,
        Outcome.REFUSED,
        Outcome.SUCCEEDED,
    ]
    bought, failed = outcomes[TNS[0]], outcomes[TNS[1]]
    assert (bought.provider_ref, bought.charged) == ("1750000000", Decimal("0.5"))
    assert (failed.code, failed.message) == ("failed", "No longer available")
    assert failed.advice.startswith("It was not bought.")
    assert failed.charged is None


def test_a_number_that_the_answer_does_not_name_is_unknown(
    faked: Faked, provider: VoiceTel
) -> None:
    answer(faked, "POST", "orders", "order_partial.json", status=201)
    other = TN("+12125550199")
    outcomes = order(provider, TNS[0], other)
    assert set(outcomes) == {TNS[0], other}
    assert outcomes[other].outcome is Outcome.UNKNOWN


def test_a_number_called_both_bought_and_failed_is_unknown(
    faked: Faked, provider: VoiceTel
) -> None:
    answer(faked, "POST", "orders", "order_contradiction.json", status=201)
    assert order(provider, TNS[0])[TNS[0]].outcome is Outcome.UNKNOWN


def test_already_there_is_a_success_only_if_asking_says_ours(
    faked: Faked, provider: VoiceTel
) -> None:
    answer(faked, "POST", "orders", "order_already.json", status=201)
    answer(faked, "GET", "numbers/2125550142", "number.json")
    outcome = order(provider, TNS[0])[TNS[0]]
    assert outcome.outcome is Outcome.SUCCEEDED
    assert outcome.owned is not None
    assert outcome.message == "Number already on your account"


def test_already_there_but_not_ours_is_a_refusal(faked: Faked, provider: VoiceTel) -> None:
    answer(faked, "POST", "orders", "order_already.json", status=201)
    answer(faked, "GET", "numbers/2125550142", "forbidden.json", status=403)
    assert order(provider, TNS[0])[TNS[0]].outcome is Outcome.REFUSED


@pytest.mark.parametrize("status", [200, 500, 429, 401])
def test_already_there_and_asking_fails_is_unknown(
    faked: Faked, provider: VoiceTel, status: int
) -> None:
    answer(faked, "POST", "orders", "order_already.json", status=201)
    answer(faked, "POST", "account/api-key", body=b"broken")
    answer(faked, "GET", "numbers/2125550142", body=b"broken", status=status)
    outcome = order(provider, TNS[0])[TNS[0]]
    assert outcome.outcome is Outcome.UNKNOWN
    assert "Asking about it failed" in outcome.message


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [
        ("fields_required.json", 400, "mistake"),
        ("balance.json", 402, "balance"),
        ("forbidden.json", 403, "another account"),
    ],
)
def test_a_refused_order_refuses_each_number_with_advice(
    faked: Faked, runtime: RecordingRuntime, provider: VoiceTel, name: str, status: int, word: str
) -> None:
    answer(faked, "POST", "orders", name, status=status)
    outcomes = order(provider, *TNS[:2])
    assert {o.outcome for o in outcomes.values()} == {Outcome.REFUSED}
    assert {o.code for o in outcomes.values()} == {str(status)}
    assert all(word in o.message for o in outcomes.values())
    assert all(o.advice.startswith("It was not bought. ") for o in outcomes.values())
    assert runtime.outcomes == ["refused"]


def test_502_means_that_nothing_was_written(
    faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
) -> None:
    answer(faked, "POST", "orders", "network_refused.json", status=502)
    with pytest.raises(ProviderUnavailable, match="Nothing was written") as caught:
        order(provider, TNS[0])
    assert caught.value.code == "502"
    assert runtime.outcomes == ["unavailable"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>Bad Gateway</html>", 502),
        (b"<html>Forbidden</html>", 403),
        (b'{"status":"error","error":{"code":409,"message":"Conflict"}}', 409),
        (b'{"status":"error","error":{"code":503,"message":"Busy"}}', 503),
        (b'{"status":"error","error":{"code":400,"message":"odd"}}', 200),
        (b'{"status":"success","data":{}}', 201),
        (b'{"status":"success","data":{"numbersOrdered":"2125550142"}}', 201),
        (b'{"data":{"numbersOrdered":["2125550142"]}}', 201),
        (b'{"status":"success","data":{"numbersOrdered":["2125550142"]}', 201),
        (b"", 204),
        (b'{"status":"success","data":{"numbersOrdered":["2125550142"]}}', 202),
    ],
)
def test_an_answer_off_contract_leaves_the_order_unknown(
    faked: Faked, runtime: RecordingRuntime, provider: VoiceTel, body: bytes, status: int
) -> None:
    answer(faked, "POST", "orders", body=body, status=status)
    with pytest.raises(ProviderProtocolError, match="may or may not"):
        order(provider, TNS[0])
    assert runtime.outcomes == ["protocol"]


def test_a_lost_answer_is_a_timeout(faked: Faked, provider: VoiceTel) -> None:
    faked.add("POST", f"{BASE}/v2.2/orders", body=requests.exceptions.ReadTimeout("slow"))
    with pytest.raises(ProviderTimeout, match="may or may not"):
        order(provider, TNS[0])


@pytest.mark.parametrize("route", ["DID", "0", "-4", "9" * 30, "4.5"])
def test_a_gateway_that_is_no_id_is_refused_before_anything_is_sent(
    runtime: RecordingRuntime, provider: VoiceTel, route: str
) -> None:
    with pytest.raises(ProviderRefused, match="Nothing was ordered"):
        order(provider, TNS[0], route_ref=route)
    assert runtime.exchanges == []


@pytest.mark.parametrize(("settings", "route"), [({}, 4), ({"route": "4107"}, 4107)])
def test_the_accounts_gateway_is_the_default(
    faked: Faked, runtime: RecordingRuntime, settings: dict[str, Any], route: int
) -> None:
    answer(faked, "POST", "orders", "order_partial.json", status=201)
    order(make_provider(sign_in(runtime), settings=settings), TNS[0])
    assert sent(faked)[2]["numbers"] == [{"number": "2125550142", "route": route}]


def test_a_number_named_twice_is_ordered_once(faked: Faked, provider: VoiceTel) -> None:
    answer(faked, "POST", "orders", "order_partial.json", status=201)
    order(provider, TNS[0], TNS[0])
    assert len(sent(faked)[2]["numbers"]) == 1


@pytest.mark.parametrize("tns", [(), (TN("+442079460123"),)])
def test_no_number_and_a_foreign_number_are_not_sent(
    runtime: RecordingRuntime, provider: VoiceTel, tns: tuple[TN, ...]
) -> None:
    with pytest.raises(ValueError, match=r"no number|not a North American"):
        order(provider, *tns)
    with pytest.raises(ValueError, match=r"no number|not a North American"):
        provider.release_tns(tns, reference="r")
    assert runtime.exchanges == []


@pytest.mark.parametrize(("body", "status"), [(b"", 204), (b'{"status":"success"}', 200)])
def test_a_number_is_given_back(faked: Faked, provider: VoiceTel, body: bytes, status: int) -> None:
    answer(faked, "POST", "numbers/2125550142/release", body=body, status=status)
    (outcome,) = provider.release_tns(TNS[:1], reference="r")
    assert outcome.outcome is Outcome.SUCCEEDED
    assert sent(faked) == ("POST", "numbers/2125550142/release", None)


@pytest.mark.parametrize("name", ["conflict.json", "conflict_flat.json"])
def test_a_number_in_a_port_is_not_given_back_and_the_next_one_is(
    faked: Faked, provider: VoiceTel, name: str
) -> None:
    answer(faked, "POST", "numbers/2125550142/release", name, status=409)
    answer(faked, "POST", "numbers/2125550143/release", status=204)
    kept, gone = provider.release_tns(TNS[:2], reference="r")
    assert (kept.outcome, kept.code) == (Outcome.REFUSED, "409")
    assert "port in progress" in kept.message
    assert kept.advice.startswith("It was not given back.")
    assert gone.outcome is Outcome.SUCCEEDED


def test_a_lost_answer_stops_the_giving_back(
    faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
) -> None:
    answer(faked, "POST", "numbers/2125550142/release", status=204)
    url = f"{BASE}/v2.2/numbers/2125550143/release"
    faked.add("POST", url, body=requests.exceptions.ReadTimeout("slow"))
    outcomes = provider.release_tns(TNS, reference="r")
    assert next(outcomes).outcome is Outcome.SUCCEEDED
    with pytest.raises(ProviderTimeout):
        next(outcomes)
    assert len(runtime.exchanges) == 2
