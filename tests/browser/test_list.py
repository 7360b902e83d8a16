"""The numbers list in a browser: all that match, jumping, saved views, many filters."""

from __future__ import annotations

import pytest

from inventory.columns import COLUMNS
from inventory.models import SavedView, TelephoneNumber
from tests import factories
from tests.browser.looks import faults


@pytest.fixture
def numbers(transactional_db) -> list[TelephoneNumber]:
    """Make sixty numbers of stock and one of another state."""
    account = factories.make_account()
    factories.make_tn("+13125550199", account=account, state="aging")
    return [factories.make_tn(f"+131255501{n:02}", account=account) for n in range(60)]


def test_all_that_match_are_chosen_beyond_the_page(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/?state=stock")
    assert not page.get_by_text("All 60 that match").is_visible()
    page.get_by_label("Select all on this page").check()
    page.get_by_text("50 selected").wait_for()
    page.get_by_label("All 60 that match").check()
    page.get_by_text("60 selected").wait_for()
    page.get_by_role("button", name="Give back…").click()
    page.get_by_role("heading", name="Give back 60 numbers").wait_for()
    page.get_by_role("link", name="Keep them").click()
    page.wait_for_url("**/numbers/?state=stock")


def test_a_jump_goes_on_from_a_number_and_keeps_the_filters(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/?state=stock&size=25")
    page.get_by_label("Go to", exact=True).fill("(312) 555-0140")
    page.get_by_label("Go to", exact=True).press("Enter")
    page.wait_for_url("**at=*")
    assert "state=stock" in page.url
    assert page.locator("#tn-table tbody .nd-tn").first.inner_text() == "(312) 555-0140"
    page.get_by_role("link", name="Previous").click()
    page.get_by_role("link", name="(312) 555-0115").wait_for()


def test_filters_are_kept_as_a_view_that_opens_the_list(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/")
    page.get_by_text("More filters", exact=True).click()
    page.get_by_label("Area codes").fill("312")
    page.get_by_text("Area: 312").wait_for()
    page.get_by_text("More filters", exact=True).click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Chicago")
    page.get_by_label("Open the list with it").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“Chicago” is saved.").wait_for()
    assert SavedView.objects.get().query == "npa=312"

    desk.go("/numbers/")
    assert "npa=312" in page.url
    current = page.get_by_role("list", name="Saved views").locator("[aria-current]")
    assert current.inner_text() == "Chicago"
    page.get_by_role("link", name="All numbers").click()
    page.wait_for_url("**/numbers/?view=all")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_desk, numbers, admin):
    view = SavedView.objects.create(user=admin, name="Shared", query="npa=312", is_shared=True)
    desk = open_desk()
    desk.sign_in(admin.email)
    paths = ("/numbers/?size=25&at=3125550120", "/numbers/views/", f"/numbers/views/{view.pk}/")
    assert faults(desk, *paths, "/numbers/views/new/?query=npa%3D312") == []


def test_rows_are_walked_chosen_and_copied_by_keys(open_desk, numbers, operator_email):
    desk = open_desk(permissions=["clipboard-read", "clipboard-write"])
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/?state=stock&size=25")
    for key in ("j", "j", "x", "k", "x", "c"):
        page.keyboard.press(key)
    page.get_by_text("2 selected").wait_for()
    page.get_by_text("Copied +13125550100").wait_for()
    page.locator(".nd-user > summary").click()
    page.get_by_role("button", name="3125550142", exact=True).click()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied 2 numbers").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "3125550100\n3125550101"
    page.keyboard.press("]")
    page.get_by_role("link", name="(312) 555-0125").wait_for()


def test_what_is_chosen_stays_chosen_on_other_pages(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/?state=stock&size=25")
    page.get_by_label("Select (312) 555-0107").check()
    page.get_by_role("link", name="Next").click()
    page.get_by_label("Select (312) 555-0130").check()
    page.get_by_text("2 selected, 1 on other pages").wait_for()
    page.get_by_role("link", name="Previous").click()
    page.get_by_text("2 selected, 1 on other pages").wait_for()
    assert page.get_by_label("Select (312) 555-0107").is_checked()
    page.get_by_role("button", name="Give back…").click()
    page.get_by_role("heading", name="Give back 2 numbers").wait_for()
    assert "tns=13125550107.13125550130" in page.url


def test_focus_stays_where_it_was_when_the_list_is_sorted(open_desk, numbers, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/numbers/?size=25")
    page.get_by_role("link", name="Rate center").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=place*")
    page.wait_for_function("document.activeElement.textContent.startsWith('Rate center')")


def test_a_table_of_many_columns_scrolls_in_its_place(open_desk, numbers, operator_email):
    desk = open_desk(viewport={"width": 1280, "height": 800})
    page = desk.page
    desk.sign_in(operator_email)
    every = "&".join(f"col={column.name}" for column in COLUMNS)
    desk.go(f"/numbers/?{every}")
    page.locator(".nd-scroll.is-wide").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.querySelector('.nd-scroll').scrollTo(9999, 9999)")
    assert page.get_by_role("link", name="(312) 555-0149").is_visible()
    assert page.get_by_role("columnheader", name="Changed").is_visible()
