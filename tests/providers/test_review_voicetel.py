"""VoiceTel's answers read by a stranger's eye: each documented status, and what only looks like one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import responses

from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
)
from portal.providers.http import StreamedReply
from portal.providers.voicetel import envelope
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.methods import METHODS
from portal.providers.voicetel.methods.core import Method
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import Faked, answer, connected

# Statuses of each route beside 429 and 502; the two whose 409 tells more have tests of their own.
DOCUMENTED = {
    "DELETE /v2.2/acl": "401",
    "DELETE /v2.2/e911/{dn}": "401 409",
    "DELETE /v2.2/gateways/{id}": "401 404 409",
    "DELETE /v2.2/numbers/messaging-campaign": "400 401 409",
    "DELETE /v2.2/numbers/{number}": "401 404 409",
    "DELETE /v2.2/numbers/{number}/fax": "401 404",
    "DELETE /v2.2/numbers/{number}/forward": "401 404 409",
    "DELETE /v2.2/numbers/{number}/messaging-campaign": "400 401 404",
    "DELETE /v2.2/numbers/{number}/sms": "401 404",
    "DELETE /v2.2/support/tickets/{id}": "401 403 404",
    "GET /v2.2/account": "401",
    "GET /v2.2/account/cdr": "401",
    "GET /v2.2/account/credits": "400 401",
    "GET /v2.2/account/payments": "401",
    "GET /v2.2/account/recurring-charges": "401",
    "GET /v2.2/account/registration": "401 404",
    "GET /v2.2/acl": "401 404",
    "GET /v2.2/auth": "401",
    "GET /v2.2/cnam/{number}": "401 402",
    "GET /v2.2/e911": "401 404",
    "GET /v2.2/e911/{dn}": "401 409",
    "GET /v2.2/gateways": "401",
    "GET /v2.2/gateways/{id}": "401 404",
    "GET /v2.2/gateways/{id}/numbers": "401 404",
    "GET /v2.2/inventory": "400 401",
    "GET /v2.2/inventory/coverage": "400 401",
    "GET /v2.2/lrn/{number}/{ani}": "400 401",
    "GET /v2.2/messages": "400 401 403",
    "GET /v2.2/messaging/campaigns": "400 401",
    "GET /v2.2/numbers": "401 404",
    "GET /v2.2/numbers/messaging": "400 401",
    "GET /v2.2/numbers/{number}": "401 404",
    "GET /v2.2/numbers/{number}/fax": "401 404",
    "GET /v2.2/numbers/{number}/messaging": "401 404",
    "GET /v2.2/numbers/{number}/sms": "401 404",
    "GET /v2.2/ports": "401",
    "GET /v2.2/ports/availability/{number}": "400 401",
    "GET /v2.2/ports/{id}": "401 404",
    "GET /v2.2/support/tickets": "401",
    "GET /v2.2/support/tickets/{id}": "401 403 404",
    "GET /v2.2/support/tickets/{id}/messages": "401 403 404",
    "PATCH /v2.2/numbers/{number}": "400 401 404 409",
    "PATCH /v2.2/numbers/{number}/messaging": "400 401 403 404",
    "PATCH /v2.2/numbers/{number}/port-out-pin": "400 401 404",
    "POST /v2.2/account": "401 403 409",
    "POST /v2.2/account/api-key": "400 401",
    "POST /v2.2/account/recovery": "400 404",
    "POST /v2.2/accounts": "400 409",
    "POST /v2.2/acl": "401",
    "POST /v2.2/e911": "400 401 403 409",
    "POST /v2.2/e911/validations": "401 409",
    "POST /v2.2/gateways": "400 401 409",
    "POST /v2.2/messages": "400 401 402 403 409",
    "POST /v2.2/messaging/brands": "400 401",
    "POST /v2.2/messaging/campaigns": "400 401",
    "POST /v2.2/numbers": "401 402 409",
    "POST /v2.2/numbers/{number}/release": "401 404 409",
    "POST /v2.2/orders": "400 401 402",
    "POST /v2.2/ports": "400 401 402",
    "POST /v2.2/support/tickets": "400 401",
    "POST /v2.2/support/tickets/{id}/replies": "400 401 403 404",
    "PUT /v2.2/account": "400 401",
    "PUT /v2.2/auth": "400 401",
    "PUT /v2.2/e911/{dn}": "401 409",
    "PUT /v2.2/gateways/{id}": "401 404",
    "PUT /v2.2/numbers/{number}/cnam": "400 401 404 409",
    "PUT /v2.2/numbers/{number}/fax": "400 401 404",
    "PUT /v2.2/numbers/{number}/forward": "400 401 404 409",
    "PUT /v2.2/numbers/{number}/lidb": "400 401 404",
    "PUT /v2.2/numbers/{number}/messaging-campaign": "400 401 404",
    "PUT /v2.2/numbers/{number}/route": "400 401",
    "PUT /v2.2/numbers/{number}/sms": "400 401 404",
    "PUT /v2.2/numbers/{number}/translation": "400 401 404 409",
    "PUT /v2.2/support/tickets/{id}": "400 401 403 404",
}
EMPTY_ON_404 = {
    "GET /v2.2/account/registration",
    "GET /v2.2/acl",
    "GET /v2.2/e911",
    "GET /v2.2/gateways/{id}",
    "GET /v2.2/numbers",
    "GET /v2.2/numbers/{number}",
    "GET /v2.2/numbers/{number}/fax",
    "GET /v2.2/numbers/{number}/messaging",
    "GET /v2.2/numbers/{number}/sms",
    "GET /v2.2/ports/{id}",
}
CASES = [(route, int(code)) for route, codes in DOCUMENTED.items() for code in codes.split()]


class Answered(StreamedReply):
    """A whole reply without a connection."""

    def __init__(self, method: Method, status: int, body: bytes) -> None:
        super().__init__(operation=method.name, is_write=method.is_write, secrets=())
        self.status = status
        self._body = body

    def read_all(self) -> bytes:
        return self._body


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def verdict(route: str, status: int, body: object) -> ProviderError | None:
    """Return what a status of a route ends in, None for “there is none”."""
    method = METHODS[route]
    try:
        found = envelope.read_data(Answered(method, status, json.dumps(body).encode()), method)
    except ProviderError as error:
        return error
    assert found is None
    return None


def test_the_table_has_every_route() -> None:
    assert set(DOCUMENTED) == set(METHODS)


@pytest.mark.parametrize(("route", "status"), CASES)
@pytest.mark.parametrize("is_flat", [False, True])
def test_each_documented_status_is_the_right_error(route: str, status: int, is_flat: bool) -> None:
    inner = {"code": status, "message": "Words"}
    body = {"status": "error", **inner} if is_flat else {"status": "error", "error": inner}
    found = verdict(route, status, body)
    if status == 404 and route in EMPTY_ON_404:
        assert found is None
        return
    is_about_item = "/e911/{dn}" in route or "/support/" in route or route == "POST /v2.2/accounts"
    wanted = ProviderAuthError if status == 401 and not is_about_item else ProviderRefused
    assert type(found) is wanted
    assert (found.code, found.operation) == (str(status), route)
    assert "Words" in found.message


@pytest.mark.parametrize("route", sorted(EMPTY_ON_404))
@pytest.mark.parametrize(
    "body",
    [
        {"message": "Not Found"},  # what gateways and frameworks say of an unknown address
        {"message": "no Route matched with those values", "request_id": "1"},
        {"error": "Not Found"},
        {"status": 404, "message": "Not Found"},
        {"status": "success", "error": {"code": 404, "message": "none"}},
        [],
        None,
    ],
)
def test_a_stranger_s_404_never_reads_as_none(route: str, body: object) -> None:
    found = verdict(route, 404, body)
    assert type(found) is ProviderProtocolError
    assert found.code == "404"


def test_a_wrong_base_address_does_not_empty_the_account(provider: VoiceTel, faked: Faked) -> None:
    answer(faked, responses.GET, "numbers", status=404, body=b'{"message":"Not Found"}')
    with pytest.raises(ProviderProtocolError, match="base address"):
        list(provider.list_owned())
