"""A number's life in a browser: chosen in the list, assigned, taken out of service, restored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inventory.lifecycle import VERBS, Choice, today
from inventory.models import TelephoneNumber
from inventory.services import lifecycle as services_lifecycle
from tests.browser.looks import faults
from tests.factories import make_customer, make_tn

NUMBERS = TelephoneNumber.objects
PAGES = (
    "/numbers/assign/?all=1&filters=",
    "/numbers/out/?tn=%2B13125550101",
    "/numbers/edit/?all=1&filters=",
    "/numbers/due/?what=hold",
    "/numbers/disconnects/",
    "/numbers/%2B13125550101/history/",
)


@pytest.fixture
def numbers(accounts):
    """Make three numbers; the first is with a customer, the second held for him."""
    customer = make_customer("Lakeside Dental")
    for last in (1, 2, 3):
        make_tn(f"+1312555010{last}", account=accounts["voicetel"], label=f"Line {last}")
    soon = today() + timedelta(days=2)
    for verb, tn, choice in (
        ("assign", "+13125550101", Choice(customer=customer, e911="later")),
        ("hold", "+13125550102", Choice(customer=customer, until=soon)),
    ):
        services_lifecycle.carry_out(VERBS[verb], NUMBERS.filter(tn=tn), choice, actor=None)
    return customer


def test_numbers_are_assigned_from_the_list_and_one_comes_back(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/")
    for shown in ("(312) 555-0101", "(312) 555-0102", "(312) 555-0103"):
        page.get_by_label(f"Select {shown}").check()
    page.get_by_text("Customer and state").click()
    page.get_by_role("button", name="Assign…").click()
    page.get_by_label("Customer", exact=True).select_option("Lakeside Dental")
    page.get_by_label("E911", exact=True).select_option("The record comes later")
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_text("1 number is “In service”").wait_for()
    page.get_by_role("button", name="Assign: 2 numbers").click()
    page.get_by_text("2 numbers are in service for Lakeside Dental.").wait_for()
    assert NUMBERS.filter(state="in_service", customer=numbers).count() == 3

    desk.go("/numbers/%2B13125550103/")
    page.get_by_role("link", name="Take out of service…").click()
    page.get_by_label("Reason", exact=True).fill("Customer canceled")
    page.get_by_role("button", name="Take out of service").click()
    page.get_by_text("The number is aging until").wait_for()
    page.get_by_role("link", name="Restore…").click()
    page.get_by_role("button", name="Restore").click()
    page.get_by_text("The number is restored.").wait_for()
    number = NUMBERS.get(tn="+13125550103")
    assert (number.state, number.customer, number.label) == ("in_service", numbers, "Line 3")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, numbers, operator_email):
    desk = open_desk()
    desk.sign_in(operator_email)
    assert faults(desk, *PAGES) == []
