"""VoIP Innovations' 10DLC: what is sent, and answers whose shape nobody has published (2.11)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.messaging import (
    Campaign,
    CampaignChange,
    CampaignImport,
    CampaignTrait,
    RegistrationState,
)
from portal.providers.errors import ProviderError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.client.messaging_10dlc import SMSCampaign, SMSCustomer
from portal.providers.voip_innovations.mapping import messaging_10dlc as mapping
from portal.providers.xml import Record
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import TNS, Faked, answer, connected, say, sent

OK = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
CAMPAIGN = Campaign(
    brand_ref="B000001",
    name="Order updates",
    description="Order updates for customers",
    vertical="RETAIL",
    usecase="LOW_VOLUME",
    sub_usecases=("CUSTOMER_CARE", "2FA"),
    message_flow="A box in the account.",
    samples=("Your order is on its way.",),
    traits=frozenset({CampaignTrait.OPT_IN, CampaignTrait.AGE_GATED}),
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


class TestCampaigns:
    def test_the_list_tells_each_with_its_numbers(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_sms_campaigns.xml")
        first, second = provider.list_campaigns()
        assert (first.ref, first.brand_ref, first.name) == ("C000001", "B000001", "Order updates")
        assert first.tns == ("+14355550101", "+14355550102")
        assert first.traits == {CampaignTrait.OPT_IN, CampaignTrait.AGE_GATED}
        assert first.samples == ("Your order is on its way.",)
        assert first.sub_usecases == ("CUSTOMER_CARE", "2FA")
        assert (first.state, second.state) == (RegistrationState.ACTIVE, RegistrationState.REJECTED)
        assert second.tns is None  # not told
        assert not first.details

    def test_a_campaign_is_written_in_the_list_s_order(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(
            faked,
            "CreateSMSCampaign",
            f"{OK}<Campaigns><Campaign><CampaignId>C3</CampaignId></Campaign></Campaigns>",
        )
        assert provider.create_campaign(CAMPAIGN).ref == "C3"
        assert sent(faked)[1][2:] == [
            ("customerId", "B000001"),
            ("description", "Order updates for customers"),
            ("displayName", "Order updates"),
            ("vertical", "RETAIL"),
            ("messageFlow", "A box in the account."),
            ("sampleMsg1", "Your order is on its way."),
            ("subOptIn", "true"),
            ("subOptOut", "false"),
            ("subHelp", "false"),
            ("numPooling", "false"),
            ("directLending", "false"),
            ("embeddedLink", "false"),
            ("embeddedPhone", "false"),
            ("affMarketing", "false"),
            ("ageGated", "true"),
            ("usecaseId", "LOW_VOLUME"),
            ("subUsecaseIds", "CUSTOMER_CARE,2FA"),
        ]

    def test_a_change_sends_along_the_texts_that_stay(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_sms_campaigns.xml", "update_sms_campaign.xml")
        now = provider.update_campaign("C000001", change=CampaignChange(help_message="Ask us."))
        assert now is not None
        assert now.ref == "C000001"
        assert sent(faked, 1)[1][2:] == [
            ("campaignId", "C000001"),
            ("helpMessage", "Ask us."),
            ("optOutMessage", "Bye."),
            ("messageFlow", "A box in the account."),
            ("description", "Order updates for customers"),
            ("sampleMsg1", "Your order is on its way."),
        ]

    def test_an_unknown_campaign_is_not_changed(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "get_sms_campaigns.xml")
        with pytest.raises(ProviderRefused, match="no such campaign"):
            provider.update_campaign("C9", change=CampaignChange(description="x"))
        assert len(faked.calls) == 1

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("campaign_rejected_field.xml", "The samples do not name the sender."),
            ("campaign_rejected_message.xml", "The samples do not name the sender."),
            ("campaign_not_rejected.xml", ""),
        ],
    )
    def test_the_reason_is_found_where_it_stands(
        self, provider: VoIPInnovations, faked: Faked, name: str, reason: str
    ) -> None:
        answer(faked, name)
        assert provider.rejection_reason("C000002") == reason

    def test_a_campaign_from_elsewhere_needs_a_name(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        assert "name" in provider.why_not_importable(CampaignImport(ref="CXYZ123"))
        with pytest.raises(ValueError, match="name"):
            provider.import_campaign(CampaignImport(ref="CXYZ123"))
        say(faked, "RegisterExternalSMSCampaign", OK)
        assert provider.import_campaign(CampaignImport(ref="CXYZ123", name="Theirs")) is None
        assert sent(faked)[1][2:] == [("campaignId", "CXYZ123"), ("displayName", "Theirs")]

    def test_resubmitting_and_deleting_name_the_campaign(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "ResubmitExternalSMSCampaign", OK)
        say(faked, "DeleteSMSCampaign", OK)
        provider.resubmit_campaign("C1")
        provider.delete_campaign("C1")
        for number in (0, 1):
            assert sent(faked, number)[1][2:] == [("campaignId", "C1")]


class TestAssignment:
    def test_numbers_travel_as_strings(self, provider: VoIPInnovations, faked: Faked) -> None:
        say(faked, "AssignToSMSCampaign", OK)
        outcomes = list(provider.assign_campaign(TNS[:2], campaign_ref="C1"))
        assert [o.outcome for o in outcomes] == [Outcome.SUCCEEDED] * 2
        assert outcomes[0].values == {"campaign_ref": "C1"}
        assert sent(faked)[1][2:] == [
            ("tns", [("string", "4355550104"), ("string", "4355550105")]),
            ("campaignId", "C1"),
        ]

    def test_taking_out_needs_no_campaign_on_the_wire(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "RemoveFromSMSCampaign", "<responseCode>101</responseCode>")
        (outcome,) = provider.unassign_campaign(TNS[:1], campaign_ref="C1")
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "101")
        assert "in no campaign" in outcome.message
        assert "one by one" not in outcome.advice
        assert sent(faked)[1][2:] == [("tns", [("string", "4355550104")])]


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda c: c.get_sms_customers_by_tag(" "), "a tag"),
        (lambda c: c.check_sms_customer_status(""), "a customer"),
        (lambda c: c.create_sms_customer(SMSCustomer()), "a legal name"),
        (
            lambda c: c.create_sms_customer(SMSCustomer(legal_name="X", customer_id="B1")),
            "gives a new customer its id",
        ),
        (lambda c: c.update_sms_customer(SMSCustomer(legal_name="X")), "a customer"),
        (lambda c: c.delete_sms_customer(""), "a customer"),
        (lambda c: c.trigger_sms_otp(""), "a customer"),
        (lambda c: c.get_sms_usecase_options(""), "a customer"),
        (
            lambda c: c.create_sms_campaign(SMSCampaign(customer_id="", description="x")),
            "a customer",
        ),
        (
            lambda c: c.create_sms_campaign(SMSCampaign(customer_id="B1", description="")),
            "a description",
        ),
        (lambda c: c.update_sms_campaign("C1"), "nothing of the campaign"),
        (lambda c: c.update_sms_campaign("", description="x"), "a campaign"),
        (lambda c: c.delete_sms_campaign(""), "a campaign"),
        (lambda c: c.get_campaign_rejection_reason(""), "a campaign"),
        (lambda c: c.register_external_sms_campaign("C1", ""), "a name"),
        (lambda c: c.resubmit_external_sms_campaign(""), "a campaign"),
        (lambda c: c.assign_to_sms_campaign(["4355550104"], ""), "a campaign"),
        (lambda c: c.assign_to_sms_campaign([], "C1"), "no number"),
        (lambda c: c.remove_from_sms_campaign(["14355550104"]), "ten digits"),
        (
            lambda c: mapping.new_campaign(Campaign(samples=("1", "2", "3"))),
            "two sample messages",
        ),
    ],
)
def test_the_client_checks_before_it_sends(
    provider: VoIPInnovations, runtime: RecordingRuntime, call: Callable[[Client], Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        call(provider.client)
    assert not runtime.exchanges


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("APPROVED", RegistrationState.ACTIVE),
        ("CAMPAIGN_DCA_COMPLETE", RegistrationState.ACTIVE),
        ("Pending review", RegistrationState.PENDING),
        ("rejected", RegistrationState.REJECTED),
        ("SUSPENDED", RegistrationState.SUSPENDED),
        ("CAMPAIGN_EXPIRED", RegistrationState.EXPIRED),
        ("not approved", RegistrationState.UNKNOWN),
        ("UNVERIFIED", RegistrationState.UNKNOWN),
        ("INACTIVE", RegistrationState.UNKNOWN),
        ("ACTIVE, SUSPENDED", RegistrationState.UNKNOWN),
        ("", RegistrationState.UNKNOWN),
    ],
)
def test_words_for_a_state_are_read_whole(word: str, state: RegistrationState) -> None:
    assert RegistrationState.of(word) is state


FIELDS = ["customerid", "campaignid", "id", "status", "suboptin", "tns", "name", "rejectionreason"]
RECORDS = st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=12))


@given(RECORDS)
def test_no_record_however_odd_raises_anything_but_a_provider_error(record: Record) -> None:
    for mapper in (mapping.brands, mapping.campaigns):
        with contextlib.suppress(ProviderError):
            mapper([record], "CreateSMSCampaign")
    assert isinstance(mapping.rejection_reason(record), str)
