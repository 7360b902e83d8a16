"""What the filters of an address ask for is made once for some visits; the rows never are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import reverse

from portal import filtering, recent
from portal.filters import CustomerFilter
from portal.models import Customer
from tests import factories

pytestmark = pytest.mark.django_db


class Asking:
    """Asks for customers as a list does, and counts how often filters were made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, user: Any, address: str, **kept: Any) -> list[str]:
        request: Any = RequestFactory().get(address)
        request.user = user

        def make() -> CustomerFilter:
            self.made += 1
            return CustomerFilter(request.GET, queryset=Customer.objects.visible_to(user), drawn=())

        found = filtering.asked(request, make, **kept)
        return sorted(found.rows.queryset.values_list("name", flat=True))


@pytest.fixture
def asking() -> Asking:
    """Return one who asks."""
    return Asking()


def test_rows_are_found_anew_though_filters_are_kept(asking, operator):
    factories.make_customer("Lakeside Dental")
    assert asking(operator, "/c/?q=dental") == ["Lakeside Dental"]
    factories.make_customer("Hill Dental")
    assert asking(operator, "/c/?q=dental") == ["Hill Dental", "Lakeside Dental"]
    assert asking.made == 1


def test_the_place_in_a_list_is_no_filter(asking, operator):
    for place in ("", "&after=x", "&before=x", "&last=1", "&at=a", "&sort=-name", "&size=25"):
        asking(operator, f"/c/?q=dental{place}")
    assert asking.made == 1


def test_other_filters_lists_facts_and_people_are_asked_anew(asking, operator, viewer, lakeside):
    member = factories.make_user("member", customer=lakeside)
    for user, address, facts in (
        (operator, "/c/?q=dental", ()),
        (operator, "/c/?q=dent", ()),
        (operator, "/c/", ()),
        (operator, "/d/?q=dental", ()),
        (operator, "/c/?q=dental", 7),
        (viewer, "/c/?q=dental", ()),
        (member, "/c/?q=dental", ()),
    ):
        asking(user, address, facts=facts)
    assert asking.made == 7


def test_a_role_that_was_taken_away_is_seen_at_once(asking, operator):
    factories.make_customer("Lakeside Dental")
    assert asking(operator, "/c/?q=dental")
    operator.role, operator.customer = "member", factories.make_customer("Hill")
    assert asking(operator, "/c/?q=dental") == []


def test_it_is_not_kept_for_long(asking, operator, monkeypatch):
    asking(operator, "/c/?q=dental")
    later = recent.time.monotonic() + 31
    monkeypatch.setattr(recent.time, "monotonic", lambda: later)
    asking(operator, "/c/?q=dental")
    assert asking.made == 2


def test_what_depends_on_more_than_the_address_is_not_kept(asking, operator):
    asking(operator, "/c/?q=dental", is_kept=False)
    asking(operator, "/c/?q=dental", is_kept=False)
    assert asking.made == 2


def test_a_filter_that_makes_no_sense_keeps_saying_so(client_for, operator):
    address = f"{reverse('inventory:tn-list')}?account=nonsense"
    factories.make_tn("+13125550101")
    pages = [client_for(operator).get(address).content.decode() for _ in range(2)]
    for page in pages:
        assert "(312) 555-0101" not in page
        assert "Select a valid choice" in page


def test_only_so_many_things_are_kept():
    kept: recent.Recent[int] = recent.Recent(most=2, seconds=60)
    for n in range(3):
        kept.keep(n, n)
    assert [kept.get(n) for n in range(3)] == [None, 1, 2]
