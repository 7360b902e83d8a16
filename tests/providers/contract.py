"""What every adapter must do, whatever its wire: one class that each provider's tests inherit.

Runs against the sandbox over a real socket. A subclass names its provider, logins and the wire
operations behind the capabilities; the rules here are the portal's, not the provider's. Rules for
what breaks on the way stand in `contract_faults.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

import pytest
import requests

from portal import providers
from portal.providers.base import Account, Provider
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import (
    AccountStatus,
    ItemOutcome,
    NumberStatus,
    Offer,
    OrderRequest,
    Outcome,
    OwnedNumber,
    Ownership,
    RouteRecord,
    SearchCriteria,
    StockCount,
)
from portal.providers.errors import ProviderAuthError, ProviderUnavailable
from portal.providers.http import Wire
from portal.providers.matching import matches
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime

ACCEPTED = {Outcome.SUCCEEDED, Outcome.PENDING}


@dataclass(frozen=True)
class Sandbox:
    """The running sandbox: its address and its control endpoints."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)  # keeps its connection

    def control(self, path: str, **fields: Any) -> None:
        """Post to a control endpoint; fails the test when the sandbox does not accept it."""
        answer = self.session.post(f"{self.url}/_sandbox/{path}", json=fields, timeout=30)
        assert answer.ok, f"{path} {fields}: {answer.status_code} {answer.text[:300]}"

    def log(self, **filters: str) -> list[dict[str, Any]]:
        """Return the calls that the sandbox took, the proof of "exactly once"."""
        answer = self.session.get(f"{self.url}/_sandbox/log", params=filters, timeout=30)
        assert answer.ok, answer.text[:300]
        rows = answer.json()
        return rows["calls"] if isinstance(rows, dict) else rows


class AdapterHarness:
    """The tools of the contract: build a provider, find numbers, set faults."""

    slug: ClassVar[str]
    credentials: ClassVar[Mapping[str, str]]
    wrong_credentials: ClassVar[Mapping[str, str]]
    settings: ClassVar[Mapping[str, Any]] = {}
    other_account: ClassVar[str]  # login of somebody else's account at the sandbox
    criteria: ClassVar[SearchCriteria]  # finds plenty in the sandbox's stock
    # Wire operations behind the capabilities, as faults and the call log name them.
    search_operation: ClassVar[str]
    query_operation: ClassVar[str]
    reserve_operation: ClassVar[str] = ""
    order_operation: ClassVar[str]
    release_operation: ClassVar[str]
    list_operation: ClassVar[str]

    sandbox: Sandbox
    runtime: RecordingRuntime
    provider: Any

    @pytest.fixture(autouse=True)
    def _connected(self, sandbox: Sandbox) -> Iterator[None]:
        self.sandbox = sandbox
        sandbox.control("fault/clear")
        self.runtime = RecordingRuntime()
        self.provider = self.make_provider()
        yield
        self.provider.close()
        sandbox.control("fault/clear")
        self.check_exchanges()

    def make_provider(
        self,
        *,
        base_url: str = "",
        credentials: Mapping[str, str] | None = None,
        runtime: RecordingRuntime | None = None,
    ) -> Any:
        """Return the adapter on the sandbox, or on another address or with other credentials."""
        account = Account(
            slug=self.slug,
            name="Contract",
            base_url=base_url or self.sandbox.url,
            credentials=dict(credentials or self.credentials),
            settings=dict(self.settings),
        )
        return providers.get(account, runtime or self.runtime)

    def check_exchanges(self) -> None:
        """Fail when an exchange was left open or holds a secret."""
        assert "" not in self.runtime.outcomes, "an exchange was never completed"
        secrets = [
            value
            for value in [*self.credentials.values(), *self.wrong_credentials.values()]
            if len(value) >= 8
        ]
        for exchange in self.runtime.exchanges:
            for secret in secrets:
                assert secret not in exchange.text, f"{exchange.call.operation} keeps a secret"

    def need(self, capability: str) -> None:
        """Skip the test where the provider does not offer a capability, with its own sentence."""
        if not providers.offers(self.slug, capability):
            pytest.skip(providers.why_not(self.slug, capability))

    def fault(self, operation: str, kind: str, **fields: Any) -> None:
        """Set one fault at the sandbox."""
        self.sandbox.control("fault", provider=self.slug, operation=operation, fault=kind, **fields)

    def offers(self, count: int, **changes: Any) -> list[Offer]:
        """Return `count` numbers for sale that do not misbehave by themselves."""
        criteria = self.criteria
        if changes:
            criteria = SearchCriteria(**{**_fields(criteria), **changes})
        usual = (o for o in self.provider.search(criteria) if not _is_magic(o.tn))
        found = list(islice((o for o in usual if matches(o, criteria)), count))
        assert len(found) == count, f"the sandbox has only {len(found)} numbers for {criteria}"
        return found

    def tns(self, count: int) -> tuple[TN, ...]:
        """Return `count` numbers for sale."""
        return tuple(offer.tn for offer in self.offers(count))

    def owned_tns(self, count: int) -> tuple[TN, ...]:
        """Return numbers that the account owns and that can be given back."""
        return tuple(islice((o.tn for o in self.provider.list_owned() if o.tn.is_nanp), count))

    def reference(self, tns: Sequence[TN]) -> str:
        """Return a reference that is new for these numbers."""
        return f"test-{len(self.runtime.exchanges)}-{tns[0].digits10}"

    def order(self, tns: Sequence[TN], *, reference: str = "") -> list[ItemOutcome]:
        """Order numbers on the account's default route, reserving first where it is the custom."""
        request = OrderRequest(
            tns=tuple(tns),
            reference=reference or self.reference(tns),
            contact_name="Test Person",
            contact_phone="3125550100",
        )
        return list(self.provider.order_tns(request))

    def give_to_somebody_else(self, tn: TN) -> None:
        """Make a number belong to another account, behind the adapter's back."""
        self.sandbox.control(
            "number",
            provider=self.slug,
            tn=tn.digits10,
            status="owned",
            account=self.other_account,
        )

    def after_pending(self) -> None:
        """Let the sandbox's clock run so far that what was accepted gets carried out."""
        self.sandbox.control("clock", advance="2d")

    def ownership(self, tn: TN) -> Ownership:
        """Return who holds a number, as the adapter tells it."""
        return self.provider.query_tn(tn).ownership

    def carried_out(self, operation: str, tn: TN) -> int:
        """Return how often the sandbox carried an operation out for a number."""
        rows = self.sandbox.log(provider=self.slug, operation=operation, tn=tn.digits10)
        return sum(1 for row in rows if row["carried_out"] and tn.digits10 in row["done"])

    def wires(self) -> list[Wire]:
        """Return the wires of the adapter, to shorten their patience."""
        owners = [self.provider, *vars(self.provider).values()]
        found = [
            value
            for owner in owners
            for value in [owner, *getattr(owner, "__dict__", {}).values()]
            if isinstance(value, Wire)
        ]
        assert found, "the adapter keeps its Wire in an attribute of itself or of its client"
        return list({id(wire): wire for wire in found}.values())

    def impatient(self) -> None:
        """Give up on an answer after half a second instead of half a minute."""
        for wire in self.wires():
            wire.read_seconds = 0.5


class ProviderContract(AdapterHarness):
    """The rules for an adapter whose provider answers as documented."""

    def test_each_capability_is_offered_or_excused(self) -> None:
        cls = providers.provider_class(self.slug)
        for name in CAPABILITIES:
            assert providers.offers(self.slug, name) != (name in cls.not_offered), name
        assert all(sentence.endswith(".") for sentence in cls.not_offered.values())

    def test_the_account_form_covers_what_the_adapter_needs(self) -> None:
        cls = providers.provider_class(self.slug)
        assert issubclass(cls, Provider)
        assert {f.name for f in cls.credential_fields if f.is_required} <= set(self.credentials)
        assert {f.name for f in cls.setting_fields} >= set(self.settings)
        assert all(f.label for f in (*cls.credential_fields, *cls.setting_fields))
        assert cls.default_base_url.startswith("https://")
        assert cls.sells_local or cls.sells_toll_free

    def test_good_credentials_are_accepted(self) -> None:
        status = self.provider.check_credentials()
        assert isinstance(status, AccountStatus)
        assert not self.runtime.writes(), "the check must be harmless"

    def test_wrong_credentials_are_an_auth_error(self) -> None:
        provider = self.make_provider(credentials=self.wrong_credentials)
        with pytest.raises(ProviderAuthError) as caught:
            provider.check_credentials()
        provider.close()
        assert caught.value.message
        assert caught.value.operation
        assert "auth" in self.runtime.outcomes

    def test_search_streams_offers_that_fit(self) -> None:
        found = self.offers(5)
        assert all(isinstance(offer, Offer) and isinstance(offer.tn, TN) for offer in found)
        assert len({offer.tn for offer in found}) == 5
        assert self.provider.why_not_searchable(self.criteria) == ""

    def test_search_is_at_least_as_wide_as_asked(self) -> None:
        ending = self.offers(3)[2].tn[-2:]
        found = self.offers(1, ends=ending)
        assert found[0].tn.endswith(ending)

    def test_search_filters_are_criteria(self) -> None:
        assert self.provider.search_filters <= set(_fields(SearchCriteria()))
        assert self.provider.search_filters

    def test_stock_is_counted(self) -> None:
        self.need("stock_counts")
        assert self.provider.stock_groupings
        counts = self.provider.stock_counts(self.criteria, by=self.provider.stock_groupings[0])
        assert all(isinstance(count, StockCount) for count in counts)
        assert sum(count.count for count in counts) > 0

    def test_coverage_is_listed(self) -> None:
        self.need("coverage_lists")
        states = self.provider.coverage_states()
        assert states == sorted(set(states))
        assert all(len(state) == 2 and state.isupper() for state in states)
        state = self.criteria.state or states[0]
        centers = self.provider.coverage_rate_centers(state)
        npas = self.provider.coverage_npas(state)
        assert centers or npas
        assert all(len(npa) == 3 and npa.isdigit() for npa in npas)

    def test_routes_are_listed(self) -> None:
        self.need("route_list")
        routes = self.provider.list_routes()
        assert routes
        assert all(isinstance(route, RouteRecord) and route.ref for route in routes)
        assert len({route.ref for route in routes}) == len(routes)

    def test_a_number_for_sale_is_not_ours(self) -> None:
        status = self.provider.query_tn(self.tns(1)[0])
        assert isinstance(status, NumberStatus)
        assert status.ownership in {Ownership.AVAILABLE, Ownership.NOT_FOUND, Ownership.UNKNOWN}

    def test_an_owned_number_is_ours_with_its_facts(self) -> None:
        tn = self.owned_tns(1)[0]
        status = self.provider.query_tn(tn)
        assert status.ownership == Ownership.OURS
        assert isinstance(status.owned, OwnedNumber)
        assert status.owned.tn == tn

    def test_somebody_elses_number_is_not_ours(self) -> None:
        tn = self.tns(1)[0]
        self.give_to_somebody_else(tn)
        assert self.ownership(tn) not in {Ownership.OURS, Ownership.AVAILABLE}

    def test_all_owned_numbers_are_listed_once(self) -> None:
        owned = list(self.provider.list_owned())
        assert len(owned) >= 30
        assert len({number.tn for number in owned}) == len(owned)
        assert all(isinstance(number, OwnedNumber) for number in owned)

    def test_reserving_holds_each_number(self) -> None:
        self.need("number_reservation")
        tns = self.tns(2)
        outcomes = list(self.provider.reserve_tns(tns, reference=self.reference(tns)))
        assert {o.tn: o.outcome for o in outcomes} == dict.fromkeys(tns, Outcome.SUCCEEDED)
        assert all(o.expires_at and o.expires_at.tzinfo for o in outcomes)
        assert self.ownership(tns[0]) in {
            Ownership.RESERVED_BY_US,
            Ownership.NOT_OURS,
            Ownership.UNKNOWN,
        }

    def test_ordered_numbers_become_ours(self) -> None:
        tns = self.tns(2)
        outcomes = self.order(tns)
        assert [o.tn for o in outcomes] == list(tns)
        assert {o.outcome for o in outcomes} <= ACCEPTED
        if any(o.outcome == Outcome.PENDING for o in outcomes):
            self.after_pending()
        assert {self.ownership(tn) for tn in tns} == {Ownership.OURS}
        assert [self.carried_out(self.order_operation, tn) for tn in tns] == [1, 1]

    def test_a_reserved_number_can_be_ordered(self) -> None:
        self.need("number_reservation")
        tns = self.tns(1)
        held = next(iter(self.provider.reserve_tns(tns, reference=self.reference(tns))))
        request = OrderRequest(
            tns=tns,
            reference=self.reference(tns),
            reservation_refs={tns[0]: held.reservation_ref} if held.reservation_ref else {},
            contact_name="Test Person",
            contact_phone="3125550100",
        )
        outcomes = list(self.provider.order_tns(request))
        assert outcomes[0].outcome in ACCEPTED

    def test_the_same_order_twice_buys_once(self) -> None:
        tns = self.tns(1)
        reference = self.reference(tns)
        assert self.order(tns, reference=reference)[0].outcome in ACCEPTED
        again = self.order(tns, reference=reference)
        assert [o.tn for o in again] == list(tns)
        self.after_pending()
        assert self.ownership(tns[0]) == Ownership.OURS
        assert self.carried_out(self.order_operation, tns[0]) == 1

    def test_a_number_of_somebody_else_is_not_bought(self) -> None:
        tns = self.tns(1)
        self.give_to_somebody_else(tns[0])
        outcomes = self.order(tns)
        assert outcomes[0].outcome == Outcome.REFUSED
        assert outcomes[0].message
        assert outcomes[0].advice

    def test_given_back_numbers_are_not_ours_any_more(self) -> None:
        tns = self.owned_tns(2)
        outcomes = list(self.provider.release_tns(tns, reference=self.reference(tns)))
        assert [o.tn for o in outcomes] == list(tns)
        assert {o.outcome for o in outcomes} <= ACCEPTED
        if any(o.outcome == Outcome.PENDING for o in outcomes):
            self.after_pending()
        assert Ownership.OURS not in {self.ownership(tn) for tn in tns}

    def test_a_number_that_is_not_ours_is_not_given_back(self) -> None:
        tns = self.tns(1)
        self.give_to_somebody_else(tns[0])
        outcomes = list(self.provider.release_tns(tns, reference=self.reference(tns)))
        assert outcomes[0].outcome == Outcome.REFUSED
        assert outcomes[0].advice

    def test_more_than_a_batch_is_refused_before_anything_is_sent(self) -> None:
        limits = self.provider.limits
        many = tuple(TN(f"+1312555{n:04d}") for n in range(100, 100 + limits.order_batch + 1))
        sent = len(self.runtime.exchanges)
        with pytest.raises(ValueError, match="at most"):
            self.order(many)
        many = tuple(TN(f"+1312555{n:04d}") for n in range(100, 100 + limits.release_batch + 1))
        with pytest.raises(ValueError, match="at most"):
            list(self.provider.release_tns(many, reference="too-many"))
        assert len(self.runtime.exchanges) == sent

    def test_nothing_is_sent_while_the_account_is_paused(self) -> None:
        tns = self.tns(1)
        sent = len(self.runtime.exchanges)
        self.runtime.unavailable = "The account is paused."
        with pytest.raises(ProviderUnavailable):
            self.order(tns)
        assert len(self.runtime.exchanges) == sent


def _fields(criteria: SearchCriteria) -> dict[str, Any]:
    return {name: getattr(criteria, name) for name in criteria.__slots__}


def _is_magic(tn: TN) -> bool:
    """Whether the sandbox gives this number a fault of its own."""
    return tn[-4:-1] == "990"
