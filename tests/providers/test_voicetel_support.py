"""VoiceTel's help desk (voicetel.md 11)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from portal.providers.dto.support import Attachment, TicketField, TicketStatus
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import support as mapping
from portal.providers.voicetel.methods.support import GET_TICKET
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import KEY, WIRE, Faked, answer, connected, sent
from tests.providers.voicetel_values import records

PATH = "support/tickets/4001"


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def told(**fields: Any) -> bytes:
    return json.dumps({"status": "success", "data": fields}).encode()


def record() -> dict[str, Any]:
    found = json.loads((WIRE / "ticket.json").read_text())["data"]["ticket"]
    assert isinstance(found, dict)
    return found


class TestReading:
    def test_a_ticket_is_read_whole(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", PATH, "ticket.json")
        ticket = provider.ticket("4001")
        assert (ticket.ref, ticket.number, ticket.subject) == ("4001", "1001", "Calls fail")
        assert (ticket.status, ticket.channel, ticket.message_count) == (
            TicketStatus.CLOSED,
            "email",
            2,
        )
        assert ticket.closed_at == datetime(2025, 6, 11, 9, tzinfo=UTC)
        assert ticket.closed_by is not None
        assert (ticket.closed_by.ref, ticket.closed_by.first_name) == ("7", "Sam")
        assert ticket.assignee is None
        assert ticket.customer is not None
        assert ticket.customer.company == "Example LLC"
        assert ticket.customer.details["embedded"]["address"]["city"] == "New York"
        assert (ticket.waiting_words, ticket.latest_reply_from) == ("4 hours", "user")
        assert (ticket.cc, ticket.source) == (("desk@example.net",), "api via customer")
        assert ticket.fields == (TicketField(ref="3", name="Severity", value="2", text="High"),)

    def test_bodies_stay_as_strangers_wrote_them(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", PATH, "ticket.json")
        first, second = provider.ticket("4001").messages
        assert first.unsafe_html == '<p onclick="alert(1)">Calls fail.</p>'
        assert (first.kind, first.to) == ("customer", ("support@example.net",))
        assert first.attachments == (
            Attachment(
                ref="5",
                name="trace.txt",
                url="https://files.example.net/5",
                mime_type="text/plain",
                size=1200,
            ),
        )
        assert (second.kind, second.unsafe_html, second.rating) == ("note", "", 5)
        assert second.action_text == "Sam closed it"

    def test_messages_can_be_read_alone(self, faked: Faked, provider: VoiceTel) -> None:
        threads = record()["embedded"]["threads"]
        answer(faked, "GET", f"{PATH}/messages", body=told(messages=[*threads, None]))
        assert [message.ref for message in provider.ticket_messages("4001")] == ["9001", "9002"]

    def test_a_list_has_every_ticket(self, faked: Faked, provider: VoiceTel) -> None:
        bare = {"id": 4002, "status": "on hold"}
        answer(faked, "GET", "support/tickets", body=told(totalCount=2, tickets=[record(), bare]))
        full, odd = provider.list_tickets()
        assert full.ref == "4001"
        assert (odd.status, odd.status_word, odd.number) == (
            TicketStatus.UNKNOWN,
            "on hold",
            "4002",
        )
        assert (odd.customer, odd.closed_by, odd.created_at) == (None, None, None)

    def test_none_is_none_but_counted_ones_are_not(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "support/tickets", body=told(totalCount=0, tickets=[]))
        assert provider.list_tickets() == []
        faked.reset()
        answer(faked, "GET", "support/tickets", body=told(totalCount=7, tickets=[]))
        with pytest.raises(ProviderProtocolError, match="counts 7 tickets"):
            provider.list_tickets()

    def test_a_401_is_about_the_item_and_fetches_no_key(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", PATH, "unauthorized.json", status=401)
        with pytest.raises(ProviderRefused, match="does not find it on this account"):
            provider.ticket("4001")
        assert runtime.operations == ["GET /v2.2/support/tickets/{id}"]
        assert runtime.tokens == {"apikey": KEY}


class TestWriting:
    def test_a_ticket_is_opened(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "POST", "support/tickets", "ticket.json", status=201)
        assert provider.open_ticket(subject="Calls fail", message="Since today.").ref == "4001"
        assert sent(faked)[2] == {"subject": "Calls fail", "message": "Since today."}

    def test_an_administrator_names_the_customer(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "POST", "support/tickets", "ticket.json", status=201)
        provider.open_ticket(subject="a", message="b", email="ops@example.net")
        assert sent(faked)[2]["email"] == "ops@example.net"

    @pytest.mark.parametrize("said", ["success", "Success", "closed"])
    def test_the_outcome_of_a_status_is_read(
        self, faked: Faked, provider: VoiceTel, said: str
    ) -> None:
        answer(faked, "PUT", PATH, body=told(id=4001, status=said))
        provider.set_ticket_status("4001", TicketStatus.CLOSED)
        assert sent(faked) == ("PUT", PATH, {"status": "closed"})

    @pytest.mark.parametrize("fields", [{}, {"status": "failed"}, {"status": "active"}])
    def test_an_outcome_that_is_not_success_is_unknown(
        self, faked: Faked, provider: VoiceTel, fields: dict[str, Any]
    ) -> None:
        answer(faked, "PUT", PATH, body=told(**fields))
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.set_ticket_status("4001", TicketStatus.CLOSED)

    def test_a_reply_is_added(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "POST", f"{PATH}/replies", body=told(message="Reply added"), status=201)
        provider.reply_to_ticket("4001", message="It works again.")
        assert sent(faked)[2] == {"message": "It works again."}

    def test_a_reply_met_by_a_502_may_have_been_added(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "POST", f"{PATH}/replies", "network_refused.json", status=502)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.reply_to_ticket("4001", message="It works again.")

    def test_only_administrators_delete(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "DELETE", PATH, "forbidden.json", status=403)
        with pytest.raises(ProviderRefused, match="Only an administrator at VoiceTel"):
            provider.delete_ticket("4001")

    @pytest.mark.parametrize(
        "call",
        [
            lambda p: p.ticket("4001/messages"),
            lambda p: p.ticket("0"),
            lambda p: p.ticket(""),
            lambda p: p.open_ticket(subject=" ", message="b"),
            lambda p: p.open_ticket(subject="a", message="\n"),
            lambda p: p.open_ticket(subject="a", message="b", email="ops"),
            lambda p: p.reply_to_ticket("4001", message=""),
            lambda p: p.set_ticket_status("4001", TicketStatus.UNKNOWN),
            lambda p: p.client.put_support_ticket(4001, status="open"),
        ],
    )
    def test_what_the_wire_cannot_carry_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, call: Callable[[VoiceTel], Any]
    ) -> None:
        with pytest.raises(ValueError, match=r"ticket|needed"):
            call(provider)
        assert runtime.exchanges == []


@given(record=records())
def test_no_record_crashes_a_mapping(record: dict[str, Any]) -> None:
    for read in (
        lambda: mapping.ticket(record, GET_TICKET),
        lambda: mapping.ticket({"id": 1, "embedded": {"threads": [record]}, **record}, GET_TICKET),
        lambda: mapping.messages([record]),
    ):
        with contextlib.suppress(ProviderProtocolError):
            read()
