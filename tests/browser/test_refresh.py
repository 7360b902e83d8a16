"""In a browser: many numbers refreshed from the list, and an order that asks for more than numbers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from inventory.models import CarrierNumber, Order, TelephoneNumber
from inventory.operations.sync import sync_account
from portal import jobs
from portal.models import Job, ProviderAccount
from tests.browser.journey import Journey
from tests.browser.looks import faults
from tests.ledger.world import eventually


@pytest.fixture
def held(accounts: dict[str, ProviderAccount]) -> list[TelephoneNumber]:
    """Return the first numbers that VoiceTel holds for us."""
    account = accounts["voicetel"]
    job = sync_account(account, actor=None)
    jobs.execute(job.pk)  # or a worker that is quicker
    eventually(lambda: Job.objects.get(pk=job.pk).status == "succeeded", what="the list is here")
    return list(TelephoneNumber.objects.filter(account=account).order_by("tn")[:3])


def test_numbers_are_refreshed_from_the_list(open_desk, held, worker, operator_email):
    CarrierNumber.objects.filter(tn__in=[n.tn for n in held]).update(state_word="as of old")
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go(f"/numbers/?q={held[0].tn[2:8]}")
    for number in held:
        page.locator(f"input.nd-select[value='{number.tn}']").check()
    page.get_by_role("button", name="Refresh…").click()
    expect(page.get_by_role("heading", name="What each provider is asked")).to_be_visible()
    assert faults(desk, page.url.removeprefix(desk.url)) == []
    page.get_by_role("button", name="Refresh 3 numbers").click()
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    expect(page.get_by_text("3 of 3").first).to_be_visible()
    expect(page.get_by_text("Succeeded").first).to_be_visible()
    words = CarrierNumber.objects.filter(tn__in=[n.tn for n in held])
    assert "as of old" not in set(words.values_list("state_word", flat=True))


def test_an_order_says_what_became_of_everything_it_asked_for(
    open_desk, accounts, worker, operator_email
):
    desk = open_desk()
    journey = Journey(desk)
    desk.sign_in(operator_email)
    journey.search(Area_code="312")
    journey.all_answered()
    journey.add_first_of("VoiceTel")
    journey.hold()
    page = desk.page
    page.get_by_label("Caller name").fill("Lakeside Dental")
    page.get_by_label("Port-out PIN").fill("4711")
    page.locator("#id_e911").select_option("now")
    order: Order = journey.order("Front desk")
    assert "4711" not in page.url
    expect(page.get_by_text("Caller name: LAKESIDE DENTAL")).to_be_visible()
    wishes = page.locator("#order-wishes")
    expect(wishes.get_by_text("1 of 1 done")).to_have_count(2)
    expect(wishes.get_by_text("E911: 1 number without a record")).to_be_visible()
    assert faults(desk, page.url.removeprefix(desk.url)) == []
    number = TelephoneNumber.objects.get(tn=order.lines.get().tn)
    assert (number.wanted["cnam_name"], number.wanted["port_out_pin"]) == ("LAKESIDE DENTAL", "set")
