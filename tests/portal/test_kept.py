"""Kept pages look like fresh ones, to each person, and forget nothing that changed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from e911 import gaps
from inventory.models import TelephoneNumber
from portal import kept, recent
from portal.models import Customer
from tests import factories
from tests.portal.pages import HTMX, sql_count, text_of

ADDRESSES = [
    "/numbers/",
    "/numbers/?state=stock&sort=-tn&size=25",
    "/numbers/?q=nothing",
    "/numbers/?state=nonsense",
    "/numbers/?at=312-555-0140",
    "/numbers/?col=lata&col=tier",
    "/jobs/",
    "/jobs/?status=failed",
    "/audit/",
    "/e911/",
    "/e911/?state=verified&col=place&more=1",
    "/e911/?bucket=nonsense",
    "/e911/gaps/",
    "/e911/gaps/?bucket=4&size=25",
    "/e911/gaps/?q=nothing",
    "/orders/",
    "/orders/?state=open&mine=on",
    "/customers/",
    "/customers/?q=lake",
    "/tickets/",
    "/tickets/?status=open",
    "/uploads/",
    "/uploads/?state=unfinished&kind=numbers",
    "/routes/",
    "/routes/?sort=-ref&state=active&size=25",
    "/groups/?q=nothing",
    "/lookups/",
    "/lookups/?kind=nonsense",
    "/approvals/",
    "/approvals/?what=decided",
    "/e911/locations/",
    "/e911/locations/?state=all&q=main",
    "/e911/differences/",
    "/drift/",
    "/drift/?kind=value&state=all",
    "/ports/",
    "/ports/list/",
    "/ports/out/",
    "/ports/out/?state=open",
    "/ports/list/?flag=late&sort=-due",
]


@pytest.fixture
def rows(lakeside, operator):
    for n in range(60):
        factories.make_tn(f"+131255501{n:02}", customer=lakeside if n % 2 else None)
    for status in ("failed", "succeeded", "queued"):
        factories.make_job(operator, status=status, title=f"A {status} job")
    for n in range(30):
        factories.make_port(label=f"Port {n}", sla_due_at=timezone.now() - timedelta(days=n))
    for number in TelephoneNumber.objects.order_by("tn")[:40:2]:
        factories.make_record(number, state="verified")
    gaps.refresh(list(TelephoneNumber.objects.values_list("pk", flat=True)))


def plain(page: str) -> str:
    """Return a page without what differs by nature: tokens, keys of forms, times."""
    page = re.sub(r'("X-CSRFToken": |name="(?:csrfmiddlewaretoken|key)" value=)"[^"]+"', "", page)
    return re.sub(r'<time class="nd-time".*?</time>', "", page)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_kept_page_is_the_fresh_one(client_for, viewer, rows, address, headers):
    client = client_for(viewer)
    client.get("/numbers/")  # signing in leaves no message for later
    fresh, again = (plain(text_of(client.get(address, headers=headers))) for _ in range(2))
    kept.forget()
    assert again == fresh == plain(text_of(client.get(address, headers=headers)))
    assert "slot-" not in again
    assert "token-" not in again


def test_people_do_not_see_each_others_pages(client_for, viewer, operator, alice, rows):
    pages = {
        user.name: text_of(client_for(user).get("/numbers/")) for user in (operator, viewer, alice)
    }
    for name, page in pages.items():
        assert name in page
    assert "Give back" in pages[operator.name]
    assert "Give back" not in pages[viewer.name] + pages[alice.name]
    assert "Provider" not in pages[alice.name]


def test_each_answer_carries_a_token_that_works(client_for, operator, rows):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    for _ in range(2):
        page = text_of(client.get("/numbers/"))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        posted = client.post(
            "/numbers/paste/", {"numbers": "3125550142", "csrfmiddlewaretoken": token}
        )
        assert posted.status_code == 302


def test_a_message_is_shown_once_and_not_kept(client_for, viewer, rows):
    client = client_for(viewer)
    client.get("/numbers/")
    said = text_of(client.get("/numbers/export/?picked=1", follow=True))
    assert "nothing was exported" in said
    assert "nothing was exported" not in text_of(client.get("/numbers/"))


def test_what_joins_the_list_is_seen_at_once(client_for, viewer, rows):
    client = client_for(viewer)
    assert "61 numbers" not in text_of(client.get("/numbers/?state=stock&state=in_service"))
    factories.make_tn("+13125550199")
    assert "61 numbers" in text_of(client.get("/numbers/?state=stock&state=in_service"))


def test_a_name_in_a_chip_is_new_after_a_minute(client_for, viewer, rows, lakeside, monkeypatch):
    client, address = client_for(viewer), f"/numbers/?customer={lakeside.pk}"
    assert "Customer: Lakeside Dental" in text_of(client.get(address))
    Customer.objects.update(name="Lakeside Care")
    later = recent.time.monotonic() + kept.SECONDS + 1
    monkeypatch.setattr(recent.time, "monotonic", lambda: later)
    assert "Customer: Lakeside Care" in text_of(client.get(address))


def test_a_label_cannot_stand_for_a_part_of_the_page(client_for, viewer, rows):
    factories.make_tn("+13125550199", label="slot-rows slot-csrf")
    assert "slot-rows slot-csrf" in text_of(client_for(viewer).get("/numbers/?q=3125550199"))


def test_no_more_pages_are_kept_than_there_is_room_for(client_for, viewer, rows, monkeypatch):
    monkeypatch.setattr(kept._pages, "_most", 3)
    client = client_for(viewer)
    for n in range(6):
        client.get(f"/numbers/?q=55501{n}")
    assert len(kept._pages) == 3


def test_a_kept_page_takes_fewer_queries_and_never_more(client_for, viewer, rows):
    client = client_for(viewer)
    first = sql_count(client, "/numbers/?state=stock")
    assert sql_count(client, "/numbers/?state=stock") <= first <= 10
