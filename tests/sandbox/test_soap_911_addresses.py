"""Addresses as the sandbox's 911 carrier reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.soap_911_addresses import (
    DIRECTIONS,
    SUFFIXES,
    UNITS,
    Address,
    geocode,
)

WORDS = [*SUFFIXES, *SUFFIXES.values(), *DIRECTIONS, *DIRECTIONS.values(), *UNITS, "MAIN", "4", "B"]
STREETS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
HOUSES = st.integers(1, 29_999).map(str)
PLACES = st.sampled_from(
    [("Chicago", "IL"), ("St. George", "UT"), ("Nowhere Falls", "NY"), ("Winston-Salem", "nc")]
)


def read(address1: str, address2: str = "", **parts: str) -> Address | None:
    """Geocode an address in Chicago, unless told otherwise."""
    return geocode(
        address1,
        address2=address2,
        city=parts.get("city", "Chicago"),
        state=parts.get("state", "IL"),
        zip_code=parts.get("zip_code", "60601"),
        plus_four=parts.get("plus_four", ""),
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (("350 North Main Street", ""), ("350 N MAIN ST", "")),
        (("350 n. main st., Apt. 4", ""), ("350 N MAIN ST", "APT 4")),
        (("350 Main Street #12", ""), ("350 MAIN ST", "UNIT 12")),
        (("350 Main Street", "Suite 200"), ("350 MAIN ST", "STE 200")),
        (("350 Main Street", "4b"), ("350 MAIN ST", "UNIT 4B")),
        (("350 Main Street Building 2", "Floor 3"), ("350 MAIN ST", "BLDG 2 FL 3")),
        (("350 S 400 East", ""), ("350 S 400 E", "")),
        (("350 North Street", ""), ("350 NORTH ST", "")),
        (("350 Northeast Park Avenue West", ""), ("350 NE PARK AVE W", "")),
        (("2 Broadway", ""), ("2 BROADWAY", "")),
        (("0012B Rue de l'Église", ""), ("12B RUE DE LEGLISE", "")),
        (("10-4 Court Lane", ""), ("10-4 COURT LN", "")),
    ],
)
def test_lines_are_shortened(sent: tuple[str, str], kept: tuple[str, str]) -> None:
    found = read(*sent)
    assert found is not None
    assert (found.address1, found.address2) == kept


@pytest.mark.parametrize(
    ("city", "state", "kept"),
    [
        ("Saint George", "ut", "ST GEORGE"),
        ("St. George", "UT", "ST GEORGE"),
        ("salt lake  city", "UT", "SALT LAKE CITY"),
        ("Salt Lake Citty", "UT", "SALT LAKE CITY"),
        ("Nowhere Falls", "UT", "NOWHERE FALLS"),
    ],
)
def test_a_city_is_put_right_or_taken_with_its_zip(city: str, state: str, kept: str) -> None:
    found = read("1 Main St", city=city, state=state, zip_code="84770")
    assert found is not None
    assert (found.city, found.state) == (kept, "UT")


@pytest.mark.parametrize(
    "parts",
    [
        {"address1": "0 Main St"},
        {"address1": "30000 Main St"},
        {"address1": "Main St"},
        {"address1": "12"},
        {"address1": ""},
        {"address1": "PO Box 12"},
        {"address1": "12 P.O. Box 4"},
        {"city": ""},
        {"city": "Houston"},
        {"city": "Nowhere Falls", "zip_code": ""},
        {"city": "X1"},
        {"state": ""},
        {"state": "ZZ"},
        {"state": "Illinois"},
        {"zip_code": "84770"},
        {"zip_code": "6060"},
        {"zip_code": "60601-"},
        {"zip_code": "abcde"},
        {"zip_code": "６０６０１"},
        {"state": "NY", "city": "New York", "zip_code": "00000"},
        {"state": "NJ", "city": "Jersey City", "zip_code": "00000"},
    ],
)
def test_what_cannot_be_geocoded(parts: dict[str, str]) -> None:
    assert read("1 Main St", state="IL") is not None
    assert read(**{"address1": "1 Main St", **parts}) is None


def test_zip_and_coordinates_are_filled_and_stable() -> None:
    first, second = read("1 Main St", zip_code=""), read("1 MAIN STREET", zip_code="")
    assert first is not None
    assert first == second
    assert (len(first.zip), first.zip[0], len(first.plus_four)) == (5, "6", 4)
    assert -91 < float(first.longitude) < -87
    assert 38 < float(first.latitude) < 42
    other = read("2 Main St", zip_code="")
    assert other is not None
    assert other.latitude != first.latitude


@pytest.mark.parametrize(
    ("zip_code", "plus_four", "kept"),
    [
        ("60601", "3059", "3059"),
        ("60601-3059", "", "3059"),
        ("606013059", "", "3059"),
        ("60601-3059", "1234", "1234"),
    ],
)
def test_four_digits_that_came_are_kept(zip_code: str, plus_four: str, kept: str) -> None:
    found = read("1 Main St", zip_code=zip_code, plus_four=plus_four)
    assert found is not None
    assert (found.zip, found.plus_four) == ("60601", kept)


@given(HOUSES, STREETS, STREETS | st.just(""), PLACES)
def test_what_was_normalised_stays_as_it_is(
    house: str, street: str, second: str, place: tuple[str, str]
) -> None:
    zips = {"IL": "60601", "UT": "84770", "NY": "10001", "nc": "27101"}
    city, state = place
    once = read(f"{house} {street}", second, city=city, state=state, zip_code=zips[state])
    assert once is not None
    again = read(
        once.address1,
        once.address2,
        city=once.city,
        state=once.state,
        zip_code=once.zip,
        plus_four=once.plus_four,
    )
    assert again == once


@given(st.text(), st.text(), st.text(), st.text(), st.text(), st.text())
def test_any_text_is_read_or_refused(
    address1: str, address2: str, city: str, state: str, zip_code: str, plus_four: str
) -> None:
    found = geocode(
        address1,
        address2=address2,
        city=city,
        state=state,
        zip_code=zip_code,
        plus_four=plus_four,
    )
    if found is not None:
        assert found.address1.isascii()
        assert found.address1 == found.address1.upper()
