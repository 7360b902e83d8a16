"""Two providers for tests of the pages: one that holds numbers and one that does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from portal import providers
from portal.models import ProviderAccount
from portal.providers.base import Limits, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import (
    ItemOutcome,
    NumberStatus,
    Offer,
    OrderRequest,
    Outcome,
    Ownership,
    RouteRecord,
    SearchCriteria,
)
from portal.providers.errors import ProviderError, ProviderTimeout
from portal.tn import TN

AT_THE_STALL = frozenset({"number_search", "number_query", "number_ordering"})
AT_THE_SHOP = AT_THE_STALL | {"number_reservation", "coverage_lists", "route_list"}


class Stall(Provider):
    """Sells what lies on the counter and holds nothing; remembers every order."""

    slug, name = "stall", "Stall"
    credential_fields = ()
    default_base_url = "http://127.0.0.1:9"
    limits = Limits(order_batch=2)
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_STALL, "The stall does not offer this.")

    counter: ClassVar[list[Offer]] = []
    refuses: ClassVar[str] = ""
    fails: ClassVar[list[ProviderError]] = []
    orders: ClassVar[list[OrderRequest]] = []
    sold: ClassVar[set[str]] = set()

    def _exchange(self, operation: str, *, is_write: bool, outcome: str = "answered") -> None:
        self.runtime.guard()
        call = WireCall(
            operation=operation,
            is_write=is_write,
            method="POST",
            url="http://stall/",
            headers={},
            body="",
        )
        handle = self.runtime.before_send(call)
        self.runtime.after_reply(handle, WireReply(outcome=outcome, status=200))

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Refuse what the test says."""
        return type(self).refuses

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield what lies on the counter, or fail as the test says."""
        if type(self).fails:
            raise type(self).fails.pop(0)
        self._exchange("search", is_write=False)
        yield from type(self).counter

    def query_tn(self, tn: TN) -> NumberStatus:
        """Tell who holds a number."""
        self._exchange("query", is_write=False)
        is_sold = tn in type(self).sold
        return NumberStatus(tn=tn, ownership=Ownership.OURS if is_sold else Ownership.AVAILABLE)

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Sell; numbers that end in 9 are refused, and an error of the test is raised."""
        type(self).orders.append(request)
        if type(self).fails:
            error = type(self).fails.pop(0)
            is_lost = isinstance(error, ProviderTimeout)
            self._exchange("order", is_write=True, outcome="timeout" if is_lost else "refused")
            if error.code == "done":
                type(self).sold |= set(request.tns)
            raise error
        self._exchange("order", is_write=True)
        for tn in request.tns:
            if tn.endswith("9"):
                yield ItemOutcome(
                    tn=tn,
                    outcome=Outcome.REFUSED,
                    code="77",
                    message="Sold a minute ago.",
                    advice="Choose another.",
                )
            else:
                type(self).sold.add(tn)
                yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, charged=Decimal("1.25"))


class Shop(Stall):
    """As the stall, and holds numbers for half an hour; numbers that end in 8 it does not hold."""

    slug, name = "shop", "Shop"
    not_offered = dict.fromkeys(set(CAPABILITIES) - AT_THE_SHOP, "The shop does not offer this.")
    limits = Limits(order_batch=2, reserve_batch=10, hold=timedelta(minutes=30))

    counter: ClassVar[list[Offer]] = []
    refuses: ClassVar[str] = ""
    fails: ClassVar[list[ProviderError]] = []
    orders: ClassVar[list[OrderRequest]] = []
    sold: ClassVar[set[str]] = set()

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Hold numbers."""
        self._exchange("reserve", is_write=True)
        until = datetime.now(UTC) + timedelta(minutes=30)
        for tn in tns:
            if tn.endswith("8"):
                yield ItemOutcome(tn=tn, outcome=Outcome.REFUSED, message="Not for holding.")
            else:
                yield ItemOutcome(
                    tn=tn, outcome=Outcome.SUCCEEDED, reservation_ref="H-1", expires_at=until
                )

    def list_routes(self) -> list[RouteRecord]:
        """List two routes."""
        self._exchange("routes", is_write=False)
        return [
            RouteRecord(ref="13550", name="Chicago SBC", kind="endpoint_group"),
            RouteRecord(ref="13551", name="Backup SBC", kind="endpoint_group"),
        ]

    def coverage_states(self) -> list[str]:
        """List two states."""
        self._exchange("states", is_write=False)
        return ["IL", "NJ"]

    def coverage_rate_centers(self, state: str) -> list[str]:
        """List the rate centers of one state."""
        return ["CHICAGO", "JOLIET"] if state == "IL" else []

    def coverage_npas(self, state: str, rate_center: str = "") -> list[str]:
        """List the area codes of one state."""
        return ["312"] if state == "IL" else []


def offers(*tns: str, **facts: Any) -> list[Offer]:
    """Return offers in Chicago."""
    facts = {"rate_center": "CHICAGO", "state": "IL", "lata": "358", "tier": "0"} | facts
    return [Offer(tn=TN(tn), **facts) for tn in tns]


@pytest.fixture
def market(monkeypatch, db) -> dict[str, ProviderAccount]:
    """Make shop and stall the only providers; return an account at each, by slug."""
    monkeypatch.setattr(providers, "REGISTRY", {})
    for cls in (Shop, Stall):
        cls.counter, cls.refuses, cls.fails, cls.orders, cls.sold = [], "", [], [], set()
        monkeypatch.setitem(providers.REGISTRY, cls.slug, f"{__name__}.{cls.__name__}")
    providers.provider_class.cache_clear()
    common = {"base_url": "http://127.0.0.1:9", "calls_per_minute": 10_000}
    shop, stall = (
        ProviderAccount.objects.create(slug=slug, name=name, settings=settings, **common)
        for slug, name, settings in (
            ("shop", "Shop main", {"endpoint_group": "13550"}),
            ("stall", "Stall main", {}),
        )
    )
    yield {"shop": shop, "stall": stall}
    providers.provider_class.cache_clear()
