"""VoIP Innovations 2.8: 911 on numbers, and locations one by one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from portal.sandbox.server import RunningSandbox
from portal.sandbox.soap_voip_innovations import METHODS
from tests.sandbox.soap_client import CREDENTIALS, GROUP, SOAP12, SoapClient, envelope, for_sale
from tests.sandbox.zeep_client import ZeepClient

SETTING = "voip_innovations.e911_code"
ADDRESS = {
    "address1": "350 North Main Street, Apt 4",
    "address2": "",
    "city": "St. George",
    "state": "ut",
    "zip": "84770",
    "plusFour": "",
    "callerName": "A & B Example",
}
BAD = {**ADDRESS, "address1": "0 Main Street"}
OTHER_ADDRESS = {**ADDRESS, "address1": "12 Lake Road"}
WRITES = ("insert911", "update911", "remove911", "addLocation", "provisionLocation")
BY_DID = (*WRITES, "removeLocation", "query911", "getProvisioningHistory", "getLocations")


@pytest.fixture
def tn(vi: ZeepClient, soap: SoapClient) -> str:
    """Return a number just bought, without 911."""
    (found,) = for_sale(soap, 1, npa="435")
    soap.order("assignDID", found, epg=GROUP)
    return found


def status(reply: Any) -> str:
    """Return the code of the one Status911 of a good reply."""
    assert reply.responseCode == 100
    (found,) = reply.Statuses.Status911
    return str(found.code)


def active(reply: Any) -> list[Any]:
    return list(reply.DID911s.DID911) if reply.DID911s else []


def locations(reply: Any) -> list[Any]:
    return list(reply.VILocations.VILocation) if reply.VILocations else []


def audited(vi: ZeepClient) -> dict[str, Any]:
    return {row.tn: row for row in active(vi.call("audit911"))}


def has_911(vi: ZeepClient, tn: str) -> bool:
    (did,) = vi.call("queryDID", did=tn).DIDs.DID
    return bool(did.has911)


@pytest.mark.parametrize("port", ["APIServiceSoap", "APIServiceSoap12"])
def test_inserted_911_shows_everywhere(vi: ZeepClient, tn: str, port: str) -> None:
    assert not has_911(vi, tn)
    assert status(vi.call("insert911", port=port, did=tn, **ADDRESS)) == "100"
    queried = vi.call("query911", port=port, did=tn)
    (record,) = active(queried)
    (location,) = locations(queried)
    assert audited(vi)[tn] == record
    assert has_911(vi, tn)
    assert locations(vi.call("getLocations", did=tn)) == [location]
    assert locations(vi.call("getProvisioningHistory", did=tn)) == [location]
    assert queried.Statuses is None
    assert queried.Alerts is None


def test_addresses_come_back_normalised(vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    queried = vi.call("query911", did=tn)
    ((record,), (location,)) = active(queried), locations(queried)
    for found in (record, location):
        assert (found.address1, found.address2) == ("350 N MAIN ST", "APT 4")
        assert (found.city, found.state) == ("ST GEORGE", "UT")
        assert found.statusCode == "PROVISIONED"
        assert found.callerName.strip() == "A & B Example"
        assert 36 < float(found.latitude) < 43
        assert -115 < float(found.longitude) < -108
    assert record.callerName == "A & B Example".ljust(32)
    assert record.zipCode == f"84770-{location.plusFour}"
    assert (location.zipCode, len(location.plusFour)) == ("84770", 4)
    assert location.locationId == record.locationId
    assert int(location.orderId) > 5_500_000


def test_times_have_a_zone_in_one_record_and_none_in_the_other(
    sandbox: RunningSandbox, vi: ZeepClient, soap: SoapClient, tn: str
) -> None:
    sandbox.control("clock", now="2027-07-04T12:00:00Z")
    vi.call("insert911", did=tn, **{**ADDRESS, "address1": "12 Main St"})
    text = soap.send("query911", did=tn).text
    (zoneless,) = re.findall("<DID911>.*<activatedTime>(.*?)</activatedTime>.*</DID911>", text)
    (zulu,) = re.findall("<VILocation>.*<activatedTime>(.*?)</activatedTime>.*</VILoc", text)
    assert re.fullmatch(r"2027-07-04T08:00:\d\d(\.\d{1,3})?", zoneless)
    assert re.fullmatch(r"2027-07-04T12:00:\d\d(\.\d{1,3})?Z", zulu)
    apart = datetime.fromisoformat(zulu[:-1]) - datetime.fromisoformat(zoneless)
    assert apart == timedelta(hours=4)
    assert "<address2" not in text


def test_fields_stand_in_the_order_of_the_wsdl(soap: SoapClient, tn: str) -> None:
    soap.call("insert911", did=tn, **ADDRESS)
    root = etree.fromstring(soap.send("query911", did=tn).content)

    def names(local: str) -> list[str]:
        element = next(root.iter(f"{{http://tempuri.org/}}{local}"))
        return [etree.QName(child).localname for child in element]

    assert names("query911Result") == [
        *("responseCode", "responseMessage", "Statuses", "DID911s", "VILocations", "Alerts"),
    ]
    assert names("DID911") == [
        *("locationId", "tn", "callerName", "address1", "address2", "city", "state", "zipCode"),
        *("latitude", "longitude", "statusCode", "statusDescription", "activatedTime"),
        "dateAdded",
    ]
    assert names("VILocation") == [
        *("locationId", "address1", "address2", "city", "state", "zipCode", "plusFour"),
        *("callerName", "latitude", "longitude", "statusCode", "statusDescription", "orderId"),
        *("activatedTime", "updateTime"),
    ]


def test_a_bad_address_is_not_inserted(vi: ZeepClient, tn: str, sandbox: RunningSandbox) -> None:
    assert status(vi.call("insert911", did=tn, **BAD)) == "INVALID"
    assert tn not in audited(vi)
    assert not has_911(vi, tn)
    queried = vi.call("query911", did=tn)
    assert (active(queried), [row.statusCode for row in locations(queried)]) == ([], ["INVALID"])
    assert not sandbox.log(operation="insert911")[-1]["carried_out"]
    assert status(vi.call("insert911", did=tn, **ADDRESS)) == "100"
    assert status(vi.call("insert911", did=tn, **BAD)) == "INVALID"
    assert audited(vi)[tn].address1 == "350 N MAIN ST"


def test_a_bad_update_leaves_no_location_provisioned(
    vi: ZeepClient, tn: str, sandbox: RunningSandbox
) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    assert status(vi.call("update911", did=tn, **BAD)) == "INVALID"
    assert tn not in audited(vi)
    assert not has_911(vi, tn)
    found = locations(vi.call("query911", did=tn))
    assert [row.statusCode for row in found] == ["GEOCODED", "INVALID"]
    row = sandbox.log(operation="update911")[-1]
    assert (row["carried_out"], row["done"]) == (True, [tn])
    assert status(vi.call("update911", did=tn, **ADDRESS)) == "100"
    assert has_911(vi, tn)
    history = locations(vi.call("getProvisioningHistory", did=tn))
    assert [row.statusCode for row in history] == ["GEOCODED", "INVALID", "PROVISIONED"]
    assert history[0].locationId == history[2].locationId
    assert len({row.orderId for row in history}) == 3


def test_an_update_replaces_the_location(vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    assert status(vi.call("update911", did=tn, **OTHER_ADDRESS)) == "100"
    assert audited(vi)[tn].address1 == "12 LAKE RD"
    assert status(vi.call("update911", did=tn, **{**OTHER_ADDRESS, "callerName": "New"})) == "100"
    assert audited(vi)[tn].callerName.strip() == "New"
    kept = [row.statusCode for row in locations(vi.call("getLocations", did=tn))]
    assert kept == ["GEOCODED", "GEOCODED", "PROVISIONED"]


def test_what_is_provisioned_already_is_911(vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    as_kept = {**ADDRESS, "address1": "350 N MAIN ST", "address2": "APT 4", "city": "ST GEORGE"}
    for operation in ("insert911", "update911", "addLocation"):
        assert vi.code(operation, did=tn, **ADDRESS) == 911
        assert vi.code(operation, did=tn, **as_kept) == 911
    assert len(locations(vi.call("getProvisioningHistory", did=tn))) == 1


def test_an_update_needs_a_record(vi: ZeepClient, tn: str) -> None:
    assert vi.code("update911", did=tn, **ADDRESS) == 906
    assert vi.code("query911", did=tn) == 101
    assert vi.code("getProvisioningHistory", did=tn) == 101


def test_911_is_removed_and_its_history_stays(vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    assert status(vi.call("remove911", did=tn)) == "100"
    assert tn not in audited(vi)
    assert not has_911(vi, tn)
    assert vi.code("query911", did=tn) == 101
    (row,) = locations(vi.call("getProvisioningHistory", did=tn))
    assert (row.statusCode, row.address1) == ("GEOCODED", "350 N MAIN ST")
    assert status(vi.call("remove911", did=tn)) == "205200"
    assert status(vi.call("insert911", did=tn, **ADDRESS)) == "100"


def test_a_released_number_stays_in_the_audit(vi: ZeepClient, soap: SoapClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    soap.order("releaseDID", tn)
    assert tn in audited(vi)
    assert active(vi.call("query911", did=tn))
    assert vi.code("insert911", did=tn, **OTHER_ADDRESS) == 909
    soap.order("assignDID", tn, epg=GROUP)
    assert has_911(vi, tn)
    soap.order("releaseDID", tn)
    assert vi.code("InventoryDIDs", didParams={"DIDParam": [{"tn": tn, "epg": 0}]}) == 100
    assert has_911(vi, tn)
    soap.order("releaseDID", tn)
    assert status(vi.call("remove911", did=tn)) == "100"
    assert tn not in audited(vi)
    soap.order("assignDID", tn, epg=GROUP)
    assert not has_911(vi, tn)


def test_a_fresh_account_has_911_also_on_numbers_that_it_lost(
    vi: ZeepClient, vi_other: ZeepClient
) -> None:
    owned = {did.tn: did.has911 for did in vi.call("auditDIDs").DIDs.DID}
    listed = audited(vi)
    assert {tn for tn, has in owned.items() if has} == listed.keys() & owned.keys()
    assert len(listed.keys() - owned.keys()) == 3
    assert audited(vi_other)
    assert not audited(vi_other).keys() & listed.keys()


def test_an_address_is_validated_without_a_number(vi: ZeepClient) -> None:
    before = audited(vi)
    good = vi.call("validate911", **ADDRESS)
    assert (good.responseCode, good.Statuses, good.VILocations) == (100, None, None)
    bad = vi.call("validate911", **BAD)
    assert (bad.responseCode, bad.responseMessage) == (101, "The address is not valid")
    assert vi.code("validate911", **{**ADDRESS, "city": "Houston"}) == 101
    assert vi.code("validate911") == 101
    assert audited(vi) == before


def test_locations_are_added_provisioned_and_removed(vi: ZeepClient, tn: str) -> None:
    (dummy,) = locations(vi.call("getLocations", did=tn))
    assert (dummy.locationId, dummy.statusCode) == (None, "206200")
    added = vi.call("addLocation", did=tn, **ADDRESS)
    (location,) = locations(added)
    assert (location.statusCode, location.orderId, added.responseCode) == ("GEOCODED", None, 100)
    assert location.activatedTime.year == 1
    assert locations(vi.call("addLocation", did=tn, **ADDRESS)) == [location]
    assert not has_911(vi, tn)
    known = location.locationId
    assert vi.code("provisionLocation", did=tn, locationId="999") == 910
    assert status(vi.call("provisionLocation", did=tn, locationId=known)) == "100"
    assert has_911(vi, tn)
    assert vi.code("provisionLocation", did=tn, locationId=known) == 911
    assert status(vi.call("removeLocation", did=tn, locationId=known)) == "205100"
    assert not has_911(vi, tn)
    assert status(vi.call("removeLocation", did=tn, locationId=known)) == "205200"
    assert locations(vi.call("getLocations", did=tn)) == [dummy]
    assert vi.code("provisionLocation", did=tn, locationId=known) == 910


def test_one_of_two_locations_is_active(vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    (second,) = locations(vi.call("addLocation", did=tn, **OTHER_ADDRESS))
    assert audited(vi)[tn].address1 == "350 N MAIN ST"
    vi.call("provisionLocation", did=tn, locationId=second.locationId)
    assert audited(vi)[tn].address1 == "12 LAKE RD"
    found = {row.address1: row.statusCode for row in locations(vi.call("getLocations", did=tn))}
    assert found == {"350 N MAIN ST": "GEOCODED", "12 LAKE RD": "PROVISIONED"}


def test_a_bad_location_is_kept_as_invalid(vi: ZeepClient, tn: str) -> None:
    (location,) = locations(vi.call("addLocation", did=tn, **BAD))
    assert (location.statusCode, location.latitude) == ("INVALID", None)
    known = location.locationId
    assert status(vi.call("provisionLocation", did=tn, locationId=known)) == "INVALID"
    assert not has_911(vi, tn)
    assert status(vi.call("removeLocation", did=tn, locationId=known)) == "205100"


def test_only_the_four_location_operations_stand_beside_the_list() -> None:
    named = ("addLocation", "getLocations", "provisionLocation", "removeLocation")
    assert all(METHODS[name].is_extra for name in named)
    assert not any(METHODS[name].is_extra for name in BY_DID if "Location" not in name)
    assert [field.name for field in METHODS["removeLocation"].fields] == ["locationId", "did"]


@pytest.mark.parametrize("operation", BY_DID)
def test_numbers_of_others_and_no_numbers(
    vi: ZeepClient, vi_other: ZeepClient, soap: SoapClient, operation: str
) -> None:
    theirs = next(iter(audited(vi_other)))
    (free,) = for_sale(soap, 1)
    args = {**ADDRESS, "locationId": "17000001"}
    sent = {name: args[name] for name in names_of(operation) if name != "did"}
    for strange in (theirs, free, "3129119999"):
        assert vi.code(operation, did=strange, **sent) == 909
    for wrong in ("", "abc", "1312555", "13125550142"):
        assert vi.code(operation, did=wrong, **sent) == 944
    assert theirs in audited(vi_other)


def names_of(operation: str) -> list[str]:
    return [field.name for field in METHODS[operation].fields]


@pytest.mark.parametrize("code", [903, 904, 905, 906, 907, 908])
def test_the_carrier_fails_by_a_setting(
    sandbox: RunningSandbox, vi: ZeepClient, tn: str, code: int
) -> None:
    sandbox.control("setting", key=SETTING, value=str(code))
    for operation in (*BY_DID, "validate911"):
        args = {**ADDRESS, "did": tn, "locationId": "1"}
        reply = vi.call(operation, **{name: args[name] for name in names_of(operation)})
        assert (operation, reply.responseCode) == (operation, code)
        assert (reply.Statuses, reply.VILocations) == (None, None)
    assert vi.code("audit911") == 100
    sandbox.control("setting", key=SETTING, value="")
    assert vi.code("query911", did=tn) == 101
    assert vi.code("insert911", did=tn, **ADDRESS) == 100


@pytest.mark.parametrize("value", ["100", "909", "x", "-903", "9030"])
def test_the_setting_knows_only_failures_of_the_carrier(
    sandbox: RunningSandbox, vi: ZeepClient, value: str
) -> None:
    sandbox.control("setting", key=SETTING, value=value)
    assert vi.code("validate911", **ADDRESS) == 100


@pytest.mark.parametrize(("kind", "code"), [("refuse", 900), ("partial", 909), ("auth", 902)])
def test_faults_refuse_and_change_nothing(
    sandbox: RunningSandbox, vi: ZeepClient, tn: str, kind: str, code: int
) -> None:
    fault = {"provider": "voip_innovations", "operation": "insert911", "fault": kind}
    sandbox.control("fault", **fault)
    assert vi.code("insert911", did=tn, **ADDRESS) == code
    assert tn not in audited(vi)
    assert vi.code("insert911", did=tn, **ADDRESS) == 100


def test_lists_can_be_empty(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    vi.call("insert911", did=tn, **ADDRESS)
    fault = {"provider": "voip_innovations", "operation": "*", "fault": "empty"}
    sandbox.control("fault", **fault, times=4)
    assert vi.code("audit911") == 101
    assert vi.code("query911", did=tn) == 101
    assert vi.code("getProvisioningHistory", did=tn) == 101
    (dummy,) = locations(vi.call("getLocations", did=tn))
    assert dummy.statusCode == "206200"
    assert active(vi.call("query911", did=tn))


def test_an_answer_lost_leaves_911_on(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    fault = {"provider": "voip_innovations", "operation": "insert911", "fault": "garbage"}
    sandbox.control("fault", **fault)
    with pytest.raises(Exception, match="html"):
        vi.call("insert911", did=tn, **ADDRESS)
    assert tn in audited(vi)
    assert vi.code("insert911", did=tn, **ADDRESS) == 911


def test_requests_are_read_in_any_order_and_with_gaps(soap: SoapClient, tn: str) -> None:
    body = envelope(
        "insert911",
        {"state": "UT", "zip": "84770", "city": "St George", "address1": "12 Main St", "did": tn}
        | CREDENTIALS,
        soap=SOAP12,
    )
    nil = '<address2 xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
    answer = soap.post(body.replace("<state>", f"{nil}<state>"))
    assert "<code>100</code>" in answer.text
    (record,) = soap.call("query911", did=tn)["VILocations"]
    assert (record["address1"], record["callerName"]) == ("12 MAIN ST", "")
