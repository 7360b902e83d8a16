"""A provider for tests of lookups: it knows every number, charges, and fails as the test says."""

from __future__ import annotations

from typing import ClassVar

import pytest

from portal import providers
from portal.models import AccountFact, ProviderAccount
from portal.providers.base import Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.catalogue import WireMethod
from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.providers.dto.porting import Portability
from portal.tn import TN
from tests import factories

OFFERED = frozenset({"name_lookups", "routing_lookups", "portability_check"})


class Oracle(Provider):
    """Answers every question, unless the script says otherwise."""

    slug, name = "oracle", "Oracle"
    credential_fields = ()
    default_base_url = "http://127.0.0.1:9"
    not_offered = dict.fromkeys(set(CAPABILITIES) - OFFERED, "The oracle does not offer this.")
    methods: ClassVar[dict[str, WireMethod]] = {}

    script: ClassVar[dict[str, list[Exception]]] = {}  # by number: what is raised, one at a time
    asked: ClassVar[list[tuple[str, str]]] = []

    def _ask(self, name: str, tn: TN) -> None:
        self.runtime.guard()
        call = WireCall(
            operation=name, is_write=False, method="GET", url="http://o/", headers={}, body=""
        )
        handle = self.runtime.before_send(call)
        type(self).asked.append((name, tn))
        if errors := type(self).script.get(tn):
            error = errors.pop(0)
            self.runtime.after_reply(handle, WireReply(outcome="refused"))
            raise error
        self.runtime.after_reply(handle, WireReply(outcome="answered", status=200))

    def look_up_name(self, tn: TN) -> NameLookup:
        """Tell a name made of the last digits; 0199 has none."""
        self._ask("cnam", tn)
        return NameLookup(tn=tn, name="" if tn.endswith("0199") else f"NAME {tn[-4:]}")

    def look_up_routing(self, tn: TN, *, caller: TN) -> RoutingLookup:
        """Tell a carrier."""
        self._ask("lrn", tn)
        return RoutingLookup(
            tn=tn,
            caller=caller,
            routing_number="3125550000",
            carrier="SAMPLE CABLE",
            ocn="9902",
            is_interstate=False,
            is_local=None,
            local_word="MAYBE",
        )

    def check_portability(self, tn: TN) -> Portability:
        """Tell that it can be ported; 0199 cannot."""
        self._ask("portable", tn)
        return Portability(
            tn=tn, is_portable=not tn.endswith("0199"), losing_carrier="SAMPLE CABLE"
        )


@pytest.fixture
def oracle(monkeypatch, db) -> ProviderAccount:
    """Make the oracle the only provider; return its account, with its prices known."""
    Oracle.script, Oracle.asked = {}, []
    monkeypatch.setattr(providers, "REGISTRY", {"oracle": f"{__name__}.Oracle"})
    providers.provider_class.cache_clear()
    account = factories.make_account("oracle", name="Oracle main", credentials={}, settings={})
    AccountFact.objects.create(
        account=account,
        kind="profile",
        content={"rates": {"cnam": "0.0100", "lrn": "0.0005"}},
        fetched_at="2026-01-01T00:00Z",
    )
    yield account
    providers.provider_class.cache_clear()
