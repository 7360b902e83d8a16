"""VoIP Innovations 2.6: faxes that arrive as e-mail, and e-mail that leaves as fax."""

from __future__ import annotations

import json

import pytest

from portal.sandbox.server import RunningSandbox
from portal.sandbox.soap_voip_innovations import METHODS
from tests.sandbox.soap_client import CREDENTIALS, GROUP, SoapClient, envelope, for_sale
from tests.sandbox.zeep_client import ZeepClient

EMAIL, SECOND = "fax@example.net", "second@example.net"
WRONG = ["", " ", "fax", "fax@", "@example.net", "a b@example.net", "a@b.c;no"]
BY_TN = (
    *("SetFaxToEmail", "GetFaxToEmail", "RemoveFaxToEmail", "AddEmailToFax", "GetEmailToFax"),
    "ConfigFaxToEmailNotifications",
)


@pytest.fixture
def tn(vi: ZeepClient, soap: SoapClient) -> str:
    """Return a number just bought."""
    (found,) = for_sale(soap, 1)
    soap.order("assignDID", found, epg=GROUP)
    return found


def audited(vi: ZeepClient) -> dict[str, str]:
    return {row.TN: row.Email for row in vi.call("AuditFaxToEmails").FaxToEmails.FaxToEmail}


def notices(sandbox: RunningSandbox, tn: str) -> object:
    rows = sandbox.store.query("SELECT data FROM number WHERE tn = ?", (tn,))
    return json.loads(rows[0]["data"]).get("faxNotices")


def test_fax_to_email_is_set_shown_and_removed(vi: ZeepClient, tn: str) -> None:
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    reply = vi.call("SetFaxToEmail", tn=tn, email=EMAIL)
    assert (reply.responseCode, reply.Email) == (100, EMAIL)
    assert vi.call("GetFaxToEmail", tn=tn).Email == EMAIL
    assert audited(vi)[tn] == EMAIL
    vi.call("SetFaxToEmail", tn=tn, email=SECOND)
    assert audited(vi)[tn] == SECOND
    removed = vi.call("RemoveFaxToEmail", tn=tn)
    assert (removed.responseCode, removed.Email) == (100, SECOND)
    assert tn not in audited(vi)
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    assert vi.code("RemoveFaxToEmail", tn=tn) == 101


def test_faxes_can_go_to_several(vi: ZeepClient, tn: str) -> None:
    assert vi.code("SetFaxToEmail", tn=tn, email=f"{EMAIL}; {SECOND}") == 100
    assert vi.call("GetFaxToEmail", tn=tn).Email == f"{EMAIL},{SECOND}"


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("operation", ["SetFaxToEmail", "AddEmailToFax"])
def test_what_is_no_address_is_refused(vi: ZeepClient, tn: str, operation: str, wrong: str) -> None:
    assert vi.code(operation, tn=tn, email=wrong) == 900
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    assert vi.code("GetEmailToFax", tn=tn) == 101


def test_notices_need_fax_to_email(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    assert vi.code("ConfigFaxToEmailNotifications", tn=tn, enabled=True) == 101
    vi.call("SetFaxToEmail", tn=tn, email=EMAIL)
    reply = vi.call("ConfigFaxToEmailNotifications", tn=tn, enabled=True)
    assert (reply.responseCode, reply.Email) == (100, None)
    assert notices(sandbox, tn) is True
    assert vi.code("ConfigFaxToEmailNotifications", tn=tn, enabled=False) == 100
    assert notices(sandbox, tn) is False
    vi.call("RemoveFaxToEmail", tn=tn)
    assert notices(sandbox, tn) is None


@pytest.mark.parametrize(
    ("sent", "kept"), [("1", True), ("true", True), ("0", False), (None, False)]
)
def test_the_switch_is_read_as_a_boolean(
    sandbox: RunningSandbox, soap: SoapClient, tn: str, sent: str | None, kept: bool
) -> None:
    soap.call("SetFaxToEmail", tn=tn, email=EMAIL)
    args = {} if sent is None else {"enabled": sent}
    assert soap.call("ConfigFaxToEmailNotifications", tn=tn, **args)["responseCode"] == "100"
    assert notices(sandbox, tn) is kept


def test_a_switch_that_is_none_is_a_fault(soap: SoapClient, tn: str) -> None:
    args = {**CREDENTIALS, "tn": tn, "enabled": "yes"}
    answer = soap.post(envelope("ConfigFaxToEmailNotifications", args))
    assert answer.status_code == 500
    assert "correct format" in answer.text


def test_senders_are_added_and_shown_with_the_caller_id(vi: ZeepClient, tn: str) -> None:
    assert vi.code("GetEmailToFax", tn=tn) == 101
    for email in (EMAIL, SECOND, EMAIL.upper()):
        reply = vi.call("AddEmailToFax", tn=tn, email=email)
        assert (reply.responseCode, reply.Email, reply.CallerID) == (100, None, None)
    shown = vi.call("GetEmailToFax", tn=tn)
    assert (shown.Email, shown.CallerID) == (f"{EMAIL},{SECOND}", tn)


def test_a_sender_leaves_every_number(vi: ZeepClient, soap: SoapClient, tn: str) -> None:
    (second,) = for_sale(soap, 1)
    soap.order("assignDID", second, epg=GROUP)
    for each in (tn, second):
        vi.call("AddEmailToFax", tn=each, email=EMAIL)
    vi.call("AddEmailToFax", tn=tn, email=SECOND)
    answer = soap.call("RemoveEmailToFax", email=EMAIL, tn=tn)
    assert answer["responseCode"] == "100"
    assert vi.call("GetEmailToFax", tn=tn).Email == SECOND
    assert vi.code("GetEmailToFax", tn=second) == 101
    assert vi.code("RemoveEmailToFax", email=EMAIL) == 101
    assert vi.code("RemoveEmailToFax", email="") == 101


def test_a_sender_of_another_account_stays(vi: ZeepClient, vi_other: ZeepClient) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    vi_other.call("AddEmailToFax", tn=theirs, email="theirs@example.net")
    assert vi.code("RemoveEmailToFax", email="theirs@example.net") == 101
    assert vi_other.call("GetEmailToFax", tn=theirs).Email == "theirs@example.net"


def test_a_released_number_keeps_nothing(vi: ZeepClient, soap: SoapClient, tn: str) -> None:
    vi.call("SetFaxToEmail", tn=tn, email=EMAIL)
    vi.call("AddEmailToFax", tn=tn, email=EMAIL)
    soap.order("releaseDID", tn)
    assert tn not in audited(vi)
    soap.order("assignDID", tn, epg=GROUP)
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    assert vi.code("GetEmailToFax", tn=tn) == 101


def test_some_numbers_have_fax_from_the_start(vi: ZeepClient, vi_other: ZeepClient) -> None:
    assert set(audited(vi).values()) == {EMAIL}
    assert len(audited(vi)) == 5
    assert vi_other.code("AuditFaxToEmails") == 101


@pytest.mark.parametrize("operation", BY_TN)
def test_numbers_of_others_and_no_numbers(
    vi: ZeepClient, vi_other: ZeepClient, soap: SoapClient, operation: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    vi_other.call("SetFaxToEmail", tn=theirs, email=EMAIL)
    (free,) = for_sale(soap, 1)
    names = [field.name for field in METHODS[operation].fields]
    args = {"email": EMAIL} if "email" in names else {}
    strange = 101 if operation == "ConfigFaxToEmailNotifications" else 909
    for number in (theirs, free, "3129119999"):
        assert vi.code(operation, tn=number, **args) == strange
    for wrong in ("", "555", "+13125550142"):
        assert vi.code(operation, tn=wrong, **args) == 944
    assert vi_other.call("GetFaxToEmail", tn=theirs).Email == EMAIL


def test_faults(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    fault = {"provider": "voip_innovations", "operation": "*"}
    for kind, code in (("refuse", 900), ("partial", 909)):
        sandbox.control("fault", **fault, fault=kind, match_tn=tn)
        assert vi.code("SetFaxToEmail", tn=tn, email=EMAIL) == code
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    vi.call("SetFaxToEmail", tn=tn, email=EMAIL)
    vi.call("AddEmailToFax", tn=tn, email=EMAIL)
    sandbox.control("fault", **fault, fault="empty", times=3)
    assert vi.code("AuditFaxToEmails") == 101
    assert vi.code("GetFaxToEmail", tn=tn) == 101
    assert vi.code("GetEmailToFax", tn=tn) == 101
    assert audited(vi)[tn] == EMAIL
