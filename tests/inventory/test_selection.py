"""Which numbers a bulk action is about: ticked ones, or all that match."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from inventory import selection
from inventory.models import TelephoneNumber
from tests import factories


@pytest.fixture
def numbers(lakeside):
    """Make three numbers of stock and one of a customer."""
    for line in ("0101", "0102", "0103"):
        factories.make_tn(f"+1312555{line}", region="IL")
    factories.make_tn("+12015550142", customer=lakeside)


def chosen(user, query: str, *, posted: bool = False, **options: Any) -> selection.Selection:
    """Return what a request of this user chose."""
    make = RequestFactory()
    if posted:
        request: Any = make.post("/numbers/x/", QueryDict(query).dict())
    else:
        request = make.get(f"/numbers/x/?{query}")
    request.user, request.session = user, {}
    return selection.read(request, **options)


def test_ticked_numbers_are_chosen(viewer, numbers):
    found = chosen(viewer, "tn=%2B13125550101&tn=%2B13125550103&tn=%2B13125550101&tn=x")
    assert list(found.tns()) == ["+13125550101", "+13125550103"]
    assert (found.words, found.problem, found.left_out) == ("2 chosen numbers", "", 0)


def test_ticked_numbers_travel_short_in_an_address(viewer, numbers):
    found = chosen(viewer, "tns=13125550101.13125550103.x..&tn=%2B13125550102")
    assert list(found.tns()) == ["+13125550101", "+13125550102", "+13125550103"]
    assert found.left_out == 0


def test_one_ticked_number_is_named(viewer, numbers):
    assert chosen(viewer, "tn=%2B13125550101").words == "(312) 555-0101"


def test_ticked_numbers_travel_in_one_field(viewer, numbers):
    first = chosen(viewer, "tn=%2B13125550101&tn=%2B13125550102&filters=state%3Dstock")
    posted = QueryDict(mutable=True)
    for name, value in first.fields:
        posted[name] = value
    again = chosen(viewer, posted.urlencode(), posted=True)
    assert list(again.tns()) == list(first.tns())
    assert again.back_url == "/numbers/?state=stock"


def test_all_that_match_are_chosen_by_their_filters(viewer, numbers):
    found = chosen(viewer, "all=1&filters=state%3Dstock%26region%3DIL&tn=%2B12015550142")
    assert (found.count, found.is_all) == (3, True)
    assert found.words == "all 3 numbers with State: Stock, US state: IL"
    assert chosen(viewer, "all=1&filters=").words == "all 4 numbers"


@pytest.mark.parametrize("posted", [True, False])
def test_a_form_that_lost_its_filters_means_nothing(viewer, numbers, posted):
    found = chosen(viewer, "all=1&state=stock", posted=posted)
    assert (found.count, found.problem) == (0, "No number fits.")


@pytest.mark.parametrize("query", ["state=nonsense", "list=gone", "account=999"])
def test_filters_that_make_no_sense_choose_nothing(viewer, numbers, query):
    values = QueryDict(mutable=True)
    values.update({"all": "1", "filters": query})
    assert chosen(viewer, values.urlencode()).count == 0


def test_a_customer_chooses_only_his_own(alice, charlie, numbers):
    assert chosen(alice, "all=1&filters=").count == 1
    assert chosen(charlie, "all=1&filters=").count == 0
    found = chosen(charlie, "tn=%2B12015550142")
    assert (found.count, found.left_out, found.problem) == (0, 1, "No number was chosen.")


def test_more_than_the_limit_is_a_problem(viewer, numbers):
    assert "more than 2 numbers" in chosen(viewer, "all=1&filters=", limit=2).problem
    assert not chosen(viewer, "all=1&filters=", limit=4).problem
    ticked = "tn=%2B13125550101&tn=%2B13125550102"
    assert "more than 1 numbers" in chosen(viewer, ticked, limit=1).problem


def test_a_list_that_changed_since_the_preview_is_looked_at_again(viewer, numbers):
    first = chosen(viewer, "all=1&filters=state%3Dstock")
    values = QueryDict(mutable=True)
    values.update(dict(first.fields))
    assert not chosen(viewer, values.urlencode(), posted=True).problem
    TelephoneNumber.objects.filter(tn="+13125550101").update(state="aging")
    factories.make_tn("+13125550199")  # the same count, and still not the same numbers
    again = chosen(viewer, values.urlencode(), posted=True)
    assert again.count == first.count
    assert "Other numbers fit" in again.problem
