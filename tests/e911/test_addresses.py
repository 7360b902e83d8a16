"""Addresses as text: apart, together, and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e911.addresses import Lines, Parts, key, marked, parts_of, wrong_part

words = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghij.,'#-/0123456789éü", max_size=30)


def lines(**given_lines: str) -> Lines:
    """Return an address in Springfield unless told otherwise."""
    return Lines(**({"city": "Springfield", "region": "IL", "zip": "62701"} | given_lines))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lines(address1="12 North Main Street"), lines(address1="12 N MAIN ST")),
        (
            lines(address1="12 Main St", address2="Suite 200"),
            lines(address1="12 MAIN ST STE 200"),
        ),
        (lines(address1="12 Main St", address2="# 4"), lines(address1="12 MAIN ST", address2="4")),
        (lines(address1="12 Main St."), lines(address1="12 MAIN STREET", plus4="1234")),
        (
            lines(address1="1 Oak Ave", city="Saint George"),
            lines(address1="1 OAK AVENUE", city="ST. GEORGE"),
        ),
    ],
)
def test_spellings_of_one_place_have_one_key(ours, theirs):
    assert key(ours, "Example LLC") == key(theirs, "EXAMPLE  LLC ")


@pytest.mark.parametrize(
    "theirs",
    [
        lines(address1="14 Main St"),
        lines(address1="12 Main Ave"),
        lines(address1="12 Main St", address2="Suite 3"),
        lines(address1="12 Main St", zip="62702"),
        lines(address1="12 Main St", city="Shelbyville"),
        lines(address1="12 Main St", region="MO"),
    ],
)
def test_other_places_have_other_keys(theirs):
    assert key(lines(address1="12 Main St")) != key(theirs)


def test_the_caller_name_counts():
    assert key(lines(address1="1 Oak Ave"), "A") != key(lines(address1="1 Oak Ave"), "B")


@given(
    st.builds(
        Lines,
        address1=words,
        address2=words,
        city=words,
        region=st.sampled_from(["IL", "UT", ""]),
        zip=st.sampled_from(["62701", ""]),
        plus4=st.sampled_from(["", "1234"]),
    )
)
def test_taking_apart_loses_nothing(address):
    assert key(parts_of(address).lines) == key(address)


@given(
    st.builds(
        Parts,
        house_number=st.from_regex(r"[1-9][0-9]{0,4}", fullmatch=True),
        pre_direction=st.sampled_from(["", "N", "SW"]),
        street=st.from_regex(r"[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8})?", fullmatch=True),
        street_suffix=st.sampled_from(["", "St", "Avenue"]),
        unit_type=st.sampled_from(["STE", "APT"]),
        unit=st.sampled_from(["", "4", "200B"]),
        floor=st.sampled_from(["", "2"]),
        city=st.just("Springfield"),
        region=st.just("IL"),
        zip=st.just("62701"),
    )
)
def test_parts_come_back_as_the_same_place(parts):
    assert key(parts_of(parts.lines).lines) == key(parts.lines)


def test_parts_are_recognised():
    parts = parts_of(lines(address1="12 N Main St SW", address2="STE 200"))
    assert (parts.house_number, parts.pre_direction, parts.street) == ("12", "N", "Main")
    assert (parts.street_suffix, parts.post_direction) == ("St", "SW")
    assert (parts.unit_type, parts.unit) == ("STE", "200")


def test_differences_are_marked_word_by_word():
    ours, theirs = marked("12 Main Street", "12 MAIN ST")
    assert [word.is_changed for word in ours] == [False, False, True]
    assert [word.text for word in theirs if word.is_changed] == ["ST"]


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("Address not valid: house number or street is missing", "house_number"),
        ("Address not valid: unknown zip", "zip"),
        ("Address not valid: unknown state", "region"),
        ("The address is not valid", ""),
    ],
)
def test_the_blamed_part_is_named(said, part):
    assert wrong_part(said) == part
