"""VoiceTel keeps the contract of every adapter, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from portal.providers.dto import Outcome, Ownership, SearchCriteria
from portal.providers.errors import ProviderUnavailable
from tests.providers.contract import ProviderContract
from tests.providers.contract_faults import FaultContract


class TestVoiceTel(ProviderContract, FaultContract):
    slug = "voicetel"
    credentials: ClassVar = {"username": "2125550100", "password": "Sandbox1"}
    wrong_credentials: ClassVar = {"username": "2125550100", "password": "Wrong123"}
    settings: ClassVar[dict[str, Any]] = {"route": "4"}
    other_account = "2125550199"
    criteria = SearchCriteria(npa="212", state="NY")
    search_operation = "inventory.search"
    query_operation = "numbers.get"
    order_operation = "orders.create"
    release_operation = "numbers.release"
    list_operation = "numbers.list"

    @pytest.fixture(autouse=True)
    def _another_hour(self, _connected: None) -> None:
        """Let the hour pass in which six logins were allowed: every test signs in anew."""
        self.sandbox.control("clock", advance="61m")

    def test_a_refusal_tells_code_words_and_advice(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, self.one_bad_fault, match_tn=tn.digits10)
        (fate,) = self.order((tn,))
        assert fate.outcome == Outcome.REFUSED
        assert fate.code
        assert fate.message
        assert fate.advice
        assert self.ownership(tn) != Ownership.OURS

    def test_an_order_that_the_network_refused_can_be_sent_again(self) -> None:
        """The carrier's no to a whole order is a 502, "nothing was written" (voicetel.md 7.3)."""
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "refuse")
        with pytest.raises(ProviderUnavailable):
            self.order((tn,), reference="again-17")
        assert self.ownership(tn) == Ownership.AVAILABLE
        assert self.carried_out(self.order_operation, tn) == 0

    def test_a_number_just_bought_is_ours_though_it_may_still_be_listed(self) -> None:
        """The stock's answers are ten minutes old; the account's are not (voicetel.md 1.5)."""
        tn = self.tns(1)[0]
        before = self.provider.query_tn(tn)
        assert before.ownership == Ownership.AVAILABLE
        self.order((tn,))
        assert self.ownership(tn) == Ownership.OURS
        (listed,) = (o for o in self.provider.search(self.criteria) if o.tn == tn)
        assert listed.tn == tn
