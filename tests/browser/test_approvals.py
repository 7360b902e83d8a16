"""Two people in a browser: one asks to give numbers back, the other looks and approves."""

from __future__ import annotations

import pytest

from inventory.models import TelephoneNumber
from portal.models import Approval
from tests.browser.looks import faults
from tests.factories import make_approval, make_tn, make_user
from tests.ledger.world import eventually


@pytest.fixture
def stock(accounts):
    """Return two numbers that the provider would take back."""
    return [make_tn(f"+1201555010{last}", account=accounts["voip_innovations"]) for last in (8, 9)]


@pytest.fixture
def ada(transactional_db):
    """Return the other person."""
    return make_user("administrator", name="Ada Admin", email="ada@example.net")


def test_one_asks_and_the_other_approves(open_desk, stock, operator_email, ada, worker):
    asking = open_desk()
    page = asking.page
    asking.sign_in(operator_email)
    asking.go("/numbers/")
    for number in stock:
        page.get_by_label(f"Select {number}").check()
    page.get_by_role("button", name="Give back…").click()
    page.get_by_text("Another person must approve it.").wait_for()
    page.get_by_label("Reason", exact=True).select_option("Not needed any more")
    page.get_by_label("Type 2 to confirm").fill("2")
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_text("Another person must approve it: Ada Admin.").wait_for()
    assert page.get_by_role("button", name="Approve", exact=True).count() == 0
    assert set(TelephoneNumber.objects.values_list("state", flat=True)) == {"stock"}

    deciding = open_desk(java_script_enabled=False)
    page = deciding.page
    deciding.sign_in(ada.email)
    deciding.go("/")
    page.get_by_role("link", name="Olga Operator asks for your approval").first.click()
    page.get_by_label("Type 2 to approve").fill("2")
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_text("2 numbers are being given back, by one job.").first.wait_for()
    gone = TelephoneNumber.objects.filter(state="released")
    eventually(lambda: gone.count() == 2, what="both numbers are given back")
    assert Approval.objects.get().decided_by == ada


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, stock, ada):
    asker = make_user("operator", name="Omar Operator", email="omar@example.net")
    waiting = make_approval(asker, *stock, reason="Too many of these")
    over = make_approval(asker, *stock, status="refused", decided_by=ada, decision_reason="Wait")
    desk = open_desk()
    desk.sign_in(ada.email)
    paths = ("", "?what=decided", f"{waiting.pk}/", f"{over.pk}/")
    assert faults(desk, *(f"/approvals/{path}" for path in paths)) == []
