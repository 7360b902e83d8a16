"""VoiceTel's ports: what is sent, what each answer means, and what is never sent twice."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Outcome
from portal.providers.dto.porting import (
    TRADE_WORDS,
    AfterPort,
    NameType,
    PortRequest,
    PortState,
    port_state,
)
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import porting as mapping
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, make_provider, sent, sign_in

OURS, SECOND = TNS[:2]
REQUEST = PortRequest(
    tns=(OURS, SECOND),
    name="Example LLC",
    name_type=NameType.BUSINESS,
    authorized_person="Pat Example",
    billing_tn=TN("+12125550142"),
    account_number="A-1001",
    street_number="12",
    street="Oak",
    street_type="AVE",
    city="New York",
    state="ny",
    zip="10001",
)
PAYLOAD = {
    "did": ["2125550142", "2125550143"],
    "name": "Example LLC",
    "nameType": "business",
    "authPerson": "Pat Example",
    "lcBtn": "2125550142",
    "lcAccountNumber": "A-1001",
    "streetNumber": "12",
    "street": "Oak",
    "streetType": "AVE",
    "city": "New York",
    "state": "NY",
    "zip": "10001",
    "country": "US",
}


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def no(faked: Faked, verb: str, path: str, status: int, message: str) -> None:
    """Answer a route with the error envelope."""
    error = {"status": "error", "error": {"code": status, "message": message}}
    answer(faked, verb, path, body=json.dumps(error).encode(), status=status)


class TestPortability:
    def test_a_yes_tells_the_losing_carrier(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "ports/availability/2125550142", "portable.json")
        found = provider.check_portability(OURS)
        assert (found.is_portable, found.losing_carrier) == (True, "EXAMPLE BELL")
        assert (found.routing_number, found.tier) == (TN("+12125550100"), "2")
        assert provider.portability_lifetime == timedelta(hours=1)

    def test_a_no_has_a_reason(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "ports/availability/2125550142", "not_portable.json")
        found = provider.check_portability(OURS)
        assert (found.is_portable, found.routing_number) == (False, None)
        assert found.reason == "Rate center is not covered"

    @pytest.mark.parametrize("portable", [None, "true", 1, 0, []])
    def test_anything_else_is_neither(self, portable: Any) -> None:
        with pytest.raises(ProviderProtocolError):
            mapping.portability({"portable": portable}, OURS)

    def test_an_answer_about_another_number_is_off_contract(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "GET", "ports/availability/2125550143", "portable.json")
        with pytest.raises(ProviderProtocolError, match="another number"):
            provider.check_portability(SECOND)


class TestSubmitting:
    def test_only_what_says_something_is_sent(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "POST", "ports", "port_receipt.json", status=201)
        receipt = provider.submit_port(REQUEST)
        assert sent(faked) == ("POST", "ports", PAYLOAD)
        assert "Idempotency-Key" not in faked.calls[0].request.headers
        assert (receipt.ref, receipt.ticket_ref) == ("Ab1C2", "8801")
        assert receipt.letter_url == "https://api.voicetel.com/a/loa/Ab1C2/"
        assert receipt.tracking_url == "https://api.voicetel.com/a/port/Ab1C2/"

    def test_everything_has_its_name(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "POST", "ports", "port_receipt.json", status=201)
        request = replace(
            REQUEST,
            pin="1234",
            desired_date=date(2025, 3, 2),
            street_prefix="N",
            street_suffix="SW",
            building="B",
            floor="3",
            room="12",
            unit="Suite 5",
            after={
                OURS: AfterPort(
                    route_ref="1001", caller_name="EXAMPLE LLC", campaign_ref="CABC123"
                ),
                SECOND: AfterPort(),
            },
        )
        provider.submit_port(request)
        assert sent(faked)[2] == {
            **PAYLOAD,
            "pin": "1234",
            "desiredDueDate": "2025-03-02",
            "streetPrefix": "N",
            "streetSuffix": "SW",
            "building": "B",
            "floor": "3",
            "room": "12",
            "unitValue": "Suite 5",
            "features": [
                {
                    "number": "2125550142",
                    "routing": {"gatewayId": 1001},
                    "lidb": {"name": "EXAMPLE LLC"},
                    "sms": {"campaignId": "CABC123"},
                },
                {"number": "2125550143"},
            ],
        }
        assert "1234" not in runtime.exchanges[0].call.body  # the PIN
        assert "1234" not in repr(request)

    def test_the_wished_date_has_the_spelling_of_the_settings(self, faked: Faked) -> None:
        runtime = sign_in(RecordingRuntime())
        provider = make_provider(runtime, settings={"port_date_form": "datetime"})
        answer(faked, "POST", "ports", "port_receipt.json", status=201)
        provider.submit_port(replace(REQUEST, desired_date=date(2025, 3, 2)))
        assert sent(faked)[2]["desiredDueDate"] == "2025-03-02T12:00:00Z"
        provider.close()

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"tns": ()}, "no number"),
            ({"tns": (OURS, OURS)}, "twice"),
            ({"tns": (OURS, TN("+18005550142"))}, "separate"),
            ({"tns": (TN("+442079460142"),)}, "North American"),
            ({"billing_tn": TN("+442079460142")}, "North American"),
            ({"name": " "}, "name on the bill"),
            ({"authorized_person": ""}, "person who signs"),
            ({"account_number": ""}, "account number"),
            ({"country": ""}, "country"),
            ({"state": "New York"}, "state"),
            ({"street_prefix": "North"}, "direction"),
            ({"after": {TN("+12125550199"): AfterPort()}}, "not among"),
            ({"after": {OURS: AfterPort(route_ref="USER")}}, "gateway id"),
            ({"after": {OURS: AfterPort(caller_name="SIXTEEN LETTERS!")}}, "15"),
        ],
    )
    def test_a_request_that_cannot_be_one_is_never_sent(
        self, provider: VoiceTel, runtime: RecordingRuntime, wrong: dict[str, Any], says: str
    ) -> None:
        with pytest.raises(ValueError, match=says):
            provider.submit_port(replace(REQUEST, **wrong))
        assert runtime.exchanges == []

    @pytest.mark.parametrize("status", [400, 402])
    def test_a_refusal_means_that_nothing_was_done(
        self, provider: VoiceTel, faked: Faked, status: int
    ) -> None:
        no(faked, "POST", "ports", status, "Sorry")
        with pytest.raises(ProviderRefused, match="Nothing was carried out") as caught:
            provider.submit_port(REQUEST)
        assert caught.value.code == str(status)

    @pytest.mark.parametrize("status", [409, 500, 502])
    def test_any_other_status_leaves_it_unknown(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime, status: int
    ) -> None:
        no(faked, "POST", "ports", status, "Sorry")
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.submit_port(REQUEST)
        assert len(runtime.writes()) == 1

    @pytest.mark.parametrize("data", [{}, {"pid": ""}, {"pid": "toolong"}, {"ticket": 1}])
    def test_a_receipt_that_names_no_port_is_unknown(
        self, provider: VoiceTel, faked: Faked, data: dict[str, Any]
    ) -> None:
        body = json.dumps({"status": "success", "data": data}).encode()
        answer(faked, "POST", "ports", body=body, status=201)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.submit_port(REQUEST)

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "//x.example", 7, 'https://x"y', None])
    def test_a_link_is_a_web_address_or_none(self, link: Any) -> None:
        assert mapping.receipt({"pid": "Ab1C2", "loaUrl": link}).letter_url == ""


class TestFollowing:
    def test_the_list_keeps_words_and_reads_both_kinds_of_time(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "GET", "ports", "ports.json")
        newest, oldest = provider.list_ports()
        assert (newest.ref, newest.word) == ("Ab1C2", "Awaiting bill copy")
        assert newest.state is PortState.UNKNOWN
        assert newest.submitted_at == datetime(2025, 1, 2, 15, 30, tzinfo=UTC)
        assert newest.foc_date is None
        assert newest.support_url.endswith("/8801/")
        assert (oldest.state, oldest.foc_date) == (PortState.COMPLETED, date(2025, 1, 16))
        assert oldest.submitted_at == datetime(2024, 12, 24, 0, 26, 40, tzinfo=UTC)

    def test_one_port_has_its_numbers(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "ports/Ab1C2", "port.json")
        port = provider.port("Ab1C2")
        assert port is not None
        assert [number.tn for number in port.numbers] == [OURS, SECOND]
        assert (port.name, port.email) == ("EXAMPLE LLC", "desk@example.net")
        assert port.submitted_at == datetime(2025, 1, 2, 15, 30, tzinfo=UTC)
        assert port.details["id"].startswith("0123")

    def test_404_is_no_port(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "GET", "ports/Ab1C2", 404, "Port not found")
        assert provider.port("Ab1C2") is None

    def test_another_port_is_off_contract(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "ports/zz9Y1", "port.json")
        with pytest.raises(ProviderProtocolError, match="another port"):
            provider.port("zz9Y1")

    @pytest.mark.parametrize("ref", ["", "Ab1C", "0123456789abcdef", "../x", "Ab1C2\n"])
    def test_what_is_no_reference_is_never_sent(self, provider: VoiceTel, ref: str) -> None:
        with pytest.raises(ValueError, match="port"):
            provider.port(ref)

    @pytest.mark.parametrize(
        "port",
        [
            {"status": "Complete"},
            {"pid": "Ab1C2", "numbers": "x"},
            {"pid": "Ab1C2", "numbers": [1]},
        ],
    )
    def test_a_port_never_vanishes_from_the_list(self, port: dict[str, Any]) -> None:
        with pytest.raises(ProviderProtocolError):
            list(mapping.ports([port]))

    @pytest.mark.parametrize(
        "word", ["Complete", " complete ", "COMPLETE", "FOC-Received", "loa_required"]
    )
    def test_a_known_word_is_known_in_any_spelling(self, word: str) -> None:
        (port,) = mapping.ports([{"pid": "Ab1C2", "status": word}])
        assert port.state is not PortState.UNKNOWN
        assert port.word == word.strip()

    @pytest.mark.parametrize("foc", ["20250230", "2025", 0, None, "soon", "202501160"])
    def test_a_day_that_is_none_is_none(self, foc: Any) -> None:
        (port,) = mapping.ports([{"pid": "Ab1C2", "foc": foc}])
        assert port.foc_date is None


class TestPortOutPin:
    """A PIN is a secret: it is sent, compared with the reply, and told to nobody."""

    def test_the_reply_confirms_it(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "PATCH", "numbers/2125550142/port-out-pin", "port_out_pin.json")
        outcome = provider.set_port_out_pin(OURS, pin="0739")
        assert (outcome.outcome, outcome.values) == (Outcome.SUCCEEDED, {})
        assert sent(faked)[2] == {"pin": "0739"}

    def test_another_pin_than_the_one_sent_is_unknown(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "PATCH", "numbers/2125550142/port-out-pin", "port_out_pin.json")
        outcome = provider.set_port_out_pin(OURS, pin="1111")
        assert (outcome.outcome, outcome.values) == (Outcome.UNKNOWN, {})
        assert "0739" not in repr(outcome)

    def test_no_exchange_keeps_it(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "PATCH", "numbers/2125550142/port-out-pin", "port_out_pin.json")
        provider.set_port_out_pin(OURS, pin="0739")
        (exchange,) = runtime.exchanges
        assert "2125550142" in exchange.text
        assert "0739" not in exchange.text

    def test_a_refusal_is_an_outcome(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "PATCH", "numbers/2125550142/port-out-pin", 404, "Not found")
        outcome = provider.set_port_out_pin(OURS, pin="0142")
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "404")

    @pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "１２３４"])
    def test_what_is_no_pin_is_never_sent_nor_repeated(self, provider: VoiceTel, pin: str) -> None:
        with pytest.raises(ValueError, match="four digits") as caught:
            provider.set_port_out_pin(OURS, pin=pin)
        assert not pin or pin not in str(caught.value)


ANY = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.text(max_size=3))
)
ROWS = st.dictionaries(
    st.sampled_from(
        [
            "pid",
            "status",
            "createdAt",
            "foc",
            "numbers",
            "portable",
            "number",
            "loaUrl",
            "portOutPin",
        ]
    ),
    ANY | st.sampled_from(["Ab1C2", "20250116", "2125550142", 10**30]),
    max_size=7,
)


@given(row=ROWS)
def test_no_record_breaks_a_reader(row: dict[str, Any]) -> None:
    for read in (
        lambda: list(mapping.ports([row])),
        lambda: mapping.port(row, "Ab1C2"),
        lambda: mapping.receipt(row),
        lambda: mapping.portability(row, OURS),
        lambda: mapping.port_out_pin(row, OURS),
    ):
        with contextlib.suppress(ProviderError):
            read()


@given(word=st.sampled_from(sorted(TRADE_WORDS)), gap=st.sampled_from([" ", "_", "-", "  ", "\t"]))
def test_a_word_of_the_trade_is_known_in_any_spelling(word: str, gap: str) -> None:
    assert port_state(f" {word.upper().replace(' ', gap)} ", TRADE_WORDS) is TRADE_WORDS[word]


@given(word=st.text(max_size=20), mark=st.sampled_from("0123456789/.:"))
def test_a_word_outside_the_table_says_nothing(word: str, mark: str) -> None:
    assert port_state(word + mark, TRADE_WORDS) is PortState.UNKNOWN
