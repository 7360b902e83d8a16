"""Every function of Custom Toll Free's client against a server that forgives nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from portal.providers.base import Account
from portal.providers.custom_toll_free.client import CustomTollFreeClient
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.strict import custom_toll_free
from tests.providers.strict.custom_toll_free_record import SAMPLE
from tests.providers.strict.server import StrictMock
from tests.providers.strict.walk import Calls, public_functions, walk

TNS = tuple(TN(f"+1888555{n:04d}") for n in range(100, 110))
ONE = TNS[0]
REF = "0b6f2e50-0000-4000-8000-000000000001"
SOON = datetime(2030, 1, 2, 15, 45, tzinfo=UTC)
ELSEWHERE = SOON.astimezone(timezone(timedelta(hours=-5)))
TODAY = datetime.now(UTC).date()
HOLD = {"reqref": REF, "contact_name": "Jane Roe", "contact_phone": "2125550142"}
NOTES = "Für später: “50 %” & mehr + Plus"


def listed(**options: Any) -> Any:
    """Return a call that reads a list to its end."""

    def call(client: CustomTollFreeClient) -> list[Any]:
        with client.resporgcheck(**options) as rows:
            return list(rows)

    return call


CALLS: Calls = {
    "search": [
        lambda client: client.search(vanity="FLOWERS"),
        lambda client: client.search(vanity="555", quantity=1, trailing=0),
        lambda client: client.search(
            vanity="abc123def456", prefixes=("888", "833"), quantity=500, trailing=5
        ),
    ],
    "reverselookup": [lambda client: client.reverselookup(ONE)],
    "reserve": [
        lambda client: client.reserve([ONE], **HOLD),
        lambda client: client.reserve(
            TNS, **HOLD, until=TODAY + timedelta(days=45), notes=NOTES + "n" * (151 - len(NOTES))
        ),
        lambda client: client.reserve([ONE], **{**HOLD, "contact_name": "J" * 30}, until=TODAY),
    ],
    "query": [lambda client: client.query([ONE]), lambda client: client.query(TNS)],
    "spare": [lambda client: client.spare(ONE, reqref="1")],
    "disconnect": [
        lambda client: client.disconnect(ONE, reqref=REF),
        lambda client: client.disconnect(
            ONE,
            reqref=REF,
            effective=ELSEWHERE,
            intercept_end=date(2030, 5, 1),
            has_referral=True,
            notes=NOTES,
        ),
    ],
    "changeresporg": [
        lambda client: client.changeresporg([ONE], new_resporg="XYZ99", reqref=REF),
        lambda client: client.changeresporg(
            TNS, new_resporg="XYZ99", reqref=REF, effective=date(2030, 1, 2)
        ),
    ],
    "queryrecord": [
        lambda client: client.queryrecord(ONE),
        lambda client: client.queryrecord(ONE, start="page 2+/=&"),
    ],
    "retrieve": [
        lambda client: client.retrieve(ONE),
        lambda client: client.retrieve(ONE, effective=ELSEWHERE, parts=("CAD", "CPR", "LAD")),
    ],
    "copyrecord": [
        lambda client: client.copyrecord(ONE, source="*ABDEFAULT", reqref=REF),
        lambda client: client.copyrecord(
            ONE,
            source=TNS[1],
            reqref=REF,
            source_effective=SOON,
            effective=SOON,
            parts=("CAD",),
            overwrite_version=3,
        ),
    ],
    "updaterecord": [
        lambda client: client.updaterecord(ONE, record=SAMPLE, reqref=REF),
        lambda client: client.updaterecord(
            ONE, record=SAMPLE, reqref=REF, effective=SOON, action="change", version=0
        ),
        lambda client: client.updaterecord(
            ONE, record=SAMPLE, reqref=REF, effective=SOON, action="delete", version=12
        ),
    ],
    "resporgcheck": [
        listed(),
        listed(statuses=("WORKING", "SUSPEND"), since=date(2025, 1, 2)),
    ],
    "requeststatus": [
        lambda client: client.requeststatus(request_id="R0000003"),
        lambda client: client.requeststatus(reqref=REF),
    ],
}
EACH = [(name, index) for name, calls in CALLS.items() for index in range(len(calls))]


@pytest.fixture
def mock() -> Iterator[StrictMock]:
    with StrictMock(custom_toll_free.DIALECT) as mock:
        yield mock


def make_client(mock: StrictMock, *, path: str = "/api", resporg: str = "ABC01") -> Any:
    account = Account(
        slug="custom_toll_free",
        name="Strict",
        base_url=mock.url + path,
        credentials={"key": "K3Y+&=0001"},
        settings={"resporg": resporg},
    )
    return CustomTollFreeClient(account, RecordingRuntime())


@pytest.mark.parametrize(("name", "index"), EACH)
def test_each_call_is_by_the_contract(mock: StrictMock, name: str, index: int) -> None:
    (made,) = walk(mock, make_client(mock), CALLS[name][index])
    assert made.endswith(f"/{name}")
    seen = mock.seen[-1]
    assert dict(seen.form or seen.query)["key"] == "K3Y+&=0001"


def test_the_base_address_may_lack_the_path(mock: StrictMock) -> None:
    assert walk(mock, make_client(mock, path=""), CALLS["query"][0]) == ["GET /api/query"]


def test_text_arrives_as_it_was_written(mock: StrictMock) -> None:
    walk(mock, make_client(mock), CALLS["disconnect"][1])
    form = dict(mock.seen[-1].form)
    assert form["notes"] == NOTES
    assert form["effective"] == "2030-01-02T15:45Z"
    walk(mock, make_client(mock), CALLS["queryrecord"][1])
    assert dict(mock.seen[-1].query)["start"] == "page 2+/=&"


def test_every_function_and_every_operation_is_walked(mock: StrictMock) -> None:
    assert set(CALLS) == public_functions(CustomTollFreeClient) - {"download"}
    for calls in CALLS.values():
        walk(mock, make_client(mock), calls[0])
    assert set(mock.calls) == {operation.name for operation in custom_toll_free.OPERATIONS}
