"""A provider for tests of the ledger: it does what a script says, through the real runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from portal import providers
from portal.providers.base import Limits, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import (
    ItemOutcome,
    NumberStatus,
    OrderRequest,
    Outcome,
    OwnedNumber,
    Ownership,
)
from portal.providers.errors import ProviderError, ProviderRefused, ProviderTimeout
from portal.tn import TN

Behaviour = Callable[["Fake", OrderRequest], None]
OFFERED = frozenset(
    {"number_ordering", "number_reservation", "number_query", "number_release", "inventory_list"}
)


class Fake(Provider):
    """Sells numbers; remembers every order that reached it."""

    slug, name = "fake", "Fake"
    credential_fields = ()
    default_base_url = "http://127.0.0.1:9"
    limits = Limits(order_batch=2)
    not_offered = dict.fromkeys(set(CAPABILITIES) - OFFERED, "The fake does not.")

    orders: list[OrderRequest] = []
    owned: set[str] = set()
    ownership: dict[str, Ownership] = {}
    script: list[ProviderError | str | None] = []
    listed: list[OwnedNumber] = []

    @classmethod
    def reset(cls) -> None:
        """Forget everything."""
        cls.orders, cls.owned, cls.ownership, cls.script, cls.listed = [], set(), {}, [], []

    def _exchange(self, operation: str, *, is_write: bool, outcome: str = "answered") -> None:
        self.runtime.guard()
        handle = self.runtime.before_send(
            WireCall(
                operation=operation,
                is_write=is_write,
                method="POST",
                url="http://fake/",
                headers={},
                body="",
            )
        )
        self.runtime.after_reply(handle, WireReply(outcome=outcome, status=200))

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Carry out the next step of the script: None sells, an error is raised, words refuse."""
        step = type(self).script.pop(0) if type(self).script else None
        if isinstance(step, ProviderError):
            if isinstance(step, ProviderTimeout):
                type(self).orders.append(request)
                if step.code == "done":
                    type(self).owned |= set(request.tns)
                self._exchange("order", is_write=True, outcome="timeout")
            elif isinstance(step, ProviderRefused):
                self._exchange("order", is_write=True, outcome="refused")
            raise step
        self._exchange("order", is_write=True)
        type(self).orders.append(request)
        for tn in request.tns:
            if step == "pending":
                yield ItemOutcome(tn=tn, outcome=Outcome.PENDING)
            elif isinstance(step, str):
                yield ItemOutcome(tn=tn, outcome=Outcome.REFUSED, code="99", message=step)
            else:
                type(self).owned.add(tn)
                yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED, message="Sold.")

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Hold every number."""
        self._exchange("reserve", is_write=True)
        for tn in tns:
            yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def query_tn(self, tn: TN) -> NumberStatus:
        """Tell who holds a number."""
        self._exchange("query", is_write=False)
        if tn in type(self).ownership:
            return NumberStatus(tn=tn, ownership=type(self).ownership[tn], word="scripted")
        held = tn in type(self).owned
        return NumberStatus(tn=tn, ownership=Ownership.OURS if held else Ownership.AVAILABLE)

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Take numbers back."""
        self._exchange("release", is_write=True)
        for tn in tns:
            type(self).owned.discard(tn)
            yield ItemOutcome(tn=tn, outcome=Outcome.SUCCEEDED)

    def list_owned(self) -> Iterator[OwnedNumber]:
        """List what the test put there; a step of the script may break it off."""
        self._exchange("list", is_write=False)
        for position, owned in enumerate(type(self).listed):
            if type(self).script and position == len(type(self).listed) // 2:
                error = type(self).script.pop(0)
                assert isinstance(error, ProviderError)
                raise error
            yield owned


@pytest.fixture
def fake(monkeypatch) -> type[Fake]:
    """Register the fake under the slug "fake" and return its class, emptied."""
    monkeypatch.setitem(providers.REGISTRY, "fake", "tests.ledger.fake.Fake")
    providers.provider_class.cache_clear()
    Fake.reset()
    yield Fake
    providers.provider_class.cache_clear()
