"""The rows of the list of pre-flights."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import kept
from portal.models import Customer, User
from porting.models import Preflight, PreflightLine
from tests import factories
from tests.portal.pages import ESCAPED, HOSTILE, HTMX, body_of, next_query, sql_count, text_of

ADDRESS = "/ports/checks/"
_key = itertools.count()


def make(actor: User, *verdicts: str, **fields) -> Preflight:
    """Return a list whose entries have these verdicts."""
    preflight = Preflight.objects.create(actor=actor, key=f"rows-{next(_key)}", **fields)
    PreflightLine.objects.bulk_create(
        PreflightLine(preflight=preflight, position=n, text=f"{n}", verdict=verdict)
        for n, verdict in enumerate(verdicts)
    )
    return preflight


def test_a_row_tells_how_many_can_be_ported(client_for, operator, lakeside):
    preflight = make(
        *(operator, "portable", "portable", "set_aside", "waiting"),
        customer=lakeside,
        file_name="march.csv",
    )
    make(operator)
    row = body_of(client_for(operator).get(ADDRESS))
    named = f'<a href="/ports/checks/{preflight.pk}/">Pre-flight {preflight.pk}</a>'
    assert f'<th scope="row">{named}<small>march.csv</small></th>' in row
    assert 'data-label="Numbers">4<small>2 can be ported</small></td>' in row
    assert 'data-label="Customer">Lakeside Dental</td>' in row
    assert 'data-label="Who">Olga Operator</td>' in row
    assert 'data-label="Numbers">0<small>0 can be ported</small></td>' in row
    assert 'data-label="Customer">Our stock</td>' in row


def test_what_was_found_out_is_seen_though_the_page_is_kept(client_for, operator):
    make(operator, "waiting")
    client = client_for(operator)
    assert "Being checked" in body_of(client.get(ADDRESS))
    PreflightLine.objects.update(verdict="portable")
    Preflight.objects.update(state="checked")
    row = body_of(client.get(ADDRESS))
    assert "Checked" in row
    assert "1 can be ported" in row


def test_what_a_late_answer_changed_is_counted_once_its_job_is_settled(client_for, operator):
    make(operator, "portable", "portable", state="checked")
    make(operator, state="checked")
    client = client_for(operator)
    fresh = body_of(client.get(ADDRESS))
    with CaptureQueriesContext(connection) as captured:
        assert "2 can be ported" in body_of(client.get(ADDRESS))
    assert not [query for query in captured if "porting_preflightline" in query["sql"]]
    assert "0 can be ported" in fresh
    PreflightLine.objects.filter(position=0).update(verdict="not_portable")
    factories.make_job(status="succeeded", finished_at=timezone.now())
    assert "1 can be ported" in body_of(client.get(ADDRESS))


def test_no_list_says_why(client_for, operator):
    assert "No list was checked yet" in text_of(client_for(operator).get(ADDRESS))


def test_what_people_wrote_stays_text(client_for, operator, admin, lakeside):
    make(admin, customer=lakeside, file_name=HOSTILE)
    Customer.objects.update(name=HOSTILE)
    User.objects.filter(pk=admin.pk).update(name=HOSTILE)
    page = text_of(client_for(operator).get(ADDRESS))
    assert HOSTILE not in page
    assert page.count(ESCAPED) == 3


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_kept_page_is_the_fresh_one(client_for, operator, headers):
    make(operator, "portable")
    client = client_for(operator)
    pages = [body_of(client.get(ADDRESS, headers=headers)) for _ in range(2)]
    kept.forget()
    assert pages == [body_of(client.get(ADDRESS, headers=headers))] * 2


def test_pages_follow_each_other(client_for, operator):
    keys = [make(operator).pk for _ in range(30)]
    client = client_for(operator)
    first = client.get(f"{ADDRESS}?size=25")
    shown = body_of(first) + body_of(client.get(f"{ADDRESS}?{next_query(first)}"))
    assert all(f">Pre-flight {key}</a>" in shown for key in keys)


@pytest.mark.parametrize("query", ["", "?size=100"])
def test_the_list_takes_few_statements(client_for, operator, query):
    for _ in range(120):
        make(operator, "portable", customer=factories.make_customer())
    assert sql_count(client_for(operator), f"{ADDRESS}{query}") <= 8
