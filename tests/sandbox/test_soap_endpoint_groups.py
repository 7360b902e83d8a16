"""VoIP Innovations 2.14: endpoint groups on and off, clients, and telco scripts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP
from tests.sandbox.zeep_client import ZeepClient

FORWARD = "2125550142"


@pytest.fixture
def tn(vi: ZeepClient) -> str:
    """Return a number of the account that goes to an endpoint group."""
    dids = vi.call("auditDIDs").DIDs.DID
    return next(str(did.tn) for did in dids if did.endpointId == GROUP)


def group(vi: ZeepClient, group_id: int = GROUP) -> Any:
    (found,) = vi.call("AuditEndpointGroup", groupId=group_id).EndpointGroups.EndpointGroup
    return found


def did(vi: ZeepClient, tn: str) -> Any:
    (found,) = vi.call("queryDID", did=tn).DIDs.DID
    return found


def test_a_group_shows_whether_it_is_on(vi: ZeepClient) -> None:
    assert group(vi).Active is True
    for _ in range(2):
        assert vi.code("DeactivateEndpointGroup", groupid=str(GROUP)) == 100
        assert group(vi).Active is False
    listed = vi.call("AuditEndpointGroups").EndpointGroups.EndpointGroup
    assert {each.ID: each.Active for each in listed} == {
        13550: False,
        13551: True,
        13552: True,
        13553: False,
    }
    assert vi.code("ActivateEndpointGroup", groupid=str(GROUP)) == 100
    assert group(vi).Active is True


def test_a_group_says_what_arrives_at_it(vi: ZeepClient) -> None:
    main, backup = group(vi), group(vi, 13551)
    assert (main.StripCC, main.International) == (True, False)
    assert (backup.StripCC, backup.International) == (False, True)
    assert main.IPs.string == ["198.51.100.10", "198.51.100.11"]
    assert main.MTDUsage == Decimal("135.5")
    assert main.Client == "Sandbox Voice LLC"


@pytest.mark.parametrize("operation", ["ActivateEndpointGroup", "DeactivateEndpointGroup"])
@pytest.mark.parametrize("wrong", ["14550", "0", "", "x", "-1"])
def test_only_own_groups_are_switched(
    vi: ZeepClient, vi_other: ZeepClient, operation: str, wrong: str
) -> None:
    assert vi.code(operation, groupid=wrong) == 948
    assert group(vi_other, 14550).Active is True


def test_a_group_that_is_off_takes_no_number(vi: ZeepClient, tn: str) -> None:
    assert vi.code("SetDIDForward", tn=tn, forward=FORWARD) == 100
    assert vi.code("DeactivateEndpointGroup", groupid=str(GROUP)) == 100
    refused = vi.call("RemoveDIDForward", tn=tn, epgId=str(GROUP))
    assert (refused.responseCode, refused.responseMessage) == (
        948,
        "The endpoint group is not active",
    )
    assert vi.call("GetDIDForward", tn=tn).DIDs.DID[0].forward == FORWARD
    params = {"DIDParam": [{"tn": tn, "epg": GROUP}]}
    (verdict,) = vi.call("configDID", didParams=params).DIDs.DID
    assert verdict.statusCode == "105258"
    assert vi.code("ActivateEndpointGroup", groupid=str(GROUP)) == 100
    assert vi.code("RemoveDIDForward", tn=tn, epgId=str(GROUP)) == 100
    assert did(vi, tn).endpointId == GROUP


def test_numbers_stay_in_a_group_that_goes_off(vi: ZeepClient, tn: str) -> None:
    vi.call("DeactivateEndpointGroup", groupid=str(GROUP))
    assert did(vi, tn).endpointId == GROUP


def test_clients_are_counted(vi: ZeepClient, vi_other: ZeepClient, tn: str) -> None:
    def client(of: ZeepClient) -> Any:
        (found,) = of.call("AuditClients").Clients.Client
        return found

    before = client(vi)
    assert before.Name == "Sandbox Voice LLC"
    assert (before.EndpointGroups, before.DIDGroups) == (4, 2)
    assert before.Usage == sum(Decimal(each) / 100 for each in range(13550, 13554))
    assert before.Failovers == len(vi.call("AuditDIDFailovers").DIDFailovers.DIDFailover)
    assert before.Forwards == len(vi.call("AuditDIDForwards").DIDForwards.DIDForward)
    vi.call("SetDIDForward", tn=tn, forward=FORWARD)
    vi.call("CreateDIDGroup", name="Branch")
    lines = vi.call("AuditConferenceLines").ConferenceLines.ConferenceLine
    faxes = vi.call("AuditFaxToEmails").FaxToEmails.FaxToEmail
    assert (client(vi).Forwards, client(vi).DIDGroups) == (before.Forwards + 1, 3)
    assert (client(vi).ConferenceLines, client(vi).FaxToEmails) == (len(lines), len(faxes))
    other = client(vi_other)
    assert (other.ID != before.ID, other.EndpointGroups) == (True, 1)


@pytest.mark.parametrize(
    "operation", ["AuditClients", "AuditEndpointGroups", "GetScripts"], ids=str
)
def test_an_empty_list_is_101(sandbox: RunningSandbox, vi: ZeepClient, operation: str) -> None:
    sandbox.control("fault", provider="voip_innovations", operation=operation, fault="empty")
    assert vi.code(operation) == 101
    assert vi.code(operation) == 100


def test_scripts_are_listed_for_their_account(vi: ZeepClient, vi_other: ZeepClient) -> None:
    def scripts(of: ZeepClient) -> set[str]:
        found = of.call("GetScripts").ProgrammableTelcoScripts.ProgrammableTelcoScript
        assert all(each.Name for each in found)
        return {each.ID for each in found}

    assert scripts(vi) == {"501", "502"}
    assert not scripts(vi) & scripts(vi_other)


def test_a_script_takes_a_number_until_a_group_has_it_back(vi: ZeepClient, tn: str) -> None:
    assert vi.code("UnprogramDID", did=tn, endpointGroupId=str(GROUP)) == 101
    assert vi.code("ProgramDID", did=tn, scriptId="502") == 100
    programmed = did(vi, tn)
    assert (programmed.endpointId, "script 502" in programmed.status) == (0, True)
    assert tn not in vi.call("GetUnconfiguredTNs", didType="ALL").TNs.string
    assert vi.code("UnprogramDID", did=tn, endpointGroupId="13551") == 100
    taken_back = did(vi, tn)
    assert (taken_back.endpointId, "script" in taken_back.status) == (13551, False)


@pytest.mark.parametrize("way", ["SetDIDForward", "configDID", "InventoryDIDs"])
def test_other_routing_ends_a_script(vi: ZeepClient, tn: str, way: str) -> None:
    vi.call("ProgramDID", did=tn, scriptId="501")
    if way == "SetDIDForward":
        vi.call(way, tn=tn, forward=FORWARD)
    else:
        vi.call(way, didParams={"DIDParam": [{"tn": tn, "epg": GROUP}]})
    assert "script" not in did(vi, tn).status
    assert vi.code("UnprogramDID", did=tn, endpointGroupId=str(GROUP)) == 101


def test_a_script_ends_a_forward(vi: ZeepClient, tn: str) -> None:
    vi.call("SetDIDForward", tn=tn, forward=FORWARD)
    vi.call("ProgramDID", did=tn, scriptId="501")
    assert not vi.call("GetDIDForward", tn=tn).DIDs.DID[0].forward


@pytest.mark.parametrize("operation", ["ProgramDID", "UnprogramDID"])
def test_programming_needs_own_things(
    vi: ZeepClient, vi_other: ZeepClient, tn: str, operation: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    good = {"scriptId": "501"} if operation == "ProgramDID" else {"endpointGroupId": str(GROUP)}
    assert vi.code(operation, did=theirs, **good) == 909
    for wrong in ("", "555", f"1{tn}"):
        assert vi.code(operation, did=wrong, **good) == 944
    if operation == "ProgramDID":
        for wrong in ("601", "", "999"):
            assert vi.code(operation, did=tn, scriptId=wrong) == 101
    else:
        vi.call("ProgramDID", did=tn, scriptId="501")
        for wrong in ("14550", "", "13553"):
            assert vi.code(operation, did=tn, endpointGroupId=wrong) == 948
        assert "script 501" in did(vi, tn).status


def test_a_magic_number_strikes_programming(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    magic = "3125559905"
    sandbox.control(
        "number", provider="voip_innovations", tn=magic, status="owned", account="sandbox"
    )
    assert vi.code("ProgramDID", did=magic, scriptId="501") == 909
    assert "script" not in did(vi, magic).status
