"""911 in a browser: an address is corrected, refused, set, lost and restored; a customer's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from e911.models import EmergencyRecord
from e911.set_page import LEGAL_TEXT
from inventory.models import TelephoneNumber
from portal.models import ProviderAccount
from tests.browser.conftest import Desk
from tests.browser.looks import faults
from tests.factories import make_customer, make_record, make_tn, make_user
from tests.ledger.world import eventually

ADDRESS = {
    "House number": "550",
    "Street": "West Main",
    "Suffix": "Street",
    "City": "Chicago",
    "ZIP code": "60601",
}


def owned(account: ProviderAccount, sandbox: Any, customer: Any) -> TelephoneNumber:
    """Return a number in service that the provider's sandbox holds for us, without 911."""
    tn = "+13125550199" if account.slug == "voicetel" else "+13125550149"
    login = account.credentials.get("login") or account.credentials["username"]
    sandbox.control("number", provider=account.slug, tn=tn[2:], status="owned", account=login)
    return make_tn(tn, account=account, customer=customer)


@pytest.fixture
def lakeside(transactional_db):
    return make_customer("Lakeside Dental", code="LAKE")


def type_address(desk: Desk, number: TelephoneNumber, **other: str) -> None:
    """Open the form of a number, fill it in and have it checked."""
    page = desk.page
    desk.go(f"/e911/{number.tn}/")
    page.get_by_role("link", name=re.compile("the address…")).click()
    page.get_by_label("Caller name").fill("Lakeside Dental")
    for label, text in {**ADDRESS, **other}.items():
        page.get_by_label(re.compile(f"^{label}")).fill(text)
    page.get_by_label("State", exact=True).select_option("IL")
    page.get_by_role("button", name="Check the address").click()
    page.wait_for_url(re.compile("/e911/checks/"))


def test_a_correction_is_accepted_and_set(
    open_desk, accounts, sandbox, worker, operator_email, lakeside
):
    number = owned(accounts["voicetel"], sandbox, lakeside)
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    type_address(desk, number, Street="Peña")
    page.get_by_text("Correction offered").wait_for()
    assert page.locator("mark.nd-changed").count() >= 2
    page.get_by_role("button", name="Use the corrected address").click()
    page.get_by_role("button", name="Set this address").click()
    page.get_by_text("911 address verified").wait_for()
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert record.state == "verified"
    assert record.accepted_by.email == operator_email
    assert faults(desk, f"/e911/{number.tn}/") == []


def test_an_address_that_is_refused_is_edited(
    open_desk, accounts, sandbox, worker, operator_email, lakeside
):
    number = owned(accounts["voicetel"], sandbox, lakeside)
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    type_address(desk, number, **{"ZIP code": "00012"})
    page.get_by_text("This address cannot be used: look at the ZIP code.").wait_for()
    assert page.get_by_role("button", name="Set this address").count() == 0
    page.get_by_role("link", name="Edit the address").click()
    assert page.get_by_label("House number").input_value() == "550"
    page.get_by_label("ZIP code").fill("60601")
    page.get_by_role("button", name="Check the address").click()
    page.get_by_role("button", name="Set this address").wait_for()


def test_a_lost_location_is_restored(
    open_desk, accounts, sandbox, worker, operator_email, lakeside
):
    number = owned(accounts["voip_innovations"], sandbox, lakeside)
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    type_address(desk, number)
    page.get_by_role("button", name="Set this address").click()
    page.get_by_text("911 address verified").wait_for()
    lose(number)
    cache.clear()
    desk.go("/")
    page.get_by_role("link", name="911 may not work for (312) 555-0149", exact=True).click()
    page.get_by_role("alert").get_by_text("has no active address").wait_for()
    page.get_by_role("button", name="Restore the old address").click()
    eventually(
        lambda: EmergencyRecord.objects.filter(tn=number.tn, state="verified").exists(),
        what="the old address is verified again",
    )
    desk.go(f"/e911/{number.tn}/")
    expect(page.get_by_text("911 may not work")).to_have_count(0)


def lose(number: TelephoneNumber) -> None:
    """Have the record look as after a change that took the old address away."""
    record = EmergencyRecord.objects.get(tn=number.tn)
    record.last_valid = record.snapshot()
    record.state, record.is_location_lost = "provision_failed", True
    record.lost_at = record.state_since
    record.save()


def test_a_customer_corrects_his_own_address(open_desk, accounts, sandbox, worker, lakeside):
    number = owned(accounts["voicetel"], sandbox, lakeside)
    manager = make_user("manager", name="Alice", customer=lakeside, email="alice@example.net")
    desk = open_desk()
    page = desk.page
    desk.sign_in(manager.email)
    type_address(desk, number)
    page.get_by_label(LEGAL_TEXT).check()
    assert page.get_by_text("VoiceTel").count() == 0
    page.get_by_role("button", name="Set this address").click()
    page.get_by_text("911 address verified").wait_for()
    record = EmergencyRecord.objects.get(tn=number.tn)
    assert (record.legal_text, record.accepted_by) == (LEGAL_TEXT, manager)


def test_the_address_is_set_without_javascript(
    open_desk, accounts, sandbox, worker, operator_email, lakeside
):
    number = owned(accounts["voicetel"], sandbox, lakeside)
    desk = open_desk(java_script_enabled=False)
    page = desk.page
    desk.sign_in(operator_email)
    type_address(desk, number)
    button = page.get_by_role("button", name="Set this address")

    def is_answered() -> bool:
        if button.count():
            return True
        page.reload()
        return False

    eventually(is_answered, what="the address is checked")
    button.click()
    eventually(
        lambda: EmergencyRecord.objects.filter(tn=number.tn, state="verified").exists(),
        what="the address is verified",
    )


def test_nothing_on_the_pages_of_e911_keeps_anybody_out(
    open_desk, accounts, operator_email, lakeside
):
    number = make_tn(account=accounts["voip_innovations"], customer=lakeside)
    record = make_record(number)
    desk = open_desk()
    desk.sign_in(operator_email)
    paths = [
        "/e911/",
        "/e911/gaps/",
        "/e911/orphans/",
        "/e911/differences/",
        "/e911/locations/",
        "/e911/locations/new/",
        f"/e911/{record.tn}/",
        f"/e911/{record.tn}/tests/new/",
        f"/e911/{record.tn}/alerts/add/",
        f"/e911/{record.tn}/kept/",
        f"/e911/set/?tn=%2B{record.tn[1:]}",
        f"/e911/remove/?tn=%2B{record.tn[1:]}",
    ]
    assert faults(desk, *paths) == []
