"""VoIP Innovations 2.1 and 2.2: search, counts, coverage, and the account's own numbers."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import OTHER, SoapClient, for_sale


def locators(soap: SoapClient, operation: str = "getDIDs", **criteria: str) -> list[dict[str, Any]]:
    result = soap.call(operation, **criteria)
    assert result["responseCode"] == "100", result
    return list(result["DIDLocators"])


@pytest.mark.parametrize(
    ("criteria", "field", "value"),
    [
        ({"state": "ut"}, "state", "UT"),
        ({"lata": "660"}, "lataId", "660"),
        ({"rateCenter": "st george"}, "rateCenter", "ST GEORGE"),
        ({"tier": "2"}, "tier", "2"),
        ({"npa": "312", "network": "onvoy"}, "network", "Onvoy"),
        ({"npa": "312", "t38": "true"}, "t38", "true"),
        ({"npa": "312", "t38": "0"}, "t38", "false"),
        ({"npa": "312", "cnam": "1"}, "outboundCNAM", "true"),
        ({"npa": "312", "sms": "False"}, "sms", "false"),
    ],
)
def test_each_criterion_narrows(
    soap: SoapClient, criteria: dict[str, str], field: str, value: str
) -> None:
    found = locators(soap, **criteria)
    assert found
    assert {row[field] for row in found} == {value}


def test_npa_and_nxx_are_given_apart(soap: SoapClient) -> None:
    found = locators(soap, npa="312", nxx="555")
    assert {row["tn"][:6] for row in found} == {"312555"}
    assert "3125550142" in {row["tn"] for row in found}
    assert soap.call("getDIDs", nxx="312555")["responseCode"] == "302490"
    assert soap.call("getDIDs", npa="312", nxx="312555")["responseCode"] == "101"


def test_a_search_needs_a_criterion(soap: SoapClient) -> None:
    assert soap.call("getDIDs")["responseCode"] == "302490"
    assert soap.call("getDIDs", state="", npa=" ")["responseCode"] == "302490"
    nothing = soap.call("getDIDs", npa="999")
    assert (nothing["responseCode"], nothing["DIDLocators"]) == ("101", "")
    assert soap.call("getDIDs", lata="abc")["responseCode"] == "101"


def test_toll_free_is_browsed_as_state_tf(soap: SoapClient) -> None:
    found = locators(soap, state="TF")
    assert {(row["state"], row["rateCenter"], row["tier"], row["lataId"]) for row in found} == {
        ("ALL", "US+CA", "", "0")
    }


def test_a_fault_makes_a_search_empty_once(sandbox: RunningSandbox, soap: SoapClient) -> None:
    sandbox.control("fault", provider="voip_innovations", operation="getDIDs", fault="empty")
    assert soap.call("getDIDs", npa="312")["responseCode"] == "101"
    assert locators(soap, npa="312")


def test_what_is_reserved_or_sold_is_not_listed(soap: SoapClient) -> None:
    reserved, sold = for_sale(soap, 2)
    soap.order("reserveDID", reserved)
    soap.order("assignDID", sold, epg=13550)
    assert not {reserved, sold} & {row["tn"] for row in locators(soap, npa="312")}


def test_the_extended_inventory_is_apart(soap: SoapClient) -> None:
    assert soap.call("getDIDsExtended", state="IL")["responseCode"] == "302490"
    assert soap.call("getDIDsExtended", rateCenter="CHICAGO")["responseCode"] == "302490"
    extended = {row["tn"] for row in locators(soap, "getDIDsExtended", npa="312")}
    by_place = locators(soap, "getDIDsExtended", state="IL", rateCenter="CHICAGO")
    assert extended <= {row["tn"] for row in by_place}
    assert not extended & {row["tn"] for row in locators(soap, npa="312")}
    tn = min(extended)
    assert soap.order("assignDID", tn, epg=13550) == [(tn, "104420")]
    assert soap.order("assignDIDExtended", tn, epg=13550) == [(tn, "100")]
    (usual,) = for_sale(soap, 1)
    assert soap.order("assignDIDExtended", usual, epg=13550) == [(usual, "104420")]


def test_counts_add_up_to_what_a_search_finds(soap: SoapClient) -> None:
    rows = soap.call("getDIDCount", npa="435")["DIDCounts"]
    assert sum(int(row["didCount"]) for row in rows) == len(locators(soap, npa="435"))
    keys = [tuple(row[name] for name in row if name != "didCount") for row in rows]
    assert len(keys) == len(set(keys))
    assert soap.call("getDIDCount", nxx="555")["responseCode"] == "302490"
    assert soap.call("getDIDCount", npa="999")["responseCode"] == "101"


@pytest.mark.parametrize(
    ("orderby", "field"), [("", "state"), ("rc", "rateCenter"), ("tier", "tier")]
)
def test_counts_are_ordered(soap: SoapClient, orderby: str, field: str) -> None:
    rows = soap.call("getDIDCount", orderby=orderby)["DIDCounts"]
    assert [row[field] for row in rows] == sorted(row[field] for row in rows)


def test_coverage(soap: SoapClient) -> None:
    assert {"UT", "CA", "NY"} <= set(soap.call("GetAvailableStates")["responseData"])
    places = soap.call("GetAvailableRateCenters", state="UT")["responseData"]
    assert {"ST GEORGE", "SALT LAKE CITY"} <= set(places)
    assert soap.call("GetAvailableNPAs", state="UT")["responseData"] == ["435", "801"]
    assert soap.call("GetAvailableNPAs", state="UT", ratecenter="Logan")["responseData"] == ["435"]
    # A wrong case is read as absent, so the whole state comes back (voip-innovations.md 2.1).
    assert soap.call("GetAvailableNPAs", state="UT", rateCenter="Logan")["responseData"] == [
        "435",
        "801",
    ]
    assert soap.call("GetAvailableRateCenters", state="ZZ")["responseCode"] == "101"


def test_audit_shows_the_whole_account_and_only_it(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    mine = soap.call("auditDIDs")["DIDs"]
    theirs = SoapClient(sandbox.url, OTHER).call("auditDIDs")["DIDs"]
    assert (len(mine), len(theirs)) == (240, 12)
    assert not {row["tn"] for row in mine} & {row["tn"] for row in theirs}
    assert {row["statusCode"] for row in mine} == {"100"}
    assert {row["availability"] for row in mine} == {"assigned"}
    padded = [row["cnamName"] for row in mine if row.get("cnamName")]
    assert padded
    assert {len(name) for name in padded} == {15}


def test_an_empty_account_is_one_dummy_record(sandbox: RunningSandbox, soap: SoapClient) -> None:
    sandbox.control("fault", provider="voip_innovations", operation="auditDIDs", fault="empty")
    result = soap.call("auditDIDs")
    assert result["responseCode"] == "100"
    (dummy,) = result["DIDs"]
    assert (dummy["tn"], dummy["statusCode"], dummy["tier"]) == ("", "101200", "-99999")


def test_query_tells_who_has_a_number(sandbox: RunningSandbox, soap: SoapClient) -> None:
    other = SoapClient(sandbox.url, OTHER)
    free, held, theirs_held = for_sale(soap, 3)
    soap.order("reserveDID", held)
    other.order("reserveDID", theirs_held)
    available = soap.query(free)
    assert (available["statusCode"], available["availability"]) == ("100", "Available")
    assert available["tier"] == "-99999"
    assert "rateCenter" not in available
    reserved = soap.query(held)
    assert (reserved["statusCode"], reserved["availability"]) == ("100", "Unavailable")
    assert soap.query(theirs_held)["statusCode"] == "102230"
    theirs = other.call("auditDIDs")["DIDs"][0]["tn"]
    assert (soap.query(theirs)["statusCode"], soap.query(theirs)["availability"]) == (
        "102235",
        "Unavailable",
    )
    for unknown in ("3129119999", "12", "", "+13125550142"):
        missing = soap.query(unknown)
        assert (missing["tn"], missing["statusCode"]) == ("", "102420")


def test_inventory_lists(soap: SoapClient) -> None:
    every = soap.call("GetInventoryTNs", didType="ALL")["TNs"]
    assert len(every) == 240
    assert soap.call("GetInventoryTNs", didType="nonsense")["TNs"] == every
    assert soap.call("GetInventoryTNs", didType="LOCAL")["TNs"] == every
    assert soap.call("GetInventoryTNs", didType="INTL")["responseCode"] == "101"
    assert soap.call("GetInventoryTNs", didType="TF")["responseCode"] == "101"
    (toll_free,) = for_sale(soap, 1, state="TF")
    soap.order("assignDID", toll_free, epg=13550)
    assert soap.call("GetInventoryTNs", didType="TF")["TNs"] == [toll_free]


def test_inventory_dids_holds_a_number_without_routing_it(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    free, assigned = for_sale(soap, 2)
    soap.order("assignDID", assigned, epg=13550)
    unrouted = soap.call("GetUnconfiguredTNs", didType="LOCAL")["TNs"]
    assert not {free, assigned} & set(unrouted)

    params = {"DIDParam": [{"tn": free}, {"tn": assigned}]}
    assert soap.call("InventoryDIDs", didParams=params)["responseCode"] == "100"
    after = soap.call("GetUnconfiguredTNs", didType="LOCAL")["TNs"]
    assert set(after) - set(unrouted) == {free, assigned}
    assert soap.query(free)["endpointId"] == "0"
    soap.order("configDID", free, epg=13551)
    assert free not in soap.call("GetUnconfiguredTNs", didType="LOCAL")["TNs"]

    theirs = SoapClient(sandbox.url, OTHER).call("auditDIDs")["DIDs"][0]["tn"]
    (another,) = for_sale(soap, 1)
    params = {"DIDParam": [{"tn": another}, {"tn": theirs}]}
    assert soap.call("InventoryDIDs", didParams=params)["responseCode"] == "909"
    assert soap.query(another)["availability"] == "Available"
