"""VoIP Innovations' messages: letter for letter on the wire, and what each answer means (2.10)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
)
from portal.providers.errors import ProviderError, ProviderProtocolError
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.mapping import messaging as mapping
from portal.providers.xml import Record, find_records, parse
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import TNS, WIRE, Faked, answer, connected, say, sent

RECIPIENT = TN("+12125550142")
HOOK = MessageDestination(
    kind=DestinationKind.WEBHOOK,
    target="https://hooks.example.net/sms",
    auth_token="hook-token-17",
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


def records(name: str) -> list[Record]:
    return find_records(parse((WIRE / name).read_bytes()), "SMSDID")


class TestStates:
    def test_an_audit_tells_where_messages_go(self) -> None:
        hook, forward, off, get, odd = mapping.states(records("audit_sms.xml"), "AuditSMS")
        assert (hook.tn, hook.is_on, hook.has_receipts) == ("+14355550101", True, True)
        assert hook.destination == MessageDestination(
            kind=DestinationKind.WEBHOOK,
            target="https://hooks.example.net/sms?a=1&b=2",
            word="POST",
        )
        assert forward.destination is not None
        assert forward.destination.kind is DestinationKind.FORWARD
        assert forward.destination.target == "+14355550103"
        assert (off.is_on, off.destination) == (False, None)
        assert get.destination is not None
        assert get.destination.kind is DestinationKind.WEBHOOK_GET
        assert odd.destination == MessageDestination(
            kind=DestinationKind.UNKNOWN, target="loft 7", word="PIGEON"
        )
        assert hook.campaign_ref is None  # the known shape does not tell

    def test_one_number_is_asked_for_by_its_ten_digits(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(
            faked,
            "AuditSMS",
            "<responseCode>100</responseCode><DIDs><SMSDID><TN>4355550104</TN>"
            "<Enabled>true</Enabled></SMSDID></DIDs>",
        )
        state = provider.messaging_state(TNS[0])
        assert state is not None
        assert (state.is_on, state.destination, state.has_receipts) == (True, None, None)
        assert sent(faked)[1][2:] == [("tn", "4355550104")]

    def test_an_answer_about_other_numbers_is_no_answer(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "audit_sms.xml")  # as if the tn had been overlooked
        with pytest.raises(ProviderProtocolError, match="other numbers"):
            provider.messaging_state(TN("+14355550199"))

    def test_two_records_of_one_number_that_differ_are_no_answer(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        record = "<SMSDID><TN>4355550104</TN><Enabled>{}</Enabled></SMSDID>"
        both = record.format("true") + record.format("false")
        say(faked, "AuditSMS", f"<responseCode>100</responseCode><DIDs>{both}</DIDs>")
        with pytest.raises(ProviderProtocolError, match="contradict"):
            provider.messaging_state(TNS[0])

    @pytest.mark.parametrize("name", ["audit_sms_none.xml", ""])
    def test_no_records_is_nothing(
        self, provider: VoIPInnovations, faked: Faked, name: str
    ) -> None:
        if name:
            answer(faked, name)
        else:
            say(faked, "AuditSMS", "<responseCode>101</responseCode>")
        assert provider.messaging_state(TNS[0]) is None

    def test_the_whole_account_comes_as_a_stream_whatever_is_named(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "audit_sms.xml")
        assert len(list(provider.list_messaging([TNS[0]]))) == 5
        assert [name for name, _ in sent(faked)[1]] == ["login", "secret"]

    def test_records_of_another_name_are_not_an_empty_account(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        inner = "<DIDs><Number><Tel>4355550104</Tel></Number></DIDs>"
        say(faked, "AuditSMS", f"<responseCode>100</responseCode>{inner}")
        with pytest.raises(ProviderProtocolError):
            list(provider.list_messaging([]))


class TestDestinations:
    def test_a_destination_is_sent_letter_for_letter_and_confirmed(
        self, provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "config_sms_destination.xml")
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        operation, elements = sent(faked)
        assert operation == "ConfigSMSDestination"
        assert elements[2:] == [
            ("tn", "4355550104"),
            ("destinationType", "POST"),
            ("destination", HOOK.target),
            ("authToken", "hook-token-17"),
        ]
        assert outcome.outcome is Outcome.SUCCEEDED
        assert outcome.values == {"message_kind": "webhook", "message_target": HOOK.target}
        assert "hook-token-17" not in runtime.exchanges[0].text
        assert "hook-token-17" not in repr(HOOK)

    @pytest.mark.parametrize(
        ("kind", "target", "word", "text"),
        [
            (DestinationKind.EMAIL, "a@example.net;b@example.net", "EMAIL", None),
            (DestinationKind.FORWARD, "(435) 555-0103", "FORWARD", "4355550103"),
            (DestinationKind.SIP, "sip:pbx.example.net", "SIP", None),
            (DestinationKind.SCRIPT, "17", "PROGTELCO", None),
            (DestinationKind.WEBHOOK_GET, "http://hooks.example.net/", "GET", None),
        ],
    )
    def test_each_kind_has_its_word(
        self,
        provider: VoIPInnovations,
        faked: Faked,
        kind: DestinationKind,
        target: str,
        word: str,
        text: str | None,
    ) -> None:
        say(faked, "ConfigSMSDestination", "<responseCode>100</responseCode>")
        wanted = MessageDestination(kind=kind, target=target)
        outcome = provider.set_message_destination(TNS[0], destination=wanted)
        assert outcome.outcome is Outcome.SUCCEEDED  # the outer verdict is all there is
        assert sent(faked)[1][3:] == [("destinationType", word), ("destination", text or target)]

    def test_an_old_destination_in_the_answer_means_later(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "config_sms_destination_later.xml")
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        assert outcome.outcome is Outcome.PENDING
        assert "an hour" in outcome.advice

    def test_an_answer_about_another_number_tells_nothing(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "config_sms_destination.xml")
        outcome = provider.set_message_destination(TNS[1], destination=HOOK)
        assert outcome.outcome is Outcome.UNKNOWN

    def test_none_takes_the_destination_away(self, provider: VoIPInnovations, faked: Faked) -> None:
        record = "<SMSDID><TN>4355550104</TN><DestinationType>NONE</DestinationType></SMSDID>"
        inner = f"<responseCode>100</responseCode><DIDs>{record}</DIDs>"
        say(faked, "ConfigSMSDestination", inner)
        outcome = provider.remove_message_destination(TNS[0])
        assert (outcome.outcome, outcome.values["message_kind"]) == (Outcome.SUCCEEDED, "")
        assert sent(faked)[1][2:] == [("tn", "4355550104"), ("destinationType", "NONE")]

    def test_a_refusal_is_that_number_s_outcome(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "ConfigSMSDestination", "<responseCode>909</responseCode>")
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "909")
        assert outcome.advice.startswith("Its messages go where they went before.")

    @pytest.mark.parametrize(
        ("kind", "target", "token", "why"),
        [
            (DestinationKind.EMAIL, "not an address", "", "mail addresses"),
            (DestinationKind.EMAIL, "a@example.net,b@example.net", "", "mail addresses"),
            (DestinationKind.EMAIL, "a@example.net", "token", "POST and GET only"),
            (DestinationKind.FORWARD, "911", "", "has 3 digits"),
            (DestinationKind.FORWARD, "+442071838750", "", "not a North American number"),
            (DestinationKind.WEBHOOK, "hooks.example.net", "", "address of the web"),
            (DestinationKind.UNKNOWN, "loft 7", "", "does not know this kind"),
        ],
    )
    def test_what_the_wire_cannot_carry_is_not_sent(
        self,
        provider: VoIPInnovations,
        runtime: RecordingRuntime,
        kind: DestinationKind,
        target: str,
        token: str,
        why: str,
    ) -> None:
        wanted = MessageDestination(kind=kind, target=target, auth_token=token)
        with pytest.raises(ValueError, match=why):
            provider.set_message_destination(TNS[0], destination=wanted)
        assert not runtime.exchanges

    def test_the_older_operation_sends_an_empty_forward(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "ConfigSMS", "<responseCode>100</responseCode>")
        provider.client.config_sms("4355550104", enable=True)
        expected = [("tn", "4355550104"), ("enable", "true"), ("forwardEmail", None)]
        assert sent(faked)[1][2:] == expected


class TestReceipts:
    def test_each_number_is_judged_by_its_record(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "update_sms_dlr.xml")
        on, late, unnamed = provider.set_receipts(TNS, is_on=True)
        assert [o.outcome for o in (on, late, unnamed)] == ["succeeded", "pending", "unknown"]
        assert on.values == {"message_receipts": "true"}
        assert sent(faked)[1][2:] == [
            ("tns", [("string", "4355550104"), ("string", "4355550105"), ("string", "4355550106")]),
            ("dlr", "true"),
        ]

    def test_a_refusal_of_many_is_everybody_s_and_says_so(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "UpdateSMSDLR", "<responseCode>909</responseCode>")
        outcomes = list(provider.set_receipts(TNS[:2], is_on=False))
        assert {outcome.outcome for outcome in outcomes} == {Outcome.REFUSED}
        assert all("one by one" in outcome.advice for outcome in outcomes)

    def test_many_numbers_go_in_parts(self, provider: VoIPInnovations, faked: Faked) -> None:
        tns = [TN.from_digits10(f"435555{n:04d}") for n in range(120, 180)]
        say(faked, "UpdateSMSDLR", "<responseCode>909</responseCode>")
        say(faked, "UpdateSMSDLR", "<responseCode>100</responseCode>")
        outcomes = list(provider.set_receipts([*tns, tns[0]], is_on=True))
        assert [o.outcome for o in outcomes] == ["refused"] * 50 + ["succeeded"] * 10
        assert [len(sent(faked, n)[1][2][1]) for n in (0, 1)] == [50, 10]

    def test_no_number_and_foreign_numbers_are_mistakes(
        self, provider: VoIPInnovations, runtime: RecordingRuntime
    ) -> None:
        for tns, why in (([], "no number"), ([TN("+442071838750")], "North American")):
            with pytest.raises(ValueError, match=why):
                provider.set_receipts(tns, is_on=True)
        assert not runtime.exchanges


FIELDS = ["tn", "enabled", "destinationtype", "destination", "dlr", "statuscode", "success", "uuid"]
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["4355550104", "14355550104", "true", "false", "FORWARD", "API POST", "NONE", "101200"]
)


@given(st.dictionaries(st.sampled_from(FIELDS), TEXTS))
def test_no_record_however_odd_raises_anything_but_a_provider_error(record: Record) -> None:
    with contextlib.suppress(ProviderError):
        list(mapping.states([record], "AuditSMS"))
    with contextlib.suppress(ProviderError):
        mapping.sent_message(record, "SendSMS", kind=MessageKind.SMS)
    for wanted in (None, HOOK, MessageDestination(kind=DestinationKind.FORWARD, target=RECIPIENT)):
        assert mapping.shows_destination(record, wanted) in {True, False, None}
    assert mapping.shows_receipts(record, is_on=True) in {True, False, None}
