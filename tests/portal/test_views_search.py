"""Global search: what one box finds, for whom."""

from __future__ import annotations

import pytest
from django.utils import timezone

from inventory.models import Lookup, Order
from portal.models import JobItem
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of


@pytest.fixture
def number(lakeside):
    return factories.make_tn("+13125550142", customer=lakeside, label="Front desk")


@pytest.mark.parametrize(
    "typed", ["+13125550142", "(312) 555-0142", "312.555.0142", "1 312 555 0142", "3125550142"]
)
def test_an_exact_number_in_any_spelling_leads_to_its_page(client_for, viewer, number, typed):
    response = client_for(viewer).get("/search/", {"q": typed})
    assert response["Location"] == "/numbers/+13125550142/"


def test_while_typing_nobody_is_sent_away(client_for, viewer, number):
    response = client_for(viewer).get("/search/", {"q": "3125550142"}, headers=HTMX)
    part = text_of(response)
    assert response.status_code == 200
    assert part.lstrip().startswith('<div id="search-hits"')
    assert "(312) 555-0142" in part


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("0142", "(312) 555-0142"),
        ("front", "(312) 555-0142"),
        ("FRONT DESK", "(312) 555-0142"),
        ("lakeside", "Lakeside Dental"),
        ("SIDE DEN", "Lakeside Dental"),
    ],
)
def test_fragments_labels_and_customers_are_found(client_for, viewer, number, typed, title):
    assert title in text_of(client_for(viewer).get("/search/", {"q": typed}))


def test_jobs_and_orders_are_found_by_their_number(client_for, operator):
    job = factories.make_job(title="A job of mine")
    order = Order.objects.create(actor=operator, job=factories.make_job())
    client = client_for(operator)
    assert "A job of mine" in text_of(client.get("/search/", {"q": f"#{job.pk}"}))
    assert f"/orders/{order.pk}/" in text_of(client.get("/search/", {"q": str(order.pk)}))


def test_what_is_named_exactly_opens(client_for, operator, lakeside):
    job = factories.make_job()
    order = Order.objects.create(actor=operator, job=factories.make_job())
    account = factories.make_account(name="VoiceTel main")
    client = client_for(operator)
    for typed, page in (
        (f"job {job.pk}", f"/jobs/{job.pk}/"),
        (f"Order #{order.pk}", f"/orders/{order.pk}/"),
        ("voicetel MAIN", f"/providers/{account.pk}/"),
        (lakeside.code.lower(), f"/customers/{lakeside.pk}/"),
        ("lakeside dental", f"/customers/{lakeside.pk}/"),
    ):
        assert client.get("/search/", {"q": typed})["Location"] == page, typed
    assert client.get("/search/", {"q": str(job.pk)}).status_code == 200


def test_providers_are_found_by_either_name(client_for, viewer, db):
    factories.make_account("voicetel", name="West coast")
    client = client_for(viewer)
    assert "West coast" in text_of(client.get("/search/", {"q": "coast"})).split("<main")[1]
    assert "West coast" in text_of(client.get("/search/", {"q": "voicetel"})).split("<main")[1]


def test_jobs_about_a_number_are_found(client_for, viewer, db):
    job = factories.make_job(title="Look at it", customer=None)
    JobItem.objects.create(job=job, position=0, target="+13125550188")
    page = text_of(client_for(viewer).get("/search/", {"q": "312 555 0188"}))
    assert f"/jobs/{job.pk}/" in page
    assert "Look at it" in page


def test_lookups_of_any_number_are_found(client_for, viewer, operator, alice, db):
    account = factories.make_account()
    Lookup.objects.create(
        kind="cnam",
        tn="+13125550188",
        account=account,
        answer={"name": "ROE JANE"},
        looked_up_at=timezone.now(),
    )
    asked = {"q": "(312) 555-0188"}
    page = text_of(client_for(viewer).get("/search/", asked))
    assert "ROE JANE" in page
    assert "Look it up" not in page
    assert "/lookups/new/?kind=portable&amp;numbers=%2B13125550188" in text_of(
        client_for(operator).get("/search/", asked)
    )
    part = text_of(client_for(alice).get("/search/", asked)).split("<main")[1]
    assert "ROE JANE" not in part
    assert "Look it up" not in part


def test_more_than_shown_lead_to_the_list(client_for, viewer):
    for n in range(12):
        factories.make_tn(f"+1312555{n:04}", label="R&D desk")
    page = text_of(client_for(viewer).get("/search/", {"q": "R&D desk"}))
    assert page.count("(312) 555-") == 8
    assert "/numbers/?q=R%26D+desk" in page


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "\x00", "%", "_" * 50, "x" * 500, "²", "9" * 40, "'; --", "<script>", "1e10"],
)
def test_odd_input_is_answered(client_for, operator, number, typed):
    response = client_for(operator).get("/search/", {"q": typed})
    assert response.status_code == 200
    assert "<script>" not in text_of(response).split("<main")[1]


def test_nothing_found_says_what_was_looked_for(client_for, viewer, number):
    assert "Nothing found" in text_of(client_for(viewer).get("/search/", {"q": "no such thing"}))


def test_a_stranger_finds_nothing_of_others(client_for, charlie, number, lakeside):
    job = factories.make_job(title="A job of Lakeside", customer=lakeside)
    JobItem.objects.create(job=job, position=0, target="+13125550142")
    factories.make_account(name="VoiceTel main")
    client = client_for(charlie)
    typed_texts = ("3125550142", "0142", "Front", "Lakeside", str(job.pk), "VoiceTel main")
    for typed in typed_texts:
        response = client.get("/search/", {"q": typed})
        page = text_of(response).split("<main")[1]
        assert response.status_code == 200, typed
        assert "555-0142" not in page
        assert "A job of Lakeside" not in page
        assert "Lakeside Dental" not in page
        assert "/providers/" not in page


def test_a_customer_finds_his_own(client_for, bob, number):
    assert "(312) 555-0142" in text_of(client_for(bob).get("/search/", {"q": "front"}))


def test_searching_takes_few_queries(client_for, viewer):
    for n in range(30):
        factories.make_tn(f"+1312555{n:04}", customer=factories.make_customer())
    assert sql_count(client_for(viewer), "/search/?q=312555") <= 10
    job = factories.make_job(title="About it")
    JobItem.objects.create(job=job, position=0, target="+13125559999")
    assert sql_count(client_for(viewer), "/search/?q=312 555 9999") <= 12
