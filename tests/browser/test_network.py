"""Routes, gateways and addresses in a browser: changed, followed to the end, by eye and by axe."""

from __future__ import annotations

import pytest

from inventory.models import Route
from portal.models import AccountFact, ProviderAccount
from tests.browser.looks import faults
from tests.factories import make_user


@pytest.fixture
def route(accounts: dict[str, ProviderAccount]) -> Route:
    """Return an endpoint group that the sandbox knows."""
    return Route.objects.create(
        account=accounts["voip_innovations"],
        provider_ref="13550",
        name="Main SBC",
        kind="endpoint_group",
    )


def test_a_route_is_switched_off_and_on(open_desk, route, worker, operator_email):
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go("/routes/")
    page.get_by_role("link", name="Main SBC").click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_label("Type 13550 to confirm").fill("13550")
    page.get_by_role("button", name="Deactivate it").click()
    page.get_by_text("Succeeded").first.wait_for()
    page.get_by_role("link", name="Main SBC").click()
    page.get_by_text("Inactive").first.wait_for()
    page.get_by_role("link", name="Activate").click()
    page.get_by_role("button", name="Activate it").click()
    page.get_by_text("Succeeded").first.wait_for()
    route.refresh_from_db()
    assert route.is_active


def test_addresses_are_allowed_row_by_row(open_desk, accounts, worker, operator_email):
    account = accounts["voicetel"]
    desk = open_desk()
    page = desk.page
    desk.sign_in(operator_email)
    desk.go(f"/providers/{account.pk}/network/allow/")
    page.get_by_label("Addresses or ranges").fill("198.51.100.7, 203.0.113.0/24")
    page.get_by_role("button", name="Allow them").click()
    page.get_by_text("Partly done.").wait_for()
    page.get_by_role("link", name="Network of VoiceTel").click()
    page.get_by_label("Choose 203.0.113.0/24").check()
    page.get_by_role("button", name="Forbid the chosen").click()
    page.get_by_text("Calls from this range are turned away at once").wait_for()
    page.get_by_role("button", name="Forbid it").click()
    page.get_by_text("Succeeded").first.wait_for()
    fact = AccountFact.objects.get(account=account, kind="access_list")
    assert "203.0.113.0/24" not in fact.content["ranges"]


def test_axe_finds_nothing_around_numbers(open_desk, route, accounts):
    make_user("administrator", email="ada@example.net")
    desk = open_desk()
    desk.sign_in("ada@example.net")
    voicetel, vi = accounts["voicetel"].pk, accounts["voip_innovations"].pk
    paths = [
        *("/routes/", f"/routes/{route.pk}/", f"/routes/{route.pk}/switch/", "/groups/"),
        *("/groups/new/", f"/providers/{vi}/network/", f"/providers/{voicetel}/network/"),
        *(f"/providers/{voicetel}/network/password/", f"/providers/{voicetel}/gateways/new/"),
    ]
    assert faults(desk, *paths) == []
