"""Rows by their keys: in order, as dicts, in one query."""

from __future__ import annotations

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from inventory.models import TelephoneNumber
from portal.fetch import RowsByKey
from portal.models import AuditEntry
from tests import factories


def test_rows_come_in_the_order_of_the_keys(db, django_assert_num_queries):
    one, two = (factories.make_tn(f"+1312555010{n}", label=f"Row {n}") for n in (1, 2))
    read = RowsByKey(
        lambda: TelephoneNumber.objects.values("id", "label", account_name=F("account__name"))
    )
    with django_assert_num_queries(1):
        rows = read([two.pk, 0, one.pk])
    assert rows == [
        {"id": n.pk, "pk": n.pk, "label": n.label, "account_name": n.account.name}
        for n in (two, one)
    ]
    with django_assert_num_queries(0):
        assert read([]) == []


def test_rows_are_read_by_any_unique_column(db):
    number = factories.make_tn("+13125550101")
    read = RowsByKey(lambda: TelephoneNumber.objects.values("id", "tn"))
    assert [row["id"] for row in read(["+13125550199", number.tn], "tn")] == [number.pk]


def test_columns_of_json_are_parsed(db):
    entry = AuditEntry.objects.create(actor_name="A", verb="x.y", after={"label": "New"})
    read = RowsByKey(lambda: AuditEntry.objects.values("id", "after"))
    assert read([entry.pk])[0]["after"] == {"label": "New"}


def test_columns_may_have_values_of_their_own(db):
    number = factories.make_tn("+13125550101", label="Desk")
    shown = Concat(Value("<"), F("label"), Value(">"))
    read = RowsByKey(lambda: TelephoneNumber.objects.values("id", shown=shown))
    assert [row["shown"] for row in read([number.pk])] == ["<Desk>"]


def test_columns_keep_their_names_in_whatever_order_they_are_asked_for(db):
    number = factories.make_tn("+13125550101", label="Desk")
    rows = TelephoneNumber.objects.annotate(shown=Concat(F("label"), Value("!")))
    read = RowsByKey(lambda: rows.values("tn", "shown", "id", account_name=F("account__name")))
    [row] = read([number.pk])
    assert (row["tn"], row["shown"], row["id"]) == (number.tn, "Desk!", number.pk)
    assert row["account_name"] == number.account.name


def test_rows_with_a_condition_are_refused(db):
    read = RowsByKey(lambda: TelephoneNumber.objects.filter(state="stock").values("id"))
    with pytest.raises(ValueError, match="no condition"):
        read([1])
