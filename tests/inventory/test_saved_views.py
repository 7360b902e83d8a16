"""Saved views: kept, shown as tabs, shared among staff, changed and deleted by their owner."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from inventory import saved_views
from inventory.models import SavedView
from portal.models import User
from tests import factories
from tests.portal.pages import sql_count, text_of

NEW = "/numbers/views/new/"


@pytest.fixture
def stock_view(viewer) -> SavedView:
    return SavedView.objects.create(
        user=viewer, name="Stock in Chicago", query="npa=312&state=stock"
    )


def save(client, **fields: str):
    return client.post(NEW, {"name": "Stock", "query": "state=stock", **fields})


def test_the_list_offers_to_keep_what_it_shows(client_for, viewer):
    factories.make_tn()
    page = text_of(client_for(viewer).get("/numbers/?state=stock&sort=-tn&size=25&q="))
    kept = quote("state=stock&sort=-tn", safe="")
    assert f'href="{NEW}?query={kept}"' in page


def test_a_view_is_saved_with_filters_sort_and_columns(client_for, viewer):
    client = client_for(viewer)
    query = "state=stock&npa=312&sort=-tn&col=lata&col=nonsense&after=x&list=abc&q=&page=2"
    assert "State: Stock, Area: 312" in text_of(client.get(NEW, {"query": query}))
    response = save(client, query=query)
    view = SavedView.objects.get()
    assert response["Location"] == f"/numbers/?{view.query}&view={view.pk}"
    assert QueryDict(view.query).dict() == {
        "state": "stock",
        "npa": "312",
        "sort": "-tn",
        "col": "lata",
    }
    assert (view.user, view.is_shared, view.is_default) == (viewer, False, False)


def test_views_are_tabs_and_the_one_in_use_is_marked(client_for, viewer, stock_view):
    page = text_of(client_for(viewer).get(f"/numbers/?npa=312&state=stock&view={stock_view.pk}"))
    tab = page.split("Stock in Chicago</a>")[0].rpartition("<a ")[2]
    assert 'aria-current="page"' in tab
    assert f"npa=312&amp;state=stock&amp;view={stock_view.pk}" in tab


def test_the_view_shown_first_opens_the_list_and_all_numbers_stay_one_click_away(
    client_for, viewer, stock_view
):
    client = client_for(viewer)
    assert client.get("/numbers/").status_code == 200
    response = client.post(
        f"/numbers/views/{stock_view.pk}/", {"name": "Stock in Chicago", "is_default": "on"}
    )
    assert response.status_code == 302
    address = f"/numbers/?npa=312&state=stock&view={stock_view.pk}"
    assert client.get("/numbers/")["Location"] == address
    everything = text_of(client.get("/numbers/?view=all"))
    assert 'href="/numbers/?view=all" aria-current="page"' in everything
    assert '<input type="hidden" name="view" value="all">' in everything


def test_only_one_view_is_shown_first(client_for, viewer, stock_view):
    saved_views.save(SavedView(user=viewer, name="Other", is_default=True))
    stock_view.is_default = True
    saved_views.save(stock_view)
    assert list(SavedView.objects.filter(is_default=True)) == [stock_view]


def test_a_shared_view_is_a_tab_for_all_staff_and_for_nobody_else(
    client_for, viewer, operator, alice, stock_view
):
    assert "Stock in Chicago" not in text_of(client_for(operator).get("/numbers/"))
    SavedView.objects.update(is_shared=True, is_default=True)
    colleague = client_for(operator)
    assert "Stock in Chicago" in text_of(colleague.get("/numbers/"))  # and it opens nothing for him
    assert "Stock in Chicago" in text_of(colleague.get("/numbers/views/"))
    assert "Stock in Chicago" not in text_of(client_for(alice).get("/numbers/"))


def test_only_the_owner_changes_and_deletes(client_for, operator, stock_view):
    SavedView.objects.update(is_shared=True)
    client = client_for(operator)
    for address in ("", "delete/"):
        posted = client.post(f"/numbers/views/{stock_view.pk}/{address}", {"name": "Taken"})
        assert posted.status_code == 404
    stock_view.refresh_from_db()
    assert stock_view.name == "Stock in Chicago"
    assert "Change" not in text_of(client.get("/numbers/views/")).split("<tbody>")[1]


def test_a_view_is_renamed_and_deleted_by_its_owner(client_for, viewer, stock_view):
    client = client_for(viewer)
    client.post(f"/numbers/views/{stock_view.pk}/", {"name": "Chicago"})
    stock_view.refresh_from_db()
    assert (stock_view.name, stock_view.query) == ("Chicago", "npa=312&state=stock")
    page = text_of(client.post(f"/numbers/views/{stock_view.pk}/delete/", follow=True))
    assert "No number was changed" in page
    assert "No saved views yet" in page
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"name": "Stock in Chicago"}, "You have a view of this name"),
        ({"query": "q=" + "7" * 2001}, "too many filters to keep"),
    ],
)
def test_what_cannot_be_kept_is_said_with_the_form(
    client_for, viewer, stock_view, fields, sentence
):
    response = save(client_for(viewer), **fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert SavedView.objects.count() == 1


def test_there_is_an_end_to_views(client_for, viewer, monkeypatch, stock_view):
    monkeypatch.setattr(saved_views, "MOST", 1)
    assert "Delete one first" in text_of(save(client_for(viewer)))


def test_a_customer_keeps_views_without_sharing_and_without_what_is_ours(client_for, alice):
    client = client_for(alice)
    assert "Share it" not in text_of(client.get(NEW))
    save(client, is_shared="on", query="state=in_service&col=cost&account=1")
    view = SavedView.objects.get()
    assert not view.is_shared
    assert "cost" not in view.query
    assert text_of(client.get(f"/numbers/?{view.query}")).count("Remove this filter") == 1


def test_opening_a_view_leaves_the_chosen_columns_alone(client_for, viewer):
    factories.make_tn()
    client = client_for(viewer)
    client.get("/numbers/?col=lata")
    assert 'data-label="Tier"' in text_of(client.get("/numbers/?col=tier&view=1"))
    assert 'data-label="LATA"' in text_of(client.get("/numbers/"))


def test_views_cost_the_list_one_query(client_for, viewer):
    before = sql_count(client_for(viewer), "/numbers/?view=all")
    for n in range(20):
        SavedView.objects.create(user=viewer, name=f"View {n}")
    assert sql_count(client_for(viewer), "/numbers/?view=all") == before <= 10


@given(text=st.text(max_size=60))
def test_keeping_twice_keeps_the_same(text):
    user = User(pk=1, role=User.Role.VIEWER)
    once = saved_views.kept_query(QueryDict(text), user)
    assert saved_views.kept_query(QueryDict(once), user) == once
