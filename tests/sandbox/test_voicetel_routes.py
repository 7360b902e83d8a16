"""The VoiceTel wire of the sandbox answers the documented operations, all of them and no others."""

from __future__ import annotations

import json
import re

import pytest
import requests

from portal.sandbox.rest_voicetel_routes import PAGES, ROUTES
from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VoiceTelClient

# Operation: status of success, statuses of refusal (voicetel.md 2 to 11).
DOCUMENTED = {
    "POST /v2.2/account": (201, {401, 403, 409}),
    "PUT /v2.2/account": (200, {400, 401}),
    "GET /v2.2/account": (200, {401, 429}),
    "GET /v2.2/account/credits": (200, {400, 401}),
    "GET /v2.2/account/cdr": (200, {401, 429}),
    "GET /v2.2/account/registration": (200, {401, 404}),
    "GET /v2.2/account/recurring-charges": (200, {401, 429}),
    "GET /v2.2/account/payments": (200, {401}),
    "POST /v2.2/account/api-key": (200, {400, 401, 429}),
    "POST /v2.2/account/recovery": (200, {400, 404}),
    "POST /v2.2/accounts": (201, {400, 409}),
    "POST /v2.2/acl": (200, {401, 409}),
    "DELETE /v2.2/acl": (200, {401, 409}),
    "GET /v2.2/acl": (200, {401, 404}),
    "PUT /v2.2/auth": (200, {400, 401, 409}),
    "GET /v2.2/auth": (200, {401}),
    "POST /v2.2/e911/validations": (200, {401, 409}),
    "POST /v2.2/e911": (201, {400, 401, 403, 409}),
    "GET /v2.2/e911": (200, {401, 404}),
    "GET /v2.2/e911/{dn}": (200, {401, 409}),
    "PUT /v2.2/e911/{dn}": (200, {401, 409}),
    "DELETE /v2.2/e911/{dn}": (204, {401, 409}),
    "GET /v2.2/gateways": (200, {401}),
    "POST /v2.2/gateways": (201, {400, 401, 409}),
    "GET /v2.2/gateways/{id}": (200, {401, 404}),
    "PUT /v2.2/gateways/{id}": (200, {401, 404}),
    "DELETE /v2.2/gateways/{id}": (204, {401, 404, 409}),
    "GET /v2.2/gateways/{id}/numbers": (200, {401, 404}),
    "GET /v2.2/inventory": (200, {400, 401, 502}),
    "GET /v2.2/inventory/coverage": (200, {400, 401, 502}),
    "POST /v2.2/orders": (201, {400, 401, 402, 502}),
    "GET /v2.2/ports/availability/{number}": (200, {400, 401, 502}),
    "POST /v2.2/ports": (201, {400, 401, 402}),
    "GET /v2.2/ports": (200, {401, 502}),
    "GET /v2.2/ports/{id}": (200, {401, 404}),
    "GET /v2.2/cnam/{number}": (200, {401, 402}),
    "GET /v2.2/lrn/{number}/{ani}": (200, {400, 401}),
    "GET /v2.2/numbers/messaging": (200, {400, 401}),
    "POST /v2.2/messaging/brands": (201, {400, 401}),
    "POST /v2.2/messaging/campaigns": (201, {400, 401}),
    "GET /v2.2/messaging/campaigns": (200, {400, 401}),
    "POST /v2.2/messages": (201, {400, 401, 402, 403, 409, 502}),
    "GET /v2.2/messages": (200, {400, 401, 403}),
    "POST /v2.2/numbers": (201, {401, 402, 409}),
    "GET /v2.2/numbers": (200, {401, 404}),
    "GET /v2.2/numbers/{number}": (200, {401, 404}),
    "PATCH /v2.2/numbers/{number}": (200, {400, 401, 404, 409}),
    "DELETE /v2.2/numbers/{number}": (204, {401, 404, 409}),
    "POST /v2.2/numbers/{number}/release": (204, {401, 409}),
    "PUT /v2.2/numbers/{number}/route": (200, {400, 401}),
    "PUT /v2.2/numbers/{number}/cnam": (200, {400, 401, 404, 409}),
    "PUT /v2.2/numbers/{number}/lidb": (200, {400, 401, 404}),
    "GET /v2.2/numbers/{number}/fax": (200, {401, 404}),
    "PUT /v2.2/numbers/{number}/fax": (200, {400, 401, 404}),
    "DELETE /v2.2/numbers/{number}/fax": (204, {401, 404}),
    "PUT /v2.2/numbers/{number}/forward": (200, {400, 401, 404, 409}),
    "DELETE /v2.2/numbers/{number}/forward": (204, {401, 404, 409}),
    "GET /v2.2/numbers/{number}/sms": (200, {401, 404}),
    "PUT /v2.2/numbers/{number}/sms": (200, {400, 401, 404}),
    "DELETE /v2.2/numbers/{number}/sms": (204, {401, 404}),
    "PUT /v2.2/numbers/{number}/translation": (200, {400, 401, 404, 409}),
    "GET /v2.2/numbers/{number}/messaging": (200, {401, 404}),
    "PATCH /v2.2/numbers/{number}/messaging": (200, {400, 401, 403, 404}),
    "PUT /v2.2/numbers/{number}/messaging-campaign": (200, {400, 401, 404}),
    "DELETE /v2.2/numbers/{number}/messaging-campaign": (200, {400, 401, 404}),
    "DELETE /v2.2/numbers/messaging-campaign": (200, {400, 401, 409}),
    "PATCH /v2.2/numbers/{number}/port-out-pin": (200, {400, 401, 404, 502}),
    "GET /v2.2/support/tickets": (200, {401, 502}),
    "POST /v2.2/support/tickets": (201, {400, 401, 502}),
    "GET /v2.2/support/tickets/{id}": (200, {401, 403, 404, 502}),
    "PUT /v2.2/support/tickets/{id}": (200, {400, 401, 403, 404, 502}),
    "DELETE /v2.2/support/tickets/{id}": (204, {401, 403, 404, 502}),
    "GET /v2.2/support/tickets/{id}/messages": (200, {401, 403, 404, 502}),
    "POST /v2.2/support/tickets/{id}/replies": (201, {400, 401, 403, 404, 502}),
}
PUBLIC = {
    "POST /v2.2/account/api-key",
    "POST /v2.2/account/recovery",
    "POST /v2.2/accounts",
}
MEMBERS = (
    "username password name email did numbers number route acl dn callername addressid address1"
    " city state zip nameType authPerson lcBtn lcAccountNumber streetNumber street streetType"
    " country desiredDueDate features messagingBrandId messagingBrandName externalCampaignId"
    " campaignDescription campaignStartDate fromNumber toNumber text mediaUrls accountId enabled"
    " cnam email destination type resource translation routeIn routeOut campaignId pin status"
    " subject message authType gateway limit"
)
STRANGE = ([], {}, [None], [{"number": {}}], 10**30, 1.5, True, "\u0662", "\x00", "\ud800")
EXAMPLES = {"number": "2125550142", "ani": "3125550143", "dn": "2125550142", "id": "4"}


@pytest.fixture(scope="module", autouse=True)
def _no_limit(running: RunningSandbox) -> None:
    """Let one address log in more than six times."""
    running.control("reset")


@pytest.fixture
def client(running: RunningSandbox) -> VoiceTelClient:
    running.control("setting", key="voicetel.rate_limit", value="off")
    return VoiceTelClient(running)


def send(client: VoiceTelClient, operation: str, **options: object) -> requests.Response:
    """Send an operation with examples in the path and an empty body."""
    method, _, path = operation.partition(" /v2.2")
    path = re.sub(r"\{(\w+)\}", lambda match: EXAMPLES[match[1]], path)
    body = {} if method in ("POST", "PUT", "PATCH") else None
    return client.call(method, path, json=body, **options)


def test_the_74_operations_are_answered_and_no_others() -> None:
    assert len(DOCUMENTED) == 74
    answered = [f"{route.method} {route.pattern}" for route in ROUTES if route not in PAGES]
    assert sorted(answered) == sorted(DOCUMENTED)
    assert not [page for page in PAGES if page.pattern.startswith("/v2.2")]


def test_each_operation_has_a_name_of_its_own_for_the_log() -> None:
    assert len({route.operation for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("operation", sorted(set(DOCUMENTED) - PUBLIC))
def test_nothing_but_the_three_public_ones_answers_without_a_bearer(
    client: VoiceTelClient, operation: str
) -> None:
    del client.session.headers["Authorization"]
    reply = send(client, operation)
    assert reply.status_code == 401
    assert reply.json() == {"status": "error", "error": {"code": 401, "message": "Unauthorized"}}


@pytest.mark.parametrize("operation", sorted(PUBLIC))
def test_the_public_ones_need_no_bearer(client: VoiceTelClient, operation: str) -> None:
    del client.session.headers["Authorization"]
    assert send(client, operation).status_code == 400


@pytest.mark.parametrize("operation", sorted(DOCUMENTED))
def test_a_refusal_has_a_status_that_the_operation_documents(
    running: RunningSandbox, client: VoiceTelClient, operation: str
) -> None:
    running.control("fault", provider="voicetel", operation=operation, fault="refuse")
    reply = send(client, operation)
    body = reply.json()
    assert reply.status_code in DOCUMENTED[operation][1]
    assert body["status"] == "error"
    assert body["error"]["code"] == reply.status_code
    assert body["error"]["message"]
    running.control("fault/clear")


@pytest.mark.parametrize("operation", sorted(DOCUMENTED))
def test_hostile_bodies_never_break_the_server(client: VoiceTelClient, operation: str) -> None:
    method, _, path = operation.partition(" /v2.2")
    path = re.sub(r"\{(\w+)\}", lambda match: EXAMPLES[match[1]], path)
    strange = [json.dumps(dict.fromkeys(MEMBERS.split(), value)).encode() for value in STRANGE]
    for body in (b"[]", b"null", b'"text"', b"{", b"\xff", *strange):
        reply = client.call(method, path, data=body)
        assert reply.status_code < 500, (operation, body, reply.text)


def test_unknown_parameters_are_ignored(client: VoiceTelClient) -> None:
    plain = client.data("GET", "/gateways")
    assert client.data("GET", "/gateways", params={"page": "2", "limit": "1"}) == plain


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("GET /v2.2/account/credits", "credits"),
        ("GET /v2.2/account/payments", "payments"),
        ("GET /v2.2/account/cdr", "cdr"),
        ("GET /v2.2/gateways/{id}/numbers", "numbers"),
        ("GET /v2.2/support/tickets", "tickets"),
        ("GET /v2.2/numbers", ""),
        ("GET /v2.2/e911", ""),
        ("GET /v2.2/acl", ""),
    ],
)
def test_a_list_without_anything_is_empty_or_a_404(
    running: RunningSandbox, client: VoiceTelClient, operation: str, name: str
) -> None:
    (full,) = send(client, operation).json()["data"].keys() - {"start", "end", "totalCount"}
    assert send(client, operation).json()["data"][full]
    running.control("fault", provider="voicetel", operation=operation, fault="empty")
    reply = send(client, operation)
    if name:
        assert reply.json()["data"][name] == []
    else:
        assert reply.status_code == 404
