"""IntelePeer's long lists, page by page: our own numbers and the stock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from portal.providers.dto import SearchCriteria
from portal.providers.errors import ProviderProtocolError, ProviderTimeout, ProviderUnavailable
from portal.providers.intelepeer.adapter import MAX_SEARCH_PAGES, IntelePeer
from portal.tn import TN
from tests.providers.intelepeer import (
    BASE,
    OWN,
    SEARCH,
    Faked,
    answer,
    connected,
    say,
    wire,
)
from tests.providers.runtime import RecordingRuntime


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


def play_stock(faked: Faked, path: str, count: int, *, extra_row: bool = True) -> list[int]:
    """Play a provider with `count` numbers; return the list of pages that will be asked for."""
    tns = [f"+1888555{n:04d}" for n in range(count)]
    asked: list[int] = []

    def page(request: Any) -> tuple[int, dict[str, str], str]:
        query = parse_qs(urlsplit(request.url).query)
        number, size = int(query["page"][0]), int(query["pageSize"][0])
        asked.append(number)
        start = (number - 1) * size
        rows = tns[start : start + size + extra_row]  # the quirk of section 3
        body = {"endpoints": [{"endpoint": tn} for tn in rows], "hasMore": start + size < count}
        return 200, {}, json.dumps(body)

    faked.add_callback(responses.GET, BASE + path, callback=page)
    return asked


@pytest.mark.parametrize("extra_row", [True, False])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 102, 200, 250])
def test_every_number_is_listed_once(
    provider: IntelePeer, faked: Faked, count: int, extra_row: bool
) -> None:
    asked = play_stock(faked, OWN, count, extra_row=extra_row)
    listed = [owned.tn for owned in provider.list_owned()]
    assert listed == [f"+1888555{n:04d}" for n in range(count)]
    assert asked == list(range(1, max(1, -(-count // 100)) + 1))


def test_a_page_is_read_only_when_it_is_needed(provider: IntelePeer, faked: Faked) -> None:
    asked = play_stock(faked, OWN, 1000)
    rows = provider.list_owned()
    for _ in range(100):
        next(rows)
    assert asked == [1]


def test_short_codes_and_dummies_are_left_out(provider: IntelePeer, faked: Faked) -> None:
    answer(faked, OWN, "my_tf.json")
    assert [owned.tn for owned in provider.list_owned()] == ["+18885550101", "+18885550102"]


def test_a_list_that_repeats_its_page_is_an_error(provider: IntelePeer, faked: Faked) -> None:
    body = {"endpoints": [{"endpoint": "+18885550101"}], "hasMore": True}
    say(faked, OWN, body)
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())


def test_an_empty_page_ends_the_list(provider: IntelePeer, faked: Faked) -> None:
    say(faked, OWN, {"endpoints": [{"endpoint": "+18885550101"}], "hasMore": True})
    say(faked, OWN, {"endpoints": [], "hasMore": True})
    assert len(list(provider.list_owned())) == 1


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 200, ProviderProtocolError),
        (b"[]", 200, ProviderProtocolError),
        (wire("my_tf.json")[:200], 200, ProviderProtocolError),
        (b'{"endpoints": null}', 200, ProviderProtocolError),
        (b"", 503, ProviderUnavailable),
        (requests.exceptions.ConnectionError("cut"), 200, ProviderTimeout),
    ],
)
def test_a_list_that_breaks_on_its_second_page_is_an_error(
    provider: IntelePeer, faked: Faked, body: Any, status: int, expected: type[Exception]
) -> None:
    say(faked, OWN, {"endpoints": [{"endpoint": "+18885550101"}], "hasMore": True})
    say(faked, OWN, body, status=status)
    rows = provider.list_owned()
    assert next(rows).tn == "+18885550101"
    with pytest.raises(expected):
        list(rows)


def test_a_search_stops_when_enough_numbers_fit(provider: IntelePeer, faked: Faked) -> None:
    asked = play_stock(faked, SEARCH, 5000)
    criteria = SearchCriteria(is_toll_free=True, npa="888", quantity=150)
    assert len(list(provider.search(criteria))) == 150
    assert asked == [1, 2]


def test_a_search_reads_on_for_what_the_provider_cannot_filter(
    provider: IntelePeer, faked: Faked
) -> None:
    asked = play_stock(faked, SEARCH, 1000)
    criteria = SearchCriteria(is_toll_free=True, npa="888", ends="0250", quantity=1)
    assert list(provider.search(criteria))[-1].tn == TN("+18885550250")
    assert asked == [1, 2, 3]


def test_a_search_looks_through_a_bounded_part_of_the_stock(
    provider: IntelePeer, faked: Faked
) -> None:
    asked = play_stock(faked, SEARCH, 9000)
    criteria = SearchCriteria(is_toll_free=True, npa="888", ends="9999")
    assert len(list(provider.search(criteria))) == MAX_SEARCH_PAGES * 100 + 1
    assert len(asked) == MAX_SEARCH_PAGES


def test_neighbours_come_in_one_answer_that_may_be_longer_than_a_page(
    provider: IntelePeer, faked: Faked
) -> None:
    rows = [{"endpoint": f"+1888555{n:04d}"} for n in range(130)]
    say(faked, SEARCH, {"endpoints": rows, "hasMore": False})
    criteria = SearchCriteria(is_toll_free=True, npa="888", consecutive=5)
    assert len(list(provider.search(criteria))) == 130
    query = parse_qs(urlsplit(faked.calls[0].request.url).query)
    assert query["sequential"] == ["1"]
    assert len(faked.calls) == 1


def test_a_search_that_cannot_be_asked_sends_nothing(
    provider: IntelePeer, runtime: RecordingRuntime
) -> None:
    assert list(provider.search(SearchCriteria(npa="312"))) == []
    assert not runtime.exchanges
