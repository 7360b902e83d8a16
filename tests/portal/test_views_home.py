"""Home: what waits, figures and pictures, for staff and for customers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, StockThreshold, TelephoneNumber
from inventory.tasks import count_stock
from portal import panels, plots
from portal.models import Exchange, ProviderAccount
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
    assert figures == {"Numbers": "4", "In service": "1", "Stock": "3", "Open ports": "0"}


def _tiles(page: str) -> list[str]:
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
    factories.make_tn("+13125550102", account=account, customer=factories.make_customer())
    TelephoneNumber.objects.filter(pk=number.pk).update(
        created_at=timezone.now() - timedelta(days=1)
    )
    count_stock()
    page = text_of(client_for(viewer).get("/"))
    assert "Numbers over time" in page
    assert '"values": [1, 2]' in page  # all
    assert '"values": [0, 1]' in page  # in service


def test_stock_is_a_grid_of_area_codes(client_for, viewer, account):
    for n in range(9):
        factories.make_tn(f"+1312555010{n}", account=account, rate_center="CHICAGO", region="IL")
    factories.make_tn("+12125550110", account=account)
    factories.make_tn("+12025550110", account=account, customer=factories.make_customer())
    StockThreshold.objects.create(npa="212", minimum=5)
    StockThreshold.objects.create(npa="404", minimum=5)
    cache.clear()
    page = text_of(client_for(viewer).get("/"))
    grid = page.split("Stock by area code")[1].split("</section>")[0]
    found = re.findall(
        r'class="(is-\d[^"]*)" href="([^"]*)"><span>(\d+)</span> <strong>(\d+)', grid
    )
    assert found == [
        ("is-1 is-low", "/numbers/?state=stock&amp;npa=212", "212", "1"),
        ("is-5", "/numbers/?state=stock&amp;npa=312", "312", "9"),
        ("is-0 is-low", "/numbers/?state=stock&amp;npa=404", "404", "0"),
    ]
    assert "Thresholds" not in grid
    assert ", below 5" in grid
    assert "/numbers/?state=stock&amp;rate_center=CHICAGO&amp;region=IL" in page


def test_the_bar_of_a_provider_shows_its_states_and_names_their_colours(client_for, admin, account):
    factories.make_tn("+13125550100", account=account)
    factories.make_tn("+13125550101", account=account, state="aging")
    factories.make_tn("+13125550102", account=account, state="releasing")
    cache.clear()
    page = text_of(client_for(admin).get("/"))
    part = page.split("Numbers by provider")[1].split("</section>")[0]
    assert 'aria-label="Stock: 1, Aging: 1, Other: 1"' in part
    assert '<li class="nd-fill-muted">Aging</li>' in part
    assert 'href="/thresholds/">Thresholds</a>' in page


def test_provider_and_status_stand_in_a_table(client_for, viewer, account):
    factories.make_tn("+13125550101", account=account)
    factories.make_tn("+13125550102", account=account, customer=factories.make_customer())
    factories.make_tn("+13125550103", account=account, state="releasing")
    part = text_of(client_for(viewer).get("/")).split("Numbers by provider")[1]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", part.split("</table>")[0])
    assert cells == ["VoiceTel main", "1", "1", "0", "0", "1", "3"]


def exchange(
    account, *, seconds: float | None, outcome: str = "answered", hours: float = 0
) -> None:
    Exchange.objects.create(
        account=account,
        operation="x",
        is_write=False,
        method="GET",
        url="/",
        outcome=outcome,
        seconds=seconds,
        sent_at=timezone.now() - timedelta(hours=hours),
    )


def test_health_is_drawn_from_the_calls_of_a_day(client_for, viewer, account):
    cache.clear()
    exchange(account, seconds=0.1)
    exchange(account, seconds=0.3, outcome="refused")
    exchange(account, seconds=None, outcome="timeout", hours=2)
    exchange(account, seconds=9.0, hours=30)
    page = text_of(client_for(viewer).get("/"))
    assert "3 calls in 24 h, 200 ms, 1 failed" in page
    assert "Answer time, milliseconds, last 3 hours" in page
    assert "Failed calls, last 3 hours" in page


@pytest.mark.parametrize(
    ("minutes", "words", "steps"),
    [
        (0, "last 30 minutes", 30),
        (20, "last 30 minutes", 30),
        (60, "last 3 hours", 36),
        (400, "last 8 hours", 32),
        (600, "last 24 hours", 24),
        (1900, "", 0),
    ],
)
def test_the_picture_takes_the_shortest_window_that_holds_the_calls(
    client_for, viewer, account, minutes, words, steps
):
    exchange(account, seconds=0.25, hours=minutes / 60)
    page = text_of(client_for(viewer).get("/"))
    assert ("Answer time" in page) is bool(words)
    if words:
        assert f"Answer time, milliseconds, {words}" in page
        drawn = json.loads(re.search(r'id="plot-latency"[^>]*>(.+?)</script>', page)[1])
        assert drawn["zone"] == "America/New_York"  # of the person or the site, not of the machine
        (series,) = drawn["series"]
        assert len(drawn["x"]) == len(series["values"]) == steps
        assert [value for value in series["values"] if value is not None] == [250]


def test_calls_that_were_never_answered_show_as_failed_alone(client_for, viewer, account):
    exchange(account, seconds=None, outcome="timeout")
    page = text_of(client_for(viewer).get("/"))
    assert "Answer time" not in page
    assert "Failed calls, last 30 minutes" in page


def test_without_calls_there_is_no_picture_of_health(client_for, viewer, account):
    cache.clear()
    assert "Answer time" not in text_of(client_for(viewer).get("/"))


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
    assert sql_count(client_for(admin), "/") <= 15  # two for each desk with rows of its own


def test_a_picture_is_drawn_again_when_its_figures_change(operator):
    one = panels.Plot(name="npas", title="By area", bars=(panels.Bar(label="312 <b>", value=1200),))
    two = replace(one, bars=(panels.Bar(label="312 <b>", value=1201),))
    assert ["1,200" in str(drawn) for drawn in plots.draw([one, two, one], operator)] == [
        True,
        False,
        True,
    ]
    [drawn] = plots.draw([one], operator)
    assert "312 &lt;b&gt;" in drawn
    assert "Thresholds" not in drawn


def test_only_who_may_change_thresholds_is_led_to_them_from_a_picture(admin, viewer):
    plot = panels.Plot(name="npas", title="By area")
    assert ["Thresholds" in plots.draw([plot], user)[0] for user in (admin, viewer, admin)] == [
        True,
        False,
        True,
    ]
