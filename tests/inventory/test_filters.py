"""The filter of numbers by itself: what it offers whom, and what it takes."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from inventory.filters.numbers import TelephoneNumberFilter
from inventory.models import TelephoneNumber
from portal.filtering import fitting
from tests import factories


def found(user, query: str) -> set[str]:
    filters = TelephoneNumberFilter(
        QueryDict(query), queryset=TelephoneNumber.objects.visible_to(user), user=user
    )
    return set(fitting(filters).values_list("tn", flat=True))


def test_every_filter_has_a_word_for_its_chip(viewer):
    filters = TelephoneNumberFilter(QueryDict(), user=viewer)
    assert set(filters.filters) == set(TelephoneNumberFilter.LABELS) - {"list"}


def test_a_customer_is_offered_nothing_that_is_ours_to_know(bob):
    filters = TelephoneNumberFilter(QueryDict(), user=bob)
    assert not set(TelephoneNumberFilter.STAFF_ONLY) & set(filters.filters)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [("312,201", 2), ("312 201", 2), ("312;201,", 2), (" 312 ", 1), ("31", 0), ("abc", 0)],
)
def test_area_codes_are_split_by_comma_space_or_semicolon(viewer, codes, expected):
    for tn in ("+13125550142", "+12015550107"):
        factories.make_tn(tn)
    assert len(found(viewer, f"npa={codes}")) == expected


def test_a_number_outside_the_plan_is_local_and_found(viewer):
    factories.make_tn("+442079460018")
    assert found(viewer, "kind=local") == {"+442079460018"}
    assert found(viewer, "q=%2B44+20+7946+0018") == {"+442079460018"}


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "()", "a" * 200])
def test_odd_texts_find_nothing_and_break_nothing(viewer, text):
    factories.make_tn("+13125550142", label="Front desk")
    query = QueryDict(mutable=True)
    query["q"] = text
    assert found(viewer, query.urlencode()) == set()


def test_vanity_letters_find_the_digits(viewer):
    factories.make_tn("+18003569377")
    assert found(viewer, "q=1-800-FLOWERS") == {"+18003569377"}
