"""What Custom Toll Free's answers mean in our words, read from captured-style replies."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.custom_toll_free import codes
from portal.providers.custom_toll_free.client import is_toll_free
from portal.providers.custom_toll_free.mapping import numbers, outcomes, search
from portal.providers.dto import Outcome, Ownership, SearchCriteria
from portal.tn import TN, TOLL_FREE_NPAS
from tests.providers.custom_toll_free import RESPORG, TN_ONE, TN_TWO, read_wire

TOLL_FREE = st.builds(
    "{}{}{:06d}".format,
    st.sampled_from(sorted(TOLL_FREE_NPAS)),
    st.integers(2, 9),
    st.integers(0, 999_999),
)


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("Spare", "SPARE"),
        ("AVAIL", "SPARE"),
        ("RESERVE", "RESERVED"),
        ("ASSIGNE", "ASSIGNED"),
        ("Working", "WORKING"),
        ("disconnect", "DISCONNECT"),
        ("DISCONN", "DISCONNECT"),
        ("Disconnected", "DISCONNECT"),
        ("TRANSIT", "TRANSITIONAL"),
        (" Suspended ", "SUSPEND"),
        ("UNAVAIL", "UNAVAILABLE"),
        ("", "UNKNOWN"),
        ("WOR", "UNKNOWN"),
        ("Sideways", "UNKNOWN"),
    ],
)
def test_statuses_are_known_by_their_first_four_letters(spelled: str, meant: str) -> None:
    assert numbers.canonical_status(spelled) == meant


def test_status_and_resporg_tell_who_holds_a_number() -> None:
    rows = numbers.number_rows(read_wire("query.xml"))
    told = {tn[-1]: numbers.ownership(row, resporg=RESPORG) for tn, row in rows.items()}
    assert told == {
        "1": Ownership.AVAILABLE,
        "2": Ownership.RESERVED_BY_US,
        "3": Ownership.OURS,  # whatever the case of the id
        "4": Ownership.FOREIGN,
        "5": Ownership.NOT_OURS,  # given back, rests at the registry
        "6": Ownership.UNKNOWN,
        "7": Ownership.OURS,
        "8": Ownership.FOREIGN,  # nobody's, and nobody can have it
    }


def test_our_number_comes_with_its_facts_and_fields_that_we_do_not_know() -> None:
    tn = TN("+18885550103")
    row = numbers.number_rows(read_wire("query.xml"))[tn]
    status = numbers.number_status(tn, row, resporg=RESPORG)
    assert (status.word, status.code) == ("Working (ABC01)", "working")
    assert status.owned is not None
    assert status.owned.state_word == "Working"
    assert status.owned.details["later"] == "something new"
    assert status.owned.details["lastactive"] == "2025-01-02"


def test_a_number_that_the_answer_leaves_out_is_unknown() -> None:
    assert numbers.number_status(TN_ONE, None, resporg=RESPORG).ownership == Ownership.UNKNOWN


def test_a_list_holds_only_what_is_in_service() -> None:
    rows = numbers.number_rows(read_wire("resporgcheck.xml"))
    listed = [numbers.listed_number(row) for row in rows.values()]
    assert [(owned.tn[-1], owned.state_word) for owned in listed if owned] == [
        ("1", "WORKING"),
        ("3", "ASSIGNE"),
        ("5", "SUSPEND"),
        ("6", ""),  # a status that was not told is no reason to lose a number
    ]


def test_a_hold_lasts_to_the_end_of_its_day() -> None:
    answer = read_wire("reserve.xml", operation="reserve", is_write=True)
    rows = numbers.number_rows(answer)
    held = outcomes.reserved(TN_ONE, answer, rows[TN_ONE])
    assert held.outcome == Outcome.SUCCEEDED
    assert held.expires_at == datetime(2025, 2, 17, tzinfo=UTC)
    refused = outcomes.reserved(TN_TWO, answer, rows[TN_TWO])
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "number_unavailable")
    assert refused.message.endswith("It is not held for us.")
    assert refused.advice


def test_a_hold_that_the_answer_does_not_show_is_unknown() -> None:
    answer = read_wire("query_working.xml", operation="reserve", is_write=True)
    row = numbers.number_rows(answer)[TN_ONE]
    assert outcomes.reserved(TN_ONE, answer, row).outcome == Outcome.UNKNOWN
    assert outcomes.reserved(TN_TWO, answer, None).outcome == Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-02-16", date(2025, 2, 16)),
        ("2025-02-16T15:30Z", date(2025, 2, 16)),
        ("", None),
        ("02/16/25", None),
        ("2025-02-31", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert numbers.parse_date(text) == day


def test_offers_need_a_code_and_seven_digits() -> None:
    found = [offer.tn for offer in search.offers(read_wire("search.xml", operation="search"))]
    assert found == ["+18885550101", "+18775550142"]
    assert list(search.offers(read_wire("search_none.xml", operation="search"))) == []


@pytest.mark.parametrize(
    ("criteria", "vanity", "codes_asked", "trailing"),
    [
        (SearchCriteria(is_toll_free=True, contains="356937"), "356937", 7, None),
        (SearchCriteria(is_toll_free=True, ends="0142"), "0142", 7, 0),
        (SearchCriteria(is_toll_free=True, npa="888", nxx="555"), "555", 1, None),
        (SearchCriteria(is_toll_free=True, starts="888555"), "555", 1, None),
        (SearchCriteria(is_toll_free=True, starts="8", contains="555"), "555", 7, None),
        (SearchCriteria(is_toll_free=True, contains="8885550142"), "5550142", 1, None),
        (SearchCriteria(is_toll_free=True, ends="85550142"), "5550142", 1, 0),
        (SearchCriteria(is_toll_free=True, nxx="555", ends="42"), "555", 7, None),
    ],
)
def test_a_search_looks_for_the_longest_text(
    criteria: SearchCriteria, vanity: str, codes_asked: int, trailing: int | None
) -> None:
    plan = search.search_plan(criteria)
    assert (plan.vanity, len(plan.prefixes), plan.trailing) == (vanity, codes_asked, trailing)
    assert search.why_not_searchable(criteria) == ""


@pytest.mark.parametrize(
    ("criteria", "part"),
    [
        (SearchCriteria(npa="312"), "toll-free numbers only"),
        (SearchCriteria(is_toll_free=True, npa="888"), "at least three digits"),
        (SearchCriteria(is_toll_free=True, ends="42"), "at least three digits"),
        (SearchCriteria(is_toll_free=True, npa="312", contains="555"), "No toll-free code"),
        (SearchCriteria(is_toll_free=True, starts="9", contains="555"), "No toll-free code"),
        (SearchCriteria(is_toll_free=True, contains="555", features=frozenset({"sms"})), "feat"),
    ],
)
def test_what_cannot_be_searched_says_why(criteria: SearchCriteria, part: str) -> None:
    assert part in search.why_not_searchable(criteria)


@given(number=TOLL_FREE, start=st.integers(0, 10), end=st.integers(0, 7), nxx=st.booleans())
def test_no_search_shuts_out_a_number_that_fits(
    number: str, start: int, end: int, nxx: bool
) -> None:
    criteria = SearchCriteria(
        is_toll_free=True,
        starts=number[:start],
        ends=number[10 - end :] if end else "",
        nxx=number[3:6] if nxx else "",
    )
    plan = search.search_plan(criteria)
    assert number[:3] in plan.prefixes
    assert plan.vanity in number[3:]


@given(reference=st.text(min_size=1, max_size=36), operation=st.sampled_from(["spare", "reserve"]))
def test_a_step_has_a_reference_of_its_own_and_always_the_same(
    reference: str, operation: str
) -> None:
    first = numbers.reqref(reference, operation, TN_ONE)
    assert first == numbers.reqref(reference, operation, TN_ONE)
    assert first != numbers.reqref(reference, operation, TN_TWO)
    assert first != numbers.reqref(reference, "copyrecord", TN_ONE)
    assert len(first) == 36
    assert set(first) <= set("0123456789abcdef-")


@pytest.mark.parametrize(
    ("number", "known"),
    [
        ("+18005550142", True),
        ("+18335550142", True),
        ("+18225550142", False),
        ("+18881550142", False),
        ("+13125550142", False),
        ("+442079460000", False),
    ],
)
def test_numbers_that_the_registry_can_know(number: str, known: bool) -> None:
    assert is_toll_free(TN(number)) is known


def test_every_code_says_what_happened_and_what_to_do() -> None:
    for code, meaning in {**codes.MEANINGS, "": codes.UNKNOWN_CODE}.items():
        assert meaning.happened.endswith("."), code
        assert meaning.advice.endswith("."), code
    assert codes.meaning("brand_new") is codes.UNKNOWN_CODE
