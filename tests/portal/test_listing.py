"""Keyset paging: every row once, forwards and backwards, in every order."""

import pytest
from django.test import RequestFactory

from inventory.models import TelephoneNumber
from portal.listing import Sort, capped_count, paginate, walk
from tests.factories import make_account, make_tn

SORTS = [
    Sort(name="tn", label="Number", column="tn", is_unique=True),
    Sort(name="place", label="Rate center", column="rate_center"),
]


@pytest.fixture
def numbers(db):
    account = make_account()
    return [
        make_tn(f"+131255501{n:02}", account=account, rate_center=f"PLACE {n % 3}")
        for n in range(60)
    ]


def _walk(query: str, step: str, *, is_few: bool = False) -> list[str]:
    seen: list[str] = []
    numbers = TelephoneNumber.objects.all()
    while True:
        request = RequestFactory().get(f"/numbers/?{query}")
        page = paginate(request, numbers, SORTS, few=numbers if is_few else None)
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
    page = paginate(RequestFactory().get("/numbers/"), none, SORTS, few=none)
    assert (page.rows, page.next_query, page.previous_query) == ([], "", "")


@pytest.mark.parametrize("sort", ["tn", "-tn", "place", "-place"])
@pytest.mark.parametrize("piece", [7, 20, 60, 100])
def test_walking_all_rows_in_pieces_leaves_out_none(numbers, sort, piece):
    request = RequestFactory().get(f"/numbers/?sort={sort}")
    rows = list(walk(request, TelephoneNumber.objects.all(), SORTS, ["tn", "state"], piece=piece))
    assert [tn for tn, _ in rows] == _walk(f"sort={sort}", "next")
    assert {state for _, state in rows} == {"stock"}
