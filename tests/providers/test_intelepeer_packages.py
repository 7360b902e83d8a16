"""Packages and accounts at IntelePeer: numbers put on another package, and what a login may use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.errors import ProviderProtocolError, ProviderTimeout
from portal.providers.intelepeer.adapter import IntelePeer
from portal.providers.intelepeer.mapping import account
from portal.tn import TN
from tests.providers.intelepeer import (
    NOT_OURS,
    ORDER,
    TNS,
    Faked,
    answer,
    connected,
    hold_everything,
    judge_by_number,
    make_provider,
    order,
    refuse,
    say,
    sent,
    value,
)
from tests.providers.runtime import RecordingRuntime

PACKAGE = "/_rest/v4/my/tf/package"
ACCOUNTS = "/_rest/v4/my/accounts"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


def test_numbers_are_put_on_another_package(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, PACKAGE, "package.json")
    told = list(provider.assign_route(TNS[:2], route_ref="30002", reference="job-1"))
    assert [(each.tn, each.outcome) for each in told] == [
        (TNS[0], Outcome.PENDING),
        (TNS[1], Outcome.PENDING),
    ]
    assert told[0].provider_ref == "7000020"
    (_, _, _, body) = sent(faked)[0]
    assert body == {
        "packageID": 30002,
        "endpoints": [str(TNS[0]), str(TNS[1])],
        "referenceID": "job-1",
    }


def test_a_large_change_goes_in_batches(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, PACKAGE, "package.json", "package.json")
    tns = [TN(f"+1888555{n:04d}") for n in range(100, 130)]
    assert len(list(provider.assign_route(tns, route_ref="30002"))) == 30
    first, second = (body for _, _, _, body in sent(faked))
    assert (len(first["endpoints"]), len(second["endpoints"])) == (25, 5)
    assert first["referenceID"] != ""


def test_the_number_that_stands_in_the_way_is_found(provider: IntelePeer, faked: Faked) -> None:
    def verdict(endpoints: list[str]) -> tuple[int, str]:
        return (409, NOT_OURS) if str(TNS[2]) in endpoints else (200, "")

    judge_by_number(faked, PACKAGE, "endpoints", verdict)
    told = {each.tn: each for each in provider.assign_route(TNS, route_ref="30002")}
    assert {tn for tn, each in told.items() if each.outcome == Outcome.PENDING} == {
        TNS[0],
        TNS[1],
        TNS[3],
    }
    refused = told[TNS[2]]
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "409")
    assert refused.message.endswith("It stays on its package.")
    assert refused.advice


def test_a_package_that_is_not_accepted_is_told_once(provider: IntelePeer, faked: Faked) -> None:
    words = "The 'packageID' parameter must be formatted as a(n) integer."
    refuse(faked, PACKAGE, 422, words)
    told = list(provider.assign_route(TNS[:2], route_ref="30009"))
    assert {each.outcome for each in told} == {Outcome.REFUSED}
    assert words in told[0].message
    assert len(sent(faked)) == 1


@pytest.mark.parametrize("route_ref", ["", "0", "SIP Trunk", "-1", "٣"])
def test_a_package_is_a_number(provider: IntelePeer, faked: Faked, route_ref: str) -> None:
    with pytest.raises(ValueError, match="package"):
        list(provider.assign_route(TNS[:1], route_ref=route_ref))
    assert not sent(faked)


def test_a_local_number_has_no_package(provider: IntelePeer, faked: Faked) -> None:
    (told,) = provider.assign_route([TN("+13125550142")], route_ref="30002")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "not_toll_free")
    assert not sent(faked)


def test_a_lost_answer_is_not_sent_again(provider: IntelePeer, faked: Faked) -> None:
    say(faked, PACKAGE, requests.exceptions.ReadTimeout())
    with pytest.raises(ProviderTimeout):
        list(provider.assign_route(TNS, route_ref="30002"))
    assert len(sent(faked)) == 1


def test_a_refusal_is_kept_as_one(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime
) -> None:
    refuse(faked, PACKAGE, 409, NOT_OURS)
    list(provider.assign_route(TNS[:1], route_ref="30002"))
    assert runtime.outcomes == ["refused"]


def test_orders_under_our_own_resporg(runtime: RecordingRuntime, faked: Faked) -> None:
    hold_everything(faked)
    answer(faked, ORDER, "order.json", "order.json")
    order(make_provider(runtime, resporg="own"), TNS[0])
    order(make_provider(runtime), TNS[0])
    own, usual = (body for _, path, _, body in sent(faked) if path == ORDER)
    assert own["myRespOrg"] is True
    assert "myRespOrg" not in usual


def test_the_accounts_of_a_login(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, ACCOUNTS, "accounts.json")
    first, second = provider.list_clients()
    assert (first.ref, first.name, first.details["tfCount"]) == ("1000001", "Example LLC", 60)
    assert (second.ref, second.name) == ("1000002", "Account 1000002")
    (_, _, query, _) = sent(faked)[0]
    assert query == [("countNumbers", "1"), ("page", "1"), ("pageSize", "100")]


def test_accounts_beyond_a_page(provider: IntelePeer, faked: Faked) -> None:
    pages = [[{"accountID": n} for n in range(1, 101)], [{"accountID": 100}, {"accountID": 101}]]
    for page in pages:
        say(faked, ACCOUNTS, {"accounts": page})
    assert len(provider.list_clients()) == 101


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["accounts", "accountID", "id", "name"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_reading_accounts_fails_off_contract_only(told: Any) -> None:
    found = []
    with contextlib.suppress(ProviderProtocolError):
        found = account.accounts(told)
    assert all(each.ref.isdigit() and each.name for each in found)


def test_the_packages_are_the_routes() -> None:
    assert [route.ref for route in account.routes(value("packages.json"))]
