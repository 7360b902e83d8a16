"""Every main page in both themes, by axe and by width; keys, and a quiet console."""

from __future__ import annotations

import pytest
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, Order, OrderLine, TelephoneNumber
from inventory.services import move
from portal import audit
from portal.models import Job, JobItem
from tests.browser.looks import faults
from tests.factories import make_customer, make_job, make_search, make_tn, make_user

ADA = "ada@example.net"


@pytest.fixture
def paths(accounts) -> list[str]:
    """Fill the site with one of everything; return the addresses of its main pages."""
    user = make_user("administrator", name="Ada Admin", email=ADA)
    account = accounts["voip_innovations"]
    customer = make_customer("Lakeside Dental")
    number = make_tn("+13125550142", account=account, rate_center="CHICAGO", region="IL")
    make_tn("+13125550143", account=account, sync_state="missing", label="Fax")
    make_tn("+18005550144", account=accounts["intelepeer"], e911_state="provision_failed")
    move(number, "in_service", actor=user, reason="A reason", customer=customer)
    CarrierNumber.objects.create(
        account=account, tn="+13125550149", synced_at=timezone.now(), state_word="assigned"
    )
    job = make_job(user, status="failed", account=account, total_count=2, reason="Refused.")
    JobItem.objects.create(job=job, position=0, target="+13125550142", status="refused")
    JobItem.objects.create(job=job, position=1, target="+13125550143", status="succeeded")
    running = make_job(user, status="running", account=account, total_count=4, done_count=1)
    search = make_search(user, "+13125550150", "+13125550151", account=account)
    search.job = make_job(user, is_group=True, status="succeeded", kind="inventory.search_all")
    search.save()
    line = CartLine.objects.create(user=user, account=account, tn="+13125550152", hold="soft")
    order = Order.objects.create(
        actor=user, job=make_job(user, is_group=True, status="partial"), label="Main line"
    )
    for tn, status in (("+13125550153", "ok"), ("+13125550154", "failed")):
        OrderLine.objects.create(order=order, account=account, tn=tn, status=status)
    audit.record(user, "inventory.tn.changed", number, before={"label": ""}, after={"label": "Fax"})
    assert line.pk
    return [
        *("/", "/numbers/", "/numbers/?q=5550&state=stock&more=1", "/numbers/?q=99999"),
        *("/numbers/%2B13125550142/", "/numbers/%2B13125550142/edit/", "/drift/"),
        *("/numbers/release/?tn=%2B13125550143", "/find/", f"/find/{search.pk}/", "/cart/"),
        *("/cart/preview/", "/orders/", f"/orders/{order.pk}/", "/jobs/", f"/jobs/{job.pk}/"),
        *(f"/jobs/{running.pk}/", "/customers/", "/providers/", f"/providers/{account.pk}/"),
        *(
            "/providers/add/?provider=voicetel",
            f"/providers/{account.pk}/edit/",
            "/audit/",
            "/security/",
        ),
        *("/search/?q=312", "/accounts/password/change/", "/accounts/2fa/"),
        *("/lookups/", "/lookups/new/?kind=portable&numbers=%2B13125550142", "/thresholds/"),
    ]


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, paths):
    desk = open_desk()
    found = faults(desk, "/accounts/login/")
    desk.sign_in(ADA)
    found += faults(desk, *paths)
    assert found == []


def test_the_keyboard_reaches_search_and_table(open_desk, paths):
    desk = open_desk()
    desk.sign_in(ADA)
    page = desk.page
    desk.go("/numbers/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "nd-skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.press("Escape")
    reached = False
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('#tn-table tbody')"):
            reached = True
            break
    assert reached, "60 presses of Tab do not reach the table"


def test_typed_digits_in_the_top_bar_find_the_number(open_desk, paths):
    desk = open_desk()
    desk.sign_in(ADA)
    page = desk.page
    desk.go("/")
    page.keyboard.press("/")
    page.keyboard.type("0142")
    hit = page.locator("#search-hits a", has_text="(312) 555-0142")
    hit.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/numbers/*/")
    assert TelephoneNumber.objects.filter(tn="+13125550142").exists()
    assert Job.objects.count() > 0
