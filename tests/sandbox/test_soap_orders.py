"""VoIP Innovations 2.3 and 2.14: every verdict of an order, endpoint groups, the balance."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, OTHER, SoapClient, for_sale

VI = "voip_innovations"
UNKNOWN = "3129119999"


@pytest.fixture
def other(sandbox: RunningSandbox) -> SoapClient:
    return SoapClient(sandbox.url, OTHER)


def owned_by(client: SoapClient) -> str:
    return str(client.call("auditDIDs")["DIDs"][0]["tn"])


def set_to(sandbox: RunningSandbox, key: str, value: str) -> None:
    sandbox.control("setting", key=f"{VI}.{key}", value=value)


def test_reserve_assign_release_go_round(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    assert soap.order("reserveDID", tn) == [(tn, "100")]
    assert soap.order("assignDID", tn, epg=GROUP, refId="order-17", cnam="true") == [(tn, "100")]
    record = soap.query(tn)
    assert (record["endpointId"], record["refId"], record["cnam"]) == (
        str(GROUP),
        "order-17",
        "true",
    )
    assert (record["rewrite"], record["rateCenter"]) == (tn, "CHICAGO")
    assert soap.order("releaseDID", tn) == [(tn, "100")]
    assert tn in {row["tn"] for row in soap.call("getDIDs", npa="312")["DIDLocators"]}


def test_each_number_has_its_own_verdict(soap: SoapClient, other: SoapClient) -> None:
    free, held, theirs_held = for_sale(soap, 3)
    mine, theirs = owned_by(soap), owned_by(other)
    soap.order("reserveDID", held)
    other.order("reserveDID", theirs_held)
    batch = (held, theirs_held, mine, theirs, UNKNOWN, "12", free)

    def codes(operation: str, **facts: object) -> list[str]:
        return [code for _, code in soap.order(operation, *batch, **facts)]

    assert codes("reserveDID") == [
        *("103220", "103230", "103225", "103235", "103420", "103420", "100")
    ]
    assert codes("configDID", epg=GROUP) == [
        *("105225", "105230", "100", "105235", "105420", "105420", "105225")
    ]
    assert codes("assignDID", epg=GROUP) == [
        *("100", "104230", "104225", "104235", "104420", "104420", "100")
    ]
    assert codes("releaseDID") == [*("100", "106230", "100", "106235", "106420", "106420", "100")]
    assert codes("releaseDID") == [
        *("106231", "106230", "106231", "106235", "106420", "106420", "106231")
    ]


def test_a_held_number_is_neither_released_nor_configured(soap: SoapClient) -> None:
    held, free = for_sale(soap, 2)
    soap.order("reserveDID", held)
    assert soap.order("releaseDID", held) == [(held, "106220")]
    assert soap.order("configDID", held, free, epg=GROUP) == [(held, "105225"), (free, "105221")]


def test_a_number_twice_in_one_order_is_bought_once(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    assert soap.order("assignDID", tn, tn, epg=GROUP) == [(tn, "100"), (tn, "104225")]


def test_of_many_at_once_one_gets_the_number(sandbox: RunningSandbox, soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    buyers = [(SoapClient(sandbox.url, OTHER), 14550), (SoapClient(sandbox.url), GROUP)] * 8
    with ThreadPoolExecutor(len(buyers)) as pool:
        verdicts = list(
            pool.map(lambda buyer: buyer[0].order("assignDID", tn, epg=buyer[1])[0][1], buyers)
        )
    assert verdicts.count("100") == 1
    assert set(verdicts) == {"100", "104225", "104235"}
    done = [row for row in sandbox.log(operation="assignDID", tn=tn) if row["carried_out"]]
    assert len(done) == 1


def test_a_reservation_runs_out_after_thirty_minutes(
    sandbox: RunningSandbox, soap: SoapClient, other: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1)
    soap.order("reserveDID", tn)
    sandbox.control("clock", advance="29m")
    assert other.order("assignDID", tn, epg=14550) == [(tn, "104230")]
    sandbox.control("clock", advance="2m")
    assert soap.query(tn)["availability"] == "Available"
    assert other.order("assignDID", tn, epg=14550) == [(tn, "100")]


def test_endpoint_groups_decide_who_gets_a_number(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1, npa="312", tier="2")
    for wrong in (0, 14550, 13553, 13552, 99):  # none, theirs, inactive, other tiers, unknown
        assert soap.order("assignDID", tn, epg=wrong) == [(tn, "104258")]
    assert soap.order("assignDID", tn, epg=13551) == [(tn, "100")]
    assert soap.order("configDID", tn, epg=13552) == [(tn, "105258")]
    assert soap.query(tn)["endpointId"] == "13551"
    (cheap,) = for_sale(soap, 1, npa="312", tier="0")
    assert soap.order("assignDID", cheap, epg=13552) == [(cheap, "100")]


def test_activating_a_group_opens_it(soap: SoapClient) -> None:
    first, second = for_sale(soap, 2)
    assert soap.call("ActivateEndpointGroup", groupid="13553")["responseCode"] == "100"
    assert soap.order("assignDID", first, epg=13553) == [(first, "100")]
    assert soap.call("DeactivateEndpointGroup", groupid="13553")["responseCode"] == "100"
    assert soap.order("assignDID", second, epg=13553) == [(second, "104258")]
    assert soap.query(first)["endpointId"] == "13553"
    for wrong in ("14550", "", "x"):
        assert soap.call("ActivateEndpointGroup", groupid=wrong)["responseCode"] == "948"


def test_endpoint_groups_are_listed(soap: SoapClient) -> None:
    groups = soap.call("AuditEndpointGroups")["EndpointGroups"]
    assert [group["ID"] for group in groups] == ["13550", "13551", "13552", "13553"]
    assert groups[0]["IPs"] == ["198.51.100.10", "198.51.100.11"]
    (one,) = soap.call("AuditEndpointGroup", groupId=13551)["EndpointGroups"]
    assert one["Name"] == "Backup SBC"
    assert soap.call("AuditEndpointGroup", groupId=14550)["responseCode"] == "948"


def test_the_cnam_flag_is_set_cleared_or_left(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    soap.order("assignDID", tn, epg=GROUP, cnam="1")
    soap.order("configDID", tn, cnam="")
    assert (soap.query(tn)["cnam"], soap.query(tn)["endpointId"]) == ("true", str(GROUP))
    soap.order("configDID", tn, cnam="0")
    assert soap.query(tn)["cnam"] == "false"


def test_an_account_may_lack_tiers_and_originations(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1, npa="312", tier="4")
    (toll_free,) = for_sale(soap, 1, state="TF")
    set_to(sandbox, "closed_tiers", "2, 4")
    assert soap.order("reserveDID", tn) == [(tn, "103259")]
    assert soap.order("assignDID", tn, epg=GROUP) == [(tn, "104259")]
    set_to(sandbox, "closed_tiers", "")
    set_to(sandbox, "no_toll_free", "on")
    assert soap.order("reserveDID", toll_free) == [(toll_free, "103250")]
    assert soap.order("assignDID", toll_free, tn, epg=GROUP) == [(toll_free, "104250"), (tn, "100")]
    set_to(sandbox, "no_standard", "on")
    (another,) = for_sale(soap, 1)
    assert soap.order("assignDID", another, epg=GROUP) == [(another, "104251")]


def test_both_readings_of_a_good_release(sandbox: RunningSandbox, soap: SoapClient) -> None:
    first, second = (row["tn"] for row in soap.call("auditDIDs")["DIDs"][:2])
    set_to(sandbox, "release_code", "106231")
    assert soap.order("releaseDID", first) == [(first, "106231")]
    assert soap.query(first)["availability"] == "Available"
    set_to(sandbox, "release_code", "100")
    set_to(sandbox, "release_to", "gone")
    assert soap.order("releaseDID", second) == [(second, "100")]
    assert soap.order("releaseDID", second) == [(second, "106241")]
    assert soap.query(second)["statusCode"] == "102420"
    assert soap.order("assignDID", second, epg=GROUP) == [(second, "104420")]


def test_a_released_number_forgets_its_configuration(soap: SoapClient, other: SoapClient) -> None:
    (tn,) = for_sale(soap, 1, npa="312", cnam="1")
    soap.order("assignDID", tn, epg=GROUP)
    soap.call("UpdateCNAMDisplay", tn=tn, name="EXAMPLE LLC")
    soap.call("UpdateDIDFailover", tn=tn, failover="2125550142")
    soap.order("releaseDID", tn)
    other.order("assignDID", tn, epg=14550)
    assert other.call("GetCNAMDisplay", tn=tn)["responseCode"] == "101"
    (record,) = other.call("GetDIDFailover", tn=tn)["DIDs"]
    assert record["failover"] == ""


def test_an_order_is_paid_from_the_balance_once(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1, npa="312", tier="2")
    assert soap.call("GetPrepaidBalance")["Amount"] == "1234.5600"
    soap.order("assignDID", tn, epg=GROUP)
    soap.order("assignDID", tn, epg=GROUP)
    assert soap.call("GetPrepaidBalance")["Amount"] == "1233.8100"


def test_a_refusal_on_demand_is_in_the_providers_words(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1)
    sandbox.control("fault", provider=VI, operation="reserveDID", fault="refuse")
    assert soap.order("reserveDID", tn) == [(tn, "103221")]
    for operation in ("InventoryDIDs", "GetPrepaidBalance", "queryDID"):
        sandbox.control("fault", provider=VI, operation=operation, fault="refuse")
        params = {"DIDParam": [{"tn": tn}]}
        assert soap.call(operation, did=tn, didParams=params)["responseCode"] == "900"
    assert soap.query(tn)["availability"] == "Available"


def test_an_empty_batch_is_understood_and_does_nothing(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    result = soap.call("assignDID")
    assert (result["responseCode"], result["DIDs"]) == ("100", "")
    assert [row["carried_out"] for row in sandbox.log(operation="assignDID")] == [False]
