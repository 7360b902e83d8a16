"""Finding numbers: the form, the results as they arrive, and where there is stock."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import CartLine, Coverage, NumberSearch
from portal.models import Job
from portal.providers.errors import ProviderUnavailable
from tests import factories
from tests.inventory.shop import Shop, Stall, market, offers

__all__ = ["market"]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


def search(client, market, *, headers=None, **values):
    """Post the search form."""
    given = {
        "key": "form-1",
        "kind": "local",
        "npa": "312",
        "quantity": "50",
        "accounts": [account.pk for account in market.values()],
    }
    return client.post(reverse("inventory:find"), given | values, headers=headers)


def results(client, found: NumberSearch, version: str = "", query: str = ""):
    """Ask for the live part of a search."""
    url = reverse("inventory:search-results", args=[found.pk])
    return client.get(f"{url}{query}", headers=HTMX | {"Seen-Version": version})


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


def test_the_form_is_drawn_filled_from_the_address(client, market):
    page = text(client.get("/find/?npa=312-555&contains=HARBOR&features=sms"))
    assert 'value="312-555"' in page
    assert "HARBOR → 427267" in page
    assert "Shop main" in page


def test_a_search_asks_every_account_and_shows_what_they_have(client, market, run_jobs):
    Shop.counter = offers("+13125550101", "+13125550102")
    Stall.counter = offers("+13125550103", tier="2")
    response = search(client, market)
    found = NumberSearch.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("inventory:search-detail", args=[found.pk])
    waiting = text(client.get(response["Location"]))
    assert "The providers are being asked" in waiting
    assert "data-poll" in waiting
    run_jobs()
    page = text(client.get(response["Location"]))
    for shown in ("(312) 555-0101", "(312) 555-0102", "(312) 555-0103", "2 found", "1 found"):
        assert shown in page
    assert "not told" in page
    assert "data-poll-version" not in page


def test_htmx_is_sent_to_the_results_as_a_page(client, market):
    response = search(client, market, headers=HTMX)
    found = NumberSearch.objects.get()
    assert response.status_code == 204
    assert response["HX-Redirect"] == reverse("inventory:search-detail", args=[found.pk])


def test_the_same_form_twice_is_one_search(client, market):
    first, second = search(client, market), search(client, market)
    assert first["Location"] == second["Location"]
    assert NumberSearch.objects.count() == 1
    assert Job.objects.filter(kind="inventory.search").count() == 2


@pytest.mark.parametrize("headers", [None, HTMX])
def test_wrong_input_searches_nothing(client, market, headers):
    response = search(client, market, headers=headers, npa="555-0142")
    assert response.status_code == 422
    page = text(response)
    assert "seven digits" in page
    assert page.startswith('<form id="search-form"') == bool(headers)
    assert not Job.objects.exists()


def test_the_live_part_is_empty_while_nothing_changed(client, market, run_jobs):
    Shop.counter = offers("+13125550101")
    search(client, market)
    found = NumberSearch.objects.get()
    before = results(client, found)
    version = before.context["version"]
    assert results(client, found, version).status_code == 204
    run_jobs()
    after = results(client, found, version)
    assert after.status_code == 200
    assert "(312) 555-0101" in text(after)
    assert "job-finished" in after["HX-Trigger"]
    assert text(after).startswith('<div id="search-results"')


def test_without_htmx_the_live_part_leads_to_its_page(client, market):
    search(client, market)
    found = NumberSearch.objects.get()
    response = client.get(reverse("inventory:search-results", args=[found.pk]))
    assert response["Location"] == reverse("inventory:search-detail", args=[found.pk])


def test_one_provider_down_is_named_and_the_others_still_show(client, market, run_jobs):
    Shop.counter = offers("+13125550101")
    Stall.fails = [ProviderUnavailable("The stall does not answer.") for _ in range(2)]
    search(client, market)
    run_jobs()
    found = NumberSearch.objects.get()
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "(312) 555-0101" in page
    assert "The stall does not answer." in page
    assert "Its numbers are missing below." in page
    assert "Ask again" in page


@pytest.mark.parametrize("headers", [None, HTMX])
def test_asking_one_provider_again_keeps_the_others_answers(client, market, run_jobs, headers):
    Shop.counter = offers("+13125550101")
    Stall.fails = [ProviderUnavailable("The stall does not answer.") for _ in range(2)]
    search(client, market)
    run_jobs()
    found = NumberSearch.objects.get()
    Stall.counter = offers("+13125550103")
    url = reverse("inventory:search-ask", args=[found.pk])
    values = {"account": market["stall"].pk, "key": "again-1"}
    asked = client.post(url, values, headers=headers)
    assert asked.status_code == (200 if headers else 302)
    client.post(url, values, headers=headers)
    assert Job.objects.filter(kind="inventory.search", account=market["stall"]).count() == 2
    run_jobs()
    page = text(results(client, found))
    assert "(312) 555-0101" in page
    assert "(312) 555-0103" in page
    assert "does not answer" not in page


def test_an_account_that_was_not_asked_cannot_be_asked_again(client, market):
    Stall.refuses = "The stall needs a city."
    search(client, market)
    found = NumberSearch.objects.get()
    client.post(reverse("inventory:search-ask", args=[found.pk]), {"account": market["stall"].pk})
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "This search did not ask that provider. Nothing was sent." in page
    assert Job.objects.filter(kind="inventory.search").count() == 1


def test_an_account_that_cannot_answer_is_left_out_with_its_reason(client, market, run_jobs):
    Stall.refuses = "The stall needs a city."
    search(client, market)
    run_jobs()
    found = NumberSearch.objects.get()
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "Not asked" in page
    assert "The stall needs a city." in page


def test_a_price_is_a_limit_where_it_is_told(client, market, run_jobs):
    Shop.counter = [
        *offers("+13125550101", monthly_cost=Decimal("1.50")),
        *offers("+13125550102", monthly_cost=Decimal("1.51")),
        *offers("+13125550103"),
    ]
    assert search(client, market, most_monthly="cheap").status_code == 422
    search(client, market, most_monthly="1.5")
    run_jobs()
    found = NumberSearch.objects.get()
    told = found.offers.order_by("tn").values_list("tn", "monthly_cost")
    assert list(told) == [("+13125550101", Decimal("1.5000")), ("+13125550103", None)]
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "up to $1.5" in page


def test_what_a_provider_must_do_leaves_out_those_who_do_not(client, market, run_jobs):
    search(client, market, features=["e911", "mms"])
    found = NumberSearch.objects.get()
    assert found.criteria["features"] == ["sms"]  # no MMS without
    assert [entry["reason"] for entry in found.left_out] == [
        "The shop does not offer this.",
        "The stall does not offer this.",
    ]
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "SMS, MMS, E911" in page


def test_nothing_found_says_what_to_widen(client, market, run_jobs):
    search(client, market, npa="312-555", ends="0142")
    run_jobs()
    found = NumberSearch.objects.get()
    response = client.get(reverse("inventory:search-detail", args=[found.pk]))
    ways = {way["label"]: way["url"] for way in response.context["widenings"]}
    assert "No number fits" in text(response)
    assert "npa=312&" in ways["The whole area code"]
    assert "ends=" not in ways["Any last digits"]


def test_the_change_link_leads_back_to_the_filled_form(client, market):
    search(client, market, contains="harbor", features=["sms"])
    found = NumberSearch.objects.get()
    response = client.get(reverse("inventory:search-detail", args=[found.pk]))
    assert "HARBOR → 427267" in text(response)
    form = client.get(response.context["change_url"]).context["form"]
    assert form["contains"].value() == "harbor"
    assert form["features"].value() == ["sms"]
    assert {str(pk) for pk in form["accounts"].value()} == {str(a.pk) for a in market.values()}


def test_results_are_sorted_filtered_and_paged(client, operator, market):
    numbers = [f"+13125550{n:03}" for n in range(100, 130)]
    found = factories.make_search(operator, *numbers, account=market["shop"])
    other = factories.make_search(operator, account=market["shop"])
    found.offers.filter(tn="+13125550129").update(tier="9", monthly_cost="0.25")
    found.offers.filter(tn="+13125550128").update(account=market["stall"])
    url = reverse("inventory:search-detail", args=[found.pk])
    tier = client.get(f"{url}?sort=-tier&size=25").context["page"]
    assert (len(tier.rows), tier.rows[0].tn) == (25, "+13125550129")
    rest = client.get(f"{url}?{tier.next_query}").context["page"]
    assert len(rest.rows) == 5
    cost = client.get(f"{url}?sort=cost&size=25").context["page"]
    assert cost.rows[0].tn == "+13125550129"
    assert len(client.get(f"{url}?{cost.next_query}").context["page"].rows) == 5
    stall = client.get(f"{url}?account={market['stall'].pk}")
    assert [row.tn for row in stall.context["page"].rows] == ["+13125550128"]
    assert client.get(f"{url}?account=x").status_code == 200
    assert not client.get(reverse("inventory:search-detail", args=[other.pk])).context["page"].rows


def test_results_are_exported(client, operator, market):
    found = factories.make_search(operator, "+13125550101", "+13125550102", account=market["shop"])
    answer = client.get(reverse("inventory:search-export", args=[found.pk]))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["+13125550101", "+13125550102"]
    query = {"account": market["stall"].pk}
    answer = client.get(reverse("inventory:search-export", args=[found.pk]), query)
    assert len(b"".join(answer.streaming_content).decode().splitlines()) == 1


def test_what_we_have_or_somebody_chose_is_marked_and_cannot_be_chosen(
    client, operator, admin, market
):
    numbers = [f"+1312555010{n}" for n in range(4)]
    found = factories.make_search(operator, *numbers, account=market["shop"])
    factories.make_tn(numbers[0], account=market["shop"])
    for user, tn in ((operator, numbers[1]), (admin, numbers[2])):
        CartLine.objects.create(user=user, account=market["shop"], tn=tn)
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    for words in ("In the inventory already", "In your cart", "In a colleague’s cart"):
        assert words in page
    assert page.count('name="offer"') == 1
    assert "Add all" not in page


def test_an_old_search_says_that_its_numbers_may_be_sold(client, operator, market):
    account = market["shop"]
    found = factories.make_search(operator, "+13125550101", account=account)
    group = factories.make_job(operator, kind="inventory.search_all", is_group=True)
    factories.make_job(
        operator, kind="inventory.search", account=account, parent=group, status="succeeded"
    )
    NumberSearch.objects.filter(pk=found.pk).update(
        job=group, created_at=timezone.now() - timezone.timedelta(minutes=11)
    )
    page = text(client.get(reverse("inventory:search-detail", args=[found.pk])))
    assert "Some may be sold by now" in page


def test_a_results_page_needs_few_queries(
    client, operator, market, run_jobs, django_assert_max_num_queries
):
    Shop.counter = offers(*[f"+13125550{n:03}" for n in range(100, 150)])
    search(client, market)
    run_jobs()
    found = NumberSearch.objects.get()
    url = reverse("inventory:search-detail", args=[found.pk])
    client.get(url)  # the first visit also files the sign-in
    with django_assert_max_num_queries(10):
        client.get(url)


def test_a_colleagues_search_is_not_there(client_for, admin, client, market):
    search(client, market)
    found = NumberSearch.objects.get()
    stranger = client_for(admin)
    for name in ("search-detail", "search-results"):
        url = reverse(f"inventory:{name}", args=[found.pk])
        assert stranger.get(url, headers=HTMX).status_code == 404
    for name in ("search-ask", "cart-add"):
        assert stranger.post(reverse(f"inventory:{name}", args=[found.pk])).status_code == 404


def test_a_viewer_may_not_search(client_for, viewer, market):
    client = client_for(viewer)
    assert client.get("/find/").status_code == 403
    assert search(client, market).status_code == 403
    assert not NumberSearch.objects.exists()


# --- Where there is stock


@pytest.mark.parametrize("headers", [None, HTMX])
def test_the_providers_are_asked_where_they_have_numbers(client, market, run_jobs, headers):
    response = client.post("/find/stock/", {"key": "stock-1", "state": ""}, headers=headers)
    assert response.status_code == (200 if headers else 302)
    if headers:
        assert "The providers are being asked." in text(response)
        assert "data-poll" in text(response)
    assert [job.account for job in Job.objects.all()] == [market["shop"]]
    run_jobs()
    page = text(client.get("/find/stock/", headers=HTMX))
    assert 'title="Illinois at Shop main"' in page
    assert "data-poll" not in page


def test_the_same_question_about_stock_twice_is_one_job(client, market):
    for _ in range(2):
        client.post("/find/stock/", {"key": "stock-1", "state": "IL"})
    assert Job.objects.count() == 1


def test_a_state_shows_its_rate_centers_and_area_codes(client, market, run_jobs):
    empty = text(client.get("/find/stock/?state=IL", headers=HTMX))
    assert "Nobody has asked yet" in empty
    client.post("/find/stock/", {"key": "stock-1", "state": "IL"})
    run_jobs()
    page = text(client.get("/find/?state=IL"))
    assert '<option value="JOLIET">' in page
    assert "?kind=local&amp;state=IL&amp;rate_center=CHICAGO" in page
    assert "?kind=local&amp;state=IL&amp;npa=312" in page
    assert Coverage.objects.filter(region="IL").count() == 3


def test_stock_is_counted_where_the_providers_count(client, market):
    for slug, count in (("shop", 1200), ("stall", 34)):
        Coverage.objects.create(
            account=market[slug], region="IL", count=count, fetched_at=timezone.now()
        )
    page = text(client.get("/find/stock/", headers=HTMX))
    assert 'title="Illinois at Shop main: 1,200"' in page
    assert '<span class="nd-quiet">1,200</span>' in page


def test_a_state_that_does_not_exist_shows_all(client, market):
    assert client.get("/find/stock/?state=ZZ", headers=HTMX).context["region"] == ""


def test_without_an_account_that_can_tell_nobody_is_asked(client, market):
    market["shop"].paused_at = timezone.now()
    market["shop"].save()
    client.post("/find/stock/", {"key": "stock-1"})
    assert not Job.objects.exists()
    assert "Nobody was asked." in text(client.get("/find/"))
