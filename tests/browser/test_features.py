"""A feature in a browser: changed in the dialog, followed to its end, taken back; many at once."""

from __future__ import annotations

import pytest

from inventory.models import CarrierNumber, Route, TelephoneNumber
from inventory.operations.sync import sync_account
from portal import jobs
from portal.models import Job, ProviderAccount
from tests.browser.looks import faults
from tests.ledger.world import eventually


@pytest.fixture
def number(accounts: dict[str, ProviderAccount]) -> TelephoneNumber:
    """Return a number that the sandbox holds for us."""
    account = accounts["voip_innovations"]
    job = sync_account(account, actor=None)
    jobs.execute(job.pk)  # or a worker that is quicker
    eventually(lambda: Job.objects.get(pk=job.pk).status == "succeeded", what="the list is here")
    Route.objects.create(
        account=account, provider_ref="13550", name="Main SBC", kind="endpoint_group"
    )
    return TelephoneNumber.objects.filter(account=account).order_by("tn")[0]


def forward(number: TelephoneNumber) -> str | None:
    return CarrierNumber.objects.get(tn=number.tn).values.get("forward_to")


def test_a_forward_is_set_in_the_dialog_and_taken_back(open_desk, number, worker, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go(f"/numbers/{number.tn}/")
    page.get_by_role("link", name="Change Forward").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Forward", exact=True).fill("312 555 0177")
    dialog.get_by_role("button", name="Change", exact=True).click()
    page.get_by_text("Forward changed").wait_for()
    page.locator("dd", has_text="(312) 555-0177").wait_for()
    assert forward(number) == "+13125550177"

    page.get_by_role("link", name="Take back…").click()
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("(312) 555-0177 → none").wait_for()
    assert forward(number) == ""


def test_a_name_is_counted_while_it_is_typed(open_desk, number, worker, operator_email):
    desk = open_desk()
    desk.sign_in(operator_email)
    desk.go(f"/numbers/{number.tn}/features/cnam_name/")
    desk.page.get_by_label("Caller name", exact=True).fill("LAKESIDE")
    desk.page.get_by_text("8 of 15").wait_for()


def test_many_numbers_are_changed_from_the_list(open_desk, number, worker, operator_email):
    chosen = list(TelephoneNumber.objects.order_by("tn")[:3])
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/")
    for one in chosen:
        page.get_by_label(f"Select {one}").check()
    page.get_by_role("button", name="Change a feature…").click()
    page.get_by_label("What to change").select_option("Failover")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Failover", exact=True).fill("312 555 0188")
    page.get_by_role("button", name="Look at what happens").click()
    page.get_by_role("button", name="Change 3 numbers").click()
    page.get_by_text("Succeeded").first.wait_for()
    assert Job.objects.get(kind="inventory.change_feature").done_count == 3
    page.get_by_role("link", name="Take it back…").click()
    page.get_by_text("3 numbers get the value from before this job").wait_for()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, number, operator_email):
    desk = open_desk()
    desk.sign_in(operator_email)
    page = f"/numbers/{number.tn}/"
    bulk = f"/numbers/features/?tn=%2B{number.tn[1:]}"
    forms = [f"{page}features/{name}/" for name in ("route", "cnam_name", "inbound_cnam")]
    destination = f"{page}features/message_destination/"
    assert faults(desk, page, *forms, destination, bulk, f"{bulk}&feature=route") == []
