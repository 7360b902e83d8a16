"""Orders: the preview, placing, and what became of each number."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import CartLine, Order, OrderLine, TelephoneNumber
from inventory.operations.order import place_order
from portal import jobs
from portal.models import Job
from portal.providers.errors import ProviderTimeout
from tests import factories
from tests.inventory.shop import Shop, Stall, market

__all__ = ["market"]

HTMX = {"HX-Request": "true"}
FIRST, SECOND, REFUSED = "+13125550101", "+13125550102", "+13125550109"


@pytest.fixture
def client(client_for, operator):
    """Return the operator's client."""
    return client_for(operator)


def line(user, account, tn=FIRST, **fields) -> CartLine:
    """Return a saved cart line with the facts of an offer."""
    facts = {"rate_center": "CHICAGO", "region": "IL", "features": []} | fields.pop("facts", {})
    return CartLine.objects.create(user=user, account=account, tn=tn, facts=facts, **fields)


def place(client, *lines: CartLine, headers=None, **values):
    """Post the preview's form."""
    data = {"key": "order-1", "line": [one.pk for one in lines]} | values
    return client.post(reverse("inventory:order-place"), data, headers=headers)


def text(response) -> str:
    """Return a page without the line breaks of its template."""
    return " ".join(response.content.decode().split())


def lines_page(client, order: Order, version: str = ""):
    """Ask for the live part of an order."""
    url = reverse("inventory:order-lines", args=[order.pk])
    return client.get(url, headers=HTMX | {"Seen-Version": version})


# --- Preview


def test_the_preview_says_what_each_provider_will_do(client, operator, market, lakeside):
    soon = timezone.now() + timezone.timedelta(minutes=9)
    cost = {"monthly_cost": "0.50", "setup_cost": "1.25"}
    line(operator, market["shop"], hold="active", expires_at=soon, facts=cost)
    line(operator, market["shop"], SECOND, facts=cost)
    line(operator, market["shop"], REFUSED)
    line(operator, market["stall"], "+12015550104")
    page = text(client.get("/cart/preview/", {"customer": lakeside.pk, "label": "Front desk"}))
    assert "3 numbers in 2 requests of up to 2." in page
    assert "1 held for us, 2 not held" in page
    assert "Not held: somebody else may buy it first." in page
    assert "$1.00" in page
    assert "$2.50" in page
    assert "2 prices not told" in page
    assert "Lakeside Dental: the numbers are held for this customer" in page
    assert "Order 4 numbers" in page
    assert not Order.objects.exists()


def test_the_preview_names_the_route_of_each_account(client, operator, market):
    from inventory.models import Route

    for ref, kind in (("13550", "endpoint_group"), ("*T", "template")):
        Route.objects.create(account=market["shop"], provider_ref=ref, name=ref, kind=kind)
    line(operator, market["shop"])
    assert "endpoint group 13550" in text(client.get("/cart/preview/"))
    chosen = client.get("/cart/preview/", {f"route_{market['shop'].pk}": "*T"})
    assert "a copy of template record *T" in text(chosen)


def test_an_empty_cart_has_no_preview(client, market):
    response = client.get("/cart/preview/")
    assert response["Location"] == "/cart/"
    assert "nothing to order" in text(client.get("/cart/"))


def test_a_wrong_choice_leads_back_to_the_cart(client, operator, market):
    line(operator, market["shop"])
    response = client.get("/cart/preview/", {"customer": "999999"})
    assert response.status_code == 422
    assert "This customer is not there any more." in text(response)


def test_what_stands_against_an_order_shows_before_it_is_sent(client, operator, market):
    line(operator, market["shop"])
    factories.make_tn(FIRST)
    page = text(client.get("/cart/preview/"))
    assert "is in the inventory already" in page
    assert "Order 1 number" not in page


def test_a_paused_account_takes_no_orders(client, operator, market):
    one = line(operator, market["shop"])
    market["shop"].paused_at = timezone.now()
    market["shop"].pause_reason = "Works at the carrier"
    market["shop"].save()
    words = "Calls to Shop main are paused: Works at the carrier."
    assert words in text(client.get("/cart/preview/"))
    response = place(client, one)
    assert response.status_code == 409
    assert words in text(response)
    assert not Order.objects.exists()
    assert CartLine.objects.count() == 1


# --- Placing


@pytest.mark.parametrize("headers", [None, HTMX])
def test_an_order_is_placed_carried_out_and_filed(
    client, operator, market, lakeside, run_jobs, headers
):
    one = line(operator, market["shop"])
    other = line(operator, market["stall"], SECOND)
    response = place(
        client,
        one,
        other,
        headers=headers,
        customer=lakeside.pk,
        label="Front desk",
        note="Monday",
        **{f"route_{market['shop'].pk}": ""},
    )
    order = Order.objects.get()
    address = reverse("inventory:order-detail", args=[order.pk])
    assert response.status_code == (204 if headers else 302)
    assert response["HX-Redirect" if headers else "Location"] == address
    assert not CartLine.objects.exists()
    assert "Submitted" in text(client.get(address)) or "Processing" in text(client.get(address))
    run_jobs()
    page = text(client.get(address))
    assert "Completed" in page
    assert "2 of 2" in page
    assert "$2.50" in page
    assert reverse("inventory:tn-detail", args=[FIRST]) in page
    number = TelephoneNumber.objects.get(tn=FIRST)
    assert (number.state, number.customer, number.label) == ("held", lakeside, "Front desk")
    assert (order.note, order.billing_id) == ("Monday", lakeside.billing_id)


def test_the_same_form_twice_is_one_order(client, operator, market, run_jobs):
    one = line(operator, market["shop"])
    first = place(client, one)
    second = place(client, one)
    assert first["Location"] == second["Location"]
    run_jobs()
    third = place(client, one, headers=HTMX)
    assert third["HX-Redirect"] == first["Location"]
    assert Order.objects.count() == 1
    assert len(Shop.orders) == 1


def test_two_forms_at_the_same_moment_are_one_order(operator, market):
    one = line(operator, market["shop"])
    stale = CartLine.objects.get(pk=one.pk)
    first = place_order([one], actor=operator, key="k")
    assert place_order([stale], actor=operator, key="k") == first
    with pytest.raises(jobs.NotAccepted, match="The cart has changed"):
        place_order([stale], actor=operator, key="another")
    assert Order.objects.count() == 1


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_cart_that_changed_since_the_preview_orders_nothing(client, operator, market, headers):
    one = line(operator, market["shop"])
    gone = line(operator, market["shop"], SECOND)
    CartLine.objects.filter(pk=gone.pk).delete()
    response = place(client, one, gone, headers=headers)
    assert response.status_code == 409
    page = text(response)
    assert "The cart has changed since this page was drawn. Nothing was ordered." in page
    assert page.startswith('<form id="order-preview"') == bool(headers)
    assert not Order.objects.exists()


def test_only_what_the_preview_showed_is_ordered(client, operator, market):
    one = line(operator, market["shop"])
    line(operator, market["shop"], SECOND)
    place(client, one)
    assert [row.tn for row in OrderLine.objects.all()] == [FIRST]
    assert CartLine.objects.get().tn == SECOND


def test_a_colleagues_lines_cannot_be_ordered(client, admin, market):
    response = place(client, line(admin, market["shop"]))
    assert response.status_code == 409
    assert not Order.objects.exists()


def test_a_form_without_its_key_orders_nothing(client, operator, market):
    assert place(client, line(operator, market["shop"]), key="").status_code == 409
    assert not Order.objects.exists()


def test_a_wrong_customer_orders_nothing(client, operator, market):
    one = line(operator, market["shop"])
    assert place(client, one, customer="999999").status_code == 422
    assert not Order.objects.exists()


def test_a_viewer_sees_orders_and_places_none(client_for, viewer, operator, market):
    client = client_for(viewer)
    order = place_order([line(operator, market["shop"])], actor=operator, key="k")
    assert client.get(reverse("inventory:order-detail", args=[order.pk])).status_code == 200
    assert client.get("/cart/preview/").status_code == 403
    assert place(client, line(operator, market["shop"], SECOND)).status_code == 403


def test_an_order_is_not_there_for_customers(client_for, alice, operator, market, lakeside):
    order = place_order(
        [line(operator, market["shop"])], actor=operator, key="k", customer=lakeside
    )
    assert client_for(alice).get(f"/orders/{order.pk}/").status_code == 403
    assert client_for(operator).get("/orders/999999/").status_code == 404


# --- What became of it


def test_refused_numbers_show_words_advice_and_ways_on(client, operator, market, run_jobs):
    order = place_order(
        [line(operator, market["shop"]), line(operator, market["shop"], REFUSED)],
        actor=operator,
        key="k",
    )
    run_jobs()
    response = client.get(reverse("inventory:order-detail", args=[order.pk]))
    page = text(response)
    for words in ("Partly done", "Sold a minute ago.", "(77)", "Choose another.", "Find similar"):
        assert words in page
    assert "npa=312&amp;state=IL&amp;rate_center=CHICAGO" in page
    assert reverse("inventory:tn-detail", args=[REFUSED]) not in page
    (part,) = response.context["parts"]
    assert part.can_retry
    again = client.post(reverse("portal:job-retry", args=[part.job.pk]), {"key": part.key})
    assert again.status_code == 302
    waiting = lines_page(client, order).context
    assert (waiting["state"], len(waiting["parts"]), waiting["is_polled"]) == (
        "processing",
        2,
        True,
    )
    run_jobs()
    parts = lines_page(client, order).context["parts"]
    assert [one.can_retry for one in parts] == [False, True]


def test_an_order_of_which_nothing_was_bought_has_failed(client, operator, market, run_jobs):
    order = place_order([line(operator, market["shop"], REFUSED)], actor=operator, key="k")
    run_jobs()
    assert lines_page(client, order).context["state"] == "failed"
    assert not TelephoneNumber.objects.exists()


def test_a_lost_answer_is_unknown_and_asked_about(client, operator, market, run_jobs):
    Shop.fails = [ProviderTimeout("No answer came.", code="done")]
    order = place_order([line(operator, market["shop"])], actor=operator, key="k")
    run_jobs(rounds=1)
    response = client.get(reverse("inventory:order-detail", args=[order.pk]))
    page = text(response)
    assert response.context["state"] == "unconfirmed"
    assert "Nothing is sent again until the provider says what it has." in page
    assert "Nothing: the provider is being asked what it has." in page
    assert "Ask now" in page
    child = Job.objects.get(kind="inventory.order_tns")
    assert reverse("portal:job-hurry", args=[child.pk]) in page
    assert "Outcome unknown" in text(client.get("/orders/"))
    run_jobs()
    assert lines_page(client, order).context["state"] == "completed"
    assert len(Shop.orders) == 1


def test_the_live_part_is_empty_while_nothing_changed(client, operator, market, run_jobs):
    order = place_order([line(operator, market["shop"])], actor=operator, key="k")
    first = lines_page(client, order)
    assert "data-poll" in text(first)
    version = first.context["version"]
    assert lines_page(client, order, version).status_code == 204
    run_jobs()
    after = lines_page(client, order, version)
    assert text(after).startswith('<div id="order-lines"')
    assert "data-poll-version" not in text(after)
    assert "job-finished" in after["HX-Trigger"]
    plain = client.get(reverse("inventory:order-lines", args=[order.pk]))
    assert plain["Location"] == reverse("inventory:order-detail", args=[order.pk])


def test_one_provider_that_fails_leaves_the_others_alone(client, operator, market, run_jobs):
    order = place_order(
        [line(operator, market["shop"], REFUSED), line(operator, market["stall"], SECOND)],
        actor=operator,
        key="k",
    )
    run_jobs()
    context = lines_page(client, order).context
    assert context["state"] == "partial"
    assert (context["tally"].ok, context["tally"].failed) == (1, 1)
    assert len(Stall.orders) == 1


# --- The list


@pytest.fixture
def orders(operator, admin, market, lakeside, run_jobs) -> list[Order]:
    """Return three orders: completed, failed for Lakeside, and open."""
    done = place_order([line(operator, market["shop"])], actor=operator, key="a", label="Desk")
    failed = place_order(
        [line(admin, market["shop"], REFUSED)], actor=admin, key="b", customer=lakeside
    )
    run_jobs()
    waiting = place_order([line(operator, market["shop"], SECOND)], actor=operator, key="c")
    return [done, failed, waiting]


def ids(response) -> list[int]:
    """Return the ids of the orders that a list shows."""
    return [int(pk) for pk in re.findall(r'id="order-row-(\d+)"', text(response))]


def test_the_list_shows_each_order_and_how_far_it_is(client, orders):
    response = client.get("/orders/")
    done, failed, waiting = orders
    assert ids(response) == [waiting.pk, failed.pk, done.pk]
    states = re.findall(r'data-label="State"><span class="nd-chip [^>]*>([^<]+)<', text(response))
    assert states == ["Processing", "Failed", "Completed"]
    assert "Lakeside Dental" in text(response)
    assert "1 of 1 bought" in text(response)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=312 555 0101", [0]),
        ("q=desk", [0]),
        ("q=nobody", []),
        ("state=open", [2]),
        ("state=settled", [1, 0]),
        ("mine=on", [2, 0]),
    ],
)
def test_orders_are_filtered(client, orders, query, expected):
    response = client.get(f"/orders/?{query}", headers=HTMX)
    assert ids(response) == [orders[n].pk for n in expected]
    assert text(response).startswith('<div id="order-table"')
    if not expected:
        assert "No order fits these filters" in text(response)


def test_orders_of_a_customer_and_by_id(client, orders, lakeside):
    by_customer = client.get(f"/orders/?customer={lakeside.pk}")
    assert ids(by_customer) == [orders[1].pk]
    assert "Customer: Lakeside Dental" in text(by_customer)
    by_id = client.get(f"/orders/?q=order {orders[0].pk}")
    assert orders[0].pk in ids(by_id)


def test_a_list_without_orders_says_why(client_for, viewer, client):
    assert "put them into the cart and order them" in text(client.get("/orders/"))
    assert "As soon as somebody buys numbers" in text(client_for(viewer).get("/orders/"))


def test_the_list_needs_few_queries(client, orders, django_assert_max_num_queries):
    client.get("/orders/")  # the first visit also files the sign-in
    with django_assert_max_num_queries(10):
        client.get("/orders/")


# --- A large order


@pytest.fixture
def large(operator, market) -> Order:
    """Return an order of 120 numbers, three of them refused."""
    order = Order.objects.create(actor=operator, job=factories.make_job(operator, is_group=True))
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            account=market["shop"],
            tn=f"+1312555{n:04}",
            status="failed" if n % 50 == 7 else "ok",
        )
        for n in range(120)
    )
    return order


def test_a_large_order_comes_a_page_at_a_time(client, large):
    page = text(client.get(f"/orders/{large.pk}/"))
    assert page.count('id="line-row-') == 50
    assert "117 of 120" in page
    last = client.get(f"/orders/{large.pk}/?size=25&last=1", headers=HTMX)
    assert text(last).startswith('<div id="order-lines"')
    assert text(last).count('id="line-row-') == 25


def test_the_numbers_of_one_outcome_are_found(client, large):
    page = text(client.get(f"/orders/{large.pk}/?line=failed"))
    assert page.count('id="line-row-') == 3
    assert "Bought</span> 117" in page
    assert text(client.get(f"/orders/{large.pk}/?line=nonsense")).count('id="line-row-') == 50


def test_a_page_of_a_large_order_follows_it(client, large):
    url = reverse("inventory:order-lines", args=[large.pk])
    first = client.get(f"{url}?size=25", headers=HTMX)
    seen = HTMX | {"Seen-Version": first.context["version"]}
    assert client.get(f"{url}?size=25", headers=seen).status_code == 204
    large.lines.filter(tn="+13125550119").update(status="failed")
    assert client.get(f"{url}?size=25", headers=seen).status_code == 200


def test_a_large_cart_is_ordered_with_one_field(client, operator, market):
    lines = [line(operator, market["shop"], f"+1312555{n:04}") for n in range(110)]
    page = text(client.get("/cart/preview/"))
    assert page.count('name="line"') == 1
    assert "and 10 more; all are in the cart" in page
    ids = ".".join(str(one.pk) for one in lines)
    answer = client.post(reverse("inventory:order-place"), {"key": "order-1", "line": ids})
    assert answer["Location"] == reverse("inventory:order-detail", args=[Order.objects.get().pk])
    assert OrderLine.objects.count() == 110
