"""Customers: the list, the page of one, and the form."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from e911 import gaps
from inventory.models import TelephoneNumber
from portal import audit
from portal.models import AuditEntry, Customer
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
    assert f'<a href="/numbers/?customer={customers.pk}">2</a>' in row
    assert f'href="/customers/{customers.pk}/"' in page
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


def test_the_page_tells_what_every_domain_has_of_a_customer(client_for, viewer, customers):
    factories.make_tn("+13125550144", customer=customers, state="suspended")
    factories.make_port("+13125550177", customer=customers, state="with_losing_carrier")
    factories.make_port("+13125550178", customer=customers, state="completed")
    gaps.refresh([number.pk for number in TelephoneNumber.objects.all()])
    page = text_of(client_for(viewer).get(f"/customers/{customers.pk}/"))
    own = f"customer={customers.pk}&amp;"
    for link, count in (
        (f"/numbers/?{own}state=in_service", 2),
        (f"/numbers/?{own}state=suspended", 1),
        (f"/e911/gaps/?{own}bucket=4", 3),
        (f"/ports/list/?{own}state=with_losing_carrier", 1),
        (f"/ports/list/?{own}state=over", 1),
    ):
        assert re.search(rf'href="{re.escape(link)}">{count}<', page), link


def test_a_customer_with_nothing_has_sentences(client_for, viewer):
    customer = factories.make_customer()
    page = text_of(client_for(viewer).get(f"/customers/{customer.pk}/"))
    for words in (
        *("It has no numbers now", "It has no number in service", "It has ported nothing"),
        *("Nobody of this customer signs in", "Nothing has been changed yet", "No job was about"),
    ):
        assert words in page
    assert "/edit/" not in page


def test_people_jobs_and_history_of_a_customer_lead_to_all_of_them(
    client_for, viewer, operator, alice, lakeside
):
    other = factories.make_job(operator, title="Job of others", customer=factories.make_customer())
    job = factories.make_job(operator, title="Look at it", customer=lakeside)
    audit.record(operator, "portal.customer.changed", lakeside, customer_id=lakeside.pk)
    audit.record(operator, "portal.customer.changed", other.customer)
    client = client_for(viewer)
    page = text_of(client.get(f"/customers/{lakeside.pk}/"))
    assert alice.email in page
    assert f"/jobs/{job.pk}/" in page
    assert "portal.customer.changed" in page
    listed = text_of(client.get(f"/jobs/?customer={lakeside.pk}"))
    assert "Customer: Lakeside Dental" in listed
    assert "Look at it" in listed
    assert "Job of others" not in listed
    entries = text_of(client.get(f"/audit/?customer={lakeside.pk}"))
    assert "Customer: Lakeside Dental" in entries
    assert entries.count("portal.customer.changed") == 1
    assert len(text_of(client.get(f"/audit/export/?customer={lakeside.pk}")).splitlines()) == 2


def test_a_stranger_does_not_filter_by_others(client_for, charlie, lakeside):
    page = text_of(client_for(charlie).get(f"/jobs/?customer={lakeside.pk}"))
    assert "a filter makes no sense" in page
    assert "Lakeside" not in page


FORM = {"name": "New Wharf", "code": "WHARF", "aging_class": "business", "is_active": "on"}


def test_an_operator_enters_and_changes_a_customer(client_for, operator):
    client = client_for(operator)
    answer = client.post("/customers/new/", FORM)
    customer = Customer.objects.get()
    assert answer["Location"] == f"/customers/{customer.pk}/"
    client.post(f"/customers/{customer.pk}/edit/", FORM | {"code": "OTHER", "is_active": ""})
    customer.refresh_from_db()
    assert (customer.code, customer.is_active) == ("WHARF", False)
    changed, added = AuditEntry.objects.filter(customer=customer).order_by("-id")
    assert (added.verb, changed.verb) == ("portal.customer.added", "portal.customer.changed")
    assert (changed.before, changed.after) == ({"is_active": "True"}, {"is_active": "False"})
    assert "Inactive" in text_of(client.get(f"/customers/{customer.pk}/"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"code": "two words"}, "A code has no spaces"),
        ({"code": "lake"}, "Another customer has this code"),
        ({"email": "nobody"}, "valid email"),
        ({"aging_class": "x"}, "valid choice"),
    ],
)
def test_a_form_that_is_wrong_saves_nothing(client_for, operator, customers, wrong, words):
    answer = client_for(operator).post("/customers/new/", FORM | wrong)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert Customer.objects.count() == 3


@pytest.mark.parametrize("count", [1, 40])
def test_the_page_takes_few_queries_whatever_the_customer_has(client_for, viewer, count):
    customer = factories.make_customer()
    for _ in range(count):
        factories.make_tn(customer=customer)
        factories.make_job(customer=customer)
        factories.make_user("member", customer=customer)
    assert sql_count(client_for(viewer), f"/customers/{customer.pk}/") <= 12


def test_numbers_are_counted_again_only_when_one_changes(client_for, viewer, lakeside):
    client = client_for(viewer)
    address = f"/numbers/?customer={lakeside.pk}"

    def shown() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/customers/").content.decode()
        counted = [q for q in captured if "n.customer_id = c.id" in q["sql"]]
        return re.search(rf'href="{re.escape(address)}">([^<]*)<', page)[1], len(counted)

    assert shown() == ("0", 1)
    assert shown() == ("0", 0)
    factories.make_tn("+13125550101", customer=lakeside)
    assert shown() == ("1", 1)
    assert shown() == ("1", 0)
