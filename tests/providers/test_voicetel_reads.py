"""VoiceTel's reads: search, coverage, the account's list, and who holds a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.providers.dto import Ownership, SearchCriteria
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


class TestSearch:
    def test_the_documented_parameters_are_sent(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "inventory", "inventory.json")
        criteria = SearchCriteria(
            npa="212", nxx="555", state="NY", rate_center="NWYRCYZN01", lata="132", quantity=20
        )
        assert [offer.tn for offer in provider.search(criteria)] == list(TNS)
        assert sent(faked)[:2] == (
            "GET",
            "inventory?tnMask=212555&quantity=20&province=NY&rateCenter=NWYRCYZN01&lata=132",
        )

    @pytest.mark.parametrize(
        "narrower", [{"ends": "42"}, {"contains": "550"}, {"city": "New York"}, {"consecutive": 3}]
    )
    def test_what_is_filtered_here_is_asked_for_widely(
        self, faked: Faked, provider: VoiceTel, narrower: dict[str, Any]
    ) -> None:
        answer(faked, "GET", "inventory", "inventory.json")
        list(provider.search(SearchCriteria(npa="212", **narrower)))
        assert "quantity=1000" in sent(faked)[1]

    @pytest.mark.parametrize(
        "criteria",
        [
            SearchCriteria(state="NY"),
            SearchCriteria(nxx="555"),
            SearchCriteria(npa="888"),
            SearchCriteria(starts="1212"),
            SearchCriteria(npa="212", is_toll_free=True),
            SearchCriteria(npa="212", features=frozenset({"sms"})),
            SearchCriteria(npa="212", tier="1"),
        ],
    )
    def test_what_cannot_be_searched_has_a_reason_and_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, criteria: SearchCriteria
    ) -> None:
        reason = provider.why_not_searchable(criteria)
        assert reason.startswith("VoiceTel ")
        assert reason.endswith(".")
        with pytest.raises(ValueError, match="VoiceTel"):
            provider.search(criteria)
        assert runtime.exchanges == []

    def test_nothing_for_sale_is_an_empty_answer(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "inventory", "inventory_none.json")
        assert list(provider.search(SearchCriteria(npa="212"))) == []

    def test_a_404_is_no_empty_answer_here(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "inventory", "not_found.json", status=404)
        with pytest.raises(ProviderRefused):
            list(provider.search(SearchCriteria(npa="212")))

    def test_a_reader_that_stops_early_closes_the_exchange(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "inventory", "inventory.json")
        offers = provider.search(SearchCriteria(npa="212"))
        assert next(offers).tn == TNS[0]
        offers.close()  # type: ignore[attr-defined]
        assert runtime.outcomes == ["answered"]

    def test_counts_are_asked_for_by_place(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "inventory/coverage", "coverage_npanxx.json")
        criteria = SearchCriteria(npa="212", nxx="555", state="NY")
        counts = provider.stock_counts(criteria, by="nxx")
        assert [(count.npa, count.nxx, count.count) for count in counts] == [("212", "555", 22)]
        assert sent(faked)[1] == "inventory/coverage?countBy=npanxx&locState=NY&npa=212"
        with pytest.raises(ValueError, match="counted by"):
            provider.stock_counts(criteria, by="tier")

    def test_coverage_lists_come_from_the_counts(self, faked: Faked, provider: VoiceTel) -> None:
        url = "inventory/coverage"
        answer(faked, "GET", url, "coverage_state.json")
        answer(faked, "GET", url, "coverage_rate_center.json")
        answer(faked, "GET", url, "coverage_npanxx.json")
        assert provider.coverage_states() == ["CA", "NY"]
        assert provider.coverage_rate_centers("ny") == ["ALBANY", "NWYRCYZN01"]
        assert provider.coverage_npas("NY", "Albany") == ["212", "518"]
        assert sent(faked, 2)[1] == "inventory/coverage?countBy=npanxx&locState=NY&rcAbbre=ALBANY"

    def test_counts_without_names_are_off_contract(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "inventory/coverage", "coverage_rate_center.json")
        with pytest.raises(ProviderProtocolError):
            provider.coverage_npas("NY")


class TestLists:
    def test_the_whole_account_is_read(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers", "numbers.json")
        assert [owned.tn for owned in provider.list_owned()] == list(TNS)

    def test_404_means_that_nothing_is_owned(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "numbers", "not_found.json", status=404)
        assert list(provider.list_owned()) == []
        assert runtime.outcomes == ["answered"]

    @pytest.mark.parametrize("body", [b"", b"<html>Not Found</html>", b"{}", b'{"error":"x"}'])
    def test_a_strange_404_is_a_wrong_address_not_an_empty_account(
        self, faked: Faked, provider: VoiceTel, body: bytes
    ) -> None:
        answer(faked, "GET", "numbers", body=body, status=404)
        with pytest.raises(ProviderProtocolError, match="base address"):
            list(provider.list_owned())

    @pytest.mark.parametrize(
        "body",
        [
            b'{"status":"success"}',
            b'{"status":"success","data":{}}',
            b'{"status":"success","data":{"numbers":null}}',
            b'{"status":"success","data":{"numbers":["2125550142"]}}',
            b'{"status":"success","data":{"numbers":[{"number":"2125550142"}',
            b'{"data":{"numbers":[{"number":"2125550142"}]}}',
            b'{"status":"success","data":{"numbers":[{"route":4}]}}',
        ],
    )
    def test_a_list_off_contract_is_an_error_also_after_some_rows(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel, body: bytes
    ) -> None:
        answer(faked, "GET", "numbers", body=body)
        with pytest.raises(ProviderProtocolError):
            list(provider.list_owned())

    def test_an_error_that_comes_with_a_success_status_is_a_refusal(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "numbers", "forbidden.json")
        with pytest.raises(ProviderRefused, match="another account"):
            list(provider.list_owned())


class TestQuery:
    def test_a_number_of_ours(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers/2125550142", "number.json")
        status = provider.query_tn(TNS[0])
        assert status.ownership is Ownership.OURS
        assert status.owned is not None
        assert status.owned.features == {"sms"}

    def test_not_ours_and_for_sale_are_two_facts(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers/2125550142", "not_found.json", status=404)
        answer(faked, "GET", "inventory", "inventory.json")
        assert provider.query_tn(TNS[0]).ownership is Ownership.AVAILABLE
        assert sent(faked, 1)[1] == "inventory?tnMask=2125550142&quantity=10"

    def test_not_ours_alone_never_says_not_bought(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers/2125550142", "not_found.json", status=404)
        answer(faked, "GET", "inventory", "inventory_none.json")
        assert provider.query_tn(TNS[0]).ownership is Ownership.NOT_OURS

    def test_somebody_elses(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers/2125550142", "forbidden.json", status=403)
        assert provider.query_tn(TNS[0]).ownership is Ownership.FOREIGN

    def test_half_an_answer_is_none(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "numbers/2125550142", "not_found.json", status=404)
        answer(faked, "GET", "inventory", body=b"<html>", status=200)
        with pytest.raises(ProviderProtocolError):
            provider.query_tn(TNS[0])

    @pytest.mark.parametrize("body", [b"{}", b'{"status":"success","data":{"route":4}}'])
    def test_an_answer_about_nothing_is_none(
        self, faked: Faked, provider: VoiceTel, body: bytes
    ) -> None:
        answer(faked, "GET", "numbers/2125550142", body=body)
        with pytest.raises(ProviderProtocolError):
            provider.query_tn(TNS[0])

    def test_an_answer_about_another_number_is_off_contract(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "numbers/2125550143", "number.json")
        with pytest.raises(ProviderProtocolError, match="is about"):
            provider.query_tn(TNS[1])
