"""The VoiceTel wire of the sandbox: opened accounts, administrators, recovery, call records."""

from __future__ import annotations

import re

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL, VoiceTelClient

ADMIN = {"username": "2125550111", "password": "Sandbox9"}
NEW = {"username": "3125550177", "name": "Example LLC", "email": "ops@example.net"}


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


@pytest.fixture
def admin(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox, ADMIN)


def login_of(made: dict[str, str]) -> dict[str, str]:
    return {name: made[name] for name in ("username", "password")}


class TestCreate:
    def test_administrator_opens_an_account_that_can_log_in(
        self, sandbox: RunningSandbox, admin: VoiceTelClient
    ) -> None:
        made = admin.data("POST", "/account", 201, json=NEW)
        assert made == {**NEW, "password": made["password"], "masterAccount": NEW["username"]}
        assert re.fullmatch(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}", made["password"])
        opened = VoiceTelClient(sandbox, login_of(made))
        account = opened.data("GET", "/account")
        assert (account["username"], account["email"]) == (NEW["username"], NEW["email"])
        assert (account["cash"], account["services"]["cnam"]) == (0, False)
        opened.error("GET", "/numbers", 404)

    def test_customers_may_not(self, client: VoiceTelClient) -> None:
        client.error("POST", "/account", 403, json=NEW)

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"username": "2125550100"}, 409),
            ({"masterAccount": "9999999999"}, 409),
            ({"username": "acme"}, 400),
            ({"username": 312555017}, 400),
            ({"masterAccount": True}, 400),
            ({"email": "nobody"}, 400),
            ({"name": ""}, 400),
        ],
    )
    def test_what_cannot_be_opened(
        self, admin: VoiceTelClient, change: dict[str, object], status: int
    ) -> None:
        admin.error("POST", "/account", status, json={**NEW, **change})

    @pytest.mark.parametrize("kind", [str, int])
    def test_another_account_may_be_billed(self, admin: VoiceTelClient, kind: type) -> None:
        logins = {"username": kind(NEW["username"]), "masterAccount": kind("2125550100")}
        made = admin.data("POST", "/account", 201, json={**NEW, **logins})
        assert (made["username"], made["masterAccount"]) == (NEW["username"], "2125550100")

    def test_administrator_changes_services(self, admin: VoiceTelClient) -> None:
        change = {"ccs": 40, "intl": True, "mms": False}
        assert admin.data("PUT", "/account", json=change) == {"updated": ["ccs", "mms", "intl"]}
        account = admin.data("GET", "/account")
        assert account["ccs"] == 40
        assert (account["services"]["intl"], account["services"]["mms"]) == (True, False)
        assert "admin" not in account
        admin.error("PUT", "/account", 400, json={"ccs": "40"})
        admin.error("PUT", "/account", 400, json={"intl": 1})


class TestSignUp:
    def test_anyone_opens_an_account_once_for_an_address(self, sandbox: RunningSandbox) -> None:
        public = VoiceTelClient(sandbox, None)
        body = {"name": "Jane Roe", "email": "jane@example.net", "promo": "SPRING"}
        made = public.data("POST", "/accounts", 201, json=body)
        assert set(made) == {"username", "password", "name", "email"}
        assert re.fullmatch(r"[0-9]{10}", made["username"])
        public.error("POST", "/accounts", 409, json={**body, "email": "JANE@example.net"})
        other = public.data("POST", "/accounts", 201, json={**body, "email": "j@example.net"})
        assert other["username"] != made["username"]
        assert VoiceTelClient(sandbox, login_of(made)).data("GET", "/account")["cash"] == 0

    def test_missing_fields_are_named(self, sandbox: RunningSandbox) -> None:
        public = VoiceTelClient(sandbox, None)
        message = public.error("POST", "/accounts", 400, json={"promo": "SPRING"})
        assert message == "Fields Required: name, email"


class TestRecovery:
    def test_known_address_gets_a_message(self, sandbox: RunningSandbox) -> None:
        public = VoiceTelClient(sandbox, None)
        path = "/account/recovery"
        assert public.data("POST", path, json={"email": "sandbox@example.net"})["message"]
        public.error("POST", path, 404, json={"email": "nobody@example.net"})
        public.data("POST", "/account/api-key", json=VOICETEL)

    @pytest.mark.parametrize("body", [{}, {"email": "nobody"}, {"email": 5}, []])
    def test_bad_address_has_a_body_of_its_own(self, sandbox: RunningSandbox, body: object) -> None:
        reply = VoiceTelClient(sandbox, None).call("POST", "/account/recovery", json=body)
        assert reply.status_code == 400
        assert reply.json() == {
            "status": "error",
            "error": {
                "code": 400,
                "message": "Invalid email address",
                "requirement": "Must be valid",
            },
        }


class TestAuth:
    def test_one_bad_field_of_two_is_a_409_and_the_other_is_changed(
        self, client: VoiceTelClient
    ) -> None:
        reply = client.call("PUT", "/auth", json={"authType": 1, "password": "short"})
        assert reply.status_code == 409
        body = reply.json()
        assert body["updated"] == [{"field": "authType", "value": 1}]
        assert [error["field"] for error in body["errors"]] == ["password"]
        assert "data" not in body
        assert client.data("GET", "/auth")["authType"] == 1

    @pytest.mark.parametrize("value", [4, -1, "1", True, 1.0])
    def test_kind_of_authentication_is_one_of_four(
        self, client: VoiceTelClient, value: object
    ) -> None:
        client.error("PUT", "/auth", 400, json={"authType": value})


class TestCalls:
    def test_calls_are_texts_newest_first_between_the_edges(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        now = int(sandbox.store.now().timestamp())
        found = client.data("GET", "/account/cdr")
        assert abs(found["start"] - now) < 60
        assert found["start"] - found["end"] == 24 * 3600
        times = [int(call["key"][1]) for call in found["cdr"]]
        assert times
        assert times == sorted(times, reverse=True)
        assert all(found["end"] <= each <= found["start"] for each in times)
        call = found["cdr"][0]
        assert re.fullmatch(r"[0-9a-f]{32}", call["id"])
        assert call["key"][0] == "2125550100"
        value = call["value"]
        assert set(value) == {"ip", "cn", "nr", "dst", "dur", "ba", "cid"}
        assert all(isinstance(text, str) for text in value.values())
        assert " " not in value["cn"]
        assert float(value["ba"]) == pytest.approx(int(value["dur"]) * float(value["nr"]) / 60)

    def test_same_question_has_the_same_answer_and_edges_are_included(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.store.set_setting("voicetel.rate_limit", "off")
        now = int(sandbox.store.now().timestamp())
        query = {"start": now - 3600, "end": now - 48 * 3600}
        calls = client.data("GET", "/account/cdr", params=query)["cdr"]
        assert client.data("GET", "/account/cdr", params=query)["cdr"] == calls
        newest, oldest = calls[0]["key"][1], calls[-1]["key"][1]
        inner = client.data("GET", "/account/cdr", params={"start": newest, "end": oldest})
        assert inner["cdr"] == calls

    def test_edges_the_wrong_way_round_hold_nothing(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        now = int(sandbox.store.now().timestamp())
        query = {"start": now - 86400, "end": now}
        assert client.data("GET", "/account/cdr", params=query)["cdr"] == []
        future = {"start": now + 90000, "end": now + 3600}
        assert client.data("GET", "/account/cdr", params=future)["cdr"] == []
        client.error("GET", "/account/cdr", 400, params={"start": "yesterday"})

    def test_six_an_hour(self, client: VoiceTelClient) -> None:
        for _ in range(6):
            client.data("GET", "/account/cdr")
        client.error("GET", "/account/cdr", 429)
