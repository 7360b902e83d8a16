"""Editing many numbers by sets says and does what plain Python would."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.expressions import WithoutTags, WithTags
from inventory.forms.edit import MOST_TAGS, EditManyForm, split_tags
from inventory.models import TelephoneNumber
from inventory.services.edit import Edit, changed_by, edit_many, overfilled_by
from portal.models import AuditEntry
from tests import factories

NUMBERS = TelephoneNumber.objects
WORDS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
TAGS = st.lists(WORDS, max_size=MOST_TAGS)
IN_DATABASE = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@IN_DATABASE
@given(has=TAGS, added=TAGS, removed=TAGS)
def test_tags_are_added_and_taken_off_as_sets(db, has, added, removed):
    NUMBERS.all().delete()
    factories.make_tn(tags=has)
    new = WithTags(WithoutTags(F("tags"), removed), added)
    got = NUMBERS.annotate(new=new).get().new
    assert set(got) == (set(has) - set(removed)) | set(added)
    assert len(got) == len(set(got))


def test_the_longest_tags_that_a_number_may_have_are_stored(db):
    """An index holds them beside the number, and its rows have a greatest length."""
    longest = [
        f"{n:02}" + "".join(chr(0x1F300 + (n * 30 + at) % 700) for at in range(30))
        for n in range(20)
    ]
    number = factories.make_tn("+442079460958999", tags=longest)
    number.refresh_from_db()
    assert number.tags == longest
    with pytest.raises(IntegrityError), transaction.atomic():
        NUMBERS.update(tags=[*longest, "one more"])


@pytest.mark.parametrize(
    ("removed", "added", "expected"), [([], ["x"], 1), (["t0"], ["x"], 0), ([], ["t1"], 0)]
)
def test_an_edit_tells_how_many_numbers_it_would_overfill(db, removed, added, expected):
    factories.make_tn(tags=[f"t{n}" for n in range(MOST_TAGS)])
    factories.make_tn(tags=["t0"])
    edit = Edit(add_tags=added, remove_tags=removed)
    assert overfilled_by(NUMBERS.order_by("tn"), edit) == expected


@given(st.text(max_size=200))
def test_any_text_is_tags_or_a_sentence(text):
    try:
        tags = split_tags(text)
    except ValidationError:
        return
    assert tags == sorted(set(tags))
    assert len(tags) <= MOST_TAGS
    assert all(tag == tag.strip() and 0 < len(tag) <= 32 and tag.isprintable() for tag in tags)
    assert split_tags(", ".join(tags)) == tags


@IN_DATABASE
@given(
    before=st.sampled_from([None, Decimal("1"), Decimal("0.5")]),
    after=st.sampled_from([None, "1", "0.50", "2"]),
    label=st.sampled_from(["", "a"]),
    new_label=st.sampled_from(["", "a", "b"]),
)
def test_only_what_differs_is_changed(operator, before, after, label, new_label):
    NUMBERS.all().delete()
    number = factories.make_tn(monthly_cost=before, label=label)
    edit = Edit(values={"monthly_cost": after, "label": new_label})
    wanted = None if after is None else Decimal(after)
    differs = before != wanted or label != new_label
    assert changed_by(NUMBERS.all(), edit).exists() == differs
    entries = AuditEntry.objects.count()
    assert edit_many(NUMBERS.all(), edit, actor=operator) == int(differs)
    assert AuditEntry.objects.count() == entries + int(differs)
    number.refresh_from_db()
    assert (number.monthly_cost, number.label) == (wanted, new_label)
    assert not changed_by(NUMBERS.all(), edit).exists()


def test_an_edit_that_says_nothing_changes_nothing(operator):
    factories.make_tn()
    assert not Edit()
    assert edit_many(NUMBERS.all(), Edit(), actor=operator) == 0


def test_many_are_one_statement_each(operator, django_assert_max_num_queries):
    for _ in range(40):
        factories.make_tn()
    edit = Edit(values={"label": "New", "legal_hold": True}, add_tags=["gold"])
    with django_assert_max_num_queries(5):
        assert edit_many(NUMBERS.all(), edit, actor=operator) == 40
    entry = AuditEntry.objects.first()
    assert entry.before == {"label": "", "legal_hold": False, "tags": []}
    assert entry.after == {"label": "New", "legal_hold": True, "tags": ["gold"]}
    assert entry.actor == operator


@pytest.mark.parametrize("name", ["state", "customer"])
def test_the_form_offers_no_field_of_the_lifecycle(name):
    assert name not in EditManyForm.base_fields
