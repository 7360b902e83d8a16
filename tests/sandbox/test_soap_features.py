"""VoIP Innovations 2.4, 2.5 and 2.7: DID groups, forwards, failovers, outbound caller names."""

from __future__ import annotations

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, OTHER, SoapClient, for_sale


@pytest.fixture
def tn(soap: SoapClient) -> str:
    """Return a number just bought, able to have an outbound caller name."""
    (found,) = for_sale(soap, 1, npa="312", cnam="1")
    soap.order("assignDID", found, epg=GROUP)
    return found


def code(soap: SoapClient, operation: str, **args: object) -> str:
    return str(soap.call(operation, **args)["responseCode"])


def test_a_group_is_made_filled_and_left(soap: SoapClient, tn: str) -> None:
    (made,) = soap.call("CreateDIDGroup", name="Branch")["DIDGroups"]
    assert made["Name"] == "Branch"
    assert made in soap.call("GetDIDGroups")["DIDGroups"]
    assert soap.call("GetDIDGroup", tn=tn)["DIDGroups"] == ""
    (empty,) = soap.call("AuditDIDGroup", groupId=made["ID"])["DIDs"]
    assert (empty["tn"], empty["statusCode"]) == ("", "101200")

    assert code(soap, "SetDIDGroup", tn=tn, groupId=made["ID"]) == "100"
    assert soap.call("GetDIDGroup", tn=tn)["DIDGroups"] == [made]
    assert [row["tn"] for row in soap.call("AuditDIDGroup", groupId=made["ID"])["DIDs"]] == [tn]
    assert soap.query(tn)["didGroupId"] == made["ID"]

    assert code(soap, "RemoveDIDGroup", tn=tn) == "100"
    assert soap.query(tn)["didGroupId"] == "0"
    assert made in soap.call("GetDIDGroups")["DIDGroups"]


def test_a_group_without_a_name_is_called_after_its_number(soap: SoapClient) -> None:
    (made,) = soap.call("CreateDIDGroup")["DIDGroups"]
    assert made["Name"] == f"Group {made['ID']}"


def test_groups_of_others_are_out_of_reach(
    sandbox: RunningSandbox, soap: SoapClient, tn: str
) -> None:
    (theirs,) = SoapClient(sandbox.url, OTHER).call("GetDIDGroups")["DIDGroups"]
    assert theirs not in soap.call("GetDIDGroups")["DIDGroups"]
    assert code(soap, "SetDIDGroup", tn=tn, groupId=theirs["ID"]) == "101"
    assert code(soap, "AuditDIDGroup", groupId=theirs["ID"]) == "101"
    assert soap.query(tn)["didGroupId"] == "0"


def test_a_forward_bypasses_the_endpoint_group_until_it_ends(soap: SoapClient, tn: str) -> None:
    assert soap.call("GetDIDForward", tn=tn)["DIDs"][0]["forward"] == ""
    assert code(soap, "SetDIDForward", tn=tn, forward="2125550142") == "100"
    (record,) = soap.call("GetDIDForward", tn=tn)["DIDs"]
    assert (record["tn"], record["forward"], record["endpointId"]) == (tn, "2125550142", "0")
    assert {"TN": tn, "ForwardTN": "2125550142"} in soap.call("AuditDIDForwards")["DIDForwards"]
    assert tn not in soap.call("GetUnconfiguredTNs", didType="ALL")["TNs"]
    assert "forward" not in soap.query(tn)  # only GetDIDForward fills it

    assert code(soap, "RemoveDIDForward", tn=tn, epgId="14550") == "948"
    assert code(soap, "RemoveDIDForward", tn=tn, epgId="13551") == "100"
    assert soap.query(tn)["endpointId"] == "13551"
    assert code(soap, "RemoveDIDForward", tn=tn, epgId="13551") == "101"
    assert tn not in {row["TN"] for row in soap.call("AuditDIDForwards")["DIDForwards"]}


def test_an_endpoint_group_ends_a_forward(soap: SoapClient, tn: str) -> None:
    soap.call("SetDIDForward", tn=tn, forward="2125550142")
    soap.order("configDID", tn, epg=GROUP)
    assert soap.call("GetDIDForward", tn=tn)["DIDs"][0]["forward"] == ""


def test_a_failover_is_set_and_removed_by_an_empty_one(soap: SoapClient, tn: str) -> None:
    assert code(soap, "UpdateDIDFailover", tn=tn, failover="2125550143") == "100"
    assert soap.call("GetDIDFailover", tn=tn)["DIDs"][0]["failover"] == "2125550143"
    assert {"TN": tn, "FailoverTN": "2125550143"} in soap.call("AuditDIDFailovers")["DIDFailovers"]
    assert soap.query(tn)["endpointId"] == str(GROUP)
    assert code(soap, "UpdateDIDFailover", tn=tn, failover="") == "100"
    assert soap.call("GetDIDFailover", tn=tn)["DIDs"][0]["failover"] == ""


@pytest.mark.parametrize("wrong", ["+12125550142", "12125550142", "555", "abc", "0125550142"])
def test_a_destination_is_ten_digits(soap: SoapClient, tn: str, wrong: str) -> None:
    assert code(soap, "SetDIDForward", tn=tn, forward=wrong) == "944"
    assert code(soap, "UpdateDIDFailover", tn=tn, failover=wrong) == "944"
    assert code(soap, "GetDIDForward", tn=wrong) == "944"


def test_a_caller_name_is_set_padded_and_removed(soap: SoapClient, tn: str) -> None:
    assert code(soap, "GetCNAMDisplay", tn=tn) == "101"
    changed = soap.call("UpdateCNAMDisplay", tn=tn, name="EXAMPLE LLC")
    assert changed["responseCode"] == "100"
    assert "DisplayName" not in changed
    assert soap.call("GetCNAMDisplay", tn=tn)["DisplayName"] == "EXAMPLE LLC    "
    assert (soap.query(tn)["cnamStorageActive"], soap.query(tn)["cnamName"].strip()) == (
        "true",
        "EXAMPLE LLC",
    )
    assert code(soap, "RemoveCNAM", tn=tn) == "100"
    assert code(soap, "RemoveCNAM", tn=tn) == "101"
    assert soap.query(tn)["cnamStorageActive"] == "false"


@pytest.mark.parametrize("wrong", ["A & B", "ACME, INC", "ÉCLAIR", "", "   ", "X" * 16])
def test_a_caller_name_has_limits(soap: SoapClient, tn: str, wrong: str) -> None:
    assert code(soap, "UpdateCNAMDisplay", tn=tn, name=wrong) == "934"
    assert code(soap, "GetCNAMDisplay", tn=tn) == "101"


def test_some_numbers_cannot_have_a_caller_name(soap: SoapClient) -> None:
    (found,) = for_sale(soap, 1, npa="312", cnam="0")
    soap.order("assignDID", found, epg=GROUP)
    assert soap.query(found)["cnamStorageAvailability"] == "false"
    assert code(soap, "UpdateCNAMDisplay", tn=found, name="EXAMPLE LLC") == "933"


@pytest.mark.parametrize(
    "operation",
    [
        *("GetDIDGroup", "SetDIDGroup", "RemoveDIDGroup", "GetDIDForward", "SetDIDForward"),
        *("RemoveDIDForward", "GetDIDFailover", "UpdateDIDFailover", "GetCNAMDisplay"),
        *("UpdateCNAMDisplay", "RemoveCNAM"),
    ],
)
def test_numbers_of_others_are_909(
    sandbox: RunningSandbox, soap: SoapClient, operation: str
) -> None:
    theirs = SoapClient(sandbox.url, OTHER).call("auditDIDs")["DIDs"][0]["tn"]
    (free,) = for_sale(soap, 1)
    for strange in (theirs, free, "3129119999"):
        assert code(soap, operation, tn=strange, groupId=1, epgId=str(GROUP)) == "909"
