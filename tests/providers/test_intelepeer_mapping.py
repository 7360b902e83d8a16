"""What IntelePeer's JSON means in our words, read from captured-style replies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome, SearchCriteria
from portal.providers.errors import ProviderProtocolError
from portal.providers.intelepeer import codes
from portal.providers.intelepeer.envelope import Call
from portal.providers.intelepeer.mapping import account, numbers, outcomes, search
from portal.providers.rest import parse
from portal.tn import TN, TOLL_FREE_NPAS
from tests.providers.intelepeer import TNS, value, wire

ORDER = Call(operation="POST /_rest/v4/my/tf/orders", is_write=True)
TOLL_FREE = st.builds(
    "{}{}{:06d}".format,
    st.sampled_from(sorted(TOLL_FREE_NPAS)),
    st.integers(2, 9),
    st.integers(0, 999_999),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["endpoints", "endpoint", "e164", "hasMore", "orderID", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("+18885550101", "+18885550101"),
        ("8885550101", "+18885550101"),
        (18885550101, "+18885550101"),
        ("12345", None),
        ("", None),
        (None, None),
        (True, None),
        (["+18885550101"], None),
        ("+4420794600001", None),
    ],
)
def test_an_endpoint_is_a_number_or_is_dropped(told: Any, meant: str | None) -> None:
    assert numbers.read_tn(told) == meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2025-01-01T10:30:00Z", datetime(2025, 1, 1, 10, 30, tzinfo=UTC)),
        ("2025-01-01T04:30:00-06:00", datetime(2025, 1, 1, 10, 30, tzinfo=UTC)),
        ("2025-01-01T10:30:00", datetime(2025, 1, 1, 10, 30, tzinfo=UTC)),
        ("soon", None),
        (None, None),
        (1735727400, None),
    ],
)
def test_times(told: Any, meant: datetime | None) -> None:
    assert numbers.read_time(told) == meant


def test_our_numbers_come_with_package_label_and_text_service() -> None:
    page = numbers.owned_page(parse(wire("my_tf.json")), page_size=100)
    first, second = (numbers.owned_number(tn, row) for tn, row in page.rows)
    assert (first.tn, first.route_ref, first.label) == ("+18885550101", "30001", "Front desk")
    assert first.features == frozenset()
    assert (second.features, second.provider_ref) == ({"sms"}, "7000010")
    assert second.label == ""
    assert json.loads(json.dumps(dict(second.details)))["rating"] == "1.5"


def test_the_older_list_is_an_array() -> None:
    page = numbers.owned_page(value("my_tf_v3.json"), page_size=100, version="v3")
    ((tn, row),) = page.rows
    owned = numbers.owned_number(tn, row)
    assert (owned.tn, owned.label, owned.route_ref) == ("+18885550101", "Front desk", "30001")


def test_an_empty_array_is_believed_of_the_older_list_only() -> None:
    assert numbers.owned_page([], page_size=100, version="v3").is_empty
    with pytest.raises(ProviderProtocolError):
        numbers.owned_page([], page_size=100)


@pytest.mark.parametrize("extra", [0, 1])
def test_a_row_more_than_asked_for_means_another_page(extra: int) -> None:
    rows = [{"endpoint": f"+1888555{n:04d}"} for n in range(2 + extra)]
    page = numbers.stock_page({"endpoints": rows, "hasMore": False}, page_size=2)
    assert page.has_more is bool(extra)
    assert len(page.rows) == 2 + extra


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"endpoints": None},
        {"endpoints": {}},
        {"endpoints": ["+18885550101"]},
        {"hasMore": False},
        [],
        ["x"],
        [{"x": 1}],
        "text",
        7,
    ],
)
def test_another_shape_is_no_list(odd: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        numbers.owned_page(odd, page_size=100)
    with pytest.raises(ProviderProtocolError):
        numbers.stock_page(odd, page_size=100)


@given(value=JSON)
def test_no_value_escapes_as_another_exception(value: Any) -> None:
    for read in (
        lambda: numbers.owned_page(value, page_size=2, version="v3"),
        lambda: numbers.stock_page(value, page_size=2),
        lambda: outcomes.held(TNS[0], value),
        lambda: outcomes.order_ref(value, ORDER),
        lambda: account.routes(value),
    ):
        try:
            read()
        except ProviderProtocolError:
            continue


def test_offers_have_a_place_only_where_one_is_told() -> None:
    page = numbers.stock_page(value("carrier_tf.json"), page_size=100)
    first, second, third = (numbers.offer(tn, row) for tn, row in page.rows)
    assert (first.city, first.state) == ("", "")
    assert (second.city, second.state) == ("Austin", "TX")
    assert third.tn == "+18885550103"


def test_a_hold_tells_its_id_and_its_end_as_array_or_object() -> None:
    told = value("reservation.json")
    for shape in (told, told[0]):
        held = outcomes.held(TNS[0], shape)
        assert held.outcome == Outcome.SUCCEEDED
        assert held.reservation_ref == "0B6F2E50-0000-4000-8000-000000000001"
        assert held.expires_at == datetime(2025, 1, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("odd", [[], [{}], {}, None, [{"reservationID": "x", "endpoints": []}]])
def test_a_hold_that_does_not_name_the_number_is_off_contract(odd: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        outcomes.held(TNS[0], odd)
    with pytest.raises(ProviderProtocolError):
        outcomes.held(TNS[1], value("reservation.json"))


@pytest.mark.parametrize("odd", [5, "7000010", {}, {"orderID": None}, {"orderID": True}, []])
def test_an_order_needs_its_object_and_id(odd: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        outcomes.order_ref(odd, ORDER)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("PENDING", Outcome.PENDING),
        ("", Outcome.PENDING),
        ("COMPLETED", Outcome.PENDING),  # only our own list proves it
        ("FAILED", Outcome.UNKNOWN),
        ("CANCELLED", Outcome.UNKNOWN),
    ],
)
def test_an_accepted_order_is_pending_unless_it_ended_badly(status: str, outcome: Outcome) -> None:
    assert outcomes.accepted(TNS[0], "7000010", status, "the purchase").outcome == outcome


def test_packages_are_routes() -> None:
    routes = account.routes(value("packages.json"))
    assert [(r.ref, r.name) for r in routes] == [
        ("30001", "SIP Trunk East"),
        ("30002", "West"),
        ("30003", "Package 30003"),
    ]


@pytest.mark.parametrize(
    ("criteria", "like", "npa_count", "is_sequential"),
    [
        (SearchCriteria(is_toll_free=True), "", 7, False),
        (SearchCriteria(is_toll_free=True, npa="888"), "", 1, False),
        (SearchCriteria(is_toll_free=True, npa="888", nxx="555"), "+1888555", 1, False),
        (SearchCriteria(is_toll_free=True, starts="8885550"), "+18885550", 1, False),
        (SearchCriteria(is_toll_free=True, starts="88"), "", 1, False),
        (SearchCriteria(is_toll_free=True, contains="356937"), "356937", 0, False),
        (SearchCriteria(is_toll_free=True, npa="888", ends="42"), "42", 1, False),
        (SearchCriteria(is_toll_free=True, nxx="555"), "555", 0, False),
        (SearchCriteria(is_toll_free=True, npa="888", consecutive=3), "", 1, True),
        (SearchCriteria(is_toll_free=True, contains="55", consecutive=3), "55", 0, False),
    ],
)
def test_a_search_asks_for_the_longest_text(
    criteria: SearchCriteria, like: str, npa_count: int, is_sequential: bool
) -> None:
    plan = search.search_plan(criteria)
    assert (plan.like, len(plan.npas), plan.is_sequential) == (like, npa_count, is_sequential)
    assert search.why_not_searchable(criteria) == ""


@given(
    number=TOLL_FREE,
    start=st.integers(0, 10),
    end=st.integers(0, 10),
    middle=st.integers(0, 10),
    npa=st.booleans(),
    nxx=st.booleans(),
)
def test_no_search_shuts_out_a_number_that_fits(
    number: str, start: int, end: int, middle: int, npa: bool, nxx: bool
) -> None:
    criteria = SearchCriteria(
        is_toll_free=True,
        npa=number[:3] if npa else "",
        nxx=number[3:6] if nxx else "",
        starts=number[:start],
        contains=number[middle : middle + 4],
        ends=number[10 - end :] if end else "",
    )
    plan = search.search_plan(criteria)
    assert plan.like in f"+1{number}"
    assert not plan.npas or number[:3] in plan.npas


@pytest.mark.parametrize(
    ("criteria", "part"),
    [
        (SearchCriteria(npa="312"), "toll-free numbers only"),
        (SearchCriteria(is_toll_free=True, npa="312"), "No toll-free code"),
        (SearchCriteria(is_toll_free=True, starts="9"), "No toll-free code"),
        (SearchCriteria(is_toll_free=True, npa="888", starts="8775"), "No toll-free code"),
        (SearchCriteria(is_toll_free=True, features=frozenset({"sms"})), "features"),
    ],
)
def test_what_cannot_be_searched_says_why(criteria: SearchCriteria, part: str) -> None:
    assert part in search.why_not_searchable(criteria)


def test_a_hold_has_an_id_of_its_own_and_always_the_same() -> None:
    first = outcomes.reservation_id("order-17", TNS[0])
    assert first == outcomes.reservation_id("order-17", TN(str(TNS[0])))
    assert first == first.upper()
    assert len({first, *(outcomes.reservation_id(r, tn) for r in "ab" for tn in TNS)}) == 9


@pytest.mark.parametrize(
    ("words", "part", "is_about_one"),
    [
        ("Number(s) not available.", "not for sale", True),
        ("Order blocked; trial limit realized. Limit: 10 seats.", "trial account", False),
        ("Order too large; trial limit exceeded. Available: 3 seats.", "trial account", False),
        ("One or more numbers is part of a conflicting order.", "still open", True),
        ("One or more numbers is already pending disconnect.", "being disconnected", True),
        ("One or more numbers is not assigned to this account.", "not on this account", True),
        (
            "The 'serviceArea' parameter must match one of the following values: 1, 2, 3, 4, 5",
            "service area",
            False,
        ),
        ("The 'packageID' parameter is required.", "package", False),
        ("The '%' parameter is required for each Number object.", "a value", False),
        ("The 'endpoints' parameter must be formatted as a(n) array.", "a value", False),
        ("The 'countryCode' parameter must match one of the following values: 1", "value", False),
        (
            "The following parameters are mutually exclusive: 'like', 'sequential'",
            "exclude",
            False,
        ),
        (
            "At least one of the following parameters is required: 'like', 'npa'",
            "area code",
            False,
        ),
        ("Not Acceptable", "form", False),
        ("Something new", "refused", True),
    ],
)
def test_each_documented_text_has_words_of_ours(words: str, part: str, is_about_one: bool) -> None:
    meaning = codes.meaning(words)
    assert part in meaning.happened
    assert meaning.happened.endswith(".")
    assert meaning.advice.endswith(".")
    assert meaning.is_about_one is is_about_one
    assert words in codes.sentence(words)
