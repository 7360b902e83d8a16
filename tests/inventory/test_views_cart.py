"""The cart: adding, holding, taking out and putting back."""

from __future__ import annotations

import re
import sys
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import CartLine, NumberSearch, Route
from portal.models import Job, JobItem
from portal.providers.dto import NumberStatus, Ownership
from tests import factories
from tests.inventory.shop import Stall, market

__all__ = ["market"]

HTMX = {"HX-Request": "true"}
HELD, REFUSED, LOOSE = "+13125550101", "+13125550108", "+12015550103"


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


@pytest.fixture
def found(operator, market) -> NumberSearch:
    """Return a search with two offers at the shop and one at the stall."""
    made = factories.make_search(operator, HELD, REFUSED, account=market["shop"])
    made.offers.create(account=market["stall"], tn=LOOSE, seen_at=timezone.now())
    return made


def add(client, found, *tns: str, headers=None, query: str = "", **values):
    """Post chosen offers into the cart."""
    offers = list(found.offers.filter(tn__in=tns).values_list("pk", flat=True))
    url = reverse("inventory:cart-add", args=[found.pk])
    data = {"offer": offers, "key": "add-1"} | values
    return client.post(f"{url}{query}", data, headers=headers)


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


def states() -> dict[str, str]:
    """Return the hold of each line by number."""
    return dict(CartLine.objects.values_list("tn", "hold"))


def test_chosen_numbers_are_held_where_the_provider_holds(client, found, run_jobs):
    response = add(client, found, HELD, REFUSED, LOOSE)
    assert response["Location"] == reverse("inventory:search-detail", args=[found.pk])
    assert states() == {HELD: "requested", REFUSED: "requested", LOOSE: "soft"}
    assert "Asking the provider to hold it" in text(client.get("/cart/"))
    run_jobs()
    assert states() == {HELD: "active", REFUSED: "failed", LOOSE: "soft"}
    page = text(client.get("/cart/"))
    assert page.count("data-countdown") == 1
    assert "Not for holding." in page
    assert page.count("Hold again") == 1
    assert "The stall does not offer this." in page
    assert "is-asking" not in page


def test_htmx_gets_fresh_results_and_the_words(client, found):
    response = add(client, found, HELD, headers=HTMX)
    page = text(response)
    assert page.startswith('<div id="search-results"')
    assert "In your cart" in page
    assert "1 number is in your cart now." in page
    assert 'id="messages"' in page
    assert "cart-changed" in response["HX-Trigger"]


def test_all_that_is_free_can_be_added_at_once(client, found, operator):
    factories.make_tn(HELD)
    add(client, found, all="1")
    assert set(states()) == {REFUSED, LOOSE}


def test_all_of_one_provider(client, found, market):
    add(client, found, all="1", query=f"?account={market['stall'].pk}")
    assert set(states()) == {LOOSE}


def test_the_same_form_twice_asks_for_one_hold(client, found):
    add(client, found, HELD)
    add(client, found, HELD)
    assert CartLine.objects.count() == 1
    assert Job.objects.filter(kind="inventory.reserve_tns").count() == 1


def test_numbers_of_others_and_ours_are_left_out_with_words(client, found, admin, market):
    CartLine.objects.create(user=admin, account=market["shop"], tn=HELD)
    factories.make_tn(REFUSED)
    page = text(add(client, found, HELD, REFUSED, headers=HTMX))
    assert "(312) 555-0101 is in Ada Admin’s cart already." in page
    assert "(312) 555-0108 is in the inventory already." in page


def test_nothing_chosen_says_so(client, found):
    assert "No number was chosen" in text(add(client, found, headers=HTMX))


def test_offers_of_another_search_cannot_be_added(client, found, admin, market):
    other = factories.make_search(admin, "+13125550155", account=market["shop"])
    offer = other.offers.get()
    client.post(reverse("inventory:cart-add", args=[found.pk]), {"offer": [offer.pk, "x", "-1"]})
    assert not CartLine.objects.exists()


def test_an_empty_cart_says_what_it_is_for(client):
    page = text(client.get("/cart/"))
    assert "Your cart is empty" in page
    assert 'id="order-form"' not in page


def make_line(user, account, tn=HELD, **fields) -> CartLine:
    """Return a saved cart line."""
    return CartLine.objects.create(user=user, account=account, tn=tn, **fields)


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_line_is_taken_out_and_put_back_with_its_hold(client, operator, market, headers):
    until = timezone.now() + timedelta(minutes=20)
    line = make_line(
        operator, market["shop"], hold="active", expires_at=until, reservation_ref="H-1"
    )
    gone = client.post("/cart/remove/", {"line": line.pk}, headers=headers)
    assert gone.status_code == (200 if headers else 302)
    assert not CartLine.objects.exists()
    page = text(client.get("/cart/"))
    assert "(312) 555-0101 is out of the cart." in page
    assert "A hold at the provider runs out by itself." in page
    client.post("/cart/restore/", headers=headers)
    back = CartLine.objects.get()
    assert (back.tn, back.hold, back.reservation_ref) == (HELD, "active", "H-1")
    assert back.expires_at == until
    assert "is out of the cart" not in text(client.get("/cart/"))


def test_all_of_an_account_are_taken_out_at_once(client, operator, admin, market, monkeypatch):
    for n in range(3):
        make_line(operator, market["shop"], f"+1312555010{n}")
    rest = make_line(operator, market["stall"], "+13125550110")
    colleague = make_line(admin, market["shop"], "+13125550111")
    page = text(client.get("/cart/"))
    assert page.count("Take all ") == page.count("Take all 3 out") == 1
    monkeypatch.setattr(sys.modules["inventory.views.cart"], "MOST_KEPT", 2)
    client.post("/cart/remove/", {"account": market["shop"].pk})
    assert set(CartLine.objects.all()) == {rest, colleague}
    page = text(client.get("/cart/"))
    assert "3 numbers are out of the cart; holds run out by themselves." in page
    assert "Put back" not in page
    client.post("/cart/remove/", {"account": market["stall"].pk})
    assert "Put back" in text(client.get("/cart/"))


def test_what_somebody_else_took_meanwhile_is_not_put_back(client, operator, admin, market):
    line = make_line(operator, market["shop"])
    client.post("/cart/remove/", {"line": line.pk})
    make_line(admin, market["shop"])
    page = text(client.post("/cart/restore/", headers=HTMX))
    assert "(312) 555-0101 stands in another cart by now. It was not put back." in page
    assert CartLine.objects.get().user == admin


def test_a_colleagues_line_is_not_touched(client, admin, market):
    line = make_line(admin, market["shop"], hold="failed")
    client.post("/cart/remove/", {"line": line.pk})
    client.post("/cart/hold/", {"line": line.pk, "key": "h"})
    assert CartLine.objects.get() == line
    assert not Job.objects.exists()


def test_a_hold_that_ran_out_is_shown_as_lost(client, operator, market):
    make_line(
        operator,
        market["shop"],
        hold="active",
        expires_at=timezone.now() - timedelta(seconds=1),
        facts={"region": "IL", "rate_center": "CHICAGO", "features": ["sms"]},
    )
    page = text(client.get("/cart/"))
    assert "Hold has run out" in page
    assert "state=IL&amp;rate_center=CHICAGO&amp;features=sms" in page


def test_holding_again_asks_for_the_lines_that_are_not_held(client, operator, market, run_jobs):
    lost = make_line(operator, market["shop"], hold="expired")
    make_line(operator, market["shop"], REFUSED, hold="failed")
    make_line(operator, market["stall"], LOOSE)
    client.post("/cart/hold/", {"line": lost.pk, "key": "hold-1"})
    assert [item.target for item in JobItem.objects.all()] == [HELD]
    run_jobs()
    assert states()[HELD] == "active"
    client.post("/cart/hold/", {"key": "hold-2"})
    assert sorted(item.target for item in JobItem.objects.all()) == [HELD, REFUSED]


def test_where_nothing_is_held_it_is_asked_whether_it_is_for_sale(
    client, found, run_jobs, monkeypatch
):
    offer = found.offers.get(tn=LOOSE)
    client.post(f"/find/{found.pk}/add/", {"offer": offer.pk, "key": "a"})
    page = text(client.get("/cart/"))
    assert "The provider is asked whether it is still for sale." in page
    assert "data-poll-version" in page
    run_jobs()
    page = text(client.get("/cart/"))
    assert "Asked the provider: it is still for sale." in page
    assert "data-poll-version" not in page

    def gone(self, tn):
        return NumberStatus(tn=tn, ownership=Ownership.FOREIGN, word="sold")

    monkeypatch.setattr(Stall, "query_tn", gone)
    line = CartLine.objects.get()
    client.post("/cart/hold/", {"line": line.pk, "key": "b"})
    run_jobs()
    page = text(client.get("/cart/"))
    assert states() == {LOOSE: "failed"}
    assert "The provider does not sell it any more. Look for a similar number." in page
    assert "Find similar" in page
    assert "Check again" in page


def test_a_line_in_another_open_job_is_not_held_again(client, operator, market):
    line = make_line(operator, market["shop"], hold="failed")
    job = factories.make_job(operator, title="Order 9: buy 1 number", is_write=True)
    JobItem.objects.create(job=job, position=0, target=HELD, is_lock=True)
    page = text(client.post("/cart/hold/", {"line": line.pk, "key": "h"}, headers=HTMX))
    assert f"is part of job {job.pk}" in page
    assert states()[HELD] == "failed"


def test_an_unknown_hold_says_that_nothing_is_sent_again(client, operator, market):
    make_line(operator, market["shop"], hold="requested")
    job = factories.make_job(operator, kind="inventory.reserve_tns", status="unknown")
    JobItem.objects.create(job=job, position=0, target=HELD, is_lock=True, status="unknown")
    page = text(client.get("/cart/"))
    assert "Outcome unknown" in page
    assert "Nothing is sent again until the provider says what it has." in page
    assert "Hold again" not in page


def test_the_live_part_is_empty_while_nothing_changed(client, operator, market, run_jobs, found):
    add(client, found, HELD)
    first = client.get("/cart/lines/", headers=HTMX)
    assert "data-poll" in text(first)
    version = {"Seen-Version": first.context["version"]}
    assert client.get("/cart/lines/", headers=HTMX | version).status_code == 204
    run_jobs()
    again = client.get("/cart/lines/", headers=HTMX | version)
    assert again.status_code == 200
    assert text(again).startswith('<div id="cart-lines"')
    assert "data-poll-version" not in text(again)
    assert client.get("/cart/lines/")["Location"] == "/cart/"


@pytest.mark.parametrize("headers", [None, HTMX])
def test_routes_are_asked_for_and_can_be_chosen(client, operator, market, run_jobs, headers):
    make_line(operator, market["shop"])
    make_line(operator, market["stall"], LOOSE)
    assert "No routes of this account are known here" in text(client.get("/cart/"))
    for _ in range(2):
        response = client.post("/cart/routes/", {"key": "routes-1"}, headers=headers)
    assert response.status_code == (204 if headers else 302)
    assert Job.objects.count() == 1
    run_jobs()
    assert Route.objects.count() == 2
    page = text(client.get("/cart/"))
    assert "Endpoint group at Shop main" in page
    assert "Default: Chicago SBC (13550)" in page
    assert "Backup SBC (13551)" in page


def test_a_cart_without_lists_of_routes_asks_nobody(client, operator, market):
    make_line(operator, market["stall"])
    client.post("/cart/routes/", {"key": "routes-1"})
    assert "No provider of this cart has a list of routes" in text(client.get("/cart/"))
    assert not Job.objects.exists()


def test_a_cart_needs_few_queries(client, operator, market, django_assert_max_num_queries):
    for n in range(30):
        make_line(operator, market["shop" if n % 2 else "stall"], f"+13125550{n + 100:03}")
    client.get("/cart/")  # the first visit also files the sign-in
    with django_assert_max_num_queries(10):
        client.get("/cart/")


@pytest.mark.parametrize("value", ["²", "9" * 30, "-1", "1e3", "0x1", "", "1 OR 1=1"])
def test_ids_that_are_none_change_nothing(client, found, operator, market, value):
    line = make_line(operator, market["shop"], "+13125550177")
    add(client, found, offer=value, key="\x00")
    client.post("/cart/remove/", {"line": value})
    client.post("/cart/hold/", {"line": value, "key": "k" * 200})
    assert [row.tn for row in CartLine.objects.all()] == [line.tn]


def test_a_number_at_two_providers_is_added_once(client, operator, market):
    found = factories.make_search(operator, HELD, account=market["stall"])
    found.offers.create(account=market["shop"], tn=HELD, seen_at=timezone.now())
    page = text(add(client, found, all="1", headers=HTMX))
    assert CartLine.objects.count() == 1
    assert "was chosen at two providers; one is enough." in page


def fill(user, account, count: int, **fields) -> None:
    """Put many numbers into a cart."""
    CartLine.objects.bulk_create(
        CartLine(user=user, account=account, tn=f"+1312555{n:04}", **fields) for n in range(count)
    )


def test_a_large_cart_comes_a_page_at_a_time(client, operator, market):
    fill(operator, market["shop"], 120, hold="failed")
    page = text(client.get("/cart/"))
    assert page.count('id="cart-row-') == 50
    assert "120 numbers, 50 of them on this page" in page
    assert "Hold all 120 that are not held" in page
    assert "Take all 120 out" in page
    last = client.get("/cart/?last=1", headers=HTMX)
    assert text(last).startswith('<div id="cart-lines"')
    assert text(last).count('id="cart-row-') == 50


def test_what_is_done_on_a_page_of_the_cart_stays_there(client, operator, market):
    fill(operator, market["shop"], 60, hold="failed")
    last = client.get("/cart/?size=25&last=1").context["page"]
    line = last.rows[-1].pk
    answer = client.post("/cart/remove/?size=25&last=1", {"line": line}, headers=HTMX)
    assert not CartLine.objects.filter(pk=line).exists()
    assert last.rows[0].pk in [row.pk for row in answer.context["page"].rows]
    assert "/cart/?size=25" in text(answer)
    whole = client.post("/cart/remove/?size=25&last=1", {"line": last.rows[0].pk})
    assert whole["Location"] == "/cart/?size=25&last=1"


def test_a_large_cart_needs_few_queries(client, operator, market, django_assert_max_num_queries):
    fill(operator, market["shop"], 400, hold="failed")
    client.get("/cart/")
    with django_assert_max_num_queries(10):
        client.get("/cart/")


def test_a_hold_that_changes_on_another_page_is_news(client, operator, market):
    fill(operator, market["shop"], 60, hold="failed")
    version = client.get("/cart/lines/", headers=HTMX).context["version"]
    last = CartLine.objects.order_by("-pk").first()
    CartLine.objects.filter(pk=last.pk).update(hold="soft")
    answer = client.get("/cart/lines/", headers=HTMX | {"Seen-Version": version})
    assert answer.status_code == 200


# --- Everything that a search found


@pytest.fixture
def plenty(operator, market) -> NumberSearch:
    """Return a search with forty numbers at the shop and one at the stall."""
    tns = [f"+1312555{n:04}" for n in range(200, 240)]
    made = factories.make_search(operator, *tns, account=market["shop"])
    made.offers.create(account=market["stall"], tn=LOOSE, seen_at=timezone.now())
    return made


@pytest.mark.parametrize("headers", [None, HTMX])
def test_many_numbers_are_not_added_without_asking(client, plenty, headers):
    asked = f"/find/{plenty.pk}/add/all/"
    page = text(client.get(f"/find/{plenty.pk}/"))
    assert f'href="{asked}?"' in page
    assert "Add all 41…" in page
    answer = add(client, plenty, all="1", headers=headers)
    assert answer.get("HX-Redirect" if headers else "Location") == asked
    assert not CartLine.objects.exists()
    assert not Job.objects.exists()


def test_it_is_said_how_many_are_where_and_which_are_held(client, plenty):
    page = text(client.get(f"/find/{plenty.pk}/add/all/"))
    assert "Add 41 numbers to your cart?" in page
    assert re.search(r"Shop main</th><td[^>]*>40<", page)
    assert "Not held. The stall does not offer this." in page
    assert 'value="41"' in page
    of_one = text(
        client.get(f"/find/{plenty.pk}/add/all/?account={plenty.offers.last().account_id}")
    )
    assert "Add 40 numbers to your cart?" in of_one or "Add 1 number to your cart?" in of_one


def test_so_many_as_were_asked_for_are_added_and_taken_out_again(client, plenty, operator, market):
    mine = make_line(operator, market["shop"], "+13125550150")
    url = f"/find/{plenty.pk}/add/all/"
    answer = client.post(url, {"most": "30", "key": "all-1"}, follow=True)
    assert CartLine.objects.count() == 31
    assert "30 numbers are in your cart now." in text(answer)
    assert "Take them out again" in text(answer)
    back = client.post(f"/find/{plenty.pk}/add/undo/", headers=HTMX)
    assert "30 numbers are out of the cart again." in text(back)
    assert "Take them out again" not in text(back)
    assert list(CartLine.objects.all()) == [mine]
    again = client.post(f"/find/{plenty.pk}/add/undo/", follow=True)
    assert "no longer in your cart" in text(again)


def test_a_number_at_two_providers_counts_once_and_the_cheaper_one_is_taken(client, plenty, market):
    plenty.offers.update(monthly_cost="0.80")
    for n in range(200, 230):
        plenty.offers.create(
            account=market["stall"],
            tn=f"+1312555{n:04}",
            seen_at=timezone.now(),
            monthly_cost="0.50" if n == 229 else None,
        )
    url = f"/find/{plenty.pk}/add/all/"
    assert "Add 41 numbers to your cart?" in text(client.get(url))
    client.post(url, {"most": "41", "key": "all-1"})
    lines = CartLine.objects.filter(account=market["stall"])
    assert {line.tn for line in lines} == {LOOSE, "+13125550229"}


@pytest.mark.parametrize("most", ["0", "42", "-3", "x", ""])
def test_a_count_that_makes_no_sense_adds_nothing(client, plenty, most):
    answer = client.post(f"/find/{plenty.pk}/add/all/", {"most": most, "key": "all-1"})
    assert answer.status_code == 422
    assert not CartLine.objects.exists()


def test_what_was_added_long_ago_is_not_taken_out_in_one_go(client, plenty):
    client.post(f"/find/{plenty.pk}/add/all/", {"most": "3", "key": "all-1"})
    session = client.session
    long_ago = (timezone.now() - timedelta(hours=2)).isoformat()
    session["cart_added"] = {
        "search": plenty.pk,
        "span": [long_ago, session["cart_added"]["span"][1]],
    }
    session.save()
    assert "out again" not in text(client.get(f"/find/{plenty.pk}/"))
    client.post(f"/find/{plenty.pk}/add/undo/")
    assert CartLine.objects.count() == 3
