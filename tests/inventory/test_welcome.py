"""After an order: the numbers put into use, and the mail that welcomes the customer."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from inventory.models import CartLine, Order, OrderLine
from inventory.operations.order import place_order
from inventory.wishes import Wishes
from portal.models import AuditEntry, Job
from portal.tasks import run_job
from tests.inventory.shop import market
from tests.portal.pages import text_of

__all__ = ["market"]

FIRST, SECOND, REFUSED = "+13125550142", "+18005550143", "+13125550149"


@pytest.fixture(autouse=True)
def broker_without_worker(monkeypatch):
    monkeypatch.setattr(run_job, "apply_async", lambda **options: None)


@pytest.fixture
def client(client_for, operator):
    return client_for(operator)


@pytest.fixture
def bought(operator, market, run_jobs, lakeside):
    """Return a function that orders numbers for Lakeside, or for whom it is told."""

    def order(*tns: str, customer=lakeside) -> Order:
        facts = {"city": "CHICAGO", "region": "IL", "monthly_cost": "1.25"}
        lines = [
            CartLine.objects.create(user=operator, account=market["shop"], tn=tn, facts=facts)
            for tn in tns
        ]
        placed = place_order(
            lines,
            actor=operator,
            key=f"order {tns}",
            customer=customer,
            wishes=Wishes(e911="later"),
        )
        run_jobs()
        return placed

    lakeside.email = "office@lakeside.example.net"
    lakeside.save()
    return order


def at(order: Order) -> str:
    return reverse("inventory:order-welcome", args=[order.pk])


def shown(client, order: Order) -> str:
    return text_of(client.get(reverse("inventory:order-detail", args=[order.pk])))


def test_the_order_says_what_comes_next(client, bought):
    order = bought(FIRST, SECOND)
    page = shown(client, order)
    assert "2 of 2 not in use yet" in page
    assert f'href="{at(order)}"' in page
    form = text_of(client.get("/numbers/assign/", {"tns": f"{FIRST} {SECOND}"}))
    assert f'<option value="{order.customer_id}" selected>' in form


def test_the_mail_is_seen_before_it_goes(client, bought, run_jobs):
    order = bought(FIRST, SECOND, REFUSED)
    page = text_of(client.get(at(order)))
    assert "office@lakeside.example.net" in page
    for words in ("(312) 555-0142  Chicago, IL", "(800) 555-0143  toll-free", "1 of them has no"):
        assert words in page
    assert "(312) 555-0149" not in page  # it was not bought
    assert "Shop" not in page.split("<form")[-1]
    assert mail.outbox == []
    given = {"to": "office@lakeside.example.net; ana@example.net", "subject": "Hello"}
    data = given | {"body": "As changed.", "key": "k"}
    for _ in range(2):  # a second click is the same mail
        assert client.post(at(order), data).status_code == 302
    run_jobs()
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["office@lakeside.example.net"], "Hello"),
        (["ana@example.net"], "Hello"),
    ]
    assert mail.outbox[0].body == "As changed.\n"
    assert "“Hello” by" in shown(client, order)
    assert "A mail was sent" in text_of(client.get(at(order)))
    entry = AuditEntry.objects.get(verb="inventory.order.welcomed")
    assert entry.after["to"] == "office@lakeside.example.net, ana@example.net"
    assert f'href="/orders/{order.pk}/"' in text_of(client.get(f"/jobs/{entry.job_id}/"))


@pytest.mark.parametrize(
    ("to", "words"), [("", "Nobody to send it to"), ("office", "is no e-mail")]
)
def test_a_wrong_address_sends_nothing(client, bought, to, words):
    order = bought(FIRST)
    answer = client.post(at(order), {"to": to, "subject": "S", "body": "B", "key": "k"})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Job.objects.filter(kind="inventory.welcome_customer").exists()


def test_a_mail_server_that_is_down_is_told(client, bought, run_jobs, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("connection refused")

    order = bought(FIRST)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    data = {"to": "office@lakeside.example.net", "subject": "S", "body": "B", "key": "k"}
    client.post(at(order), data)
    run_jobs()
    job = Job.objects.get(kind="inventory.welcome_customer")
    assert job.status == "failed"
    assert "connection refused" in job.items.get().message
    assert order.lines.get().status == OrderLine.Status.OK


def test_without_a_customer_there_is_nobody_to_write_to(client, bought):
    order = bought(FIRST, customer=None)
    assert client.get(at(order)).status_code == 302
    assert "Welcome mail" not in shown(client, order)
    lost = bought(REFUSED)
    assert client.get(at(lost)).status_code == 302


def test_orders_and_their_lines_are_exported(client, bought):
    order = bought(FIRST, REFUSED)
    answer = client.get("/orders/export/?mine=true")
    head, row = b"".join(answer.streaming_content).decode().splitlines()
    assert head.startswith("\ufefforder,label,state,numbers,bought,not_bought,customer")
    assert row.startswith(f"{order.pk},,partial,2,1,1,Lakeside Dental,")
    answer = client.get(f"/orders/{order.pk}/export/")
    _, ok, failed = b"".join(answer.streaming_content).decode().splitlines()
    assert ok.startswith(f"{FIRST},")
    assert "Sold a minute ago.,Choose another." in failed
