"""Custom Toll Free's wire: what is sent, letter for letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.client import CustomTollFreeClient
from portal.tn import TN
from tests.providers.custom_toll_free import (
    BASE,
    KEY,
    TN_ONE,
    TN_TWO,
    Faked,
    answer,
    connected,
    make_provider,
    sent,
)
from tests.providers.runtime import RecordingRuntime

NOON = datetime(2025, 1, 2, 12, 15, tzinfo=UTC)
Ask = Callable[[CustomTollFreeClient], Any]


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


CALLS: list[tuple[str, Ask, str, dict[str, str]]] = [
    (
        "search",
        lambda c: c.search(vanity="FLOWERS", prefixes=["800", "888"], quantity=900, trailing=0),
        "GET",
        {"vanity": "FLOWERS", "prefix": "800;888", "quantity": "500", "trailing": "0"},
    ),
    (
        "search",
        lambda c: c.search(vanity="555"),
        "GET",
        {"vanity": "555", "quantity": "50", "numeric": "1"},
    ),
    ("reverselookup", lambda c: c.reverselookup(TN_ONE), "GET", {"number": "8885550101"}),
    (
        "reserve",
        lambda c: c.reserve(
            [TN_ONE, TN_TWO],
            reqref="r-1",
            contact_name="Jane Roe",
            contact_phone="2125550142",
            until=date(2025, 2, 16),
            notes="for C-17",
        ),
        "POST",
        {
            "resporg": "ABC01",
            "numbers": "8885550101,8885550102",
            "contactname": "Jane Roe",
            "contactphone": "2125550142",
            "until": "2025-02-16",
            "notes": "for C-17",
            "reqref": "r-1",
        },
    ),
    ("query", lambda c: c.query([TN_ONE]), "GET", {"resporg": "ABC01", "number": "8885550101"}),
    (
        "spare",
        lambda c: c.spare(TN_ONE, reqref="r-2"),
        "POST",
        {"resporg": "ABC01", "number": "8885550101", "reqref": "r-2"},
    ),
    (
        "disconnect",
        lambda c: c.disconnect(
            TN_ONE, reqref="r-3", effective=NOON, intercept_end=date(2025, 3, 1), has_referral=True
        ),
        "POST",
        {
            "resporg": "ABC01",
            "number": "8885550101",
            "effective": "2025-01-02T12:15Z",
            "interceptend": "2025-03-01",
            "referral": "1",
            "reqref": "r-3",
        },
    ),
    (
        "changeresporg",
        lambda c: c.changeresporg([TN_ONE], new_resporg="XYZ09", reqref="r-4"),
        "POST",
        {"resporg": "ABC01", "number": "8885550101", "newresporg": "XYZ09", "reqref": "r-4"},
    ),
    (
        "queryrecord",
        lambda c: c.queryrecord(TN_ONE, start="c2"),
        "GET",
        {"resporg": "ABC01", "number": "8885550101", "start": "c2"},
    ),
    (
        "retrieve",
        lambda c: c.retrieve(TN_ONE, parts=["CAD", "CPR"]),
        "GET",
        {"resporg": "ABC01", "number": "8885550101", "parts": "CAD,CPR"},
    ),
    (
        "copyrecord",
        lambda c: c.copyrecord(TN_ONE, source="*ABDEFAULT", reqref="r-5", overwrite_version=3),
        "POST",
        {
            "resporg": "ABC01",
            "number": "8885550101",
            "source": "*ABDEFAULT",
            "effective": "NOW",
            "overwrite": "1",
            "version": "3",
            "reqref": "r-5",
        },
    ),
    (
        "updaterecord",
        lambda c: c.updaterecord(
            TN_ONE, record="<record/>", reqref="r-6", action="change", version=3
        ),
        "POST",
        {
            "resporg": "ABC01",
            "number": "8885550101",
            "record": "<record/>",
            "effective": "NOW",
            "action": "change",
            "version": "3",
            "reqref": "r-6",
        },
    ),
    (
        "requeststatus",
        lambda c: c.requeststatus(reqref="r-7"),
        "GET",
        {"resporg": "ABC01", "reqref": "r-7"},
    ),
]


@pytest.mark.parametrize(("command", "ask", "method", "fields"), CALLS)
def test_each_operation_sends_what_the_contract_names(
    provider: CustomTollFree,
    faked: Faked,
    command: str,
    ask: Ask,
    method: str,
    fields: dict[str, str],
) -> None:
    answer(faked, command, "query.xml")
    assert ask(provider.client).results is not None
    assert sent(faked) == [(method, command, fields)]
    if method == "POST":
        request = faked.calls[0].request
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert request.headers["Connection"] == "close"
        assert KEY not in request.url


def test_changes_can_be_sent_by_get_where_the_provider_wants_that(
    runtime: RecordingRuntime, faked: Faked
) -> None:
    provider = make_provider(runtime, write_method="GET")
    answer(faked, "spare", "spare.xml")
    provider.client.spare(TN_ONE, reqref="r-2")
    assert sent(faked)[0][:2] == ("GET", "spare")
    assert runtime.writes()
    assert KEY not in runtime.exchanges[0].text


def test_a_base_address_may_end_with_the_api_folder(
    runtime: RecordingRuntime, faked: Faked
) -> None:
    provider = make_provider(runtime)
    assert provider.client.wire.base_url == BASE
    account = provider.account
    moved = type(account)(
        slug=account.slug,
        name=account.name,
        base_url=f"{BASE}/api/",
        credentials=account.credentials,
        settings=account.settings,
    )
    assert CustomTollFreeClient(moved, runtime).wire.base_url == BASE


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.search(vanity="55"),
        lambda c: c.search(vanity="555!"),
        lambda c: c.search(vanity="555", trailing=6),
        lambda c: c.query([]),
        lambda c: c.query([TN(f"+1888555{n:04d}") for n in range(100, 111)]),
        lambda c: c.query([TN("+13125550142")]),
        lambda c: c.spare(TN("+18885550101"), reqref="has space"),
        lambda c: c.spare(TN("+18885550101"), reqref="x" * 37),
        lambda c: c.reserve([TN_ONE], reqref="r", contact_name="", contact_phone="2125550142"),
        lambda c: c.reserve(
            [TN_ONE], reqref="r", contact_name="J" * 31, contact_phone="2125550142"
        ),
        lambda c: c.reserve([TN_ONE], reqref="r", contact_name="J", contact_phone="555-0142"),
        lambda c: c.changeresporg([TN_ONE], new_resporg="XY", reqref="r"),
        lambda c: c.copyrecord(TN_ONE, source="ABDEFAULT", reqref="r"),
        lambda c: c.copyrecord(TN_ONE, source="*AB", reqref="r", parts=["CDR"]),
        lambda c: c.updaterecord(TN_ONE, record="<record/>", reqref="r", action="change"),
        lambda c: c.updaterecord(TN_ONE, record="<record/>", reqref="r", action="drop"),
        lambda c: c.disconnect(TN_ONE, reqref="r", effective=NOON.replace(minute=20)),
        lambda c: c.disconnect(TN_ONE, reqref="r", effective=NOON.replace(tzinfo=None)),
        lambda c: c.requeststatus(),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_sent(
    provider: CustomTollFree, runtime: RecordingRuntime, ask: Ask
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        ask(provider.client)
    assert not runtime.exchanges


def test_times_are_sent_in_utc(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "disconnect", "disconnect.xml")
    zone = timezone(timedelta(hours=-6))
    provider.client.disconnect(TN_ONE, reqref="r", effective=NOON.astimezone(zone))
    assert sent(faked)[0][2]["effective"] == "2025-01-02T12:15Z"


@pytest.mark.parametrize(
    ("end", "written"), [(date(2025, 5, 2), "2025-05-02"), ("NOW", "NOW"), (None, None)]
)
def test_an_announcement_ends_on_a_day_or_now(
    provider: CustomTollFree, faked: Faked, end: Any, written: str | None
) -> None:
    answer(faked, "disconnect", "disconnect.xml")
    provider.client.disconnect(TN_ONE, reqref="r", effective=NOON, intercept_end=end)
    assert sent(faked)[0][2].get("interceptend") == written


@pytest.mark.parametrize("end", [NOON, date(2025, 5, 3)])
def test_an_announcement_of_another_kind_is_not_sent(
    provider: CustomTollFree, faked: Faked, end: Any
) -> None:
    with pytest.raises(ValueError, match="announcement"):
        provider.client.disconnect(TN_ONE, reqref="r", effective=NOON, intercept_end=end)
    assert not sent(faked)
