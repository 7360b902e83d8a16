"""Home: what waits, figures and pictures, for staff and for customers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, TelephoneNumber
from portal.models import ProviderAccount
from tests import factories
from tests.inventory.differing import find
from tests.portal.pages import sql_count, text_of


@pytest.fixture
def account(db) -> ProviderAccount:
    return factories.make_account(name="VoiceTel main", slug="voip_innovations")


def waiting(page: str) -> str:
    """Return the part of the page that says what waits."""
    return page.split("Waiting for me")[1].split("</section>")[0]


def test_nothing_waits_on_a_quiet_day(client_for, operator, account):
    page = text_of(client_for(operator).get("/"))
    assert "Nothing waits for you." in page
    assert "All clear" in page


def test_what_waits_comes_in_the_order_of_its_weight(client_for, admin, account):
    factories.make_job(
        account=account, status="needs_review", title="Buy seven", reason="No answer"
    )
    factories.make_job(account=account, status="unknown", title="Give back two")
    ProviderAccount.objects.filter(pk=account.pk).update(breaker="open", last_failure="No route")
    CartLine.objects.create(
        user=admin,
        account=account,
        tn="+13125550101",
        hold="active",
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    CarrierNumber.objects.create(account=account, tn="+13125550188", synced_at=timezone.now())
    factories.make_tn("+13125550142", account=account, sync_state="missing")
    find(account)
    part = waiting(text_of(client_for(admin).get("/")))
    expected = [
        "1 hold in your cart runs out soon",
        "Buy seven: a person must decide",
        "VoiceTel main: calls are paused",
        "Give back two: outcome unknown",
        "1 number that the provider no longer lists",
        "1 number at a provider that we do not list",
    ]
    places = [part.find(title) for title in expected]
    assert -1 not in places, dict(zip(expected, places, strict=True))
    assert places == sorted(places)
    assert "Decide" in part
    assert "No route" in part


def test_another_persons_hold_is_not_mine(client_for, operator, admin, account):
    CartLine.objects.create(
        user=admin, account=account, tn="+13125550101", hold="active", expires_at=timezone.now()
    )
    assert "in your cart" not in text_of(client_for(operator).get("/"))


def test_many_of_a_kind_are_one_line(client_for, operator, account):
    for n in range(8):
        factories.make_job(account=account, status="unknown", title=f"Job number {n}")
    part = waiting(text_of(client_for(operator).get("/")))
    assert part.count("outcome unknown</a>") == 5
    assert "/jobs/?status=unknown" in part


def test_nobody_is_offered_a_page_that_he_may_not_open(client_for, viewer, account):
    factories.make_job(account=account, status="needs_review", title="Buy seven")
    page = text_of(client_for(viewer).get("/"))
    assert "Decide" not in page
    assert "Find numbers" not in page


def test_figures_count_numbers_by_state(client_for, viewer, account, lakeside):
    for n in range(3):
        factories.make_tn(f"+1312555010{n}", account=account)
    factories.make_tn("+13125550110", account=account, customer=lakeside)
    factories.make_tn("+13125550111", account=account, state="released")
    page = text_of(client_for(viewer).get("/"))
    figures = dict(zip(*[iter(_tiles(page))] * 2, strict=True))
    assert figures == {"Numbers": "4", "In service": "1", "Stock": "3"}


def _tiles(page: str) -> list[str]:
    import re

    return re.findall(r'nd-tile-(?:label|value)">([^<]*)<', page)


def test_pictures_say_their_figures_and_lead_to_the_list(client_for, viewer, account):
    for n in range(3):
        factories.make_tn(f"+1312555010{n}", account=account, region="IL")
    page = text_of(client_for(viewer).get("/"))
    assert "Numbers by provider" in page
    assert "Stock by US state" in page
    assert f"/numbers/?account={account.pk}" in page
    assert "/numbers/?state=stock&amp;region=IL" in page
    assert "Numbers over time" not in page  # a line needs a second day


def test_growth_is_drawn_from_the_second_day(client_for, viewer, account):
    number = factories.make_tn("+13125550101", account=account)
    factories.make_tn("+13125550102", account=account)
    TelephoneNumber.objects.filter(pk=number.pk).update(
        created_at=timezone.now() - timedelta(days=2)
    )
    page = text_of(client_for(viewer).get("/"))
    assert "Numbers over time" in page
    assert '"values": [1, 2]' in page


def test_a_customer_sees_his_own_figures_and_no_provider(
    client_for, alice, charlie, lakeside, account
):
    factories.make_tn("+13125550142", account=account, customer=lakeside)
    job = factories.make_job(
        customer=lakeside,
        account=account,
        status="needs_review",
        title="Forward",
        reason="VoiceTel",
    )
    ProviderAccount.objects.filter(pk=account.pk).update(breaker="open", last_failure="VoiceTel")
    page = text_of(client_for(alice).get("/"))
    assert _tiles(page) == ["Numbers", "1", "In service", "1"]
    assert f"/jobs/{job.pk}/" in page
    for hidden in ("VoiceTel", "Providers", "Waiting for me", "Stock"):
        assert hidden not in page
    assert _tiles(text_of(client_for(charlie).get("/"))) == ["Numbers", "0"]


@pytest.mark.parametrize("count", [1, 40])
def test_home_takes_the_same_queries_whatever_waits(client_for, admin, account, count):
    for n in range(count):
        factories.make_job(account=account, status="unknown")
        factories.make_job(account=account, status="needs_review")
        factories.make_tn(f"+1312555{n:04}", account=account, sync_state="missing")
        factories.make_account()
    assert sql_count(client_for(admin), "/") <= 10
