"""IntelePeer's lists in shapes that nobody has seen: unknown, never empty; and how refusals read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.providers.custom_toll_free import codes as custom_toll_free
from portal.providers.dto import SearchCriteria
from portal.providers.errors import ProviderProtocolError
from portal.providers.intelepeer import codes as intelepeer
from portal.providers.intelepeer.adapter import IntelePeer
from tests.providers.intelepeer import OWN, SEARCH, Faked, connected, say
from tests.providers.runtime import RecordingRuntime

OURS = {"endpoint": "+18885550101", "packageID": 30001}


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[IntelePeer]:
    with connected(runtime) as provider:
        yield provider


@pytest.mark.parametrize(
    "row",
    [
        {"tn": "+18885550102", "packageID": 30001},
        {"endpoint": {"e164": "+18885550102"}},
        {"endpoint": "tel:+18885550102"},
        {"endpoint": ["+18885550102"]},
    ],
)
def test_a_row_that_does_not_name_its_number_is_off_contract(
    provider: IntelePeer, faked: Faked, row: dict[str, Any]
) -> None:
    for path in (OWN, SEARCH):
        say(faked, path, {"endpoints": [OURS, row], "hasMore": False})
    with pytest.raises(ProviderProtocolError):
        list(provider.list_owned())
    with pytest.raises(ProviderProtocolError):
        list(provider.search(SearchCriteria(is_toll_free=True, npa="888", quantity=5)))


@pytest.mark.parametrize(
    "row",
    [
        {"endpoint": "88811", "type": "SHORT"},
        {"endpoint": "+448001111111", "type": "LONG"},
        {"endpoint": None, "packageID": 30001},
        {"endpoint": "", "geo": None},
        {},
    ],
)
def test_short_codes_and_dummies_are_left_out(
    provider: IntelePeer, faked: Faked, row: dict[str, Any]
) -> None:
    say(faked, OWN, {"endpoints": [row, OURS], "hasMore": False})
    assert [number.tn for number in provider.list_owned()] == ["+18885550101"]


@pytest.mark.parametrize("words", ["Not now", "Not now.", "Really?"])
def test_the_provider_s_words_end_as_a_sentence(words: str) -> None:
    """More sentences follow them, and must not run on."""
    wanted = words if words[-1] in ".?" else f"{words}."
    assert intelepeer.sentence(words).endswith(wanted)
    assert custom_toll_free.sentence("invalid_status", words).endswith(wanted)
