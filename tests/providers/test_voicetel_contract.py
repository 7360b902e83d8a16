"""VoiceTel keeps the contract of every adapter, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from portal.providers.dto import SearchCriteria
from tests.providers.contract import ProviderContract
from tests.providers.contract_faults import FaultContract


class TestVoiceTel(ProviderContract, FaultContract):
    slug = "voicetel"
    credentials: ClassVar = {"username": "2125550100", "password": "Sandbox1"}
    wrong_credentials: ClassVar = {"username": "2125550100", "password": "Wrong123"}
    settings: ClassVar[dict[str, Any]] = {"route": "4"}
    other_account = "2125550199"
    criteria = SearchCriteria(npa="212", state="NY")
    search_operation = "GET /v2.2/inventory"
    query_operation = "GET /v2.2/numbers/{number}"
    order_operation = "POST /v2.2/orders"
    release_operation = "POST /v2.2/numbers/{number}/release"
    list_operation = "GET /v2.2/numbers"

    @pytest.fixture(autouse=True)
    def _another_hour(self, _connected: None) -> None:
        """Let the hour pass in which six logins were allowed: every test signs in anew."""
        self.sandbox.control("clock", advance="61m")
