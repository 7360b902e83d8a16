"""VoiceTel's brands and campaigns: the carrier's verdict inside a good answer, partial success."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.messaging import BrandImport, CampaignImport, RegistrationState
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import messaging_campaigns as mapping
from portal.providers.voicetel.methods import messaging_campaigns as methods
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent

BRAND = BrandImport(ref="BEX17", name="Example & Sons", description="Parcels")
CAMPAIGN = CampaignImport(ref="CABC123", brand_ref="BEX17", description="Order updates")
ONE = "numbers/2125550142/messaging-campaign"
MANY = "numbers/messaging-campaign"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def query(faked: Faked, number: int = 0) -> dict[str, list[str]]:
    return parse_qs(urlsplit(sent(faked, number)[1]).query)


class TestImport:
    def test_a_brand_is_brought_in(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "POST", "messaging/brands", "registered.json", status=201)
        provider.import_brand(BRAND)
        assert sent(faked)[2] == {
            "messagingBrandId": "BEX17",
            "messagingBrandName": "Example & Sons",
            "messagingBrandDescription": "Parcels",
        }

    def test_the_carrier_s_no_inside_a_good_answer_is_a_no(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "messaging/brands", "registered_not.json", status=201)
        with pytest.raises(ProviderRefused, match="Brand not found") as caught:
            provider.import_brand(BRAND)
        assert caught.value.code == "511"

    @pytest.mark.parametrize("body", ["{}", '{"result":null}', '{"result":{"x":1}}'])
    def test_without_a_verdict_nobody_knows(
        self, provider: VoiceTel, faked: Faked, body: str
    ) -> None:
        document = f'{{"status":"success","data":{body}}}'.encode()
        answer(faked, "POST", "messaging/brands", body=document, status=201)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.import_brand(BRAND)

    def test_a_campaign_is_brought_in_with_what_is_given(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "messaging/campaigns", "registered.json", status=201)
        assert provider.import_campaign(CAMPAIGN) is None
        starts_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        provider.client.post_messaging_campaigns(
            "CABC123", brand_id="BEX17", description="x", class_name="T", starts_at=starts_at
        )
        plain = {
            "messagingBrandId": "BEX17",
            "externalCampaignId": "CABC123",
            "campaignDescription": "Order updates",
        }
        assert sent(faked)[2] == plain
        assert sent(faked, 1)[2] == {
            **plain,
            "campaignDescription": "x",
            "campaignClassName": "T",
            "campaignStartDate": "2026-01-02T03:04:05Z",
        }

    @pytest.mark.parametrize(
        ("campaign", "why"),
        [
            (CampaignImport(ref="", brand_ref="B1", description="x"), "id"),
            (CampaignImport(ref="C1", description="x"), "brand"),
            (CampaignImport(ref="C1", brand_ref="B1"), "description"),
        ],
    )
    def test_what_is_missing_is_said(
        self, provider: VoiceTel, runtime: RecordingRuntime, campaign: CampaignImport, why: str
    ) -> None:
        assert why in provider.why_not_importable(campaign)
        with pytest.raises(ValueError, match=why):
            provider.import_campaign(campaign)
        assert not runtime.exchanges


class TestList:
    def test_campaigns_are_listed_by_their_ids(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "messaging/campaigns", "campaigns.json")
        first, second = provider.list_campaigns(["CABC123", "CXYZ789", "CABC123"])
        assert first.tns == ("+12125550142", "+12125550143")
        assert (first.word, first.state) == ("CAMPAIGN_DCA_COMPLETE", RegistrationState.ACTIVE)
        assert (second.tns, second.state) == ((), RegistrationState.PENDING)
        assert query(faked) == {"ids": ["CABC123,CXYZ789"]}

    def test_without_ids_nothing_is_asked(
        self, provider: VoiceTel, runtime: RecordingRuntime
    ) -> None:
        assert provider.list_campaigns() == []
        assert not runtime.exchanges

    def test_many_are_asked_for_in_parts(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "messaging/campaigns", "campaigns.json")
        provider.list_campaigns([f"C{n:06d}" for n in range(150)])
        assert [len(query(faked, n)["ids"][0].split(",")) for n in (0, 1)] == [100, 50]


class TestAssignment:
    def test_each_number_has_its_own_outcome(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "PUT", ONE, "campaign_assigned.json")
        path = "numbers/2125550143/messaging-campaign"
        answer(faked, "PUT", path, "not_found.json", status=404)
        good, bad = provider.assign_campaign(TNS[:2], campaign_ref="CABC123")
        assert (good.outcome, good.values) == (Outcome.SUCCEEDED, {"campaign_ref": "CABC123"})
        assert not good.advice
        assert (bad.outcome, bad.code) == (Outcome.REFUSED, "404")
        assert bad.advice.startswith("It was not put into the campaign.")
        assert sent(faked) == ("PUT", ONE, {"campaignId": "CABC123"})

    def test_a_network_that_still_holds_the_number_is_named(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "PUT", ONE, "campaign_left_behind.json")
        (outcome,) = provider.assign_campaign(TNS[:1], campaign_ref="CABC123")
        assert outcome.outcome is Outcome.SUCCEEDED
        assert "network B still holds it" in outcome.advice

    def test_another_campaign_in_the_answer_leaves_it_open(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "PUT", ONE, "campaign_assigned.json")
        (outcome,) = provider.assign_campaign(TNS[:1], campaign_ref="CXYZ789")
        assert outcome.outcome is Outcome.UNKNOWN

    def test_one_number_is_taken_out_by_its_own_request(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "DELETE", ONE, "campaign_unassigned.json")
        (outcome,) = provider.unassign_campaign(TNS[:1], campaign_ref="CABC123")
        assert (outcome.outcome, outcome.values) == (Outcome.SUCCEEDED, {"campaign_ref": ""})
        assert sent(faked) == ("DELETE", f"{ONE}?campaignId=CABC123", None)

    def test_a_denial_under_a_success_leaves_it_open(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        body = b'{"status":"success","data":{"number":"2125550142","unassigned":false}}'
        answer(faked, "DELETE", ONE, body=body)
        (outcome,) = provider.unassign_campaign(TNS[:1], campaign_ref="CABC123")
        assert outcome.outcome is Outcome.UNKNOWN

    def test_many_are_taken_out_at_once_and_judged_one_by_one(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "DELETE", MANY, "campaign_unassigned_many.json")
        done, failed, unnamed = provider.unassign_campaign(TNS, campaign_ref="CABC123")
        assert [o.outcome for o in (done, failed, unnamed)] == ["succeeded", "refused", "unknown"]
        assert failed.message == "Not assigned to this campaign"
        assert query(faked) == {
            "numbers": ["2125550142,2125550143,2125550144"],
            "campaignId": ["CABC123"],
        }

    def test_a_number_both_done_and_failed_is_unknown(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        both = b'{"unassignedNumbers":["2125550142"],"failed":[{"number":"12125550142"}]}'
        body = b'{"status":"success","data":' + both + b"}"
        answer(faked, "DELETE", MANY, body=body)
        outcomes = list(provider.unassign_campaign(TNS[:2], campaign_ref="CABC123"))
        assert [outcome.outcome for outcome in outcomes] == ["unknown", "unknown"]

    def test_a_refusal_of_many_is_everybody_s_and_says_so(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "DELETE", MANY, "unsupported_path.json", status=409)
        outcomes = list(provider.unassign_campaign(TNS, campaign_ref="CABC123"))
        assert {(o.outcome, o.code) for o in outcomes} == {(Outcome.REFUSED, "409")}
        assert all("one by one" in outcome.advice for outcome in outcomes)

    def test_very_many_go_in_parts_that_an_address_can_carry(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "DELETE", MANY, "campaign_unassigned_many.json")
        tns = [TN.from_digits10(f"212555{n:04d}") for n in range(501)]
        assert len(list(provider.unassign_campaign(tns, campaign_ref="CABC123"))) == 501
        assert max(len(call.request.url) for call in faked.calls) < 8000
        assert len(faked.calls) == 2


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda c: c.post_messaging_brands("X1", name="x"), "a B with"),
        (lambda c: c.post_messaging_brands("B1", name=" "), "a name"),
        (
            lambda c: c.post_messaging_campaigns("C 1", brand_id="B1", description="x"),
            "one word",
        ),
        (
            lambda c: c.post_messaging_campaigns("C1", brand_id="", description="x"),
            "a B with",
        ),
        (
            lambda c: c.post_messaging_campaigns("C1", brand_id="B1", description=""),
            "a description",
        ),
        (
            lambda c: c.post_messaging_campaigns(
                "C1",
                brand_id="B1",
                description="x",
                starts_at=datetime(2026, 1, 1),  # noqa: DTZ001
            ),
            "needs its zone",
        ),
        (lambda c: c.get_messaging_campaigns([]), "1 to 100"),
        (lambda c: c.get_messaging_campaigns(["C1"] * 101), "1 to 100"),
        (lambda c: c.get_messaging_campaigns(["C1,C2"]), "one word"),
        (
            lambda c: c.put_number_messaging_campaign("2125550142", campaign_id="cabc"),
            "capital letters",
        ),
        (
            lambda c: c.delete_number_messaging_campaign("2125550142", campaign_id="ABC1234"),
            "a C and six more",
        ),
        (
            lambda c: c.delete_numbers_messaging_campaign(
                ["2125550142"] * 1001, campaign_id="CABC123"
            ),
            "1 to 1000",
        ),
        (
            lambda c: c.delete_numbers_messaging_campaign(["2125550142"], campaign_id="CABC1234"),
            "a C and six more",
        ),
    ],
)
def test_the_client_checks_before_it_sends(
    provider: VoiceTel, runtime: RecordingRuntime, call: Callable[[Client], Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        call(provider.client)
    assert not runtime.exchanges


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2125550142"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["number", "reason", "status", "statusCode"]), inner)
    ),
    max_leaves=5,
)
NAMES = ["id", "status", "numbers", "result", "failed", "unassignedNumbers", "previousNetwork"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_answer_however_odd_raises_anything_but_a_provider_error(
    content: dict[str, Any],
) -> None:
    with contextlib.suppress(ProviderError):
        mapping.campaigns([content])
    with contextlib.suppress(ProviderError):
        mapping.require_registered(content, methods.POST_MESSAGING_BRANDS)
    mapping.unassigned(content)
    mapping.network_left_behind(content)
