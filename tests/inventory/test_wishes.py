"""What is asked for with an order: done once a number is bought, told on its page, never in its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import RequestFactory

from inventory import outcomes, wishes
from inventory.models import CarrierNumber, CartLine, Order, Route, TelephoneNumber
from inventory.operations.features import ChangeFeature
from inventory.operations.finish import go_on
from inventory.operations.order import place_order
from inventory.wishes import Wishes
from portal import jobs, panels
from portal.models import AuditEntry, Exchange, Job, JobItem
from portal.sandbox.server import RunningSandbox
from portal.tasks import run_job
from tests import factories
from tests.inventory.desk import hidden
from tests.portal.pages import text_of

ONE, TWO, FREE = "+13125550142", "+13125550143", "+18005560144"
PIN = "4711"
KEY = "6f1b2a52-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def account(db, sandbox):
    """Return an account at VoiceTel, where the numbers are for sale and two routes exist."""
    sandbox.control("reset")
    for tn in (ONE, TWO, FREE):
        sandbox.control("number", provider="voicetel", tn=tn[2:], status="available")
    account = factories.make_account("voicetel", name="VoiceTel main", base_url=sandbox.url)
    for ref in ("4", "5"):
        Route.objects.create(account=account, provider_ref=ref, name=f"SBC {ref}", kind="gateway")
    return account


@pytest.fixture
def order(account, operator):
    """Return a function that orders numbers with wishes."""

    def place(*tns: str, route: str = "", customer=None, **wanted: str) -> Order:
        lines = [CartLine.objects.create(user=operator, account=account, tn=tn) for tn in tns]
        return place_order(
            lines,
            actor=operator,
            key=f"order {tns}",
            customer=customer,
            routes={account.pk: route},
            wishes=Wishes(**wanted),
        )

    return place


def look(order: Order) -> dict[str, wishes.Wish]:
    lines = list(order.lines.select_related("account"))
    return {wish.feature.name: wish for wish in wishes.look(order, lines)}


def test_name_and_pin_reach_the_provider_after_the_purchase(order, account, run_jobs, sandbox):
    placed = order(ONE, TWO, route="5", cnam_name="LAKESIDE", port_out_pin=PIN)
    assert look(placed) == {}  # nothing is bought yet
    run_jobs()
    for tn in (ONE, TWO):
        number = TelephoneNumber.objects.get(tn=tn)
        assert number.wanted == {"route": "5", "cnam_name": "LAKESIDE", "port_out_pin": "set"}
        assert (number.state, number.sync_state) == ("stock", "in_sync")
        assert CarrierNumber.objects.get(tn=tn).route_ref == "5"
    found = look(placed)
    assert [(name, wish.done, wish.state) for name, wish in found.items()] == [
        ("route", 2, "succeeded"),
        ("cnam_name", 2, "succeeded"),
        ("port_out_pin", 2, "succeeded"),
    ]
    changes = Job.objects.filter(kind="inventory.change_feature").order_by("pk")
    assert [job.params["feature"] for job in changes] == ["cnam_name", "port_out_pin"]
    assert all(job.params["order"] == placed.pk for job in changes)
    done = [call["operation"] for call in sandbox.log(provider="voicetel", tn=ONE[2:])]
    assert done == ["orders.create", "numbers.lidb", "numbers.pin"]


def test_what_begins_between_two_looks_is_followed(order, run_jobs, monkeypatch):
    placed = order(ONE, cnam_name="LAKESIDE", port_out_pin=PIN)
    while look(placed).get("cnam_name") is None or look(placed)["cnam_name"].state != "succeeded":
        assert run_jobs(rounds=1)
    assert look(placed)["port_out_pin"].state == "queued"
    straight = wishes.look

    def slow(*arguments):
        found = straight(*arguments)
        for job in Job.objects.open().filter(kind=wishes.KIND):  # it is quicker than the page
            jobs.execute(job.pk)
        return found

    monkeypatch.setattr(wishes, "look", slow)
    asked, goes_on = wishes.follow(placed, list(placed.lines.select_related("account")))
    assert {wish.feature.name: wish.open for wish in asked} == {"cnam_name": 0, "port_out_pin": 1}
    assert goes_on
    monkeypatch.setattr(wishes, "look", straight)
    run_jobs()
    assert not wishes.follow(placed, list(placed.lines.select_related("account")))[1]


def test_an_outcome_that_is_not_filed_yet_is_followed(order, run_jobs, monkeypatch):
    placed = order(ONE, cnam_name="LAKESIDE", port_out_pin=PIN)
    straight = ChangeFeature.apply
    seen: list[tuple[int, bool]] = []

    def look_before(self, run, items):
        asked, goes_on = wishes.follow(placed, list(placed.lines.select_related("account")))
        seen.append((sum(wish.open for wish in asked), goes_on))
        straight(self, run, items)

    monkeypatch.setattr(ChangeFeature, "apply", look_before)
    run_jobs()
    assert seen == [(0, True), (0, True)]
    assert not wishes.follow(placed, list(placed.lines.select_related("account")))[1]


def test_an_order_that_is_carried_out_between_two_reads_is_asked_for_again(order, run_jobs):
    placed = order(ONE)
    is_done = False

    def read(execute, sql, *arguments):
        nonlocal is_done
        found = execute(sql, *arguments)
        if "inventory_orderline" in sql and not is_done:
            is_done = True
            run_jobs()
        return found

    with connection.execute_wrapper(read):
        shown = outcomes.context(placed, RequestFactory().get("/"))
    assert is_done
    assert shown["is_polled"] or shown["tally"].waiting == 0
    after = outcomes.context(placed, RequestFactory().get("/"))
    assert (after["is_polled"], after["tally"].ok) == (False, 1)


def test_the_pin_is_sealed_wherever_it_is_kept(order, run_jobs):
    placed = order(ONE, port_out_pin=PIN)
    run_jobs()
    placed.refresh_from_db()
    assert placed.port_out_pin
    assert PIN not in placed.port_out_pin
    rows = [*JobItem.objects.values_list("params", "before", "after", "message")]
    rows += [*Job.objects.values_list("params", "result", "title")]
    rows += [*AuditEntry.objects.values_list("before", "after", "reason")]
    bodies = Exchange.objects.values_list("request_body", "reply_body", "url")
    assert PIN not in repr(rows) + repr(list(bodies))
    assert AuditEntry.objects.get(verb="inventory.order.placed").after == {
        "count": 1,
        "port_out_pin": "set",
    }


def test_a_refused_wish_leaves_the_number_ours_and_can_be_sent_again(
    order, run_jobs, sandbox, client_for, operator
):
    placed = order(ONE, cnam_name="LAKESIDE", port_out_pin=PIN)
    run_jobs(rounds=1)
    sandbox.control("fault", provider="voicetel", operation="*", fault="refuse", match_tn="0142")
    run_jobs()
    assert TelephoneNumber.objects.get(tn=ONE).state == "stock"
    found = look(placed)
    assert (found["cnam_name"].state, found["port_out_pin"].state) == ("failed", "succeeded")
    client = client_for(operator)
    page = text_of(client.get(f"/orders/{placed.pk}/"))
    assert "Completed" in page
    assert "1 without it; the number is ours all the same" in page
    assert "Send what is left" in page
    sandbox.control("fault/clear")
    assert client.post(f"/orders/{placed.pk}/finish/").status_code == 302
    run_jobs()
    assert look(placed)["cnam_name"].state == "succeeded"
    page = text_of(client.get(f"/orders/{placed.pk}/"))
    assert "Send what is left" not in page
    client.post(f"/orders/{placed.pk}/finish/")
    assert "Nothing is left that could be sent." in text_of(client.get(f"/orders/{placed.pk}/"))


def test_what_a_number_cannot_have_is_told_and_not_sent(order, run_jobs):
    placed = order(FREE, cnam_name="LAKESIDE")
    run_jobs()
    wish = look(placed)["cnam_name"]
    assert [(part.state, "Toll-free" in part.words) for part in wish.left] == [("blocked", True)]
    assert not Job.objects.filter(kind="inventory.change_feature").exists()


def test_a_number_that_was_not_bought_has_no_wishes(order, run_jobs, sandbox):
    sandbox.control("number", provider="voicetel", tn=TWO[2:], status="foreign")
    placed = order(ONE, TWO, cnam_name="LAKESIDE")
    run_jobs()
    assert [part.tn for part in look(placed)["cnam_name"].parts] == [ONE]


def test_without_the_right_nothing_more_is_sent(order, run_jobs, operator):
    placed = order(ONE, cnam_name="LAKESIDE")
    run_jobs(rounds=1)
    operator.role = "viewer"
    operator.save()
    run_jobs()
    assert not Job.objects.filter(kind="inventory.change_feature").exists()
    begun, reasons = go_on(placed, actor=operator)
    assert (begun, reasons) == ([], ["Caller name: Your role does not allow this."])
    assert look(placed)["cnam_name"].state == "queued"


def test_a_route_that_the_provider_did_not_take_is_set_afterwards(order, account, run_jobs):
    placed = order(ONE, route="5")
    run_jobs(rounds=1)
    CarrierNumber.objects.filter(tn=ONE).update(route_ref="4")
    go_on(placed, actor=placed.actor)
    run_jobs()
    assert look(placed)["route"].state == "succeeded"
    assert CarrierNumber.objects.get(tn=ONE).route_ref == "5"


# --- E911


def test_no_e911_needs_a_reason_and_is_on_record(order, run_jobs):
    order(ONE, e911="not_required", e911_reason="Fax only")
    run_jobs()
    assert TelephoneNumber.objects.get(tn=ONE).e911_state == "not_required"
    entry = AuditEntry.objects.get(verb="inventory.tn.stock")
    assert entry.reason.endswith("no E911 record: Fax only")
    assert entry.after["e911_state"] == "not_required"


def test_the_order_says_which_numbers_lack_a_record(
    order, run_jobs, client_for, operator, monkeypatch
):
    placed = order(ONE, FREE, e911="now")
    run_jobs()
    client = client_for(operator)
    page = text_of(client.get(f"/orders/{placed.pk}/"))
    assert "E911: 1 number without a record" in page
    assert f'href="/e911/set/?tns=%2B{ONE[1:]}"' in page
    monkeypatch.delitem(panels.number_ways, "e911.set")
    page = text_of(client.get(f"/orders/{placed.pk}/"))
    assert "Set E911" not in page
    assert "E911: 1 number without a record" in page
    TelephoneNumber.objects.filter(tn=ONE).update(e911_state="provisioned")
    assert "without a record" not in text_of(client.get(f"/orders/{placed.pk}/"))


# --- The pages


def test_the_cart_posts_its_wishes_and_the_pin_stands_in_no_address(
    account, operator, client_for, run_jobs
):
    line = CartLine.objects.create(user=operator, account=account, tn=ONE)
    CartLine.objects.create(user=operator, account=account, tn=FREE)
    client = client_for(operator)
    cart = client.get("/cart/").content.decode()
    assert 'action="/cart/preview/"' in cart
    assert 'name="port_out_pin"' in cart
    values = {
        "cnam_name": "Lakeside Dental",
        "port_out_pin": PIN,
        "e911": "not_required",
        "e911_reason": "Fax only",
        f"route_{account.pk}": "5",
    }
    preview = client.post("/cart/preview/", values)
    page = text_of(preview)
    assert "Once bought: caller name LAKESIDE DENTAL for 1 of 2." in page
    assert "No caller name for 1: Toll-free numbers have none." in page
    assert "No voice, so none is needed: Fax only" in page
    assert PIN not in preview.content.decode()
    sent = hidden(preview) | {"line": [row.pk for row in CartLine.objects.all()], "key": KEY}
    assert sent["sealed_pin"]
    assert sent["sealed_pin"] not in page.partition("Back to the cart")[0].rpartition("href")[2]
    assert client.post("/orders/new/", sent).status_code == 302
    placed = Order.objects.get()
    assert (placed.cnam_name, placed.e911, placed.e911_reason) == (
        "LAKESIDE DENTAL",
        "not_required",
        "Fax only",
    )
    run_jobs()
    assert TelephoneNumber.objects.get(tn=line.tn).wanted["port_out_pin"] == "set"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cnam_name": "A*"}, "Only letters, digits and blanks are allowed."),
        ({"port_out_pin": "12"}, "A port-out PIN has four digits."),
        ({"e911": "not_required"}, "Say why no E911 record is needed."),
        ({"e911": "whatever"}, "Select a valid choice."),
        ({"sealed_pin": "forged"}, "Enter it again."),
    ],
)
def test_a_wrong_wish_leads_back_to_the_cart(account, operator, client_for, values, words):
    CartLine.objects.create(user=operator, account=account, tn=ONE)
    response = client_for(operator).post("/cart/preview/", values)
    assert response.status_code == 422
    assert words in text_of(response)


def test_a_field_says_where_it_is_not_offered_also_when_it_is_wrong(
    account, operator, client_for, sandbox
):
    other = factories.make_account("voip_innovations", name="Main", base_url=sandbox.url)
    CartLine.objects.create(user=operator, account=account, tn=ONE)
    CartLine.objects.create(user=operator, account=other, tn=TWO)
    client = client_for(operator)
    for page in (client.get("/cart/"), client.post("/cart/preview/", {"port_out_pin": "1"})):
        assert "Not shown again. Not offered by Main." in text_of(page)


def test_a_field_that_no_provider_of_the_cart_offers_is_not_shown(operator, client_for, sandbox):
    account = factories.make_account("intelepeer", base_url=sandbox.url)
    CartLine.objects.create(user=operator, account=account, tn=FREE)
    page = client_for(operator).get("/cart/").content.decode()
    assert 'name="port_out_pin"' not in page
    assert 'name="e911"' in page
