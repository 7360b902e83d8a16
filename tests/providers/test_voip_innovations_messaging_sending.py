"""VoIP Innovations' messages as they are sent: letter for letter, once, and checked before (2.10)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.providers.dto.messaging import (
    MediaFile,
    MessageKind,
    OutgoingMessage,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.client.messaging import MMSFile
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import Faked, answer, connected, say, sent

SENDER, RECIPIENT = TN("+14355550101"), TN("+12125550142")
PICTURE = MediaFile(name="a.png", content=b"\x89PNG\x00\xff")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


def message(**facts: Any) -> OutgoingMessage:
    return OutgoingMessage(**{"sender": SENDER, "recipient": RECIPIENT, "text": "Hi", **facts})


class TestSending:
    def test_numbers_have_eleven_digits_and_the_text_is_escaped(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "send_sms.xml")
        text = "Fish & <chips> ]]> “ready”\n🐟"
        done = provider.send_message(message(text=text))
        assert (done.ref[-2:], done.kind, done.word) == ("17", MessageKind.SMS, "queued")
        assert sent(faked) == (
            "SendSMS",
            [
                ("login", "desk"),
                ("secret", "s3cret & <more>"),
                ("sender", "14355550101"),
                ("recipient", "12125550142"),
                ("message", text),
            ],
        )

    def test_a_receipt_is_asked_for_by_an_operation_of_its_own(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(
            faked,
            "SendSMSWithDLR",
            "<responseCode>100</responseCode><MsgDetails><uuid>u-17</uuid></MsgDetails>",
        )
        assert provider.send_message(message(wants_receipt=True)).ref == "u-17"
        assert sent(faked)[0] == "SendSMSWithDLR"

    def test_files_travel_in_base64(self, provider: VoIPInnovations, faked: Faked) -> None:
        say(faked, "SendMMS", "<responseCode>100</responseCode><Uuid>u-18</Uuid>")
        done = provider.send_message(message(text="", files=(PICTURE,)))
        assert (done.ref, done.kind) == ("u-18", MessageKind.MMS)
        _, elements = sent(faked)
        assert elements[4:] == [
            ("message", None),
            (
                "files",
                [
                    (
                        "MMSFile",
                        [
                            ("FileName", "a.png"),
                            ("FileContent", base64.b64encode(PICTURE.content).decode()),
                        ],
                    )
                ],
            ),
        ]

    def test_a_message_without_reference_was_sent_all_the_same(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "send_sms_plain.xml")
        done = provider.send_message(message())
        assert (done.ref, done.word) == ("", "Success")

    def test_the_inner_verdict_counts(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "send_sms_not_taken.xml")
        with pytest.raises(ProviderRefused, match="country code") as caught:
            provider.send_message(message())
        assert (caught.value.code, caught.value.operation) == ("21", "SendSMS")

    def test_their_own_error_leaves_open_whether_it_was_sent_and_nothing_is_repeated(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "SendSMS", "<responseCode>900</responseCode>")
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.send_message(message())
        assert len(faked.calls) == 1

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"text": " "}, "empty"),
            ({"media_urls": ("https://media.example.net/a.png",)}, "files themselves"),
            ({"subject": "Parcel"}, "without a subject"),
            ({"recipient": TN("+442071838750")}, "North American"),
            ({"files": (MediaFile(name="", content=b"x"),)}, "no name"),
            ({"files": (PICTURE,), "wants_receipt": True}, "switched on for the number"),
            ({"files": (PICTURE,), "text": "x" * 2001}, "2000 characters"),
            ({"files": (MediaFile(name="a", content=bytes(2**21 + 1)),)}, "2 MB"),
        ],
    )
    def test_what_cannot_be_sent_says_why(
        self,
        provider: VoIPInnovations,
        runtime: RecordingRuntime,
        facts: dict[str, Any],
        why: str,
    ) -> None:
        assert why in provider.why_not_sendable(message(**facts))
        with pytest.raises(ValueError, match=why):
            provider.send_message(message(**facts))
        assert not runtime.exchanges


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda c: c.send_sms("4355550101", "12125550142", "Hi"), "the sender has eleven"),
        (lambda c: c.send_sms("14355550101", "+12125550142", "Hi"), "the recipient has eleven"),
        (lambda c: c.send_sms("14355550101", "12125550142", "\n"), "empty"),
        (lambda c: c.send_sms("14355550101", "12125550142", "a\x00b"), "XML"),
        (lambda c: c.send_sms_with_dlr("14355550101", "2125550142", "Hi"), "eleven"),
        (lambda c: c.send_mms("14355550101", "12125550142"), "empty"),
        (lambda c: c.send_mms("14355550101", "12125550142", "x" * 2001), "2000"),
        (lambda c: MMSFile(name="a.png", content=b""), "is empty"),
        (lambda c: c.audit_sms("435555"), "ten digits"),
        (lambda c: c.config_sms("4355550104", enable=True, forward_email="me"), "forwarded"),
        (
            lambda c: c.config_sms_destination("4355550104", destination_type="FAX"),
            "no destination type",
        ),
        (
            lambda c: c.config_sms_destination(
                "4355550104", destination_type="NONE", destination="x"
            ),
            "go nowhere",
        ),
        (lambda c: c.update_sms_dlr([], dlr=True), "no number"),
        (lambda c: c.update_sms_dlr(["4355550104"] * 51, dlr=True), "at most 50"),
        (lambda c: c.update_sms_dlr(["435-555-0104"], dlr=True), "ten digits"),
    ],
)
def test_the_client_checks_before_it_sends(
    provider: VoIPInnovations,
    runtime: RecordingRuntime,
    call: Callable[[Client], Any],
    why: str,
) -> None:
    with pytest.raises(ValueError, match=why):
        call(provider.client)
    assert not runtime.exchanges
