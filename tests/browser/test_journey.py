"""An operator's main job from signing in to the number in the list, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from inventory.models import TelephoneNumber
from portal.models import Job, ProviderAccount
from tests.browser.conftest import NAMES
from tests.browser.journey import ROWS, Journey
from tests.ledger.world import eventually

DEAD = "http://127.0.0.1:9"  # nobody listens there


@pytest.fixture
def journey(open_desk, accounts, worker, operator_email) -> Journey:
    """Return an operator who is signed in, with a browser that runs scripts."""
    found = Journey(open_desk())
    found.desk.sign_in_by_form(operator_email)
    return found


def bought_at(sandbox, tn: str) -> list[str]:
    """Return the wire operations on a number that the sandbox carried out."""
    return [row["operation"] for row in sandbox.log(tn=tn[2:]) if row["carried_out"]]


def test_from_search_to_number(journey, sandbox):
    page = journey.page
    journey.search(Area_code="312")
    journey.all_answered()
    for name in ("VoIP Innovations", "VoiceTel"):
        expect(journey.part(name)).to_contain_text(re.compile(r"[1-9]\d* found"))
    for name in ("IntelePeer", "Custom Toll Free"):
        expect(journey.part(name)).to_contain_text("Not asked")
        expect(journey.part(name)).to_contain_text("sells toll-free numbers only.")
    local = journey.add_first_of("VoIP Innovations", "VoiceTel")
    journey.search(toll_free=True, Contains="555")
    journey.all_answered()
    toll_free = journey.add_first_of("IntelePeer", "Custom Toll Free")
    chosen = [*local, *toll_free]
    assert all(
        not bought_at(sandbox, tn) or "assign" not in str(bought_at(sandbox, tn)) for tn in chosen
    )

    journey.hold()
    countdown = page.locator("#cart-lines [data-countdown]").first
    expect(countdown).to_have_text(re.compile(r"^(\d+ d \d+ h|\d+:\d\d(:\d\d)?)$"))
    before = countdown.inner_text()
    if "d" not in before:
        expect(countdown).not_to_have_text(before)

    order = journey.order("Main line")
    journey.until(
        lambda: (
            page.get_by_text("4 of 4").count() > 0 and page.get_by_text("Completed").count() > 0
        ),
        what="the order is completed",
    )
    assert set(order.lines.values_list("status", flat=True)) == {"ok"}
    assert {job.account.name for job in order.job.children.all()} == set(NAMES.values())

    page.get_by_role("link", name=f"Job {order.job_id}").click()
    expect(page.get_by_role("main")).to_contain_text("Succeeded")

    for tn in chosen:
        journey.desk.go(f"/numbers/{tn.replace('+', '%2B')}/")
        expect(page.get_by_role("heading", level=1)).to_contain_text(pretty(tn))
        expect(page.locator(".nd-timeline li").first).to_be_visible()
        expect(page.locator(".nd-timeline")).to_contain_text("Olga Operator")
    journey.desk.go("/numbers/?q=" + local[0][-7:])
    expect(page.locator("#tn-table tbody tr")).to_have_count(1)
    expect(page.locator("#tn-table")).to_contain_text(pretty(local[0]))
    assert set(TelephoneNumber.objects.values_list("tn", flat=True)) == set(chosen)


def pretty(tn: str) -> str:
    """Return a number as pages show it."""
    return f"({tn[2:5]}) {tn[5:8]}-{tn[8:]}"


def test_one_provider_down_leaves_the_others(journey, accounts):
    ProviderAccount.objects.filter(pk=accounts["voicetel"].pk).update(base_url=DEAD)
    journey.search(Area_code="312")
    rows = journey.page.locator(ROWS)
    expect(rows.first).to_contain_text("VoIP Innovations")
    expect(journey.part("VoiceTel").locator(".nd-why")).to_contain_text("could not be reached")
    eventually(
        lambda: Job.objects.filter(account=accounts["voicetel"], status="failed").exists(),
        what="the question to VoiceTel given up",
    )
    expect(journey.part("VoiceTel")).to_contain_text("Failed")
    expect(journey.part("VoiceTel")).to_contain_text("Its numbers are missing below.")
    expect(journey.part("VoIP Innovations")).to_contain_text(re.compile(r"[1-9]\d* found"))
    journey.add_first_of("VoIP Innovations")

    ProviderAccount.objects.filter(pk=accounts["voicetel"].pk).update(
        base_url=accounts["intelepeer"].base_url
    )
    journey.part("VoiceTel").get_by_role("button", name="Ask again").click()
    expect(journey.part("VoiceTel")).to_contain_text(re.compile(r"[1-9]\d* found"))


def test_the_list_filters_while_typing_and_opens_its_fold(journey, accounts):
    page = journey.page
    for tn in ("+13125550101", "+13125550102", "+12015550103"):
        number = TelephoneNumber(tn=tn, npa=tn[2:5], nxx="555", account=accounts["voicetel"])
        number.state_since = number.created_at = accounts["voicetel"].created_at
        number.save()
    journey.desk.go("/numbers/")
    rows = page.locator("#tn-table tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Number or label").fill("0103")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=0103"))
    page.get_by_label("Number or label").fill("")
    expect(rows).to_have_count(3)
    page.locator("summary", has_text="More filters").click()
    page.get_by_label("Area codes").fill("312")
    expect(rows).to_have_count(2)
    journey.desk.go("/numbers/?npa=201")
    page.get_by_label("Number or label").fill("555")
    expect(page).to_have_url(re.compile(r"q=555"))
    expect(rows).to_have_count(1)  # the folded filter still holds
