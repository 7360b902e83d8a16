"""VoIP Innovations 2.12: whether numbers can be ported, and how ports get on with the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
import requests
from lxml import etree

from portal.sandbox.server import RunningSandbox
from portal.sandbox.soap_types import EASTERN
from tests.sandbox.clients import VoiceTelClient, spare_numbers
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale
from tests.sandbox.zeep_client import ZeepClient

TN, SECOND = "3125560144", "3125560145"
STATES = ["PENDING SIGNATURE", "SUBMITTED", "FOC RECEIVED", "COMPLETE"]
START = datetime(2030, 1, 2, 15, tzinfo=UTC)


@pytest.fixture
def clocked(vi: ZeepClient, sandbox: RunningSandbox) -> RunningSandbox:
    """Return a sandbox whose clock reads ten in the morning of January 2, 2030, Eastern."""
    sandbox.control("clock", now=START.isoformat())
    return sandbox


def port(sandbox: RunningSandbox, *tns: str, **fields: Any) -> int:
    """Make a port order and return its id."""
    made = sandbox.control("port", numbers=list(tns), carrier="Example Bell", **fields)
    assert (made["status"], made["numbers"]) == ("PENDING SIGNATURE", list(tns))
    return int(made["id"])


def details(vi: ZeepClient, port_id: int) -> Any:
    reply = vi.call("getPortDetails", portId=port_id)
    assert reply.responseCode == 100
    assert reply.IsPortable is False
    return reply.PortDetails


def active(vi: ZeepClient) -> dict[int, Any]:
    reply = vi.call("getActivePorts")
    return {row.id: row for row in reply.ActivePorts.PortDetail} if reply.ActivePorts else {}


def is_portable(vi: ZeepClient, tn: str) -> bool:
    reply = vi.call("isPortable", tn=tn)
    assert reply.responseCode == 100
    assert reply.PortDetails.id == 0
    return bool(reply.IsPortable)


def owned(vi: ZeepClient) -> dict[str, Any]:
    return {did.tn: did for did in vi.call("auditDIDs").DIDs.DID}


def test_portable_is_what_another_carrier_has_in_a_served_area(
    vi: ZeepClient, soap: SoapClient, sandbox: RunningSandbox
) -> None:
    (free,) = for_sale(soap, 1)
    (elsewhere,) = spare_numbers(sandbox, provider="voicetel")
    ours = next(iter(owned(vi)))
    assert is_portable(vi, TN)
    assert is_portable(vi, elsewhere)
    assert is_portable(vi, TN)
    for tn in (free, ours, "8005560144", "8335560144", "9075569910", "2345560144"):
        assert not is_portable(vi, tn), tn


@pytest.mark.parametrize("wrong", ["", "555", "13125560144", "abc"])
def test_no_number_is_944(vi: ZeepClient, wrong: str) -> None:
    assert vi.code("isPortable", tn=wrong) == 944
    assert vi.code("GetPortHistory", tn=wrong) == 944


def test_the_shell_of_a_port_is_nil(soap: SoapClient) -> None:
    text = soap.send("isPortable", tn=TN).text
    assert (
        '<PortDetails><id>0</id><submittedDate xsi:nil="true" /><focDate xsi:nil="true" />'
        '<requestedFocDate xsi:nil="true" /><dids /><defaultEndpointGroup xsi:nil="true" />'
        "</PortDetails><IsPortable>true</IsPortable>"
    ) in text


def test_a_port_moves_with_the_clock_until_its_numbers_are_ours(
    clocked: RunningSandbox, vi: ZeepClient
) -> None:
    port_id = port(clocked, TN, SECOND, requested_foc="2030-01-15", epg=13551)
    seen = []
    for step in ("1s", "1d", "2d", "10d"):
        clocked.control("clock", advance=step)
        seen.append(details(vi, port_id).status)
        assert (TN in owned(vi)) == (seen[-1] == "COMPLETE")
        assert (port_id in active(vi)) == (seen[-1] != "COMPLETE")
    assert seen == STATES
    numbers = owned(vi)
    assert {TN, SECOND} <= numbers.keys()
    assert (numbers[TN].endpointId, numbers[TN].state) == (13551, "IL")
    assert (numbers[TN].rateCenter, numbers[TN].refId) == ("CHICAGO", f"port-{port_id}")
    assert not is_portable(vi, TN)
    assert vi.code("UpdateCNAMDisplay", tn=TN, name="EXAMPLE") == 100


def test_one_jump_of_the_clock_takes_every_step_at_its_time(
    clocked: RunningSandbox, vi: ZeepClient
) -> None:
    port_id = port(clocked, TN, requested_foc="2030-01-15")
    clocked.control("clock", advance="60d")
    reply = vi.call("GetPortHistory", tn=TN)
    rows = reply.PortHistories.PortHistory
    assert [row.status for row in rows] == STATES
    assert {(row.portId, row.tn) for row in rows} == {(port_id, TN)}
    assert [row.date.replace(microsecond=0, second=0) for row in rows] == [
        datetime(2030, 1, 2, 10),  # noqa: DTZ001 - the wire's times have no zone
        datetime(2030, 1, 3, 10),  # noqa: DTZ001
        datetime(2030, 1, 5, 10),  # noqa: DTZ001
        datetime(2030, 1, 15),  # noqa: DTZ001
    ]
    assert all(row.comment for row in rows)
    assert (reply.PortDetails.id, reply.IsPortable) == (port_id, False)


def test_history_grows(clocked: RunningSandbox, vi: ZeepClient) -> None:
    port(clocked, TN)
    for count in (1, 2, 3):
        assert len(vi.call("GetPortHistory", tn=TN).PortHistories.PortHistory) == count
        clocked.control("clock", advance="2d")


def test_the_date_asked_for_is_met_where_it_leaves_time(
    clocked: RunningSandbox, vi: ZeepClient
) -> None:
    fair = port(clocked, TN, requested_foc="2030-01-07")
    rash = port(clocked, SECOND, requested_foc="2030-01-06")
    open_ = port(clocked, "3125560146")
    clocked.control("clock", advance="3d")
    assert f"{details(vi, fair).focDate:%Y-%m-%d %H:%M}" == "2030-01-07 00:00"
    assert f"{details(vi, rash).requestedFocDate:%Y-%m-%d}" == "2030-01-06"
    assert f"{details(vi, rash).focDate:%Y-%m-%d}" == "2030-01-10"
    assert details(vi, open_).requestedFocDate is None
    assert f"{details(vi, open_).focDate:%Y-%m-%d}" == "2030-01-10"
    clocked.control("clock", now="2030-01-07T04:59:50Z")
    assert details(vi, fair).status == "FOC RECEIVED"
    clocked.control("clock", now="2030-01-07T05:00:00Z")
    assert details(vi, fair).status == "COMPLETE"


def test_details_are_whole_and_the_list_of_ports_is_not(
    clocked: RunningSandbox, vi: ZeepClient, soap: SoapClient
) -> None:
    port_id = port(clocked, TN, SECOND, end_user="Example & Co", requested_foc="2030-01-15")
    found = details(vi, port_id)
    assert (found.id, found.endUser, found.billingTN) == (port_id, "Example & Co", TN)
    assert (found.portingFrom, found.defaultEndpointGroup) == ("Example Bell", GROUP)
    assert found.salesRep
    assert found.focDate is None
    (first, second) = found.dids.PortDID
    assert (first.tn, first.state, first.rateCenter, first.lata) == (TN, "IL", "CHICAGO", "358")
    assert (second.tn, second.endpointGroup, second.e911) == (SECOND, GROUP, False)
    row = active(vi)[port_id]
    assert (row.submittedDate, row.requestedFocDate) == (
        found.submittedDate,
        found.requestedFocDate,
    )
    assert (row.status, row.endUser, row.dids) == (None, None, None)
    text = soap.send("getPortDetails", portId=port_id).text
    assert re.search(r"<submittedDate>2030-01-02T10:00:\d\d(\.\d{1,3})?</submittedDate>", text)
    assert "<requestedFocDate>2030-01-15T00:00:00</requestedFocDate>" in text


def test_fields_stand_in_the_order_of_the_wsdl(clocked: RunningSandbox, soap: SoapClient) -> None:
    port(clocked, TN)
    root = etree.fromstring(soap.send("GetPortHistory", tn=TN).content)

    def names(local: str) -> list[str]:
        element = next(root.iter(f"{{http://tempuri.org/}}{local}"))
        return [etree.QName(child).localname for child in element]

    assert names("GetPortHistoryResult") == [
        *("responseCode", "responseMessage", "PortDetails", "IsPortable", "ActivePorts"),
        "PortHistories",
    ]
    assert names("PortDetails") == [
        *("id", "status", "endUser", "billingTN", "portingFrom", "salesRep", "submittedDate"),
        *("focDate", "requestedFocDate", "dids", "defaultEndpointGroup"),
    ]
    assert names("PortDID") == [
        *("tn", "tier", "rateCenter", "state", "lata", "endpointGroup", "cnam", "e911"),
    ]
    assert names("PortHistory") == ["portId", "tn", "status", "date", "comment"]


@pytest.mark.parametrize("ending", ["9911", "9912", "9913", "9914"])
def test_a_magic_ending_makes_the_losing_carrier_refuse(
    clocked: RunningSandbox, vi: ZeepClient, ending: str
) -> None:
    bad = f"312556{ending}"
    port_id = port(clocked, TN, bad)
    clocked.control("clock", advance="30d")
    found = details(vi, port_id)
    assert (found.status, found.focDate) == ("REJECTED", None)
    assert port_id in active(vi)
    assert not {TN, bad} & owned(vi).keys()
    rows = vi.call("GetPortHistory", tn=TN).PortHistories.PortHistory
    assert [row.status for row in rows] == ["PENDING SIGNATURE", "SUBMITTED", "REJECTED"]
    assert rows[-1].comment.startswith(f"{bad}: ")
    again = port(clocked, TN)
    clocked.control("clock", advance="30d")
    reply = vi.call("GetPortHistory", tn=TN)
    assert reply.PortDetails.id == again
    assert [row.portId for row in reply.PortHistories.PortHistory] == [port_id] * 3 + [again] * 4
    assert TN in owned(vi)


def test_a_ported_number_leaves_the_other_carrier(clocked: RunningSandbox, vi: ZeepClient) -> None:
    other = VoiceTelClient(clocked)
    tn = other.first_number()
    port(clocked, tn)
    clocked.control("clock", advance="30d")
    assert tn in owned(vi)
    assert tn not in [row["number"] for row in other.data("GET", "/numbers")["numbers"]]


def test_numbers_that_were_released_can_come_back(clocked: RunningSandbox, vi: ZeepClient) -> None:
    port(clocked, TN)
    clocked.control("clock", advance="30d")
    address = {"address1": "12 Main St", "city": "Chicago", "state": "IL", "zip": "60601"}
    vi.call("insert911", did=TN, **address)
    (did,) = vi.call("GetPortHistory", tn=TN).PortDetails.dids.PortDID
    assert did.e911 is True
    clocked.control("setting", key="voip_innovations.release_to", value="gone")
    vi.call("releaseDID", didParams={"DIDParam": [{"tn": TN, "epg": 0}]})
    assert TN not in owned(vi)
    assert is_portable(vi, TN)
    port(clocked, TN)
    clocked.control("clock", advance="30d")
    assert owned(vi)[TN].has911 is True


def test_some_ports_are_there_from_the_start(vi: ZeepClient, vi_other: ZeepClient) -> None:
    found = active(vi)
    shown = {port_id: details(vi, port_id) for port_id in found}
    assert {each.status for each in shown.values()} == {*STATES[:3], "REJECTED"}
    finished = details(vi, min(found) - 1)
    assert finished.status == "COMPLETE"
    assert {did.tn for did in finished.dids.PortDID} <= owned(vi).keys()
    assert len(owned(vi)) == 240
    theirs = active(vi_other)
    assert theirs
    assert not theirs.keys() & found.keys()


def test_the_first_ports_are_as_old_as_the_reset(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    newest = max(row.submittedDate for row in active(vi).values())
    age = datetime.now(EASTERN).replace(tzinfo=None) - newest
    assert timedelta(hours=6) <= age < timedelta(hours=6, minutes=10)
    before = active(vi).keys()
    sandbox.control("clock", advance="60d")
    assert {details(vi, each).status for each in before} == {"COMPLETE", "REJECTED"}
    sandbox.control("reset")
    assert active(vi).keys() == before


def test_ports_of_others_are_out_of_reach(
    clocked: RunningSandbox, vi: ZeepClient, vi_other: ZeepClient
) -> None:
    port_id = port(clocked, TN, account="sandbox2")
    assert details(vi_other, port_id).defaultEndpointGroup == 14550
    reply = vi.call("getPortDetails", portId=port_id)
    assert (reply.responseCode, reply.PortDetails.id) == (101, 0)
    assert vi.code("GetPortHistory", tn=TN) == 909
    assert vi.code("GetPortHistory", tn=vi_other.call("auditDIDs").DIDs.DID[0].tn) == 909
    assert vi.code("GetPortHistory", tn=SECOND) == 101
    clocked.control("clock", advance="30d")
    assert TN in owned(vi_other)
    assert TN not in owned(vi)


@pytest.mark.parametrize("port_id", [0, 1, 99999, -1])
def test_an_unknown_port_is_101(vi: ZeepClient, port_id: int) -> None:
    assert vi.code("getPortDetails", portId=port_id) == 101


def test_a_port_id_may_be_absent_but_is_an_int(soap: SoapClient) -> None:
    assert soap.call("getPortDetails")["responseCode"] == "101"
    assert soap.send("getPortDetails", portId="x").status_code == 500
    assert soap.send("getPortDetails", portId="").status_code == 500


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "`numbers`"),
        ({"numbers": []}, "`numbers`"),
        ({"numbers": ["555"], "carrier": "x"}, "`numbers`"),
        ({"numbers": [TN]}, "`carrier`"),
        ({"numbers": ["8005560144"], "carrier": "x"}, "cannot be ported"),
        ({"numbers": [TN], "carrier": "x", "epg": "14550"}, "`epg`"),
        ({"numbers": [TN], "carrier": "x", "account": "nobody"}, "`account`"),
        ({"numbers": [TN], "carrier": "x", "requested_foc": "soon"}, "soon"),
    ],
)
def test_a_port_order_that_makes_no_sense(
    sandbox: RunningSandbox, vi: ZeepClient, fields: dict[str, Any], words: str
) -> None:
    before = active(vi).keys()
    reply = requests.post(f"{sandbox.url}/_sandbox/port", json=fields, timeout=10)
    assert reply.status_code == 400
    assert words in reply.json()["error"]
    assert active(vi).keys() == before


def test_a_number_is_ported_once_at_a_time(sandbox: RunningSandbox, vi: ZeepClient) -> None:
    form = {"numbers": f"{TN}, {SECOND}", "carrier": "Example Bell"}
    made = requests.post(f"{sandbox.url}/_sandbox/port", data=form, timeout=10).json()
    assert made["numbers"] == [TN, SECOND]
    with pytest.raises(HTTPError):
        port(sandbox, SECOND)
    assert made["id"] in active(vi)


def test_faults(clocked: RunningSandbox, vi: ZeepClient) -> None:
    port_id = port(clocked, TN)
    fault = {"provider": "voip_innovations", "operation": "*"}
    clocked.control("fault", **fault, fault="empty", times=3)
    assert vi.code("getActivePorts") == 101
    assert vi.code("getPortDetails", portId=port_id) == 101
    assert vi.code("GetPortHistory", tn=TN) == 101
    for kind, code in (("refuse", 900), ("partial", 909), ("auth", 902)):
        clocked.control("fault", **fault, fault=kind)
        assert vi.code("isPortable", tn=TN) == code
    assert is_portable(vi, TN)
