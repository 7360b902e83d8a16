"""Every function of IntelePeer's client against a server that forgives nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.providers.base import Account
from portal.providers.intelepeer.client import IntelePeerClient
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.strict import intelepeer
from tests.providers.strict.server import StrictMock
from tests.providers.strict.walk import Calls, public_functions, walk

TNS = tuple(TN(f"+1888555010{n}") for n in range(1, 5))
HOLD = "0B6F2E50-0000-4000-8000-000000000001"
WORDS = {"reference_id": "PO-17", "email": "ops@example.net", "notes": "Für später: “50 %” & mehr"}
CALLS: Calls = {
    "authenticate": [lambda client: client.authenticate()],
    "check": [lambda client: client.check()],
    "carrier_tf": [
        lambda client: client.carrier_tf(like="+1800"),
        lambda client: client.carrier_tf(like="+18885550101", page=1, page_size=1),
        lambda client: client.carrier_tf(npas=("888",), page=20, page_size=100),
        lambda client: client.carrier_tf(npas=("888", "877"), is_sequential=True),
        lambda client: client.carrier_tf(like="+1800555", npas=("800",)),
    ],
    "carrier_tf_reservations": [
        lambda client: client.carrier_tf_reservations(TNS[:1], reservation_id=HOLD),
        lambda client: client.carrier_tf_reservations(
            [TN(f"+1888555{n:04d}") for n in range(100)], reservation_id=HOLD.lower()
        ),
    ],
    "my_tf_v3": [
        lambda client: client.my_tf_v3(),
        lambda client: client.my_tf_v3(like=["+18885550101", "+18885550102"], label=["A", "B"]),
        lambda client: client.my_tf_v3(package_ids=(30001,), page=3, page_size=1),
    ],
    "my_tf_v4": [
        lambda client: client.my_tf_v4(),
        lambda client: client.my_tf_v4(like="+18885550101", page_size=1, has_cpaas=False),
        lambda client: client.my_tf_v4(label="Front desk & “lobby” +1", page=7, has_cpaas=True),
        lambda client: client.my_tf_v4(like=["+18885550101"], package_ids=(30001,)),
        lambda client: client.my_tf_v4(package_ids=(30001, 30002), page_size=100),
    ],
    "my_tf_orders": [
        lambda client: client.my_tf_orders(
            package_id=30001, service_area=4, reservation_ids=(HOLD,), reference_id="PO-17"
        ),
        lambda client: client.my_tf_orders(
            package_id=1, service_area=1, reservation_ids=(HOLD, HOLD), **WORDS
        ),
        lambda client: client.my_tf_orders(package_id=1, service_area=5, tns=TNS, **WORDS),
        lambda client: client.my_tf_orders(
            package_id=1, service_area=5, quantity=3, has_own_resporg=True, **WORDS
        ),
    ],
    "my_tf_package": [
        lambda client: client.my_tf_package(TNS[:1], package_id=30001, reference_id="PO-17"),
        lambda client: client.my_tf_package(TNS, package_id=30001, **WORDS),
    ],
    "my_tf_disconnect": [
        lambda client: client.my_tf_disconnect(TNS[:1], reference_id="PO-17"),
        lambda client: client.my_tf_disconnect(TNS, **WORDS),
    ],
    "my_accounts": [
        lambda client: client.my_accounts(),
        lambda client: client.my_accounts(counts_numbers=True, page=2, page_size=1),
    ],
    "my_packages": [lambda client: client.my_packages()],
}
EACH = [(name, index) for name, calls in CALLS.items() for index in range(len(calls))]


@pytest.fixture
def mock(request: pytest.FixtureRequest) -> Iterator[StrictMock]:
    with StrictMock(intelepeer.dialect(getattr(request, "param", "raw"))) as mock:
        yield mock


def make_client(mock: StrictMock, **settings: str) -> IntelePeerClient:
    account = Account(
        slug="intelepeer",
        name="Strict",
        base_url=mock.url,
        credentials={"username": "api-user@example.net", "password": 'pä"ss\\word'},
        settings=settings,
    )
    return IntelePeerClient(account, RecordingRuntime())


@pytest.mark.parametrize(("name", "index"), EACH)
def test_each_call_is_by_the_reference(mock: StrictMock, name: str, index: int) -> None:
    assert walk(mock, make_client(mock), CALLS[name][index])


@pytest.mark.parametrize("mock", ["bearer"], indirect=True)
def test_tokens_may_travel_as_bearers(mock: StrictMock) -> None:
    client = make_client(mock, auth_scheme="bearer")
    walk(mock, client, lambda client: client.my_tf_v4())


def test_holds_may_go_by_the_name_in_the_table(mock: StrictMock) -> None:
    client = make_client(mock, hold_field="reservations")
    walk(mock, client, CALLS["my_tf_orders"][0])
    assert mock.seen[-1].body["reservations"] == [HOLD]


def test_every_function_and_every_operation_is_walked(mock: StrictMock) -> None:
    assert set(CALLS) == public_functions(IntelePeerClient)
    client = make_client(mock)
    for calls in CALLS.values():
        walk(mock, client, calls[0])
    assert set(mock.calls) == {operation.name for operation in intelepeer.OPERATIONS}
