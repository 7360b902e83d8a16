"""Statements that are planned once per connection."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import NotSupportedError, ProgrammingError, connection, transaction

from portal import prepared
from portal.models import AuditEntry, Customer
from tests import factories


def _plans() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [row[0] for row in cursor.fetchall()]


def test_a_statement_is_kept_with_its_plan(db, django_assert_num_queries):
    customer = factories.make_customer(name="Lakeside")
    sql = "SELECT name FROM portal_customer WHERE id = ANY(%s)"
    with django_assert_num_queries(2) as captured:
        assert prepared.rows(sql, [[customer.pk]]) == [("Lakeside",)]
        assert prepared.rows(sql, [[0]]) == []
    assert f"{{{customer.pk}}}" in captured.captured_queries[0]["sql"]
    assert len([plan for plan in _plans() if "portal_customer" in plan and "$1" in plan]) == 1


def test_other_statements_are_not_kept(db):
    assert list(Customer.objects.filter(name="Lakeside")) == []
    assert not [plan for plan in _plans() if "Lakeside" in plan]


def test_values_come_as_what_they_stand_for(db):
    at = datetime(2026, 3, 3, 17, 4, 5, 123456, tzinfo=UTC)
    entry = AuditEntry.objects.create(actor_name="A", verb="x.y", after={"tags": ["a", 1, None]})
    [found] = prepared.rows(
        "SELECT after, %s::timestamptz, 12.50::numeric, NULL::jsonb, ARRAY['a', 'b']::varchar[]"
        " FROM portal_auditentry WHERE id = %s",
        [at, entry.pk],
    )
    after, moment, amount, nothing, tags = found
    assert (after, nothing, tags) == ({"tags": ["a", 1, None]}, None, ["a", "b"])
    assert (moment, moment.utcoffset().total_seconds(), str(amount)) == (at, 0, "12.50")


def test_it_goes_on_after_a_rollback_and_on_a_new_connection(transactional_db):
    sql = "SELECT count(*) FROM portal_customer"
    with transaction.atomic():
        factories.make_customer()
        assert prepared.rows(sql) == [(1,)]
        transaction.set_rollback(True)
    assert prepared.rows(sql) == [(0,)]
    connection.close()
    assert prepared.rows(sql) == [(0,)]


def test_an_error_is_told_as_djangos(db):
    with pytest.raises(ProgrammingError, match="no_such_table"), transaction.atomic():
        prepared.rows("SELECT 1 FROM no_such_table")


def test_one_of_many_is_planned_for_good_when_it_is_asked_often(db):
    sql = "SELECT name FROM portal_customer WHERE name LIKE '50%' LIMIT 1"
    kept = []
    for _ in range(4):
        assert prepared.rows(sql, is_one_of_few=False) == []
        kept.append(sql in _plans())
    assert (kept[0], kept[-1]) == (False, True)


def test_a_long_statement_is_never_kept(db):
    sql = f"SELECT '{'x' * prepared.LONG}'"
    for _ in range(4):
        prepared.rows(sql, is_one_of_few=False)
    assert not [plan for plan in _plans() if "xxx" in plan]


def test_values_can_be_written_into_a_statement(db):
    text = prepared.text(("SELECT %s::text, '50 %%'", ["O'Hara 5%"]))
    assert prepared.rows(text) == [("O'Hara 5%", "50 %")]
    assert prepared.rows(text.replace("%", "%%") + " WHERE 1 = %s", [1]) == [("O'Hara 5%", "50 %")]


@pytest.fixture
def shelf(transactional_db):
    """Return the name of a table of its own, and what runs a statement on another connection."""
    params = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    facts = {name: params[name] for name in names if params.get(name)}
    with psycopg.connect(autocommit=True, **facts) as other:
        other.execute("CREATE TABLE shelf (label varchar(5))")
        other.execute("INSERT INTO shelf VALUES ('a')")
        yield other
        other.execute("DROP TABLE shelf")


def test_a_column_may_change_its_type_under_a_plan(shelf):
    assert prepared.rows("SELECT label FROM shelf") == [("a",)]
    shelf.execute("ALTER TABLE shelf ALTER label TYPE text")
    assert prepared.rows("SELECT label FROM shelf") == [("a",)]
    assert prepared.rows("SELECT label FROM shelf") == [("a",)]


def test_inside_a_transaction_a_changed_type_is_an_error(shelf):
    assert prepared.rows("SELECT label FROM shelf") == [("a",)]
    shelf.execute("ALTER TABLE shelf ALTER label TYPE text")
    with pytest.raises(NotSupportedError), transaction.atomic():
        prepared.rows("SELECT label FROM shelf")
    assert prepared.rows("SELECT label FROM shelf") == [("a",)]
