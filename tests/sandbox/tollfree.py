"""What the tests of the Custom Toll Free wire start from: clients, and numbers in each state."""

from __future__ import annotations

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import OTHER_KEY, TollFreeClient, spare_numbers


class TollFreeWire:
    """Lends the tests of a class a client of either account and a number that nobody holds."""

    @pytest.fixture
    def client(self, sandbox: RunningSandbox) -> TollFreeClient:
        return TollFreeClient(sandbox)

    @pytest.fixture
    def other(self, sandbox: RunningSandbox) -> TollFreeClient:
        return TollFreeClient(sandbox, OTHER_KEY)

    @pytest.fixture
    def number(self, sandbox: RunningSandbox) -> str:
        return spare_numbers(sandbox)[0]


class TollFreeWireAtNoon(TollFreeWire):
    """The same at noon, so that a test never runs across midnight, with numbers of our own."""

    @pytest.fixture
    def sandbox(self, sandbox: RunningSandbox) -> RunningSandbox:
        sandbox.control("clock", now="2026-03-02T12:05:00+00:00")
        return sandbox

    @pytest.fixture
    def held(self, client: TollFreeClient, number: str) -> str:
        """A number that is reserved by us and has no record yet."""
        assert client.item(client.reserve(number))["result"] == "OK"
        return number

    @pytest.fixture
    def working(self, sandbox: RunningSandbox, client: TollFreeClient, held: str) -> str:
        """A number that works since just now."""
        client.copy(held)
        sandbox.control("clock", advance="16m")
        assert client.status(held) == "WORKING"
        return held
