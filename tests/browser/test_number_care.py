"""Looking after numbers in a real browser: features and the way back, drift, a lookup, a view."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from inventory.models import Finding, TelephoneNumber
from inventory.operations.sync import sync_account
from portal.models import Job
from tests.browser.journey import Journey
from tests.ledger.world import eventually

HERE, THERE = "(312) 555-0177", "+13125550178"


@pytest.fixture
def journey(open_desk, accounts, worker, operator_email) -> Journey:
    """Return an operator who is signed in, with a browser that runs scripts."""
    found = Journey(open_desk())
    found.desk.sign_in(operator_email)
    return found


def sync(account) -> None:
    """Read the account's own list, as the schedule does."""
    account.refresh_from_db()
    job = sync_account(account, actor=None)
    eventually(
        lambda: Job.objects.filter(pk=job.pk, status="succeeded").exists(),
        what="the account was synced",
    )


def facts(sandbox, slug: str, tn: str) -> str:
    """Return what the sandbox holds of a number, as text to look for values in."""
    (row,) = sandbox.store.query(
        "SELECT data FROM number WHERE provider = ? AND tn = ?", (slug, tn[2:])
    )
    return str(row["data"])


def change_forward(journey: Journey, tn: str, to: str) -> None:
    """Set a forward in the dialog of the number's page and wait until the page tells it."""
    page = journey.page
    journey.desk.go(f"/numbers/{tn.replace('+', '%2B')}/")
    page.locator('a[href$="features/forward_to/"]').click()
    dialog = page.locator("#feature-dialog")
    dialog.get_by_label("Forward").fill(to)
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("#tn-live")).to_contain_text(to)
    expect(page.locator(".nd-timeline")).to_contain_text("Forward changed")


def test_a_forward_is_set_and_taken_back(journey, accounts, sandbox):
    account = accounts["voip_innovations"]
    sync(account)
    tn = TelephoneNumber.objects.filter(account=account).order_by("tn").first().tn
    change_forward(journey, tn, HERE)
    assert "3125550177" in facts(sandbox, "voip_innovations", tn)

    page = journey.page
    page.locator(".nd-timeline").get_by_role("link", name=re.compile("Take back")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Take back")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".nd-timeline")).to_contain_text("Taking back")
    assert "3125550177" not in facts(sandbox, "voip_innovations", tn)


def test_a_change_behind_our_back_is_found_and_pushed_back(journey, accounts, sandbox):
    account = accounts["voicetel"]
    sync(account)
    tn = TelephoneNumber.objects.filter(account=account).order_by("tn").first().tn
    change_forward(journey, tn, HERE)
    behind = {**json.loads(facts(sandbox, "voicetel", tn)), "forwardTo": THERE[2:]}
    sandbox.control("number", provider="voicetel", tn=tn[2:], data=json.dumps(behind))
    sync(account)
    assert Finding.objects.live().count() == 1

    page = journey.page
    journey.desk.go("/drift/")
    row = page.locator("#finding-table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(HERE)
    expect(row).to_contain_text("(312) 555-0178")
    row.get_by_role("button", name=re.compile("Push ours")).click()
    confirm = page.get_by_role("button", name=re.compile("^Push"))
    if "repair" in page.url:
        confirm.last.click()
    eventually(
        lambda: not Finding.objects.live().exists(),
        what="the difference is gone",
    )
    journey.desk.go("/drift/")
    expect(page.get_by_role("main")).to_contain_text("No differences")
    assert "3125550177" in facts(sandbox, "voicetel", tn)


def test_a_list_is_kept_as_a_view(journey, accounts):
    sync(accounts["voip_innovations"])
    page = journey.page
    journey.desk.go("/numbers/?npa=312")
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Chicago")
    page.get_by_role("button", name=re.compile("^Save")).click()
    page.get_by_role("link", name="Chicago").first.click()
    expect(page).to_have_url(re.compile("npa=312"))
