"""VoIP Innovations 2.5: conference lines."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale
from tests.sandbox.zeep_client import ZeepClient

OPERATIONS = ("GetConferenceLine", "SetConferenceLine", "RemoveConferenceLine")


@pytest.fixture
def tn(vi: ZeepClient, soap: SoapClient) -> str:
    """Return a number just bought."""
    (found,) = for_sale(soap, 1)
    soap.order("assignDID", found, epg=GROUP)
    return found


def line(reply: Any) -> tuple[bool, str | None, str]:
    assert reply.responseCode == 100
    found = reply.ConferenceLine
    return bool(found.Enabled), found.PIN, str(found.TN)


def audited(vi: ZeepClient) -> dict[str, tuple[bool, str | None]]:
    lines = vi.call("AuditConferenceLines").ConferenceLines.ConferenceLine
    return {row.TN: (row.Enabled, row.PIN) for row in lines}


@pytest.mark.parametrize("port", ["APIServiceSoap", "APIServiceSoap12"])
def test_a_line_is_set_shown_and_removed(vi: ZeepClient, tn: str, port: str) -> None:
    assert line(vi.call("GetConferenceLine", port=port, tn=tn)) == (False, None, tn)
    assert line(vi.call("SetConferenceLine", port=port, tn=tn, pin="1234")) == (True, "1234", tn)
    assert line(vi.call("GetConferenceLine", tn=tn)) == (True, "1234", tn)
    assert audited(vi)[tn] == (True, "1234")
    assert line(vi.call("SetConferenceLine", tn=tn, pin="00000001")) == (True, "00000001", tn)
    assert audited(vi)[tn] == (True, "00000001")
    assert line(vi.call("RemoveConferenceLine", port=port, tn=tn)) == (False, None, tn)
    assert tn not in audited(vi)
    assert vi.code("RemoveConferenceLine", tn=tn) == 101


def test_a_line_may_have_no_pin(vi: ZeepClient, tn: str) -> None:
    assert line(vi.call("SetConferenceLine", tn=tn)) == (True, None, tn)
    assert line(vi.call("GetConferenceLine", tn=tn)) == (True, None, tn)


@pytest.mark.parametrize("wrong", ["123456789", "12a4", "-1", "1 2", "١٢٣"])
def test_a_pin_is_up_to_eight_digits(vi: ZeepClient, tn: str, wrong: str) -> None:
    reply = vi.call("SetConferenceLine", tn=tn, pin=wrong)
    assert reply.responseCode == 900
    assert "eight digits" in reply.responseMessage
    assert line(vi.call("GetConferenceLine", tn=tn))[0] is False


def test_fields_stand_in_the_order_of_the_wsdl(soap: SoapClient, tn: str) -> None:
    answer = soap.send("SetConferenceLine", tn=tn, pin="1234")
    (found,) = etree.fromstring(answer.content).iter("{http://tempuri.org/}ConferenceLine")
    assert [etree.QName(child).localname for child in found] == ["Enabled", "PIN", "TN"]


def test_other_replies_say_not_enabled(vi: ZeepClient, tn: str) -> None:
    vi.call("SetConferenceLine", tn=tn, pin="1234")
    assert vi.call("queryDID", did=tn).ConferenceLine.Enabled is False


def test_a_released_number_keeps_nothing(vi: ZeepClient, soap: SoapClient, tn: str) -> None:
    vi.call("SetConferenceLine", tn=tn, pin="1234")
    soap.order("releaseDID", tn)
    assert tn not in audited(vi)
    soap.order("assignDID", tn, epg=GROUP)
    assert line(vi.call("GetConferenceLine", tn=tn))[0] is False


def test_some_lines_are_there_from_the_start(vi: ZeepClient, vi_other: ZeepClient) -> None:
    assert len(audited(vi)) == 3
    assert vi_other.code("AuditConferenceLines") == 101


@pytest.mark.parametrize("operation", OPERATIONS)
def test_numbers_of_others_and_no_numbers(
    vi: ZeepClient, vi_other: ZeepClient, soap: SoapClient, operation: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    vi_other.call("SetConferenceLine", tn=theirs, pin="1234")
    (free,) = for_sale(soap, 1)
    for number in (theirs, free, "3129119999"):
        reply = vi.call(operation, tn=number)
        assert (reply.responseCode, reply.ConferenceLine.PIN) == (909, None)
    for wrong in ("", "555", "13125550142"):
        assert vi.code(operation, tn=wrong) == 944
    assert line(vi_other.call("GetConferenceLine", tn=theirs)) == (True, "1234", theirs)


def test_faults(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    fault = {"provider": "voip_innovations", "operation": "*"}
    for kind, code in (("refuse", 900), ("partial", 909)):
        sandbox.control("fault", **fault, fault=kind)
        assert vi.code("SetConferenceLine", tn=tn, pin="1") == code
    assert tn not in audited(vi)
    sandbox.control("fault", **fault, fault="empty")
    assert vi.code("AuditConferenceLines") == 101
