"""The VoiceTel wire of the sandbox: messages that are sent, received and confirmed."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.rest_voicetel_messages import segments
from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient

FAR = "4155550142"


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    sandbox.control("setting", key="voicetel.rate_limit", value="off")
    return VoiceTelClient(sandbox)


@pytest.fixture
def sender(client: VoiceTelClient) -> str:
    """Return a number of the account that may send and has no messages yet."""
    number = client.first_number()
    client.data("PATCH", f"/numbers/{number}/messaging", json={"routeOut": 17})
    return number


def send(client: VoiceTelClient, sender: str, to: str = FAR, text: str = "Hi", **more: Any) -> Any:
    body = {"fromNumber": sender, "toNumber": to, "text": text, **more}
    return client.data("POST", "/messages", 201, json=body)


def listed(client: VoiceTelClient, number: str, **query: Any) -> Any:
    return client.data("GET", "/messages", params={"number": number, **query})


def cash(client: VoiceTelClient) -> float:
    return float(client.data("GET", "/account")["cash"])


@given(st.text(max_size=1000))
def test_each_segment_holds_up_to_160_characters(text: str) -> None:
    count = segments(text)
    assert (count - 1) * 160 < max(len(text), 1) <= count * 160


class TestSending:
    def test_text_is_charged_by_the_segment(self, client: VoiceTelClient, sender: str) -> None:
        before = cash(client)
        sent = send(client, sender, text="x" * 161)
        assert sent == {
            "id": sent["id"],
            "type": "sms",
            "fromNumber": sender,
            "toNumber": FAR,
            "mediaUrls": [],
            "parts": 2,
        }
        assert isinstance(sent["id"], str)
        assert cash(client) == pytest.approx(before - 0.02)

    def test_media_make_it_an_mms_with_a_subject(self, client: VoiceTelClient, sender: str) -> None:
        before = cash(client)
        media = ["https://media.example.net/photo.jpg"]
        sent = send(client, sender, text="x" * 500, mediaUrls=media, subject="Photo")
        assert (sent["type"], sent["mediaUrls"], sent["subject"]) == ("mms", media, "Photo")
        assert "parts" not in sent
        assert cash(client) == pytest.approx(before - 0.02)
        assert listed(client, sender)["messages"] == []
        assert len(listed(client, sender, type="mms")["messages"]) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"fromNumber": ""},
            {"toNumber": "14155550142"},
            {"toNumber": 4155550142},
            {"text": ""},
            {"text": 5},
            {"mediaUrls": "https://media.example.net/photo.jpg"},
            {"mediaUrls": ["photo.jpg"]},
        ],
    )
    def test_bad_messages_are_refused(
        self, client: VoiceTelClient, sender: str, change: dict[str, Any]
    ) -> None:
        body = {"fromNumber": sender, "toNumber": FAR, "text": "Hi", **change}
        client.error("POST", "/messages", 400, json=body)

    def test_missing_fields_are_named(self, client: VoiceTelClient) -> None:
        message = client.error("POST", "/messages", 400, json={})
        assert message == "Fields Required: fromNumber, toNumber, text"

    def test_foreign_sender_is_a_403(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        body = {"fromNumber": sender, "toNumber": FAR, "text": "Hi"}
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        other.error("POST", "/messages", 403, json=body)
        other.error("GET", "/messages", 403, params={"number": sender})

    def test_number_without_messaging_is_a_409(self, client: VoiceTelClient, sender: str) -> None:
        client.data("PATCH", f"/numbers/{sender}/messaging", json={"routeOut": 0})
        body = {"fromNumber": sender, "toNumber": FAR, "text": "Hi"}
        client.error("POST", "/messages", 409, json=body)

    def test_low_balance_is_a_402(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        sandbox.store.execute("UPDATE account SET balance = 0.01 WHERE provider = 'voicetel'")
        body = {"fromNumber": sender, "toNumber": FAR, "text": "x" * 161}
        client.error("POST", "/messages", 402, json=body)
        send(client, sender)
        assert cash(client) == 0

    def test_line_cut_after_sending_leaves_the_message_sent(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        body = {"fromNumber": sender, "toNumber": "4155569903", "text": "Hi"}
        with pytest.raises(requests.ConnectionError):
            client.call("POST", "/messages", json=body)
        assert len(listed(client, sender)["messages"]) == 1

    def test_refusal_of_the_network_sends_nothing(
        self, client: VoiceTelClient, sender: str
    ) -> None:
        before = cash(client)
        body = {"fromNumber": sender, "toNumber": "4155569901", "text": "Hi"}
        client.error("POST", "/messages", 502, json=body)
        assert (cash(client), listed(client, sender)["messages"]) == (before, [])


class TestOptOut:
    def test_recipient_may_have_opted_out(self, client: VoiceTelClient, sender: str) -> None:
        body = {"fromNumber": sender, "toNumber": "4155559908", "text": "Hi"}
        assert "opted out" in client.error("POST", "/messages", 409, json=body)

    def test_stop_and_start_are_heard(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        theirs = other.first_number()
        other.data("PATCH", f"/numbers/{theirs}/messaging", json={"routeOut": 19})
        send(client, sender, theirs)
        send(other, theirs, sender, " stop ")
        body = {"fromNumber": sender, "toNumber": theirs, "text": "Hi"}
        client.error("POST", "/messages", 409, json=body)
        send(client, sender)
        send(other, theirs, sender, "START")
        send(client, sender, theirs)


class TestHistory:
    def test_sent_message_is_listed_with_the_far_end_as_an_integer(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        sent = send(client, sender, text="Grüße, ☎")
        found = listed(client, sender)
        assert (found["number"], found["type"]) == (sender, "sms")
        assert found["fromTs"] - found["toTs"] == 24 * 3600
        (message,) = found["messages"]
        assert message["id"] == sent["id"]
        assert message["key"][0] == FAR
        assert type(message["key"][1]) is int
        assert message["value"] == {
            "direction": "out",
            "rate": "0.01",
            "message": "Grüße, ☎",
            "number": int(FAR),
        }

    def test_message_to_a_number_of_the_sandbox_arrives_there(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        theirs = other.first_number()
        send(client, sender, theirs, "Hello there")
        (message,) = listed(other, theirs)["messages"]
        assert message["key"][0] == theirs
        value = message["value"]
        assert (value["direction"], value["number"]) == ("in", int(sender))
        assert value["message"] == "Hello there"

    def test_newest_comes_first_and_both_edges_are_included(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        for text in ("one", "two", "three"):
            send(client, sender, text=text)
            sandbox.control("clock", advance="1h")
        messages = listed(client, sender)["messages"]
        assert [each["value"]["message"] for each in messages] == ["three", "two", "one"]
        times = [each["key"][1] for each in messages]
        edges = {"from": times[1], "to": times[2]}
        inner = listed(client, sender, **edges)
        assert inner["messages"] == messages[1:]
        assert (inner["fromTs"], inner["toTs"]) == (times[1], times[2])
        assert listed(client, sender, **{"from": times[2], "to": times[1]})["messages"] == []
        sandbox.control("clock", advance="24h")
        assert listed(client, sender)["messages"] == []

    def test_receipt_comes_some_seconds_later(
        self, sandbox: RunningSandbox, client: VoiceTelClient, sender: str
    ) -> None:
        send(client, sender)
        send(client, sender, "4155559909")
        at = listed(client, sender)["messages"][0]["key"][1]
        assert listed(client, sender, type="dlr")["messages"] == []
        sandbox.control("clock", advance="1m")
        (receipt,) = listed(client, sender, type="dlr")["messages"]
        account, number, moment = receipt["key"]
        assert (account, number) == ("2125550100", f"1{sender}")
        assert at <= moment <= at + 10
        assert receipt["value"] == {"sourceNumber": sender, "destinationNumber": FAR}

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"number": "12125550142"},
            {"type": "voice"},
            {"from": "yesterday"},
            {"to": "-5"},
        ],
    )
    def test_bad_questions_are_refused(
        self, client: VoiceTelClient, sender: str, query: dict[str, str]
    ) -> None:
        known = {"number": sender} if query else {}
        client.error("GET", "/messages", 400, params={**known, **query})
