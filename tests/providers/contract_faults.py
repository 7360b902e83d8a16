"""What every adapter must do when the provider, or the way to it, breaks.

Inherited beside `contract.ProviderContract`: `class TestX(ProviderContract, FaultContract)`.
The one rule: a write whose answer was lost is unknown, and no broken answer ever reads as a success.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import ClassVar

import pytest
import responses
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.providers.dto import ItemOutcome, Outcome, Ownership
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.tn import TN
from tests.providers.contract import AdapterHarness

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens
FAKED = "http://carrier.invalid"
ANYTHING = re.compile(re.escape(FAKED) + "/.*")

STATUSES = [200, 201, 202, 204, 302, 400, 404, 409, 500]
BROKEN_BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["status", "data", "error", "x"]), inner, max_size=4)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [
            b"",
            b"<html><body>Bad gateway</body></html>",
            b'<?xml version="1.0"?><a><b></a>',
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
            b'{"status": {"code": "200"',
            b"[]",
            b"null",
            b"true",
            b"\xff\xfe\x00",
        ]
    ),
)


class FaultContract(AdapterHarness):
    """The rules for what breaks; the sandbox is told to break it."""

    one_bad_fault: ClassVar[str] = "partial"  # how the sandbox refuses one number of an order
    a_number: ClassVar[TN] = TN("+13125550142")  # of a kind that the provider sells
    empty_lists: ClassVar[frozenset[bytes]] = frozenset()  # bodies that truly say "you own nothing"

    def order_or_lose(self, tn: TN) -> ItemOutcome | ProviderError:
        """Order one number; return its outcome, or the error that says that nobody knows."""
        try:
            return self.order((tn,))[0]
        except ProviderError as error:
            return error

    def assert_lost(self, fate: ItemOutcome | ProviderError) -> None:
        """Fail unless `fate` is "nobody knows whether it was carried out"."""
        if isinstance(fate, ItemOutcome):
            assert fate.outcome == Outcome.UNKNOWN
        else:
            assert isinstance(fate, ProviderTimeout | ProviderProtocolError), repr(fate)

    def test_a_refusal_tells_code_words_and_advice(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "refuse")
        fate = self.order_or_lose(tn)
        if isinstance(fate, ItemOutcome):
            assert fate.outcome == Outcome.REFUSED
            assert fate.code
            assert fate.message
            assert fate.advice
        else:
            assert isinstance(fate, ProviderRefused)
            assert fate.message
        assert self.ownership(tn) != Ownership.OURS

    def test_one_refused_number_does_not_spoil_the_others(self) -> None:
        tns = self.tns(3)
        if self.provider.limits.order_batch < 3:
            pytest.skip("One number per request here.")
        self.fault(self.order_operation, self.one_bad_fault, match_tn=tns[1].digits10)
        outcomes = {o.tn: o.outcome for o in self.order(tns)}
        assert set(outcomes) == set(tns)
        assert outcomes[tns[1]] in {Outcome.REFUSED, Outcome.UNKNOWN, Outcome.PENDING}
        assert outcomes[tns[0]] in {Outcome.SUCCEEDED, Outcome.PENDING}

    def test_cut_after_the_order_was_carried_out_is_unknown_and_asking_tells(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "drop_after")
        self.assert_lost(self.order_or_lose(tn))
        self.after_pending()
        assert self.ownership(tn) == Ownership.OURS
        assert self.carried_out(self.order_operation, tn) == 1

    def test_cut_before_the_order_was_carried_out_is_unknown_and_asking_tells(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "drop_before")
        self.assert_lost(self.order_or_lose(tn))
        assert self.ownership(tn) != Ownership.OURS
        assert self.carried_out(self.order_operation, tn) == 0

    @pytest.mark.parametrize("kind", ["garbage", "truncated"])
    def test_an_unreadable_answer_to_an_order_is_unknown(self, kind: str) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, kind)
        self.assert_lost(self.order_or_lose(tn))

    def test_an_answer_that_does_not_come_is_a_timeout(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "stall", seconds=2)
        self.impatient()
        self.assert_lost(self.order_or_lose(tn))
        assert "timeout" in self.runtime.outcomes

    def test_an_internal_error_on_an_order_is_unknown(self) -> None:
        tn = self.tns(1)[0]
        self.fault(self.order_operation, "http_500")
        self.assert_lost(self.order_or_lose(tn))

    @pytest.mark.parametrize("kind", ["garbage", "truncated"])
    def test_an_unreadable_search_is_an_error_not_an_empty_answer(self, kind: str) -> None:
        self.fault(self.search_operation, kind)
        with pytest.raises(ProviderError):
            list(self.provider.search(self.criteria))

    @pytest.mark.parametrize("kind", ["garbage", "truncated", "drop_before", "http_500"])
    def test_a_broken_inventory_is_an_error_not_a_short_list(self, kind: str) -> None:
        self.fault(self.list_operation, kind)
        with pytest.raises(ProviderError):
            list(self.provider.list_owned())

    def test_an_empty_account_is_an_empty_list(self) -> None:
        self.fault(self.list_operation, "empty", times=-1)
        assert list(self.provider.list_owned()) == []

    @pytest.mark.parametrize("kind", ["garbage", "drop_before", "http_500"])
    def test_a_broken_query_never_says_not_ours(self, kind: str) -> None:
        tn = self.owned_tns(1)[0]
        self.fault(self.query_operation, kind)
        try:
            ownership = self.ownership(tn)
        except ProviderError:
            return
        assert ownership in {Ownership.OURS, Ownership.UNKNOWN}

    def test_too_many_calls_is_unavailable(self) -> None:
        self.fault(self.search_operation, "rate_limit")
        with pytest.raises((ProviderUnavailable, ProviderRefused)):
            list(self.provider.search(self.criteria))

    def test_credentials_refused_later_are_an_auth_error(self) -> None:
        self.provider.check_credentials()
        self.fault(self.search_operation, "auth", times=-1)
        with pytest.raises(ProviderAuthError):
            list(self.provider.search(self.criteria))

    def test_nobody_there_means_nothing_was_sent(self) -> None:
        self.provider.close()
        self.provider = self.make_provider(base_url=NOWHERE)
        with pytest.raises(ProviderUnavailable):
            self.order((self.a_number,))
        with pytest.raises(ProviderUnavailable):
            self.provider.query_tn(self.a_number)

    def test_no_broken_answer_is_a_success_or_a_crash(self) -> None:
        # Made anew for each provider: hypothesis wants a function of its own per test class.
        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(body=BROKEN_BODIES, status=st.sampled_from(STATUSES))
        @example(body=b"", status=200)
        @example(body=b"{}", status=200)
        @example(body=b"[]", status=200)
        def check(body: bytes, status: int) -> None:
            self._assert_nothing_succeeds(body, status)

        check()

    def _assert_nothing_succeeds(self, body: bytes, status: int) -> None:
        usual, self.provider = self.provider, self.make_provider(base_url=FAKED)
        try:
            with responses.RequestsMock(assert_all_requests_are_fired=False) as faked:
                for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    faked.add(method, url=ANYTHING, body=body, status=status)
                fate = self.order_or_lose(self.a_number)
                if isinstance(fate, ItemOutcome):
                    assert fate.outcome in {Outcome.UNKNOWN, Outcome.REFUSED}
                self._assert_reads_do_not_succeed(body, status)
        finally:
            self.provider.close()
            self.provider = usual

    def _assert_reads_do_not_succeed(self, body: bytes, status: int) -> None:
        with contextlib.suppress(ProviderError):
            ownership = self.provider.query_tn(self.a_number).ownership
            assert ownership in {Ownership.UNKNOWN, Ownership.NOT_FOUND}
        with contextlib.suppress(ProviderError):
            listed = list(self.provider.list_owned())
            assert listed == []
            assert status == 200, f"a {status} was taken for an empty list"
            assert body in self.empty_lists, f"{body!r} was taken for an empty list"
