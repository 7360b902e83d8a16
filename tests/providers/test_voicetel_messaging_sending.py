"""VoiceTel's messages as they are sent and read back: once, and newest first (9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.providers.dto.messaging import (
    Direction,
    MediaFile,
    MessageKind,
    OutgoingMessage,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import messaging as mapping
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent

FAR = TN("+12015550142")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def message(**facts: Any) -> OutgoingMessage:
    return OutgoingMessage(**{"sender": TNS[0], "recipient": FAR, "text": "Hi", **facts})


def query(faked: Faked, number: int = 0) -> dict[str, list[str]]:
    return parse_qs(urlsplit(sent(faked, number)[1]).query)


class TestSending:
    def test_a_text_is_sent_once_and_its_parts_are_told(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "messages", "message_sms.json", status=201)
        done = provider.send_message(message(text="Fish & <chips> 🐟"))
        assert (done.ref, done.kind, done.parts) == ("a1b2", MessageKind.SMS, 2)
        body = {"fromNumber": "2125550142", "toNumber": "2015550142", "text": "Fish & <chips> 🐟"}
        assert sent(faked) == ("POST", "messages", body)
        assert "Idempotency-Key" not in faked.calls[0].request.headers

    def test_pictures_make_it_an_mms(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "POST", "messages", "message_mms.json", status=201)
        urls = ("https://media.example.net/a.png",)
        done = provider.send_message(message(text="", subject="Parcel", media_urls=urls))
        assert (done.kind, done.parts) == (MessageKind.MMS, None)
        assert sent(faked)[2] | {"fromNumber": "", "toNumber": ""} == {
            "fromNumber": "",
            "toNumber": "",
            "text": "",
            "mediaUrls": [*urls],
            "subject": "Parcel",
        }

    def test_an_opted_out_recipient_is_a_refusal_in_our_words(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "messages", "opted_out.json", status=409)
        with pytest.raises(ProviderRefused, match="Recipient has opted out") as caught:
            provider.send_message(message())
        assert "does not want any" in caught.value.message
        assert caught.value.code == "409"

    @pytest.mark.parametrize("status", [500, 502])
    def test_a_broken_network_leaves_open_whether_it_was_sent(
        self, provider: VoiceTel, faked: Faked, status: int
    ) -> None:
        answer(faked, "POST", "messages", "network_refused.json", status=status)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.send_message(message())
        assert len(faked.calls) == 1

    def test_an_answer_without_a_message_leaves_it_open_too(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "messages", body=b'{"status":"success","data":{}}', status=201)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.send_message(message())

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"text": " "}, "empty"),
            ({"files": (MediaFile(name="a.png", content=b"x"),)}, "public addresses"),
            ({"subject": "Parcel"}, "has a subject"),
            ({"recipient": TN("+442071838750")}, "North American"),
        ],
    )
    def test_what_cannot_be_sent_says_why(
        self, provider: VoiceTel, runtime: RecordingRuntime, facts: dict[str, Any], why: str
    ) -> None:
        assert why in provider.why_not_sendable(message(**facts))
        with pytest.raises(ValueError, match=why):
            provider.send_message(message(**facts))
        assert not runtime.exchanges


class TestHistory:
    def test_messages_come_newest_first_between_edges(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "GET", "messages", "messages_sms.json")
        newest, middle, oldest = provider.list_messages(
            TNS[0],
            kind=MessageKind.SMS,
            since=datetime.fromtimestamp(1749913600, UTC),
            until=datetime.fromtimestamp(1750000000, UTC),
        )
        assert query(faked) == {
            "number": ["2125550142"],
            "type": ["sms"],
            "from": ["1750000000"],  # the newer edge
            "to": ["1749913600"],
        }
        assert (newest.direction, newest.far, newest.rate) == (Direction.OUT, FAR, Decimal("0.01"))
        assert newest.at == datetime.fromtimestamp(1749990000, UTC)
        assert (middle.direction, middle.far) == (Direction.IN, FAR)
        assert middle.text == "Open & ready? 🐟"
        assert middle.at == datetime.fromtimestamp(1749980000, UTC)  # a text on the wire
        assert (oldest.far, oldest.far_text) == (None, "55512")
        assert (oldest.at, oldest.rate) == (None, None)

    def test_receipts_have_keys_and_values_of_their_own(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "GET", "messages", "messages_dlr.json")
        since = datetime.fromtimestamp(1749913600, UTC)
        (receipt,) = provider.list_messages(TNS[0], kind=MessageKind.RECEIPT, since=since)
        assert (receipt.tn, receipt.far) == (TNS[0], FAR)
        assert receipt.at == datetime.fromtimestamp(1749990005, UTC)  # milliseconds on the wire
        assert "from" not in query(faked)

    def test_a_message_without_direction_is_judged_by_its_destination(self) -> None:
        rows = [
            {"id": "1", "key": ["2015550142", 1749990000], "value": {"message": "out"}},
            {"id": "2", "key": ["12125550142", 1749990000], "value": {"message": "in"}},
            {"id": "3", "key": [1749990000], "value": {"message": "?"}},
        ]
        found = list(mapping.message_records(rows, TNS[0], kind=MessageKind.SMS))
        assert [(m.direction, m.far) for m in found] == [
            (Direction.OUT, FAR),
            (Direction.IN, None),
            (Direction.UNKNOWN, None),
        ]

    def test_a_list_that_is_cut_short_is_no_list(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "messages", body=b'{"status":"success","data":{"messages":[{"id":"1"')
        with pytest.raises(ProviderProtocolError):
            list(provider.client.get_messages("2125550142"))
