"""What each of IntelePeer's answers means: refusals, broken replies, questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from portal.providers.dto import Ownership, SearchCriteria
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.intelepeer.adapter import IntelePeer
from portal.tn import TN
from tests.providers.intelepeer import (
    GIVE_BACK,
    OWN,
    OWN_V3,
    PACKAGES,
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
)
from tests.providers.runtime import RecordingRuntime

FIND = SearchCriteria(is_toll_free=True, npa="888", contains="555")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


# -- what answers mean ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (402, b'{"code":402,"error":"Order blocked; trial limit realized."}', ProviderRefused),
        (406, b'{"code":406,"error":"Not Acceptable"}', ProviderRefused),
        (409, b'{"code":409,"error":"Number(s) not available."}', ProviderRefused),
        (422, b'{"code":422,"error":"The \'x\' parameter is required."}', ProviderRefused),
        (401, b"", ProviderAuthError),
        (404, b"<html>no such page</html>", ProviderProtocolError),
        (409, b"", ProviderProtocolError),
        (409, b'{"code":409}', ProviderProtocolError),
        (409, b'{"code":409,"error":["x"]}', ProviderProtocolError),
        (200, b"", ProviderProtocolError),
        (200, b"[" * 5000, ProviderProtocolError),
        (204, b"", ProviderProtocolError),
        (302, b"", ProviderProtocolError),
        (429, b"", ProviderUnavailable),
        (500, b"", ProviderProtocolError),
        (503, b'{"code":503,"error":"x"}', ProviderProtocolError),
    ],
)
def test_statuses_and_broken_bodies_of_a_write(
    provider: IntelePeer,
    faked: Faked,
    status: int,
    body: bytes,
    expected: type[ProviderError],
) -> None:
    say(faked, GIVE_BACK, body, status=status)
    with pytest.raises(expected) as caught:
        provider.client.my_tf_disconnect(TNS[:1], reference_id="r")
    assert caught.value.operation == "POST /_rest/v4/my/tf/disconnect"


@pytest.mark.parametrize(
    "trouble",
    [requests.exceptions.ReadTimeout("slow"), requests.exceptions.ConnectionError("cut")],
)
def test_time_out_and_cut_of_a_write_are_lost(
    provider: IntelePeer, faked: Faked, runtime: RecordingRuntime, trouble: Exception
) -> None:
    say(faked, GIVE_BACK, trouble)
    with pytest.raises(ProviderTimeout):
        provider.client.my_tf_disconnect(TNS[:1], reference_id="r")
    assert runtime.outcomes == ["timeout"]


def test_a_refusal_that_quotes_a_secret_does_not_show_it(
    provider: IntelePeer, faked: Faked
) -> None:
    refuse(faked, SEARCH, 422, f"bad token {TOKEN} of {USERNAME}")
    with pytest.raises(ProviderRefused) as caught:
        list(provider.search(FIND))
    assert TOKEN not in caught.value.message
    assert USERNAME not in str(caught.value)


# -- questions of the adapter ---------------------------------------------------------------------


def test_a_query_looks_at_our_list_and_then_at_the_stock(
    provider: IntelePeer, faked: Faked
) -> None:
    answer(faked, OWN, "my_tf.json", "none.json")
    answer(faked, SEARCH, "carrier_tf.json", "none.json")
    ours = provider.query_tn(TNS[0])
    assert (ours.ownership, ours.word) == (Ownership.OURS, "package 30001")
    assert ours.owned is not None
    assert ours.owned.label == "Front desk"
    assert provider.query_tn(TNS[2]).ownership == Ownership.AVAILABLE
    assert provider.query_tn(TNS[2]).ownership == Ownership.NOT_OURS
    assert paths(faked) == [OWN, OWN, SEARCH, OWN, SEARCH]


def test_a_local_number_is_not_asked_for(provider: IntelePeer, runtime: RecordingRuntime) -> None:
    assert provider.query_tn(TN("+13125550142")).ownership == Ownership.NOT_FOUND
    assert not runtime.exchanges


def test_the_older_list_is_used_where_the_newer_is_missing(
    provider: IntelePeer, faked: Faked
) -> None:
    say(faked, OWN, b"<html>no such page</html>", status=404)
    answer(faked, OWN_V3, "my_tf_v3.json")
    assert provider.query_tn(TNS[0]).ownership == Ownership.OURS
    assert provider.query_tn(TNS[0]).ownership == Ownership.OURS
    assert paths(faked) == [OWN, OWN_V3, OWN_V3]  # remembered


def test_the_older_list_can_be_set(runtime: RecordingRuntime, faked: Faked) -> None:
    answer(faked, OWN_V3, "my_tf_v3.json")
    provider = make_provider(runtime, my_tf_version="v3")
    assert [owned.tn for owned in provider.list_owned()] == [TNS[0]]


def test_packages_are_listed_with_the_one_in_the_settings(
    runtime: RecordingRuntime, faked: Faked
) -> None:
    answer(faked, PACKAGES, "packages.json")
    routes = make_provider(runtime, package_id="40000").list_routes()
    assert [route.ref for route in routes] == ["30001", "30002", "30003", "40000"]


def test_the_package_in_the_settings_is_enough_where_none_are_listed(
    runtime: RecordingRuntime, faked: Faked
) -> None:
    say(faked, PACKAGES, b"", status=404)
    assert [route.ref for route in make_provider(runtime).list_routes()] == ["30001"]
    with pytest.raises(ProviderRefused):
        make_provider(runtime, package_id="").list_routes()
