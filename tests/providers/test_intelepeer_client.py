"""IntelePeer's wire: what is sent, letter for letter, and how it signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from portal.providers.errors import (
    ProviderAuthError,
    ProviderUnavailable,
)
from portal.providers.intelepeer.adapter import IntelePeer
from portal.providers.intelepeer.client import IntelePeerClient
from tests.providers.intelepeer import (
    GIVE_BACK,
    HOLD,
    LOGIN,
    ORDER,
    OWN,
    PACKAGES,
    PASSWORD,
    SEARCH,
    TNS,
    TOKEN,
    USERNAME,
    Faked,
    answer,
    connected,
    make_provider,
    paths,
    refuse,
    say,
    sent,
)
from tests.providers.runtime import RecordingRuntime

UUID = "0B6F2E50-0000-4000-8000-000000000001"
PAGE = [("page", "1"), ("pageSize", "100")]
Ask = Callable[[IntelePeerClient], Any]


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


CALLS: list[tuple[str, Ask, list[tuple[str, str]], Any]] = [
    (
        SEARCH,
        lambda c: c.carrier_tf(like="+1888", npas=["888"]),
        [("like", "+1888"), ("npa", "888"), *PAGE],
        None,
    ),
    (
        SEARCH,
        lambda c: c.carrier_tf(npas=["888", "877"], is_sequential=True, page_size=20),
        [
            ("npa[]", "888"),
            ("npa[]", "877"),
            ("sequential", "1"),
            ("page", "1"),
            ("pageSize", "20"),
        ],
        None,
    ),
    (
        HOLD,
        lambda c: c.carrier_tf_reservations(TNS[:2], reservation_id=UUID),
        [],
        {"endpoints": ["+18885550101", "+18885550102"], "reservationID": UUID},
    ),
    (
        OWN,
        lambda c: c.my_tf_v4(like="+18885550101", label="Front desk", package_ids=[30001, 30002]),
        [
            ("like", "+18885550101"),
            ("label", "Front desk"),
            ("packageID[]", "30001"),
            ("packageID[]", "30002"),
            *PAGE,
        ],
        None,
    ),
    (
        ORDER,
        lambda c: c.my_tf_orders(
            package_id=30001, service_area=4, reservation_ids=[UUID], reference_id="order-17"
        ),
        [],
        {
            "packageID": 30001,
            "serviceArea": 4,
            "reservationID": [UUID],
            "referenceID": "order-17",
        },
    ),
    (
        ORDER,
        lambda c: c.my_tf_orders(
            package_id=30001,
            service_area=1,
            tns=TNS[:1],
            reference_id="order-17",
            email="noc@example.net",
            notes="for C-17",
        ),
        [],
        {
            "packageID": 30001,
            "serviceArea": 1,
            "endpoints": [{"countryCode": "1", "number": "8885550101"}],
            "referenceID": "order-17",
            "email": "noc@example.net",
            "notes": "for C-17",
        },
    ),
    (
        "/_rest/v4/my/tf/package",
        lambda c: c.my_tf_package(TNS[:1], package_id=30002, reference_id="move-1"),
        [],
        {"packageID": 30002, "endpoints": ["+18885550101"], "referenceID": "move-1"},
    ),
    (
        GIVE_BACK,
        lambda c: c.my_tf_disconnect(TNS[:1], reference_id="rel-1"),
        [],
        {"endpoints": ["+18885550101"], "referenceID": "rel-1"},
    ),
    (PACKAGES, lambda c: c.my_packages(), [], None),
]


@pytest.mark.parametrize(("path", "ask", "query", "body"), CALLS)
def test_each_operation_sends_what_the_reference_names(
    provider: IntelePeer,
    faked: Faked,
    path: str,
    ask: Ask,
    query: list[tuple[str, str]],
    body: Any,
) -> None:
    answer(faked, path, "none.json")
    ask(provider.client)
    assert sent(faked) == [("POST" if body else "GET", path, query, body)]
    headers = faked.calls[0].request.headers
    assert headers["Accept"] == "application/json"
    assert headers["Content-Type"] == "application/json"  # also on GET
    assert headers["Authorization"] == TOKEN
    assert (headers.get("Connection") == "close") is bool(body)


def test_a_plus_travels_escaped(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, SEARCH, "none.json")
    provider.client.carrier_tf(like="+1888")
    assert "like=%2B1888" in faked.calls[0].request.url


def test_the_bearer_form_is_a_setting(runtime: RecordingRuntime, faked: Faked) -> None:
    answer(faked, SEARCH, "none.json")
    make_provider(runtime, auth_scheme="bearer").client.carrier_tf(npas=["888"])
    assert faked.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.carrier_tf(),
        lambda c: c.carrier_tf(like="555", is_sequential=True),
        lambda c: c.carrier_tf(npas=["88"]),
        lambda c: c.carrier_tf(npas=["888"], page=0),
        lambda c: c.carrier_tf(npas=["888"], page_size=101),
        lambda c: c.carrier_tf_reservations([], reservation_id=UUID),
        lambda c: c.carrier_tf_reservations(TNS, reservation_id="7"),
        lambda c: c.my_tf_orders(package_id=1, service_area=4, reference_id="r"),
        lambda c: c.my_tf_orders(
            package_id=1, service_area=4, reservation_ids=[UUID], tns=TNS, reference_id="r"
        ),
        lambda c: c.my_tf_orders(package_id=1, service_area=6, tns=TNS, reference_id="r"),
        lambda c: c.my_tf_orders(package_id=0, service_area=4, tns=TNS, reference_id="r"),
        lambda c: c.my_tf_orders(package_id=1, service_area=4, tns=TNS, reference_id=""),
        lambda c: c.my_tf_package([], package_id=1, reference_id="r"),
        lambda c: c.my_tf_disconnect([], reference_id="r"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_sent(
    provider: IntelePeer, runtime: RecordingRuntime, ask: Ask
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ask(provider.client)
    assert not runtime.exchanges


# -- signing in -----------------------------------------------------------------------------------


def test_one_sign_in_serves_all_calls(runtime: RecordingRuntime, faked: Faked) -> None:
    provider = make_provider(runtime)
    runtime.tokens.clear()
    answer(faked, LOGIN, "authenticate.json")
    answer(faked, SEARCH, "none.json")
    provider.client.carrier_tf(npas=["888"])
    provider.client.carrier_tf(npas=["877"])
    assert paths(faked) == [LOGIN, SEARCH, SEARCH]
    assert sent(faked)[0][3] == {"username": USERNAME, "password": PASSWORD}
    assert runtime.fetches == 1
    assert TOKEN not in "".join(exchange.text for exchange in runtime.exchanges)


@pytest.mark.parametrize("path", [SEARCH, ORDER])
def test_a_token_that_ran_out_is_renewed_once_and_the_call_repeated(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime, path: str
) -> None:
    def ask() -> Any:
        if path == SEARCH:
            return provider.client.carrier_tf(npas=["888"])
        return provider.client.my_tf_orders(
            package_id=1, service_area=4, tns=TNS[:1], reference_id="r"
        )

    runtime.tokens["session"] = "an-older-token"
    refuse(faked, path, 401, "Session Expired")
    answer(faked, LOGIN, "authenticate.json")
    answer(faked, path, "none.json")
    ask()
    assert paths(faked) == [path, LOGIN, path]
    assert runtime.outcomes == ["answered"] * 3  # a token that ran out is no failure
    assert runtime.tokens["session"] == TOKEN


def test_a_new_token_that_ran_out_at_once_is_an_auth_error(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime
) -> None:
    refuse(faked, SEARCH, 401, "Session Expired")
    answer(faked, LOGIN, "authenticate.json")
    with pytest.raises(ProviderAuthError):
        provider.client.carrier_tf(npas=["888"])
    assert paths(faked) == [SEARCH, LOGIN, SEARCH]
    assert runtime.outcomes == ["answered", "answered", "auth"]


def test_unauthorized_is_not_tried_again_and_the_token_is_forgotten(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime
) -> None:
    refuse(faked, SEARCH, 401, "Unauthorized")
    with pytest.raises(ProviderAuthError) as caught:
        provider.client.carrier_tf(npas=["888"])
    assert caught.value.code == "401"
    assert caught.value.operation == "GET /_rest/v4/carrier/tf"
    assert paths(faked) == [SEARCH]
    assert "session" not in runtime.tokens


@pytest.mark.parametrize(
    "trouble",
    [
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ConnectionError("cut"),
        b"<html>busy</html>",
        b"{}",
        b'{"token": ""}',
        b'{"token": 7}',
        b'{"token": "two\\nlines"}',
    ],
)
def test_a_sign_in_without_an_answer_means_that_nothing_was_sent(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime, trouble: object
) -> None:
    runtime.tokens.clear()
    say(faked, LOGIN, trouble)
    with pytest.raises(ProviderUnavailable):
        provider.client.my_tf_disconnect(TNS[:1], reference_id="r")
    assert not runtime.writes()


def test_the_check_signs_in_afresh_and_reads_one_row(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime
) -> None:
    answer(faked, LOGIN, "authenticate.json")
    answer(faked, OWN, "none.json")
    provider.check_credentials()
    assert paths(faked) == [LOGIN, OWN]
    assert sent(faked)[1][2] == [("page", "1"), ("pageSize", "1")]
    assert not runtime.writes()


def test_the_check_finds_a_wrong_header_form(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, LOGIN, "authenticate.json")
    refuse(faked, OWN, 401, "Unauthorized")
    with pytest.raises(ProviderAuthError):
        provider.check_credentials()
