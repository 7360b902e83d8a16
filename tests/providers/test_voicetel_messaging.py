"""VoiceTel's messages: letter for letter on the wire, and what each answer means (9, 10)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.messaging import (
    DestinationKind,
    MessageDestination,
    MessageKind,
    RegistrationState,
)
from portal.providers.errors import ProviderError, ProviderProtocolError
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import messaging as mapping
from portal.providers.voicetel.methods import messaging as methods
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent

HOOK = MessageDestination(kind=DestinationKind.WEBHOOK, target="https://hooks.example.net/sms")
NUMBER = "numbers/2125550142"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def query(faked: Faked, number: int = 0) -> dict[str, list[str]]:
    return parse_qs(urlsplit(sent(faked, number)[1]).query)


class TestStates:
    def test_states_tell_path_and_campaign(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "numbers/messaging", "messaging_states.json")
        bound, off, foreign, sparse = provider.list_messaging(TNS)
        assert (bound.is_ours, bound.is_on, bound.network) == (True, True, "A")
        assert (bound.carrier_ref, bound.inbound_ref) == ("17", "31")
        assert (bound.campaign_ref, bound.campaign_state) == ("CABC123", RegistrationState.ACTIVE)
        assert bound.destination == MessageDestination(
            kind=DestinationKind.UNKNOWN, target="inbox@example.net"
        )
        assert (off.is_on, off.campaign_ref, off.destination) == (False, "", None)
        assert (off.carrier_ref, off.inbound_ref) == ("", "")
        assert foreign.is_ours is False
        assert (sparse.is_ours, sparse.network) == (True, "B")
        assert sparse.campaign_state is RegistrationState.SUSPENDED
        assert query(faked)["numbers"] == ["2125550142,2125550143,2125550144"]

    def test_many_numbers_are_asked_for_in_parts(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "numbers/messaging", "messaging_states.json")
        tns = [TN.from_digits10(f"212555{n:04d}") for n in range(600)]
        list(provider.list_messaging([*tns, tns[0]]))
        sizes = [len(query(faked, n)["numbers"][0].split(",")) for n in (0, 1)]
        assert sizes == [500, 100]
        assert max(len(call.request.url) for call in faked.calls) < 8000

    def test_without_numbers_nothing_is_asked(
        self, provider: VoiceTel, runtime: RecordingRuntime
    ) -> None:
        assert list(provider.list_messaging([])) == []
        assert not runtime.exchanges

    def test_one_number_that_is_not_there_is_none(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", f"{NUMBER}/messaging", "not_found.json", status=404)
        assert provider.messaging_state(TNS[0]) is None

    def test_a_404_of_somebody_else_is_no_answer(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", f"{NUMBER}/messaging", body=b"<h1>Not found</h1>", status=404)
        with pytest.raises(ProviderProtocolError):
            provider.messaging_state(TNS[0])

    def test_an_answer_about_another_number_is_no_answer(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        body = json.dumps({"status": "success", "data": {"number": "2125550143"}}).encode()
        answer(faked, "GET", f"{NUMBER}/messaging", body=body)
        with pytest.raises(ProviderProtocolError, match="another number"):
            provider.messaging_state(TNS[0])


class TestDestinations:
    def test_a_destination_is_read_with_its_word(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", f"{NUMBER}/sms", "sms_route.json")
        answer(faked, "GET", f"{NUMBER}/sms", "sms_route_unknown.json")
        answer(faked, "GET", f"{NUMBER}/sms", "not_found.json", status=404)
        found = [provider.message_destination(TNS[0]) for _ in range(3)]
        assert found == [
            MessageDestination(kind=DestinationKind.WEBHOOK, target=HOOK.target, word="webhook"),
            MessageDestination(kind=DestinationKind.UNKNOWN, target="loft 7", word="unknown"),
            None,
        ]

    def test_a_destination_is_sent_and_confirmed(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "PUT", f"{NUMBER}/sms", "sms_route.json")
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        body = {"type": "webhook", "resource": HOOK.target}
        assert sent(faked) == ("PUT", f"{NUMBER}/sms", body)
        assert outcome.outcome is Outcome.SUCCEEDED
        assert outcome.values == {"message_kind": "webhook", "message_target": HOOK.target}

    def test_another_one_in_the_answer_leaves_it_open(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "PUT", f"{NUMBER}/sms", "sms_route_unknown.json")
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        assert outcome.outcome is Outcome.UNKNOWN
        assert "loft 7" in outcome.message

    def test_a_webhook_that_is_not_reachable_says_what_to_do(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "PUT", f"{NUMBER}/sms", "fields_required.json", status=400)
        outcome = provider.set_message_destination(TNS[0], destination=HOOK)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "400")
        assert outcome.advice.startswith("Its messages go where they went before.")
        assert "valid certificate" in outcome.advice

    def test_nothing_set_cannot_be_removed(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "DELETE", f"{NUMBER}/sms", status=204)
        answer(faked, "DELETE", f"{NUMBER}/sms", "not_found.json", status=404)
        outcomes = [provider.remove_message_destination(TNS[0]) for _ in range(2)]
        assert [o.outcome for o in outcomes] == [Outcome.SUCCEEDED, Outcome.REFUSED]
        assert sent(faked)[2] is None

    @pytest.mark.parametrize(
        ("kind", "target", "token", "why"),
        [
            (DestinationKind.WEBHOOK, "http://hooks.example.net/sms", "", "https://"),
            (DestinationKind.EMAIL, "a@example.net;b@example.net", "", "one address"),
            (DestinationKind.SIP, "pbx.example.net", "", "IPv4"),
            (DestinationKind.FORWARD, "+12015550142", "", "mail, https webhooks and SIP"),
            (DestinationKind.WEBHOOK, HOOK.target, "token", "no token"),
        ],
    )
    def test_what_the_wire_cannot_carry_is_not_sent(
        self,
        provider: VoiceTel,
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


class TestPath:
    def test_only_what_is_given_travels_and_zero_detaches(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        body = b'{"status":"success","data":{"number":"2125550142","updated":["routeIn"]}}'
        answer(faked, "PATCH", f"{NUMBER}/messaging", body=body)
        assert provider.set_messaging_path(TNS[0], inbound_ref="0").outcome is Outcome.SUCCEEDED
        outcome = provider.set_messaging_path(TNS[0], inbound_ref="31", carrier_ref="17")
        assert [sent(faked, n)[2] for n in (0, 1)] == [
            {"routeIn": 0},
            {"routeIn": 31, "routeOut": 17},
        ]
        assert outcome.outcome is Outcome.UNKNOWN
        assert "routeOut" in outcome.message

    def test_a_foreign_row_is_refused(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "PATCH", f"{NUMBER}/messaging", "forbidden.json", status=403)
        outcome = provider.set_messaging_path(TNS[0], inbound_ref="31")
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "403")
        assert "row of this account" in outcome.advice


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda c: c.get_numbers_messaging([]), "1 to 1000"),
        (lambda c: c.get_numbers_messaging(["2125550142"] * 1001), "1 to 1000"),
        (lambda c: c.get_numbers_messaging(["12125550142"]), "ten digits"),
        (lambda c: c.get_number_messaging("1125550142"), "ten digits"),
        (lambda c: c.patch_number_messaging("2125550142"), "nothing of the number"),
        (lambda c: c.patch_number_messaging("2125550142", route_in=-1), "not negative"),
        (lambda c: c.put_number_sms("2125550142", kind="fax", resource="x"), "no type of route"),
        (lambda c: c.get_number_sms("212555014"), "ten digits"),
        (lambda c: c.delete_number_sms("212555014"), "ten digits"),
        (
            lambda c: c.post_messages(from_number="2125550142", to_number="12015550142", text="x"),
            "recipient has ten",
        ),
        (
            lambda c: c.post_messages(
                from_number="2125550142", to_number="2015550142", text="x", media_urls=["ftp://a"]
            ),
            "public addresses",
        ),
        (
            lambda c: c.post_messages(
                from_number="2125550142", to_number="2015550142", text="x", subject="y"
            ),
            "has a subject",
        ),
        (
            lambda c: c.post_messages(
                from_number="2125550142", to_number="2015550142", text="\ud83d"
            ),
            "surrogates",
        ),
        (lambda c: c.get_messages("2125550142", kind="fax"), "no type of message"),
        (lambda c: c.get_messages("2125550142", newer=5), "comes with an older"),
        (lambda c: c.get_messages("2125550142", newer=5, older=6), "comes with an older"),
        (lambda c: c.get_messages("2125550142", older=-1), "since 1970"),
    ],
)
def test_the_client_checks_before_it_sends(
    provider: VoiceTel, runtime: RecordingRuntime, call: Callable[[Client], Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        call(provider.client)
    assert not runtime.exchanges


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("2125550142"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)
NAMES = ["number", "campaign", "routeIn", "resource", "id", "key", "value", "type", "updated"]
RECORDS = st.dictionaries(st.sampled_from(NAMES), VALUES)
MESSAGES = st.fixed_dictionaries(
    {
        "key": st.lists(VALUES, max_size=3),
        "value": st.dictionaries(
            st.sampled_from(["direction", "number", "rate", "message", "destinationNumber"]), VALUES
        ),
    }
)


@given(RECORDS, MESSAGES)
def test_no_record_however_odd_raises_anything_but_a_provider_error(
    record: dict[str, Any], told: dict[str, Any]
) -> None:
    with contextlib.suppress(ProviderError):
        list(mapping.states([record], methods.GET_NUMBERS_MESSAGING))
    with contextlib.suppress(ProviderError):
        mapping.sent_message(record)
    for kind in MessageKind:
        with contextlib.suppress(ProviderError):
            list(mapping.message_records([record], TNS[0], kind=kind))
        assert len(list(mapping.message_records([{"id": "1", **told}], TNS[0], kind=kind))) == 1
    mapping.destination(record)
    mapping.updated(record)
