"""Customers and one's own security page."""

from __future__ import annotations

import pytest

from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of


@pytest.fixture
def customers(db):
    """Make three customers; the first has two numbers."""
    lakeside = factories.make_customer("Lakeside Dental", code="LAKE", billing_id="B-77")
    factories.make_customer("Northgate Freight", code="NORTH")
    factories.make_customer("Old Mill", code="MILL", is_active=False)
    for tn in ("+13125550142", "+13125550143"):
        factories.make_tn(tn, customer=lakeside)
    return lakeside


def test_the_list_shows_customers_with_their_numbers(client_for, viewer, customers):
    page = text_of(client_for(viewer).get("/customers/"))
    row = page.split("Lakeside Dental")[1].split("</tr>")[0]
    assert '"Numbers">2<' in row
    assert f"/numbers/?customer={customers.pk}" in page
    assert "Inactive" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("side", {"Lakeside Dental"}),
        ("north", {"Northgate Freight"}),
        ("MILL", {"Old Mill"}),
        ("b-77", {"Lakeside Dental"}),
        ("nobody", set()),
        ("%00", set()),
    ],
)
def test_customers_are_found_by_name_code_and_billing_id(
    client_for, viewer, customers, query, found
):
    page = text_of(client_for(viewer).get(f"/customers/?q={query}", headers=HTMX))
    assert page.lstrip().startswith('<div id="customer-table"')
    names = ("Lakeside Dental", "Northgate Freight", "Old Mill")
    assert {name for name in names if name in page} == found


def test_an_empty_list_says_why(client_for, viewer):
    client = client_for(viewer)
    assert "No customers yet" in text_of(client.get("/customers/"))
    assert "No customer fits" in text_of(client.get("/customers/?q=x"))


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_takes_few_queries_whatever_its_length(client_for, viewer, count):
    for _ in range(count):
        factories.make_tn(customer=factories.make_customer())
    assert sql_count(client_for(viewer), "/customers/?size=250") <= 10


def test_the_security_page_shows_only_ones_own(client_for, viewer, alice):
    page = text_of(client_for(alice).get("/security/"))
    assert alice.email in page
    assert "Only your password protects this account" in page
    assert "Customer manager at Lakeside Dental" in page
    assert viewer.email not in page
