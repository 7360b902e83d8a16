"""Keyset paging: every row once, forwards and backwards, in every order."""

import itertools
from datetime import datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inventory.models import TelephoneNumber
from portal import jump, keyset, listing
from portal.listing import Sort, capped_count, encode_cursor, paginate, walk
from tests.factories import make_account, make_tn

SORTS = [
    Sort(name="tn", label="Number", column="tn", is_unique=True, jump="number"),
    Sort(name="place", label="Rate center", column="rate_center", jump="text"),
    Sort(name="since", label="State since", column="state_since", jump="date"),
]


@pytest.fixture
def numbers(db):
    account = make_account()
    return [
        make_tn(f"+131255501{n:02}", account=account, rate_center=f"PLACE {n % 3}")
        for n in range(60)
    ]


def _fetch(keys, key):
    rows = {
        getattr(row, key): row for row in TelephoneNumber.objects.filter(**{f"{key}__in": keys})
    }
    return [rows[value] for value in keys]


def _walk(query: str, step: str, *, is_few: bool = False) -> list[str]:
    seen: list[str] = []
    numbers = TelephoneNumber.objects.all()
    fetch = _fetch if is_few else None
    while True:
        request = RequestFactory().get(f"/numbers/?{query}")
        page = paginate(request, numbers, SORTS, is_narrow=is_few, fetch=fetch)
        rows = [row.tn for row in page.rows]
        seen = seen + rows if step == "next" else rows + seen
        query = page.next_query if step == "next" else page.previous_query
        if not query:
            return seen


@pytest.mark.parametrize("sort", ["tn", "-tn", "place", "-place"])
def test_walking_forwards_gives_every_row_once_in_order(numbers, sort):
    seen = _walk(f"sort={sort}&size=25", "next")
    column = {"tn": "tn", "place": "rate_center"}[sort.lstrip("-")]
    order = [f"-{column}", "-pk"] if sort.startswith("-") else [column, "pk"]
    assert seen == list(TelephoneNumber.objects.order_by(*order).values_list("tn", flat=True))


@pytest.mark.parametrize("sort", ["tn", "-place"])
def test_walking_back_from_the_last_page_gives_the_same(numbers, sort):
    assert _walk(f"sort={sort}&size=25&last=1", "previous") == _walk(f"sort={sort}&size=25", "next")


@pytest.mark.parametrize(
    "query",
    ["after=nonsense", "after=W10", "size=7", "sort=password", "before=eyJ9", "after=WzEsMl0"],
)
def test_an_address_that_makes_no_sense_gives_the_first_page(numbers, query):
    page = paginate(
        RequestFactory().get(f"/numbers/?{query}"), TelephoneNumber.objects.all(), SORTS
    )
    assert page.rows[0].tn == "+13125550100"
    assert page.previous_query == ""


@pytest.mark.parametrize("sort", ["tn", "-tn", "place", "-place"])
def test_more_than_the_cap_are_walked_through_in_the_same_order(numbers, sort, monkeypatch):
    plain = _walk(f"sort={sort}&size=25", "next")
    monkeypatch.setattr(listing, "COUNT_CAP", 20)
    assert _walk(f"sort={sort}&size=25", "next", is_few=True) == plain


@pytest.mark.parametrize(
    ("cap", "query", "expected"),
    [
        (60, "", (60, True)),
        (59, "", (59, False)),
        (60, "at=999", (60, True)),
        (59, "last=1", (59, False)),
        (60, "sort=place&after=x", (60, True)),
    ],
)
@pytest.mark.parametrize("is_narrow", [False, True])
def test_a_page_that_is_fetched_is_counted(numbers, monkeypatch, cap, query, expected, is_narrow):
    monkeypatch.setattr(listing, "COUNT_CAP", cap)
    request = RequestFactory().get(f"/numbers/?{query}&size=25")
    rows = TelephoneNumber.objects.all()
    for _ in range(2):
        page = paginate(request, rows, SORTS, is_narrow=is_narrow, fetch=_fetch)
        assert (page.count, page.is_exact) == expected


def _listed(query: str = "size=25", **facts):
    request = RequestFactory().get(f"/numbers/?{query}")
    rows = TelephoneNumber.objects.filter(**facts)
    return paginate(request, rows, SORTS, is_narrow=True, fetch=_fetch, changed="updated_at")


def test_a_count_is_remembered_until_a_number_changes(numbers, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_CAP", 100)
    assert [_listed(state="stock").count for _ in range(2)] == [60, 60]
    with CaptureQueriesContext(connection) as queries:
        _listed(state="stock")
    assert not [query for query in queries if "count(" in query["sql"].lower()]
    TelephoneNumber.objects.filter(tn__lt="+13125550110").update(
        state="aging", updated_at=timezone.now()
    )
    page = _listed(state="stock")
    assert (page.count, page.rows[0].tn) == (50, "+13125550110")
    make_tn("+13125550199", account=numbers[0].account)
    assert _listed(state="stock").count == 51


def test_a_remembered_count_shows_no_row_that_is_gone(numbers, monkeypatch):
    monkeypatch.setattr(listing, "COUNT_CAP", 100)
    assert _listed(state="stock").count == 60
    TelephoneNumber.objects.update(state="aging", updated_at=timezone.now())
    for _ in range(2):
        page = _listed(state="stock")
        assert (page.rows, page.count) == ([], 0)


@pytest.mark.parametrize("fragment", ["555", "5550", "501", "150", "999"])
@pytest.mark.parametrize("sort", ["tn", "-tn", "place"])
@pytest.mark.parametrize("cap", [5, 100, 1000])
def test_a_common_and_a_rare_fragment_list_the_same_whichever_way_they_are_found(
    numbers, monkeypatch, fragment, sort, cap
):
    monkeypatch.setattr(listing, "COUNT_CAP", cap)
    facts = {"tn__contains": fragment}
    order = {"tn": ["tn"], "-tn": ["-tn"], "place": ["rate_center", "pk"]}[sort]
    expected = list(TelephoneNumber.objects.filter(**facts).order_by(*order))
    for _ in range(3):
        page = _listed(f"sort={sort}&size=25", **facts)
        assert page.rows == expected[:25]
        assert page.count == min(len(expected), cap)
        if page.next_query:
            assert _listed(page.next_query, **facts).rows == expected[25:50]


def test_rows_that_lie_together_far_away_are_found_before_they_are_sorted(numbers, monkeypatch):
    """A walk that took longer than finding all of them is not made again."""
    monkeypatch.setattr(listing, "COUNT_CAP", 100)
    clock = itertools.chain([0, 1, 1, 10], itertools.count(10))  # found in 1 s, walked in 9 s
    monkeypatch.setattr(keyset.time, "perf_counter", lambda: next(clock))
    ways = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as queries:
            assert len(_listed(state="stock").rows) == 25
        ways.append(any("total_count" in query["sql"] for query in queries))
    assert ways == [True, False, True, True]


def test_counting_stops_at_the_cap(numbers):
    assert capped_count(TelephoneNumber.objects.all(), cap=59) == (59, False)
    assert capped_count(TelephoneNumber.objects.all(), cap=60) == (60, True)


@pytest.mark.parametrize("sort", ["tn", "-tn", "place", "-place"])
def test_finding_few_first_gives_the_same_pages(numbers, sort):
    there = f"sort={sort}&size=25"
    assert _walk(there, "next", is_few=True) == _walk(there, "next")
    back = f"{there}&last=1"
    assert _walk(back, "previous", is_few=True) == _walk(back, "previous")


@pytest.mark.parametrize("nothing", [{"tn": "+19995550100"}, {"pk__in": []}])
def test_finding_few_first_where_there_are_none(numbers, nothing):
    none = TelephoneNumber.objects.filter(**nothing)
    request = RequestFactory().get("/numbers/")
    page = paginate(request, none, SORTS, is_narrow=True, fetch=_fetch)
    assert (page.rows, page.next_query, page.previous_query) == ([], "", "")


@pytest.mark.parametrize("sort", ["tn", "-tn", "place", "-place"])
@pytest.mark.parametrize("piece", [7, 20, 60, 100])
def test_walking_all_rows_in_pieces_leaves_out_none(numbers, sort, piece):
    request = RequestFactory().get(f"/numbers/?sort={sort}")
    rows = list(walk(request, TelephoneNumber.objects.all(), SORTS, ["tn", "state"], piece=piece))
    assert [tn for tn, _ in rows] == _walk(f"sort={sort}", "next")
    assert {state for _, state in rows} == {"stock"}


def _page(query: str, *, is_few: bool = False):
    numbers = TelephoneNumber.objects.all()
    request = RequestFactory().get("/numbers/", QueryDict(query).dict())
    return paginate(request, numbers, SORTS, is_narrow=is_few, fetch=_fetch if is_few else None)


@pytest.mark.parametrize("is_few", [False, True])
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("at=312-555-0130", "+13125550130"),
        ("at=(312) 555-013", "+13125550130"),
        ("at=1 312 555 0130", "+13125550130"),
        ("at=201", "+13125550100"),  # before the first
        ("sort=-tn&at=312555013", "+13125550139"),
        ("sort=place&at=PLACE 1", "+13125550101"),
        ("sort=-place&at=PLACE 1", "+13125550158"),
        ("at=", "+13125550100"),
        ("at=x", "+13125550100"),
        ("sort=since&at=today", "+13125550100"),
        ("sort=since&at=1999-12-31", "+13125550100"),
        ("sort=since&at=0001-01-01", "+13125550100"),
    ],
)
def test_a_jump_shows_the_list_from_there(numbers, query, first, is_few):
    assert _page(f"{query}&size=25", is_few=is_few).rows[0].tn == first


def test_a_jump_beyond_the_end_shows_the_last_page(numbers):
    page = _page("at=999&size=25")
    assert page.rows[-1].tn == "+13125550159"
    assert (len(page.rows), page.next_query) == (25, "")


def test_from_a_jump_one_can_go_both_ways_and_every_row_is_there(numbers):
    page = _page("at=3125550130&size=25")
    back = _page(page.previous_query)
    assert [row.tn[-2:] for row in back.rows] == [f"{n:02}" for n in range(5, 30)]
    assert [row.tn[-2:] for row in _page(page.next_query).rows] == [
        f"{n:02}" for n in range(55, 60)
    ]
    assert "at=" not in page.next_query + page.previous_query + page.first_query


def test_a_place_that_is_gone_shows_the_edge_instead_of_nothing(numbers):
    after = _page("last=1&size=25").rows[0]
    first, last = _page("size=25"), f"after={encode_cursor(after, ['tn'])}&size=25"
    TelephoneNumber.objects.filter(tn__gt=after.tn).delete()
    assert _page(last).rows[-1].tn == after.tn
    before = f"before={encode_cursor(first.rows[0], ['tn'])}&size=25"
    assert [row.tn for row in _page(before).rows] == [row.tn for row in first.rows]


@given(kind=st.sampled_from(["number", "text", "date"]), text=st.text(), down=st.booleans())
def test_any_text_is_a_place_or_none(kind, text, down):
    found = jump.bound(kind, text, is_descending=down)
    assert found is None or isinstance(found, datetime) or "\x00" not in found


@pytest.mark.parametrize("wanted", [[], ["+13125550101"], ["+13125550101", "+13125550159", "x'"]])
def test_an_array_of_texts_finds_what_in_finds(numbers, wanted):
    rows = TelephoneNumber.objects.all()
    assert set(rows.filter(tn__among=wanted)) == set(rows.filter(tn__in=wanted))
    assert set(rows.exclude(tn__among=wanted)) == set(rows.exclude(tn__in=wanted))
