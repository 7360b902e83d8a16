"""VoiceTel's wire: what is sent, how keys and budgets are kept, and what each answer means."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.providers.dto import Outcome, SearchCriteria
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.client import OrderedNumber
from portal.providers.voicetel.methods import METHODS
from tests.providers.contract_faults import BROKEN_BODIES
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import (
    BASE,
    KEY,
    NEW_KEY,
    PASSWORD,
    TNS,
    USERNAME,
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


class TestKeys:
    def test_the_key_is_fetched_once_and_sent_as_a_bearer(self, faked: Faked) -> None:
        runtime = RecordingRuntime()
        provider = make_provider(runtime)
        answer(faked, "POST", "account/api-key", "api_key.json")
        answer(faked, "GET", "gateways", "gateways.json")
        provider.list_routes()
        provider.list_routes()
        assert runtime.fetches == 1
        assert runtime.tokens == {"apikey": KEY}
        assert sent(faked) == (
            "POST",
            "account/api-key",
            {"username": USERNAME, "password": PASSWORD},
        )
        assert "Authorization" not in faked.calls[0].request.headers
        assert faked.calls[1].request.headers["Authorization"] == f"Bearer {KEY}"

    def test_no_secret_is_kept_in_an_exchange(self, faked: Faked) -> None:
        runtime = RecordingRuntime()
        provider = make_provider(runtime)
        answer(faked, "POST", "account/api-key", "api_key.json")
        echo = json.dumps({"status": "error", "error": {"message": f"{KEY} {PASSWORD} {USERNAME}"}})
        answer(faked, "GET", "gateways", body=echo.encode(), status=403)
        with pytest.raises(ProviderRefused) as caught:
            provider.list_routes()
        assert "[redacted]" in caught.value.message
        kept = "\n".join([caught.value.message, *(e.text for e in runtime.exchanges)])
        for secret in (KEY, PASSWORD, json.dumps(PASSWORD)[1:-1], USERNAME):
            assert secret not in kept

    def test_a_refused_key_is_fetched_anew_once(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "gateways", "unauthorized.json", status=401)
        fresh = json.dumps({"status": "success", "data": {"apikey": NEW_KEY}}).encode()
        answer(faked, "POST", "account/api-key", body=fresh)
        answer(faked, "GET", "gateways", "gateways.json")
        assert len(provider.list_routes()) == 3
        assert runtime.tokens == {"apikey": NEW_KEY}
        # The first 401 is no reason to pause the account.
        assert runtime.outcomes == ["answered", "answered", "answered"]

    def test_a_key_refused_twice_is_an_auth_error(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "gateways", "unauthorized.json", status=401)
        answer(faked, "POST", "account/api-key", "api_key.json")
        with pytest.raises(ProviderAuthError):
            provider.list_routes()
        assert runtime.operations == [
            "GET /v2.2/gateways",
            "POST /v2.2/account/api-key",
            "GET /v2.2/gateways",
        ]
        assert runtime.outcomes[-1] == "auth"

    def test_a_key_fetched_just_now_is_not_fetched_again(self, faked: Faked) -> None:
        runtime = RecordingRuntime()
        answer(faked, "POST", "account/api-key", "api_key.json")
        answer(faked, "GET", "gateways", "unauthorized.json", status=401)
        with pytest.raises(ProviderAuthError):
            make_provider(runtime).list_routes()
        assert runtime.fetches == 1

    def test_an_order_met_by_an_old_key_is_sent_again_with_the_same_reference(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", "orders", "unauthorized.json", status=401)
        answer(faked, "POST", "account/api-key", "api_key.json")
        answer(faked, "POST", "orders", "order_partial.json", status=201)
        assert order(provider, TNS[0])[TNS[0]].outcome is Outcome.SUCCEEDED
        keys = {faked.calls[n].request.headers["Idempotency-Key"] for n in (0, 2)}
        assert keys == {"order-17"}

    @pytest.mark.parametrize("missing", ["username", "password"])
    def test_missing_credentials_are_an_auth_error_and_nothing_is_sent(
        self, faked: Faked, missing: str
    ) -> None:
        runtime = RecordingRuntime()
        both = {"username": USERNAME, "password": PASSWORD}
        with pytest.raises(ProviderAuthError):
            make_provider(runtime, credentials={**both, missing: ""}).check_credentials()
        assert runtime.exchanges == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [(b"<html>", 200), (b'{"status":"success","data":{}}', 200), (b"", 204)],
    )
    def test_a_broken_sign_in_leaves_an_order_unsent(
        self, faked: Faked, body: bytes, status: int
    ) -> None:
        provider = make_provider(RecordingRuntime())
        answer(faked, "POST", "account/api-key", body=body, status=status)
        with pytest.raises(ProviderUnavailable, match="nothing was sent"):
            order(provider, TNS[0])
        with pytest.raises(ProviderProtocolError):
            provider.check_credentials()

    def test_a_sign_in_without_an_answer_leaves_an_order_unsent(self, faked: Faked) -> None:
        provider = make_provider(RecordingRuntime())
        url = f"{BASE}/v2.2/account/api-key"
        faked.add("POST", url, body=requests.exceptions.ReadTimeout("slow"))
        with pytest.raises(ProviderUnavailable):
            order(provider, TNS[0])
        with pytest.raises(ProviderTimeout):
            provider.check_credentials()


class TestBudgets:
    def test_the_limited_routes_have_a_budget_each_for_the_whole_installation(
        self, faked: Faked
    ) -> None:
        runtime = RecordingRuntime()
        provider = make_provider(runtime)
        answer(faked, "POST", "account/api-key", "api_key.json")
        answer(faked, "GET", "account", "account.json")
        answer(faked, "GET", "gateways", "gateways.json")
        for _ in range(6):
            provider.check_credentials()
        provider.list_routes()
        assert runtime.spent == {"POST /v2.2/account/api-key": 1, "GET /v2.2/account": 6}
        assert runtime.per_source == set(runtime.spent)
        sent_before = len(runtime.exchanges)
        with pytest.raises(ProviderUnavailable) as caught:
            provider.check_credentials()
        assert caught.value.retry_at is not None
        assert len(runtime.exchanges) == sent_before

    def test_a_paused_account_uses_no_budget_up(self, runtime: RecordingRuntime) -> None:
        runtime.unavailable = "The account is paused."
        with pytest.raises(ProviderUnavailable, match="paused"):
            make_provider(sign_in(runtime)).check_credentials()
        assert runtime.spent == {}

    @pytest.mark.parametrize(("header", "least"), [({}, 500), ({"Retry-After": "90"}, 80)])
    def test_too_many_calls_is_unavailable_with_a_time(
        self, faked: Faked, provider: VoiceTel, header: dict[str, str], least: int
    ) -> None:
        faked.add("GET", f"{BASE}/v2.2/account", status=429, headers=header)
        with pytest.raises(ProviderUnavailable) as caught:
            provider.check_credentials()
        assert caught.value.retry_at is not None
        wait = caught.value.retry_at - datetime.now(UTC)
        assert timedelta(seconds=least) < wait < timedelta(seconds=601)


class TestArguments:
    @pytest.mark.parametrize(
        "arguments",
        [
            {"tn_mask": "21"},
            {"tn_mask": "112"},
            {"tn_mask": "2*2"},
            {"tn_mask": "212", "quantity": 0},
            {"tn_mask": "212", "quantity": 1001},
            {"tn_mask": "212", "province": "New York"},
            {"tn_mask": "212", "lata": "x"},
        ],
    )
    def test_a_bad_search_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, arguments: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=r", not|asks for"):
            list(provider.client.get_inventory(**arguments))
        assert runtime.exchanges == []

    @pytest.mark.parametrize("number", ["", "212555014", "+12125550142", "2125550142/release"])
    def test_a_number_is_ten_digits(self, provider: VoiceTel, number: str) -> None:
        for operation in (provider.client.get_number, provider.client.post_number_release):
            with pytest.raises(ValueError, match="ten digits"):
                operation(number)

    @pytest.mark.parametrize("key", ["", "with space", "ä", "x" * 129])
    def test_a_reference_fits_the_header(self, provider: VoiceTel, key: str) -> None:
        numbers = [OrderedNumber(number="2125550142", route=4)]
        with pytest.raises(ValueError, match="reference"):
            provider.client.post_orders(numbers, idempotency_key=key)

    def test_a_gateway_id_is_positive(self) -> None:
        with pytest.raises(ValueError, match="gateway"):
            OrderedNumber(number="2125550142", route=0)


def test_every_method_is_named_as_the_reference_does() -> None:
    assert all(name == f"{m.verb} {m.path}" for name, m in METHODS.items())
    budgeted = {name for name, method in METHODS.items() if method.is_budgeted}
    assert budgeted == {
        "GET /v2.2/account",
        "GET /v2.2/account/cdr",
        "GET /v2.2/account/recurring-charges",
        "POST /v2.2/account/api-key",
    }
    public = {name for name, method in METHODS.items() if method.is_public}
    assert public == {
        "POST /v2.2/account/api-key",
        "POST /v2.2/account/recovery",
        "POST /v2.2/accounts",
    }


def _reads(provider: VoiceTel) -> list[Any]:
    return [
        provider.check_credentials,
        provider.list_routes,
        provider.coverage_states,
        lambda: provider.query_tn(TNS[0]),
        lambda: list(provider.list_owned()),
        lambda: list(provider.search(SearchCriteria(npa="212"))),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=BROKEN_BODIES,
    status=st.sampled_from([200, 201, 202, 204, 302, 400, 401, 402, 403, 404, 409, 429, 500, 502]),
)
def test_behind_the_sign_in_no_broken_answer_is_a_success_or_a_crash(
    body: bytes, status: int
) -> None:
    provider = make_provider(sign_in(RecordingRuntime()))
    with Faked(assert_all_requests_are_fired=False) as faked:
        answer(faked, "POST", "account/api-key", "api_key.json")
        for verb, path in (
            ("GET", "account"),
            ("GET", "gateways"),
            ("GET", "inventory"),
            ("GET", "inventory/coverage"),
            ("GET", "numbers"),
            ("GET", "numbers/2125550142"),
            ("POST", "orders"),
            ("POST", "numbers/2125550142/release"),
        ):
            answer(faked, verb, path, body=body, status=status)
        for read in _reads(provider):
            with pytest.raises(ProviderError):
                read()
        with pytest.raises(ProviderError):
            order(provider, TNS[0])
        if status == 204:  # the documented answer, whatever the body says
            return
        with contextlib.suppress(ProviderError):
            (outcome,) = provider.release_tns(TNS[:1], reference="r")
            assert outcome.outcome is not Outcome.SUCCEEDED
