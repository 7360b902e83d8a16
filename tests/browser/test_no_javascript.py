"""The same job in a browser that runs no scripts: plain forms, links, and loading again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from inventory.models import TelephoneNumber
from tests.browser.journey import Journey


def test_from_search_to_number(open_desk, accounts, worker, operator_email):
    journey = Journey(open_desk(java_script_enabled=False), has_javascript=False)
    page = journey.page
    journey.desk.sign_in_by_form(operator_email)
    journey.search(Area_code="312")
    journey.all_answered()
    chosen = journey.add_first_of("VoIP Innovations", "VoiceTel")
    journey.search(toll_free=True, Contains="555")
    journey.all_answered()
    chosen += journey.add_first_of("IntelePeer", "Custom Toll Free")

    journey.hold()
    expect(page.locator("#cart-lines time").first).to_have_text(re.compile(r"minute|hour|day"))
    order = journey.order("Main line")
    journey.until(lambda: page.get_by_text("4 of 4").count() > 0, what="the order is completed")
    assert set(order.lines.values_list("status", flat=True)) == {"ok"}

    journey.desk.go("/numbers/")
    expect(page.locator("#tn-table tbody tr")).to_have_count(4)
    page.locator("#tn-table tbody a.nd-tn").first.click()
    expect(page.locator(".nd-timeline li").first).to_be_visible()
    assert set(TelephoneNumber.objects.values_list("tn", flat=True)) == set(chosen)


def test_a_line_is_taken_out_and_put_back(open_desk, accounts, worker, operator_email):
    journey = Journey(open_desk(java_script_enabled=False), has_javascript=False)
    page = journey.page
    journey.desk.sign_in(operator_email)
    journey.search(Area_code="312")
    journey.all_answered()
    journey.add_first_of("VoiceTel")
    journey.desk.go("/cart/")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    page.get_by_role("button", name="Put back").click()
    expect(page.locator("#cart-lines tbody tr")).to_have_count(1)


def test_the_list_is_filtered_sorted_and_paged(open_desk, accounts, operator_email):
    journey = Journey(open_desk(java_script_enabled=False), has_javascript=False)
    page = journey.page
    account = accounts["voicetel"]
    TelephoneNumber.objects.bulk_create(
        TelephoneNumber(
            tn=f"+1{npa}55501{line:02}",
            npa=npa,
            nxx="555",
            account=account,
            state_since=account.created_at,
        )
        for npa in ("312", "201")
        for line in range(60)
    )
    journey.desk.sign_in(operator_email)
    journey.desk.go("/numbers/")
    rows = page.locator("#tn-table tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(rows.first).to_contain_text("(201) 555-0150")
    page.get_by_role("link", name="Last").click()
    expect(rows.last).to_contain_text("(312) 555-0159")
    page.locator("#tn-table a.nd-sort").first.click()
    page.locator("summary", has_text="More filters").click()
    page.get_by_role("link", name="Show more filters").click()
    page.get_by_label("Area codes").fill("312")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("60 numbers").first).to_be_visible()
