"""The main job, step by step, in words that hold with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from inventory.models import Order
from tests.browser.conftest import Desk
from tests.ledger.world import eventually

ROWS = "#search-results tbody tr"


@dataclass
class Journey:
    """One desk on its way; without JavaScript a page is loaded again where it would refresh itself."""

    desk: Desk
    has_javascript: bool = True

    @property
    def page(self) -> Any:
        """The browser's page."""
        return self.desk.page

    def until(self, holds: Callable[[], bool], *, what: str) -> None:
        """Wait for the page to show something."""

        def look() -> bool:
            if holds():
                return True
            if not self.has_javascript:
                self.page.reload()
            return False

        eventually(look, what=what)

    def search(self, *, toll_free: bool = False, **fields: str) -> None:
        """Fill in the search form and press Search."""
        self.desk.go("/find/")
        if toll_free:
            self.page.get_by_label("Toll-free", exact=True).check()
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=False).first.fill(text)
        self.page.get_by_role("button", name="Search", exact=True).click()
        self.page.wait_for_url(re.compile(r"/find/\d+/"))

    def part(self, account: str) -> Any:
        """Return what the page says of one provider of the search."""
        return self.page.locator(".nd-part", has_text=account)

    def all_answered(self) -> None:
        """Wait until no provider is being asked any more."""
        self.until(
            lambda: (
                self.page.locator(".nd-part").count() > 0
                and self.page.locator(".nd-part .nd-spinner").count() == 0
            ),
            what="every provider answered",
        )

    def rows_of(self, account: str) -> Any:
        """Return the offers of one provider."""
        return self.page.locator(ROWS, has=self.page.get_by_role("cell", name=account, exact=True))

    def add_first_of(self, *accounts: str) -> list[str]:
        """Choose each provider's first number, put them into the cart; return them in E.164."""
        chosen = []
        for account in accounts:
            row = self.only(account)
            chosen.append(e164(row.locator(".nd-tn").inner_text()))
            row.locator("input[type=checkbox]").check()
            self.page.get_by_role("button", name="Add to cart").click()
            expect(self.page.get_by_text("is in your cart now").first).to_be_visible()
        return chosen

    def only(self, account: str) -> Any:
        """Show one provider's offers, and return the first that can be chosen."""
        self.page.locator("#search-results .nd-filters a", has_text=account).click()
        rows = self.page.locator(ROWS).filter(
            has=self.page.locator("input[type=checkbox]"), has_text=account
        )
        expect(rows.first).to_be_visible()
        return rows.first

    def hold(self) -> None:
        """Open the cart and wait until no hold is being asked for."""
        self.desk.go("/cart/")
        self.until(
            lambda: self.page.get_by_text("Asking the provider to hold it").count() == 0,
            what="every hold answered",
        )

    def order(self, label: str) -> Order:
        """Preview the cart, order it; return the order."""
        self.page.get_by_label("Label").fill(label)
        self.page.get_by_role("button", name="Preview the order").click()
        expect(self.page.get_by_role("heading", name="What each provider will do")).to_be_visible()
        self.page.get_by_role("button", name=re.compile(r"^Order \d+ number")).click()
        self.page.wait_for_url(re.compile(r"/orders/\d+/"))
        return Order.objects.get(pk=int(self.page.url.rstrip("/").rpartition("/")[2]))


def e164(text: str) -> str:
    """Return a number as shown on a page in E.164."""
    return "+1" + "".join(c for c in text if c.isdigit())
