"""Stock thresholds: their page, and the warning on Home."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from inventory.models import StockThreshold
from portal.models import AuditEntry
from tests import factories
from tests.portal.pages import sql_count, text_of

PAGE = "/thresholds/"


@pytest.fixture(autouse=True)
def stock(db):
    cache.clear()
    for n in range(3):
        factories.make_tn(f"+1212555010{n}")
    factories.make_tn("+12125550110", customer=factories.make_customer())


def test_set_change_and_remove(client_for, admin):
    client = client_for(admin)
    response = client.post(PAGE, {"npa": "212", "minimum": "20", "note": "Lakeside"}, follow=True)
    page = text_of(response)
    assert "Home warns below 20 in 212." in page
    assert "Low" in page
    threshold = StockThreshold.objects.get()
    client.post(f"{PAGE}{threshold.pk}/", {"minimum": "3", "note": ""})
    threshold.refresh_from_db()
    assert (threshold.npa, threshold.minimum) == ("212", 3)
    assert "Enough" in text_of(client.get(PAGE))
    client.post(f"{PAGE}{threshold.pk}/remove/")
    assert not StockThreshold.objects.exists()
    assert list(AuditEntry.objects.order_by("id").values_list("verb", "before", "after")) == [
        ("inventory.threshold.set", {}, {"npa": "212", "minimum": 20, "note": "Lakeside"}),
        ("inventory.threshold.set", {"minimum": 20}, {"npa": "212", "minimum": 3, "note": ""}),
        ("inventory.threshold.removed", {"npa": "212", "minimum": 3}, {}),
    ]


@pytest.mark.parametrize(
    ("npa", "minimum"),
    [("", "5"), ("21", "5"), ("911", "5"), ("112", "5"), ("2１2", "5"), ("212", "0"), ("212", "x")],
)
def test_wrong_input_is_refused(client_for, admin, npa, minimum):
    assert client_for(admin).post(PAGE, {"npa": npa, "minimum": minimum}).status_code == 422
    assert not StockThreshold.objects.exists()


def test_an_area_code_has_one_threshold(client_for, admin):
    StockThreshold.objects.create(npa="212", minimum=20)
    response = client_for(admin).post(PAGE, {"npa": "212", "minimum": "5"})
    assert response.status_code == 422
    assert "has a threshold already" in text_of(response)


def test_home_warns_and_leads_to_more(client_for, operator, viewer):
    StockThreshold.objects.create(npa="212", minimum=20)
    StockThreshold.objects.create(npa="312", minimum=1, note="Chicago")
    StockThreshold.objects.create(npa="202", minimum=0)
    page = text_of(client_for(operator).get("/"))
    assert "3 in stock in 212, below 20" in page
    assert "0 in stock in 312, below 1" in page
    assert "Chicago" in page
    assert "in stock in 202" not in page
    assert "/find/?kind=local&amp;npa=212" in page
    assert "/numbers/?state=stock&amp;npa=212" in text_of(client_for(viewer).get("/"))


def test_many_low_area_codes_are_one_line(client_for, admin, operator):
    for npa in range(220, 230):
        StockThreshold.objects.create(npa=str(npa), minimum=1)
    page = text_of(client_for(admin).get("/"))
    assert page.count("below 1</a>") == 5
    assert "5 more area codes are below their threshold" in page
    assert f'href="{PAGE}"' not in text_of(client_for(operator).get("/"))


def test_a_customer_is_not_warned(client_for, alice):
    StockThreshold.objects.create(npa="212", minimum=20)
    assert "in stock" not in text_of(client_for(alice).get("/"))


def test_a_change_shows_at_once(client_for, admin):
    client = client_for(admin)
    assert "below" not in text_of(client.get("/")).split("Waiting for me")[1].split("</section>")[0]
    client.post(PAGE, {"npa": "212", "minimum": "20"})
    assert "3 in stock in 212, below 20" in text_of(client.get("/"))


def test_the_page_takes_few_queries(client_for, admin):
    for npa in range(220, 260):
        StockThreshold.objects.create(npa=str(npa), minimum=1)
    assert sql_count(client_for(admin), PAGE) <= 10
