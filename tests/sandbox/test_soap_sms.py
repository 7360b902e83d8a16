"""VoIP Innovations 2.10: settings of messages, sending, and delivery receipts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale
from tests.sandbox.zeep_client import PORTS, ZeepClient

RECIPIENT = "12125550142"


@pytest.fixture
def tn(soap: SoapClient, vi: ZeepClient) -> str:
    """Return a number just bought that can have messages, and has none yet."""
    (found,) = for_sale(soap, 1, npa="312", sms="1")
    soap.order("assignDID", found, epg=GROUP)
    return found


@pytest.fixture
def sender(vi: ZeepClient) -> str:
    """Return a number in the approved campaign, in eleven digits."""
    return f"1{next(did.TN for did in audited(vi) if did.CampaignId)}"


def audited(vi: ZeepClient, tn: str = "") -> list[Any]:
    found: list[Any] = vi.call("AuditSMS", tn=tn).DIDs.SMSDID
    return found


def setting(vi: ZeepClient, tn: str) -> tuple[bool, str, str, bool]:
    (did,) = audited(vi, tn)
    assert tn == did.TN
    return did.Enabled, did.DestinationType, did.Destination or "", did.DLR


def messages(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(
        f"{sandbox.url}/_sandbox/messages", timeout=10
    ).json()
    return found


def test_every_number_of_the_account_is_audited(vi: ZeepClient, tn: str) -> None:
    found = {did.TN: did for did in audited(vi)}
    assert set(found) == {did.tn for did in vi.call("auditDIDs").DIDs.DID}
    assert {did.Enabled for did in found.values()} == {True, False}
    assert setting(vi, tn) == (False, "NONE", "", False)


@pytest.mark.parametrize(
    ("kind", "destination"),
    [
        ("SIP", ""),
        ("SIP", str(GROUP)),
        ("EMAIL", "a@example.net"),
        ("EMAIL", "a@example.net;b@example.net"),
        ("FORWARD", "2125550142"),
        ("POST", "https://hooks.example.net/sms?for=1&to=2"),
        ("GET", "http://198.51.100.7:8080/in"),
        ("PROGTELCO", "501"),
    ],
)
def test_a_destination_is_set_kept_and_taken_away(
    vi: ZeepClient, tn: str, kind: str, destination: str
) -> None:
    reply = vi.call(
        "ConfigSMSDestination", tn=tn, destinationType=kind, destination=destination, authToken="t"
    )
    assert (reply.responseCode, reply.DIDs.SMSDID[0].DestinationType) == (100, kind)
    assert setting(vi, tn) == (True, kind, destination, False)
    assert vi.code("ConfigSMSDestination", tn=tn, destinationType="NONE") == 100
    assert setting(vi, tn) == (False, "NONE", "", False)


@pytest.mark.parametrize(
    ("kind", "destination", "code"),
    [
        ("", "", 900),
        ("FAX", "2125550142", 900),
        ("API POST", "https://hooks.example.net", 900),
        ("EMAIL", "", 900),
        ("EMAIL", "nobody", 900),
        ("EMAIL", "a@example.net;b", 900),
        ("FORWARD", "12125550142", 944),
        ("FORWARD", "", 944),
        ("POST", "hooks.example.net", 900),
        ("GET", "ftp://hooks.example.net", 900),
        ("GET", "", 900),
    ],
)
def test_a_wrong_destination_changes_nothing(
    vi: ZeepClient, tn: str, kind: str, destination: str, code: int
) -> None:
    vi.call("ConfigSMSDestination", tn=tn, destinationType="SIP")
    assert (
        vi.code("ConfigSMSDestination", tn=tn, destinationType=kind, destination=destination)
        == code
    )
    assert setting(vi, tn) == (True, "SIP", "", False)


def test_the_token_is_never_shown(soap: SoapClient, tn: str) -> None:
    args = {"destinationType": "POST", "destination": "https://example.net", "authToken": "s3cret"}
    answer = soap.send("ConfigSMSDestination", tn=tn, **args)
    assert "<DestinationType>POST<" in answer.text
    assert "s3cret" not in answer.text + soap.send("AuditSMS", tn=tn).text


def test_a_number_without_messages_cannot_have_them(soap: SoapClient, vi: ZeepClient) -> None:
    (found,) = for_sale(soap, 1, npa="312", sms="0")
    soap.order("assignDID", found, epg=GROUP)
    for operation, args in (
        ("ConfigSMSDestination", {"destinationType": "SIP"}),
        ("ConfigSMS", {"enable": True, "forwardEmail": "a@example.net"}),
    ):
        reply = vi.call(operation, tn=found, **args)
        assert (reply.responseCode, "not available" in reply.responseMessage) == (900, True)
    assert setting(vi, found) == (False, "NONE", "", False)


def test_the_deprecated_operation_still_works(vi: ZeepClient, tn: str) -> None:
    def config(enable: bool, forward: str) -> int:
        return vi.code("ConfigSMS", tn=tn, enable=enable, forwardEmail=forward)

    assert config(True, "a@example.net; b@example.net") == 100
    assert setting(vi, tn) == (True, "EMAIL", "a@example.net;b@example.net", False)
    assert config(True, "2125550142") == 100
    assert setting(vi, tn) == (True, "FORWARD", "2125550142", False)
    assert config(True, "") == 100
    assert setting(vi, tn) == (True, "NONE", "", False)
    assert config(True, "nonsense") == 944
    assert config(True, "a@b") == 900
    vi.call("ConfigSMSDestination", tn=tn, destinationType="SIP")
    assert config(True, "") == 100
    assert setting(vi, tn)[1] == "SIP"
    assert config(False, "") == 100
    assert setting(vi, tn) == (False, "NONE", "", False)


@pytest.mark.parametrize("operation", ["ConfigSMSDestination", "ConfigSMS", "AuditSMS"])
def test_a_setting_needs_an_own_number(
    vi: ZeepClient, vi_other: ZeepClient, operation: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    args = {"destinationType": "SIP"} if operation == "ConfigSMSDestination" else {}
    assert vi.code(operation, tn=theirs, **args) == 909
    for wrong in ("12125550142", "abc", "+12125550142"):
        assert vi.code(operation, tn=wrong, **args) == 944


def test_a_released_number_forgets_its_setting(soap: SoapClient, vi: ZeepClient, tn: str) -> None:
    vi.call("ConfigSMSDestination", tn=tn, destinationType="SIP")
    soap.order("releaseDID", tn)
    assert vi.code("AuditSMS", tn=tn) == 909
    soap.order("assignDID", tn, epg=GROUP)
    assert setting(vi, tn) == (False, "NONE", "", False)


@pytest.mark.parametrize("operation", ["SendSMS", "SendMMS", "SendSMSWithDLR"])
@pytest.mark.parametrize("port", PORTS)
def test_a_message_gets_an_id_and_arrives(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str, operation: str, port: str
) -> None:
    text = "Fish & chips <now>, naïve €5"
    reply = vi.call(operation, port=port, sender=sender, recipient=RECIPIENT, message=text)
    assert (reply.responseCode, reply.responseMessage) == (100, "Success")
    details = reply.MsgDetails
    assert (details.success, details.status, details.uuid) == ("true", "queued", reply.Uuid)
    (message,) = messages(sandbox)
    assert (message["uuid"], message["text"], message["status"]) == (reply.Uuid, text, "queued")
    sandbox.control("clock", advance="6s")
    vi.call("GetPrepaidBalance")
    assert messages(sandbox)[0]["status"] == "delivered"


def test_ids_differ_and_the_log_names_the_numbers(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str
) -> None:
    ids = {
        vi.call("SendSMS", sender=sender, recipient=RECIPIENT, message="Hello").Uuid
        for _ in range(3)
    }
    assert len(ids) == 3
    rows = sandbox.log(operation="SendSMS", tn=sender[1:])
    assert [row["tns"] for row in rows] == [[sender[1:], RECIPIENT[1:]]] * 3
    assert all(row["carried_out"] and row["done"] == [sender[1:]] for row in rows)


def test_files_travel_with_a_message(sandbox: RunningSandbox, vi: ZeepClient, sender: str) -> None:
    files = [
        {"FileName": "a.jpg", "FileContent": bytes(range(256))},
        {"FileName": "b.txt", "FileContent": b"text"},
    ]
    args = {"sender": sender, "recipient": RECIPIENT, "message": ""}
    assert vi.code("SendMMS", **args, files={"MMSFile": files}) == 100
    assert messages(sandbox)[0]["files"] == [{"a.jpg": 256}, {"b.txt": 4}]
    for wrong in ({"FileName": "", "FileContent": b"x"}, {"FileName": "a", "FileContent": b""}):
        assert vi.code("SendMMS", **args, files={"MMSFile": [wrong]}) == 900
    assert vi.code("SendMMS", **args) == 900
    assert len(messages(sandbox)) == 1


def test_content_that_is_not_base64_is_a_fault(soap: SoapClient, sender: str) -> None:
    file = {"MMSFile": {"FileName": "a.jpg", "FileContent": "§§§"}}
    answer = soap.send("SendMMS", sender=sender, recipient=RECIPIENT, files=file)
    assert answer.status_code == 500
    assert "correct format" in answer.text


@pytest.mark.parametrize("operation", ["SendSMS", "SendMMS", "SendSMSWithDLR"])
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"sender": "2015550100"}, 944, "sender is not a valid number"),
        ({"sender": "+12015550100"}, 944, "sender is not a valid number"),
        ({"sender": ""}, 944, "sender is not a valid number"),
        ({"recipient": "2125550142"}, 944, "recipient is not a valid number"),
        ({"recipient": "442079460000"}, 944, "recipient is not a valid number"),
        ({"recipient": "11125550142"}, 944, "recipient is not a valid number"),
        ({"message": "  "}, 900, "empty"),
        ({"recipient": "12125557867"}, 900, "opted out"),
        ({"sender": "13129119999"}, 909, "not assigned"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    sandbox: RunningSandbox,
    vi: ZeepClient,
    sender: str,
    operation: str,
    change: dict[str, str],
    code: int,
    words: str,
) -> None:
    args = {"sender": sender, "recipient": RECIPIENT, "message": "Hello", **change}
    reply = vi.call(operation, **args)
    assert (reply.responseCode, words in reply.responseMessage) == (code, True)
    assert (reply.Uuid, reply.MsgDetails) == (None, None)
    assert messages(sandbox) == []


def test_the_sender_is_an_own_number_with_messages_on(
    vi: ZeepClient, vi_other: ZeepClient, tn: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    args = {"recipient": RECIPIENT, "message": "Hello"}
    assert vi.code("SendSMS", sender=f"1{theirs}", **args) == 909
    refused = vi.call("SendSMS", sender=f"1{tn}", **args)
    assert (refused.responseCode, "not enabled" in refused.responseMessage) == (900, True)
    vi.call("ConfigSMSDestination", tn=tn, destinationType="SIP")
    assert vi.code("SendSMS", sender=f"1{tn}", **args) == 100


def test_without_an_approved_campaign_nothing_arrives(
    sandbox: RunningSandbox, vi: ZeepClient, tn: str
) -> None:
    vi.call("ConfigSMSDestination", tn=tn, destinationType="SIP")
    args = {"sender": f"1{tn}", "recipient": RECIPIENT, "message": "Hello"}
    assert vi.code("SendSMS", **args) == 100
    sandbox.control("clock", advance="6s")
    (message,) = messages(sandbox)
    assert (message["status"], "campaign" in message["reason"]) == ("undelivered", True)
    sandbox.control("setting", key="voip_innovations.campaign_required", value="on")
    refused = vi.call("SendSMS", **args)
    assert (refused.responseCode, "campaign" in refused.responseMessage) == (900, True)
    assert vi.code("AssignToSMSCampaign", tns={"string": [tn]}, campaignId="C000001") == 100
    assert vi.code("SendSMS", **args) == 100


def test_a_toll_free_number_needs_no_campaign(
    sandbox: RunningSandbox, soap: SoapClient, vi: ZeepClient
) -> None:
    (toll_free,) = for_sale(soap, 1, state="TF")
    soap.order("assignDID", toll_free, epg=GROUP)
    sandbox.control("number", provider="voip_innovations", tn=toll_free, sms=1)
    vi.call("ConfigSMSDestination", tn=toll_free, destinationType="SIP")
    vi.call("SendSMS", sender=f"1{toll_free}", recipient=RECIPIENT, message="Hello")
    sandbox.control("clock", advance="6s")
    assert messages(sandbox)[0]["status"] == "delivered"


def test_a_recipient_can_be_out_of_reach(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str
) -> None:
    sandbox.control("setting", key="voip_innovations.receipt_seconds", value="60")
    vi.call("SendSMS", sender=sender, recipient="12125553245", message="Hello")
    sandbox.control("clock", advance="30s")
    assert messages(sandbox)[0]["status"] == "queued"
    sandbox.control("clock", advance="31s")
    assert messages(sandbox)[0]["status"] == "undelivered"


class Inbox(HTTPServer):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, dict[str, str], str]] = []
        self.arrived = threading.Event()
        super().__init__(("127.0.0.1", 0), _InboxHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sms"


class _InboxHandler(BaseHTTPRequestHandler):
    server: Inbox

    def _keep(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path, _, query = self.path.partition("?")
        token = self.headers.get("Authorization", "")
        self.server.found.append((self.command, path, dict(parse_qsl(body or query)), token))
        self.send_response(200)
        self.end_headers()
        self.server.arrived.set()

    do_GET = do_POST = _keep  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ["POST", "GET"])
def test_a_receipt_goes_where_the_messages_go(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str, inbox: Inbox, kind: str
) -> None:
    vi.call(
        "ConfigSMSDestination",
        tn=sender[1:],
        destinationType=kind,
        destination=inbox.url,
        authToken="t0ken",
    )
    silent = vi.call("SendSMS", sender=sender, recipient=RECIPIENT, message="No receipt").Uuid
    wanted = vi.call("SendSMSWithDLR", sender=sender, recipient=RECIPIENT, message="Hello").Uuid
    sandbox.control("clock", advance="6s")
    assert inbox.arrived.wait(5)
    form = {"status": "delivered", "to": RECIPIENT, "msgid": wanted}
    assert inbox.found == [(kind, "/sms", form, "Bearer t0ken")]
    assert silent != wanted


def test_receipts_are_turned_on_for_numbers(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str, inbox: Inbox
) -> None:
    tn = sender[1:]
    vi.call("ConfigSMSDestination", tn=tn, destinationType="POST", destination=inbox.url)
    reply = vi.call("UpdateSMSDLR", tns={"string": [tn]}, dlr=True)
    assert (reply.responseCode, [(did.TN, did.DLR) for did in reply.DIDs.SMSDID]) == (
        100,
        [(tn, True)],
    )
    assert setting(vi, tn)[3] is True
    sent = vi.call("SendSMS", sender=sender, recipient="12125553245", message="Hello").Uuid
    sandbox.control("clock", advance="6s")
    assert inbox.arrived.wait(5)
    ((_, _, form, token),) = inbox.found
    assert (form["status"], form["msgid"], token) == ("undelivered", sent, "")
    assert vi.code("UpdateSMSDLR", tns={"string": [tn]}, dlr=False) == 100
    assert setting(vi, tn)[3] is False


def test_a_receipt_that_nobody_takes_is_lost(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str
) -> None:
    for address in ("http://127.0.0.1:9/none", "https://hooks.example.net/sms"):
        vi.call(
            "ConfigSMSDestination",
            tn=sender[1:],
            destinationType="POST",
            destination=address,
        )
        vi.call("SendSMSWithDLR", sender=sender, recipient=RECIPIENT, message="Hello")
        sandbox.control("clock", advance="6s")
    assert {message["status"] for message in messages(sandbox)} == {"delivered"}
    assert vi.code("GetPrepaidBalance") == 100


def test_receipts_are_all_or_nothing(
    vi: ZeepClient, vi_other: ZeepClient, sender: str, tn: str
) -> None:
    theirs = vi_other.call("auditDIDs").DIDs.DID[0].tn
    for strange, code in ((theirs, 909), (tn, 900), ("555", 944)):
        tns = {"string": [sender[1:], strange]}
        before = setting(vi, sender[1:])
        assert vi.code("UpdateSMSDLR", tns=tns, dlr=not before[3]) == code
        assert setting(vi, sender[1:]) == before
    assert vi.code("UpdateSMSDLR", dlr=True) == 944


def test_magic_numbers_and_faults_strike_messages(
    sandbox: RunningSandbox, vi: ZeepClient, sender: str
) -> None:
    def send(recipient: str) -> int:
        return vi.code("SendSMS", sender=sender, recipient=recipient, message="Hello")

    assert send("13125559901") == 900
    assert send("13125559905") == 909
    sandbox.control("fault", provider="voip_innovations", operation="AuditSMS", fault="empty")
    assert vi.code("AuditSMS") == 101
    assert messages(sandbox) == []
    sandbox.control("fault", provider="voip_innovations", operation="SendSMS", fault="drop_after")
    with pytest.raises(requests.ConnectionError):
        send(RECIPIENT)
    assert len(messages(sandbox)) == 1
