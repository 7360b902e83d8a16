"""Every main page: axe in both themes, no sideways scrolling on a telephone, keys, a quiet console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from inventory.models import CarrierNumber, CartLine, Order, OrderLine, TelephoneNumber
from inventory.services import move
from portal import audit
from portal.models import Job, JobItem
from tests.browser.conftest import Desk
from tests.factories import make_customer, make_job, make_search, make_tn, make_user

NARROW = (360, 390)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def paths(accounts) -> list[str]:
    """Fill the site with one of everything; return the addresses of its main pages."""
    user = make_user("administrator", name="Ada Admin", email="ada@example.net")
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


def sign_in(desk: Desk, client_for: Any) -> None:
    """Give the browser the session of the administrator."""
    from portal.models import User

    client = client_for(User.objects.get(email="ada@example.net"))
    cookie = client.cookies["sessionid"].value
    desk.page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": desk.url}])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_desk, paths, client_for, theme):
    desk = open_desk(color_scheme=theme)
    found = [f"/accounts/login/: {words}" for words in violations(desk, "/accounts/login/")]
    sign_in(desk, client_for)
    for path in paths:
        found += [f"{path}: {words}" for words in violations(desk, path)]
    assert desk.page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert found == []


def violations(desk: Desk, path: str) -> list[str]:
    """Return what axe finds on a page, a line for each kind with the first place."""
    desk.go(path)
    result = Axe().run(desk.page, options=RULES).response
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:200]}"
        for rule in result["violations"]
    ]


@pytest.mark.parametrize("width", NARROW)
def test_nothing_scrolls_sideways_on_a_telephone(open_desk, paths, client_for, width):
    desk = open_desk(viewport={"width": width, "height": 740})
    sign_in(desk, client_for)
    wide = []
    for path in paths:
        desk.go(path)
        excess = desk.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if excess > 0:
            wide.append(f"{path}: {excess} px too wide")
    assert wide == []


def test_the_keyboard_reaches_search_and_table(open_desk, paths, client_for):
    desk = open_desk()
    sign_in(desk, client_for)
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


def test_typed_digits_in_the_top_bar_find_the_number(open_desk, paths, client_for):
    desk = open_desk()
    sign_in(desk, client_for)
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
