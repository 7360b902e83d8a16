"""VoIP Innovations 2.11: customers and campaigns of 10DLC, their review, and their numbers."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale
from tests.sandbox.zeep_client import ZeepClient

CUSTOMER = {
    "LegalName": "Example Widgets LLC",
    "DisplayName": "Widgets",
    "EntityType": "PRIVATE_PROFIT",
    "Vertical": "RETAIL",
    "EIN": "00-1234567",
    "Address": "12 Example Street, Springfield, IL 62701",
    "Phone": "2175550101",
    "Email": "owner@example.net",
    "Website": "https://widgets.example.net",
    "Tag": "west",
}
CAMPAIGN: dict[str, Any] = {
    "description": "Order updates for customers who asked for them.",
    "displayName": "Updates",
    "vertical": "RETAIL",
    "messageFlow": "Customers tick a box at checkout.",
    "sampleMsg1": "Your order is on its way. Reply STOP to end.",
    "subOptIn": True,
    "subOptOut": True,
    "embeddedLink": True,
    "usecaseId": "DELIVERY_NOTIFICATION",
}
VERIFIED_ID, SOLE_ID, REJECTED_ID, THEIR_ID = "B000001", "B000002", "B000003", "B000004"
APPROVED_ID, REJECTED_CAMPAIGN, THEIR_CAMPAIGN = "C000001", "C000002", "C000003"


def create(vi: ZeepClient, **changes: str) -> Any:
    reply = vi.call("CreateSMSCustomer", customer={**CUSTOMER, **changes})
    assert reply.responseCode == 100, reply.responseMessage
    (customer,) = reply.Customers.SMSCustomer
    return customer


def status(vi: ZeepClient, customer_id: str) -> str:
    (customer,) = vi.call("CheckSMSCustomerStatus", customerId=customer_id).Customers.SMSCustomer
    return str(customer.Status)


def customers(vi: ZeepClient) -> list[str]:
    return [each.CustomerId for each in vi.call("GetSMSCustomers").Customers.SMSCustomer]


def start(vi: ZeepClient, **changes: Any) -> Any:
    """Return a campaign just made."""
    reply = vi.call("CreateSMSCampaign", **{"customerId": VERIFIED_ID, **CAMPAIGN, **changes})
    assert reply.responseCode == 100, reply.responseMessage
    (campaign,) = reply.Campaigns.Campaign
    return campaign


def campaign(vi: ZeepClient, campaign_id: str) -> Any:
    found = {each.CampaignId: each for each in vi.call("GetSMSCampaigns").Campaigns.Campaign}
    return found.get(campaign_id)


@pytest.fixture
def tn(soap: SoapClient, vi: ZeepClient) -> str:
    """Return a number just bought, its messages on, in no campaign."""
    (found,) = for_sale(soap, 1, npa="312", sms="1")
    soap.order("assignDID", found, epg=GROUP)
    vi.call("ConfigSMSDestination", tn=found, destinationType="SIP")
    return found


def assign(vi: ZeepClient, campaign_id: str, *tns: str) -> int:
    return vi.code("AssignToSMSCampaign", tns={"string": list(tns)}, campaignId=campaign_id)


def campaign_of(vi: ZeepClient, tn: str) -> str:
    (did,) = vi.call("AuditSMS", tn=tn).DIDs.SMSDID
    return did.CampaignId or ""


def test_a_fresh_account_has_some_of_each(vi: ZeepClient, vi_other: ZeepClient) -> None:
    assert customers(vi) == [VERIFIED_ID, SOLE_ID, REJECTED_ID]
    assert customers(vi_other) == [THEIR_ID]
    assert [status(vi, each) for each in customers(vi)] == ["VERIFIED", "OTP_REQUIRED", "REJECTED"]
    assert campaign(vi, APPROVED_ID).Status == "APPROVED"
    assert campaign(vi, REJECTED_CAMPAIGN).Status == "REJECTED"
    assert campaign(vi, THEIR_CAMPAIGN) is None


def test_a_customer_is_reviewed_with_the_clock(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    made = create(vi)
    assert {name: made[name] for name in CUSTOMER} == CUSTOMER
    assert made.Status == "PENDING"
    assert customers(vi)[-1] == made.CustomerId
    sandbox.control("clock", advance="59m")
    assert status(vi, made.CustomerId) == "PENDING"
    sandbox.control("clock", advance="2m")
    assert status(vi, made.CustomerId) == "VERIFIED"


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"LegalName": "Reject Me Inc"}, "legal name"), ({"EIN": ""}, "EIN"), ({"EIN": "12"}, "EIN")],
)
def test_a_rejected_customer_says_why_and_can_be_mended(
    sandbox: RunningSandbox, vi: ZeepClient, changes: dict[str, str], words: str
) -> None:
    made = create(vi, **changes).CustomerId
    sandbox.control("clock", advance="61m")
    reply = vi.call("CheckSMSCustomerStatus", customerId=made)
    assert reply.responseCode == 100
    assert reply.Customers.SMSCustomer[0].Status == "REJECTED"
    assert words in reply.responseMessage
    mended = {"CustomerId": made, "LegalName": "Widgets LLC", "EIN": "001234567"}
    reply = vi.call("UpdateSMSCustomer", customer=mended)
    assert reply.Customers.SMSCustomer[0].Status == "PENDING"
    assert reply.Customers.SMSCustomer[0].Email == CUSTOMER["Email"]
    sandbox.control("clock", advance="61m")
    assert status(vi, made) == "VERIFIED"


def test_a_change_of_identity_is_reviewed_and_another_is_not(
    sandbox: RunningSandbox, vi: ZeepClient
) -> None:
    def update(**changes: str) -> str:
        reply = vi.call("UpdateSMSCustomer", customer={"CustomerId": VERIFIED_ID, **changes})
        return str(reply.Customers.SMSCustomer[0].Status)

    assert update(Phone="2175550199", Tag="new", Status="REJECTED") == "VERIFIED"
    (found,) = vi.call("GetSMSCustomersByTag", tag="new").Customers.SMSCustomer
    assert (found.CustomerId, found.Phone) == (VERIFIED_ID, "2175550199")
    assert update(EIN="00-7654321") == "PENDING"
    sandbox.control("clock", advance="61m")
    assert status(vi, VERIFIED_ID) == "VERIFIED"


def test_a_sole_proprietor_is_verified_by_a_password(
    sandbox: RunningSandbox, vi: ZeepClient
) -> None:
    made = create(vi, EntityType="Sole proprietor", EIN="").CustomerId
    assert status(vi, made) == "OTP_REQUIRED"
    sandbox.control("clock", advance="3d")
    assert status(vi, made) == "OTP_REQUIRED"
    for _ in range(2):
        assert vi.code("TriggerSMSOTP", customerId=made) == 100
        assert status(vi, made) == "OTP_SENT"
    sandbox.control("clock", advance="61m")
    assert status(vi, made) == "VERIFIED"
    refused = vi.call("TriggerSMSOTP", customerId=made)
    assert (refused.responseCode, "one-time password" in refused.responseMessage) == (900, True)
    assert vi.code("TriggerSMSOTP", customerId=VERIFIED_ID) == 900


def test_the_time_a_review_takes_is_a_setting(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    for kind in ("customer", "campaign"):
        sandbox.control("setting", key=f"voip_innovations.{kind}_review", value="0")
    assert status(vi, create(vi).CustomerId) == "VERIFIED"
    assert campaign(vi, start(vi).CampaignId).Status == "APPROVED"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"LegalName": ""}, "LegalName"),
        ({"LegalName": "   "}, "LegalName"),
        ({"EntityType": ""}, "EntityType"),
        ({"EntityType": "CLUB"}, "EntityType"),
        ({"Vertical": "MAGIC"}, "Vertical"),
    ],
)
def test_a_customer_needs_some_facts(vi: ZeepClient, changes: dict[str, str], words: str) -> None:
    reply = vi.call("CreateSMSCustomer", customer={**CUSTOMER, **changes})
    assert (reply.responseCode, words in reply.responseMessage) == (900, True)
    assert len(customers(vi)) == 3


def test_a_request_without_a_customer_is_refused(vi: ZeepClient) -> None:
    assert vi.code("CreateSMSCustomer") == 900
    assert vi.code("UpdateSMSCustomer") == 101


def test_field_names_that_are_guessed_may_be_of_any_case(soap: SoapClient) -> None:
    customer = {"legalname": "Example Widgets LLC", "entityType": "non-profit", "ein": "001234567"}
    reply = soap.call("CreateSMSCustomer", customer=customer)
    (made,) = reply["Customers"].values()
    assert (made["LegalName"], made["EntityType"]) == ("Example Widgets LLC", "NON_PROFIT")


def test_customers_are_found_by_tag(vi: ZeepClient) -> None:
    made = create(vi).CustomerId
    found = vi.call("GetSMSCustomersByTag", tag="west").Customers.SMSCustomer
    assert [each.CustomerId for each in found] == [made]
    assert vi.code("GetSMSCustomersByTag", tag="wes") == 101


def test_a_customer_can_be_deleted_once_it_has_no_campaigns(vi: ZeepClient) -> None:
    refused = vi.call("DeleteSMSCustomer", customerId=VERIFIED_ID)
    assert (refused.responseCode, "campaigns" in refused.responseMessage) == (900, True)
    for each in (APPROVED_ID, REJECTED_CAMPAIGN):
        assert vi.code("DeleteSMSCampaign", campaignId=each) == 100
    assert vi.code("DeleteSMSCustomer", customerId=VERIFIED_ID) == 100
    assert vi.code("CheckSMSCustomerStatus", customerId=VERIFIED_ID) == 101
    assert vi.code("GetSMSCampaigns") == 101


def test_enumerations_and_use_cases_are_listed(vi: ZeepClient) -> None:
    words = vi.call("GetSMSEnumerations")
    assert {"PRIVATE_PROFIT", "SOLE_PROPRIETOR"} <= set(words.EntityTypes.string)
    assert "RETAIL" in words.Verticals.string
    options = vi.call("GetSMSUsecaseOptions", customerId=VERIFIED_ID).Usecases.SMSUsecase
    ids = {each.UsecaseId for each in options}
    assert {"MARKETING", "2FA", "MIXED"} <= ids
    assert all(each.Name for each in options)
    (only,) = vi.call("GetSMSUsecaseOptions", customerId=SOLE_ID).Usecases.SMSUsecase
    assert only.UsecaseId == "SOLE_PROPRIETOR"
    assert "SOLE_PROPRIETOR" not in ids


def test_a_campaign_keeps_what_was_said_of_it(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    made = start(vi)
    assert (made.Status, made.CustomerId) == ("PENDING", VERIFIED_ID)
    assert (made.Description, made.SampleMsg1) == (CAMPAIGN["description"], CAMPAIGN["sampleMsg1"])
    assert (made.SubOptIn, made.EmbeddedLink, made.AgeGated) == (True, True, False)
    assert (made.UsecaseId, made.SubUsecaseIds, made.TNs) == ("DELIVERY_NOTIFICATION", None, None)
    assert campaign(vi, made.CampaignId) == made
    sandbox.control("clock", advance="23h")
    assert campaign(vi, made.CampaignId).Status == "PENDING"
    sandbox.control("clock", advance="61m")
    assert campaign(vi, made.CampaignId).Status == "APPROVED"


def test_a_mixed_campaign_has_two_to_five_parts(vi: ZeepClient) -> None:
    made = start(vi, usecaseId="mixed", subUsecaseIds="MARKETING, customer care")
    assert (made.UsecaseId, made.SubUsecaseIds) == ("MIXED", "MARKETING,CUSTOMER_CARE")
    six = "2FA,MARKETING,CUSTOMER_CARE,POLLING_VOTING,FRAUD_ALERT,SECURITY_ALERT"
    for wrong in ("", "MARKETING", "MARKETING,MARKETING", "MARKETING,MIXED", six):
        args = {**CAMPAIGN, "usecaseId": "LOW_VOLUME", "subUsecaseIds": wrong}
        assert vi.code("CreateSMSCampaign", customerId=VERIFIED_ID, **args) == 900


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"customerId": SOLE_ID}, 900, "not verified"),
        ({"customerId": REJECTED_ID}, 900, "not verified"),
        ({"customerId": THEIR_ID}, 101, "not found"),
        ({"customerId": ""}, 101, "not found"),
        ({"description": ""}, 900, "description"),
        ({"messageFlow": " "}, 900, "messageFlow"),
        ({"sampleMsg1": ""}, 900, "sampleMsg1"),
        ({"usecaseId": ""}, 900, "use case"),
        ({"usecaseId": "SOLE_PROPRIETOR"}, 900, "use case"),
        ({"usecaseId": "NONSENSE"}, 900, "use case"),
        ({"vertical": "MAGIC"}, 900, "vertical"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(
    vi: ZeepClient, changes: dict[str, str], code: int, words: str
) -> None:
    args = {"customerId": VERIFIED_ID, **CAMPAIGN, **changes}
    reply = vi.call("CreateSMSCampaign", **args)
    assert (reply.responseCode, words in reply.responseMessage) == (code, True)
    assert len(vi.call("GetSMSCampaigns").Campaigns.Campaign) == 2


def test_a_campaign_takes_the_vertical_of_its_customer(vi: ZeepClient) -> None:
    assert start(vi, vertical="").Vertical == "TECHNOLOGY"


def test_a_rejected_campaign_says_why_and_is_reviewed_again(
    sandbox: RunningSandbox, vi: ZeepClient
) -> None:
    made = start(vi, description="Please reject this one").CampaignId
    assert vi.code("GetCampaignRejectionReason", campaignId=made) == 101
    sandbox.control("clock", advance="25h")
    reply = vi.call("GetCampaignRejectionReason", campaignId=made)
    assert (reply.responseCode, reply.RejectionReason) == (100, reply.responseMessage)
    assert "agree" in reply.RejectionReason
    changed = vi.call(
        "UpdateSMSCampaign",
        campaignId=made,
        description="Order updates",
        helpMessage="Call us.",
        optOutMessage="No more.",
    )
    (after,) = changed.Campaigns.Campaign
    assert (after.Status, after.HelpMessage, after.OptOutMessage) == (
        "PENDING",
        "Call us.",
        "No more.",
    )
    assert (after.Description, after.MessageFlow) == ("Order updates", CAMPAIGN["messageFlow"])
    sandbox.control("clock", advance="25h")
    assert campaign(vi, made).Status == "APPROVED"
    assert vi.code("GetCampaignRejectionReason", campaignId=made) == 101


def test_an_approved_campaign_stays_approved_when_its_texts_change(vi: ZeepClient) -> None:
    vi.call("UpdateSMSCampaign", campaignId=APPROVED_ID, sampleMsg2="Another one.")
    assert campaign(vi, APPROVED_ID).Status == "APPROVED"
    assert campaign(vi, APPROVED_ID).SampleMsg2 == "Another one."


def test_a_campaign_from_elsewhere_is_reviewed(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    def register(campaign_id: str, name: str = "Elsewhere") -> int:
        return vi.code("RegisterExternalSMSCampaign", campaignId=campaign_id, displayName=name)

    assert register("CX12345") == 100
    assert register("CX12345") == 900
    assert register(THEIR_CAMPAIGN) == 900
    for wrong in ("", "C", "C-12345", "C" * 30):
        assert register(wrong) == 900
    found = campaign(vi, "CX12345")
    assert (found.Status, found.DisplayName, found.CustomerId) == ("PENDING", "Elsewhere", None)
    assert vi.code("ResubmitExternalSMSCampaign", campaignId="CX12345") == 900
    sandbox.control("clock", advance="25h")
    assert campaign(vi, "CX12345").Status == "APPROVED"
    assert vi.code("UpdateSMSCampaign", campaignId="CX12345", description="Mine") == 900


def test_a_rejected_one_from_elsewhere_is_submitted_again(
    sandbox: RunningSandbox, vi: ZeepClient
) -> None:
    vi.call("RegisterExternalSMSCampaign", campaignId="CX99999", displayName="Reject first")
    sandbox.control("clock", advance="25h")
    assert vi.call("GetCampaignRejectionReason", campaignId="CX99999").RejectionReason
    assert vi.code("ResubmitExternalSMSCampaign", campaignId="CX99999") == 100
    assert campaign(vi, "CX99999").Status == "PENDING"
    sandbox.control("clock", advance="25h")
    assert campaign(vi, "CX99999").Status == "APPROVED"
    assert vi.code("ResubmitExternalSMSCampaign", campaignId=REJECTED_CAMPAIGN) == 900


def test_numbers_join_and_leave_a_campaign(soap: SoapClient, vi: ZeepClient, tn: str) -> None:
    before = list(campaign(vi, APPROVED_ID).TNs.string)
    assert before
    reply = vi.call("AssignToSMSCampaign", tns={"string": [tn]}, campaignId=APPROVED_ID)
    assert reply.responseCode == 100
    assert set(reply.Campaigns.Campaign[0].TNs.string) == {*before, tn}
    assert campaign_of(vi, tn) == APPROVED_ID
    assert assign(vi, APPROVED_ID, tn) == 100
    assert vi.code("RemoveFromSMSCampaign", tns={"string": [tn, before[0]]}) == 100
    assert list(campaign(vi, APPROVED_ID).TNs.string) == before[1:]
    assert (campaign_of(vi, tn), campaign_of(vi, before[0])) == ("", "")
    assert vi.code("RemoveFromSMSCampaign", tns={"string": [tn]}) == 101
    assert assign(vi, APPROVED_ID, tn) == 100
    soap.order("releaseDID", tn)
    assert tn not in campaign(vi, APPROVED_ID).TNs.string


def test_a_deleted_campaign_lets_its_numbers_go(vi: ZeepClient, tn: str) -> None:
    assert assign(vi, APPROVED_ID, tn) == 100
    assert vi.code("DeleteSMSCampaign", campaignId=APPROVED_ID) == 100
    assert campaign(vi, APPROVED_ID) is None
    assert not any(did.CampaignId for did in vi.call("AuditSMS").DIDs.SMSDID)


def test_a_campaign_takes_numbers_once_it_is_approved(
    sandbox: RunningSandbox, vi: ZeepClient, tn: str
) -> None:
    made = start(vi).CampaignId
    refused = vi.call("AssignToSMSCampaign", tns={"string": [tn]}, campaignId=made)
    assert (refused.responseCode, "not approved" in refused.responseMessage) == (900, True)
    assert assign(vi, REJECTED_CAMPAIGN, tn) == 900
    sandbox.control("clock", advance="25h")
    assert assign(vi, made, tn) == 100
    taken = vi.call("AssignToSMSCampaign", tns={"string": [tn]}, campaignId=APPROVED_ID)
    assert (taken.responseCode, "another campaign" in taken.responseMessage) == (900, True)


def test_only_fit_numbers_join_and_all_of_them_or_none(
    sandbox: RunningSandbox, soap: SoapClient, vi: ZeepClient, vi_other: ZeepClient, tn: str
) -> None:
    (toll_free,) = for_sale(soap, 1, state="TF")
    (silent,) = for_sale(soap, 1, npa="312", sms="1")
    soap.order("assignDID", toll_free, silent, epg=GROUP)
    sandbox.control("number", provider="voip_innovations", tn=toll_free, sms=1)
    vi.call("ConfigSMSDestination", tn=toll_free, destinationType="SIP")
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    for strange, expected in (
        (toll_free, 900),
        (silent, 900),
        (theirs, 909),
        (f"1{tn}", 944),
        ("", 944),
    ):
        assert assign(vi, APPROVED_ID, tn, strange) == expected
        assert campaign_of(vi, tn) == ""
    assert vi.code("AssignToSMSCampaign", campaignId=APPROVED_ID) == 944
    assert vi.code("RemoveFromSMSCampaign") == 944
    assert vi.code("RemoveFromSMSCampaign", tns={"string": [theirs]}) == 909
    assert assign(vi, THEIR_CAMPAIGN, tn) == 101


def test_numbers_may_come_as_one_text(soap: SoapClient, vi: ZeepClient, tn: str) -> None:
    seeded = campaign(vi, APPROVED_ID).TNs.string[0]
    vi.call("RemoveFromSMSCampaign", tns={"string": [seeded]})
    result = soap.call("AssignToSMSCampaign", tns=f"{tn}, {seeded}", campaignId=APPROVED_ID)
    assert result["responseCode"] == "100"
    assert {campaign_of(vi, tn), campaign_of(vi, seeded)} == {APPROVED_ID}


@pytest.mark.parametrize(
    ("operation", "argument", "theirs"),
    [
        ("CheckSMSCustomerStatus", "customerId", THEIR_ID),
        ("DeleteSMSCustomer", "customerId", THEIR_ID),
        ("TriggerSMSOTP", "customerId", THEIR_ID),
        ("GetSMSUsecaseOptions", "customerId", THEIR_ID),
        ("UpdateSMSCampaign", "campaignId", THEIR_CAMPAIGN),
        ("DeleteSMSCampaign", "campaignId", THEIR_CAMPAIGN),
        ("GetCampaignRejectionReason", "campaignId", THEIR_CAMPAIGN),
        ("ResubmitExternalSMSCampaign", "campaignId", THEIR_CAMPAIGN),
    ],
)
def test_what_is_theirs_or_nobodys_is_101(
    vi: ZeepClient, vi_other: ZeepClient, operation: str, argument: str, theirs: str
) -> None:
    for wrong in (theirs, "X999999", ""):
        assert vi.code(operation, **{argument: wrong}) == 101
    assert status(vi_other, THEIR_ID) == "VERIFIED"
    assert campaign(vi_other, THEIR_CAMPAIGN).Status == "APPROVED"


def test_another_customer_is_not_changed(vi: ZeepClient, vi_other: ZeepClient) -> None:
    customer = {"CustomerId": THEIR_ID, "Tag": "ours"}
    assert vi.code("UpdateSMSCustomer", customer=customer) == 101
    assert vi_other.code("GetSMSCustomersByTag", tag="ours") == 101


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        ("GetSMSCustomers", {}),
        ("GetSMSCustomersByTag", {"tag": "main"}),
        ("GetSMSCampaigns", {}),
        ("GetSMSEnumerations", {}),
        ("GetSMSUsecaseOptions", {"customerId": VERIFIED_ID}),
    ],
)
def test_an_empty_list_is_101(
    sandbox: RunningSandbox, vi: ZeepClient, operation: str, args: dict[str, str]
) -> None:
    sandbox.control("fault", provider="voip_innovations", operation=operation, fault="empty")
    assert vi.code(operation, **args) == 101
    assert vi.code(operation, **args) == 100


@pytest.mark.parametrize(("fault", "code"), [("refuse", 900), ("partial", 909), ("auth", 902)])
def test_a_fault_keeps_a_write_from_happening(
    sandbox: RunningSandbox, vi: ZeepClient, tn: str, fault: str, code: int
) -> None:
    for operation in ("AssignToSMSCampaign", "CreateSMSCustomer"):
        sandbox.control("fault", provider="voip_innovations", operation=operation, fault=fault)
    assert assign(vi, APPROVED_ID, tn) == code
    assert campaign_of(vi, tn) == ""
    assert vi.code("CreateSMSCustomer", customer=CUSTOMER) == code
    assert len(customers(vi)) == 3
    (row,) = sandbox.log(operation="AssignToSMSCampaign", tn=tn)
    assert (row["carried_out"], row["tns"]) == (False, [tn])
