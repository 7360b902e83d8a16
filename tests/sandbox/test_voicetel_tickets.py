"""The VoiceTel wire of the sandbox: support tickets."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient
from tests.sandbox.test_voicetel_accounts import ADMIN

TICKETS = "/support/tickets"
QUESTION = {"subject": "No audio", "message": "Calls from <b>212</b> are silent."}
TICKET_MEMBERS = {
    *("id", "number", "subject", "preview", "status", "state", "type", "threadsCount"),
    *("folderId", "mailboxId", "createdAt", "updatedAt", "userUpdatedAt", "closedAt", "closedBy"),
    *("closedByUser", "assignee", "createdBy", "customer", "customerWaitingSince", "cc", "bcc"),
    *("source", "customFields", "embedded"),
}
THREAD_MEMBERS = {
    *("id", "type", "state", "status", "body", "createdAt", "openedAt", "createdBy", "assignedTo"),
    *("action", "source", "to", "cc", "bcc", "rating", "ratingComment", "customer", "embedded"),
}


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


@pytest.fixture
def other(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox, VOICETEL_OTHER)


@pytest.fixture
def admin(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox, ADMIN)


def ask(client: VoiceTelClient, **change: str) -> Any:
    return client.data("POST", TICKETS, 201, json={**QUESTION, **change})["ticket"]


def show(client: VoiceTelClient, ticket_id: int) -> Any:
    return client.data("GET", f"{TICKETS}/{ticket_id}")["ticket"]


class TestTickets:
    def test_ticket_has_every_documented_member(self, client: VoiceTelClient) -> None:
        ticket = ask(client)
        assert set(ticket) == TICKET_MEMBERS
        assert type(ticket["id"]) is type(ticket["number"]) is int
        assert ticket["id"] != ticket["number"]
        assert (ticket["status"], ticket["state"]) == ("active", "published")
        assert (ticket["assignee"], ticket["closedAt"]) == (None, None)
        assert ticket["customerWaitingSince"]["latestReplyFrom"] == "customer"
        assert ticket["customer"]["email"] == "sandbox@example.net"
        (thread,) = ticket["embedded"]["threads"]
        assert set(thread) == THREAD_MEMBERS
        assert (thread["type"], thread["createdBy"]["type"]) == ("customer", "customer")
        assert thread["body"] == "<p>Calls from &lt;b&gt;212&lt;/b&gt; are silent.</p>"

    def test_list_is_newest_first_and_leaves_the_threads_out(self, client: VoiceTelClient) -> None:
        first, second = ask(client)["id"], ask(client)["id"]
        found = client.data("GET", TICKETS)
        assert [ticket["id"] for ticket in found["tickets"]][:2] == [second, first]
        assert found["totalCount"] == len(found["tickets"])
        assert found["tickets"][0]["threadsCount"] == 1
        assert found["tickets"][0]["embedded"]["threads"] == []

    def test_missing_fields_are_named(self, client: VoiceTelClient) -> None:
        assert client.error("POST", TICKETS, 400, json={}) == "Fields Required: subject, message"
        client.error("POST", TICKETS, 400, json={**QUESTION, "message": 5})

    def test_customers_see_their_own_only(
        self, client: VoiceTelClient, other: VoiceTelClient
    ) -> None:
        ticket_id = ask(client)["id"]
        path = f"{TICKETS}/{ticket_id}"
        assert ticket_id not in [each["id"] for each in other.data("GET", TICKETS)["tickets"]]
        other.error("GET", path, 403)
        other.error("PUT", path, 403, json={"status": "closed"})
        other.error("GET", f"{path}/messages", 403)
        other.error("POST", f"{path}/replies", 403, json={"message": "Me too"})
        for wrong in ("1", "x", "9" * 30):
            client.error("GET", f"{TICKETS}/{wrong}", 404)
            client.error("GET", f"{TICKETS}/{wrong}/messages", 404)

    def test_administrators_see_all_and_remove(
        self, client: VoiceTelClient, admin: VoiceTelClient
    ) -> None:
        ticket_id = ask(client)["id"]
        path = f"{TICKETS}/{ticket_id}"
        client.error("DELETE", path, 403)
        assert show(admin, ticket_id)["id"] == ticket_id
        assert ticket_id in [each["id"] for each in admin.data("GET", TICKETS)["tickets"]]
        assert admin.call("DELETE", path).status_code == 204
        client.error("GET", path, 404)
        admin.error("DELETE", path, 404)

    def test_administrator_opens_one_for_a_customer(
        self, client: VoiceTelClient, admin: VoiceTelClient
    ) -> None:
        ticket = ask(admin, email="sandbox@example.net")
        assert show(client, ticket["id"])["customer"]["email"] == "sandbox@example.net"
        body = {**QUESTION, "email": "nobody@example.net"}
        admin.error("POST", TICKETS, 400, json=body)
        assert ask(client, email="other@example.net")["customer"]["email"] == "sandbox@example.net"


class TestStatus:
    def test_answer_tells_the_outcome_and_not_the_state(self, client: VoiceTelClient) -> None:
        ticket_id = ask(client)["id"]
        path = f"{TICKETS}/{ticket_id}"
        closed = client.data("PUT", path, json={"status": "closed"})
        assert closed == {"id": ticket_id, "status": "success"}
        ticket = show(client, ticket_id)
        assert (ticket["status"], ticket["closedByUser"]["type"]) == ("closed", "customer")
        assert ticket["closedAt"]
        client.data("PUT", path, json={"status": "pending"})
        assert (show(client, ticket_id)["status"], show(client, ticket_id)["closedAt"]) == (
            "pending",
            None,
        )

    @pytest.mark.parametrize("body", [{}, {"status": "open"}, {"status": 1}])
    def test_status_is_one_of_four(self, client: VoiceTelClient, body: dict[str, Any]) -> None:
        client.error("PUT", f"{TICKETS}/{ask(client)['id']}", 400, json=body)


class TestThreads:
    def test_reply_opens_a_closed_ticket(self, client: VoiceTelClient) -> None:
        ticket_id = ask(client)["id"]
        path = f"{TICKETS}/{ticket_id}"
        client.data("PUT", path, json={"status": "closed"})
        reply = client.data("POST", f"{path}/replies", 201, json={"message": "Still there\nToday"})
        assert reply == {"message": "Reply added"}
        assert show(client, ticket_id)["status"] == "active"
        threads = client.data("GET", f"{path}/messages")["messages"]
        assert threads == show(client, ticket_id)["embedded"]["threads"]
        assert threads[-1]["body"] == "<p>Still there<br />Today</p>"
        client.error("POST", f"{path}/replies", 400, json={})

    def test_staff_answers_after_some_hours(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        ticket_id = ask(client)["id"]
        sandbox.control("clock", advance="5h")
        ticket = show(client, ticket_id)
        assert (ticket["status"], ticket["threadsCount"]) == ("pending", 2)
        answer = ticket["embedded"]["threads"][-1]
        assert (answer["type"], answer["createdBy"]["type"]) == ("message", "user")
        assert ticket["assignee"]["type"] == "user"
        assert ticket["customerWaitingSince"]["latestReplyFrom"] == "user"

    def test_closed_ticket_is_not_answered(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        ticket_id = ask(client)["id"]
        client.data("PUT", f"{TICKETS}/{ticket_id}", json={"status": "closed"})
        sandbox.control("clock", advance="5h")
        assert show(client, ticket_id)["threadsCount"] == 1


class TestFailures:
    def test_missing_account_row_is_a_401_with_a_good_bearer(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("setting", key="voicetel.support_account", value="off")
        assert client.error("GET", TICKETS, 401) == "Account not found"
        client.error("POST", TICKETS, 401, json=QUESTION)
        client.error("GET", f"{TICKETS}/4001", 401)
        client.data("GET", "/gateways")

    def test_help_desk_may_be_down(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        sandbox.control("fault", provider="voicetel", operation="tickets.list", fault="refuse")
        client.error("GET", TICKETS, 502)
