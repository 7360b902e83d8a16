"""The VoiceTel wire of the sandbox over a real socket: account, gateways and features."""

from __future__ import annotations

from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL, VOICETEL_OTHER, VoiceTelClient

SYSTEM_ROUTES = [1, 2, 3, 4, 5, 6, 8]


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


class TestKey:
    def test_key_has_32_hex_digits_and_stays_the_same(self, client: VoiceTelClient) -> None:
        first = client.data("POST", "/account/api-key", json=VOICETEL)["apikey"]
        assert len(first) == 32
        assert int(first, 16) >= 0
        assert client.data("POST", "/account/api-key", json=VOICETEL)["apikey"] == first

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "Fields Required: username, password"),
            ({"username": "2125550100"}, "Field Required: password"),
        ],
    )
    def test_missing_fields_are_named(
        self, client: VoiceTelClient, body: dict[str, str], message: str
    ) -> None:
        assert client.error("POST", "/account/api-key", 400, json=body) == message

    def test_wrong_password_is_refused(self, client: VoiceTelClient) -> None:
        client.error("POST", "/account/api-key", 401, json={**VOICETEL, "password": "Wrong123"})

    def test_body_that_is_no_json_is_refused(self, client: VoiceTelClient) -> None:
        client.error("POST", "/account/api-key", 400, data=b"username=2125550100")

    @pytest.mark.parametrize("header", ["", "Bearer 00000000000000000000000000000000", "Basic x"])
    def test_no_route_answers_without_a_good_bearer(
        self, client: VoiceTelClient, header: str
    ) -> None:
        client.session.headers["Authorization"] = header
        client.error("GET", "/gateways", 401)

    def test_password_change_makes_the_bearer_worthless(self, client: VoiceTelClient) -> None:
        updated = client.data("PUT", "/auth", json={"password": "Newpass9", "authType": 2})
        assert updated == {"updated": [{"field": "authType", "value": 2}, {"field": "password"}]}
        client.error("GET", "/auth", 401)
        client.error("POST", "/account/api-key", 401, json=VOICETEL)
        key = client.data("POST", "/account/api-key", json={**VOICETEL, "password": "Newpass9"})
        client.session.headers["Authorization"] = f"Bearer {key['apikey']}"
        assert client.data("GET", "/auth")["authTypeDescription"] == "Digest or IP list"

    @pytest.mark.parametrize("password", ["short", "nodigitshere", "12345678", "Has space1"])
    def test_password_must_follow_the_rule(self, client: VoiceTelClient, password: str) -> None:
        client.error("PUT", "/auth", 400, json={"password": password})

    def test_partly_failed_change_tells_both_halves_at_top_level(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("fault", provider="voicetel", operation="auth.update", fault="partial")
        reply = client.call("PUT", "/auth", json={"password": "Newpass9", "authType": 1})
        assert reply.status_code == 409
        body = reply.json()
        assert body["updated"] == [{"field": "authType", "value": 1}]
        assert body["errors"][0]["field"] == "password"
        assert client.data("GET", "/auth")["authType"] == 1


class TestLimits:
    def test_seventh_call_within_the_hour_is_refused_until_the_hour_is_over(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        for _ in range(6):
            client.data("GET", "/account")
        reply = client.call("GET", "/account")
        assert reply.status_code == 429
        assert reply.json()["error"]["code"] == 429
        assert 0 < int(reply.headers["Retry-After"]) <= 3600
        client.data("GET", "/account/recurring-charges")
        sandbox.control("clock", advance="61m")
        client.data("GET", "/account")

    def test_the_limit_counts_failed_logins_too(self, client: VoiceTelClient) -> None:
        for _ in range(5):
            client.error("POST", "/account/api-key", 401, json={**VOICETEL, "password": "Wrong123"})
        client.error("POST", "/account/api-key", 429, json=VOICETEL)

    def test_the_limit_can_be_lifted(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        sandbox.store.set_setting("voicetel.rate_limit", "off")
        for _ in range(8):
            client.data("GET", "/account")


class TestAccount:
    def test_account_tells_balance_services_and_rates(self, client: VoiceTelClient) -> None:
        account = client.data("GET", "/account")
        assert account["username"] == "2125550100"
        assert account["cash"] > 0
        assert account["rates"]["did"] == 0.5
        assert account["services"]["cnam"] is True

    def test_own_fields_can_be_changed(self, client: VoiceTelClient) -> None:
        change = {"timezone": "America/Chicago", "notify": False, "notifyThreshold": 35}
        assert client.data("PUT", "/account", json=change) == {"updated": list(change)}
        account = client.data("GET", "/account")
        assert {name: account[name] for name in change} == change

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"timezone": "Mars/Base"},
            {"notify": "yes"},
            {"notifyThreshold": 1.5},
            {"callerId": "555"},
            {"ccs": 100},
        ],
    )
    def test_bad_changes_are_refused(self, client: VoiceTelClient, change: dict[str, Any]) -> None:
        before = client.data("GET", "/account")
        client.error("PUT", "/account", 400, json=change)
        assert client.data("GET", "/account") == before

    def test_credits_are_filtered_and_newest_first(self, client: VoiceTelClient) -> None:
        credits = client.data("GET", "/account/credits")["credits"]
        dates = [credit["date"] for credit in credits]
        assert dates == sorted(dates, reverse=True)
        paid = client.data("GET", "/account/credits", params={"status": "paid"})["credits"]
        assert 0 < len(paid) < len(credits)
        assert all(credit["paid"] for credit in paid)
        client.error("GET", "/account/credits", 400, params={"status": "open"})

    def test_payments_have_the_documented_statuses(self, client: VoiceTelClient) -> None:
        payments = client.data("GET", "/account/payments")["payments"]
        assert {payment["status"] for payment in payments} == {"Pending", "Completed"}

    def test_registration_is_404_when_nothing_is_registered(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        assert client.data("GET", "/account/registration")["uri"].startswith("sip:2125550100@")
        VoiceTelClient(sandbox, VOICETEL_OTHER).error("GET", "/account/registration", 404)

    def test_recurring_charges_follow_the_numbers(self, client: VoiceTelClient) -> None:
        before = client.data("GET", "/account/recurring-charges")["total"]
        client.call("POST", f"/numbers/{client.first_number()}/release")
        assert client.data("GET", "/account/recurring-charges")["total"] == before - 0.5


class TestAcl:
    def test_list_is_404_when_empty(self, client: VoiceTelClient) -> None:
        assert client.data("GET", "/acl") == {"acl": [{"cidr": "198.51.100.7/32"}]}
        removed = client.data("DELETE", "/acl", params={"cidrs": "198.51.100.7/32"})
        assert removed == {"removed": [{"cidr": "198.51.100.7/32"}]}
        client.error("GET", "/acl", 404)

    def test_partly_applied_change_is_a_409_that_tells_all(self, client: VoiceTelClient) -> None:
        entries = ["203.0.113.0/24", "203.0.113.0/25", "10.0.0.0/8", "198.51.100.7/32"]
        reply = client.call("POST", "/acl", json={"acl": [{"cidr": cidr} for cidr in entries]})
        assert reply.status_code == 409
        assert reply.json()["data"] == {
            "added": [{"cidr": "203.0.113.0/24"}],
            "removed": [],
            "failed": [
                {
                    "cidr": "203.0.113.0/25",
                    "reason": "Invalid mask: must be /8, /16, /24, or /32",
                },
                {"cidr": "10.0.0.0/8", "reason": "CIDR range must be routable"},
                {"cidr": "198.51.100.7/32", "reason": "DB Insert failed"},
            ],
        }
        assert {"cidr": "203.0.113.0/24"} in client.data("GET", "/acl")["acl"]

    def test_unknown_range_cannot_be_removed(self, client: VoiceTelClient) -> None:
        reply = client.call("DELETE", "/acl", params={"cidrs": "203.0.113.9/32"})
        assert reply.status_code == 409
        assert reply.json()["data"]["failed"][0]["reason"] == "DB delete failed"


class TestGateways:
    def test_system_routes_come_first_and_cannot_be_changed(self, client: VoiceTelClient) -> None:
        gateways = client.data("GET", "/gateways")["gateways"]
        assert [each["id"] for each in gateways if each["system"]] == SYSTEM_ROUTES
        assert client.data("GET", "/gateways/4")["gateway"] == "DID"
        assert client.data("GET", "/gateways/4")["limit"] is None
        client.error("PUT", "/gateways/4", 404, json={"limit": 5})
        client.error("DELETE", "/gateways/4", 409)
        client.error("GET", "/gateways/7", 404)

    def test_a_gateway_lives_from_creation_to_removal(self, client: VoiceTelClient) -> None:
        body = {"gateway": "198.51.100.99:5080", "prefix": "77"}
        made = client.data("POST", "/gateways", 201, json=body)
        assert made == {**body, "id": made["id"], "limit": 23, "system": False}
        client.error("POST", "/gateways", 409, json=body)
        path = f"/gateways/{made['id']}"
        assert client.data("PUT", path, json={"limit": 40}) == {**made, "limit": 40}
        number = client.first_number()
        client.data("PUT", f"/numbers/{number}/route", json={"route": made["id"]})
        listed = client.data("GET", f"{path}/numbers")["numbers"]
        assert [each["number"] for each in listed] == [number]
        assert "route" not in listed[0]
        client.error("DELETE", path, 409)
        client.data("PUT", f"/numbers/{number}/route", json={"route": 4})
        assert client.call("DELETE", path).status_code == 204
        client.error("GET", path, 404)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"gateway": "10.1.2.3"},
            {"gateway": "localhost"},
            {"gateway": "198.51.100.9:99999"},
            {"gateway": "198.51.100.9", "limit": 0},
            {"gateway": "198.51.100.9", "limit": 1001},
            {"gateway": "198.51.100.9", "prefix": "+1"},
        ],
    )
    def test_bad_gateways_are_refused(self, client: VoiceTelClient, body: dict[str, Any]) -> None:
        before = client.data("GET", "/gateways")
        client.error("POST", "/gateways", 400, json=body)
        assert client.data("GET", "/gateways") == before

    def test_gateways_of_another_account_are_unknown(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        foreign = other.data("GET", "/gateways")["gateways"][-1]["id"]
        client.error("GET", f"/gateways/{foreign}", 404)
        client.error("PUT", f"/numbers/{client.first_number()}/route", 400, json={"route": foreign})


class TestFeatures:
    def test_forward_is_set_and_removed(self, client: VoiceTelClient) -> None:
        path = f"/numbers/{client.first_number()}"
        client.data("PUT", f"{path}/forward", json={"destination": "3125550142"})
        detail = client.data("GET", path)
        assert (detail["forward"], detail["forwardTo"]) == (True, "3125550142")
        assert client.call("DELETE", f"{path}/forward").status_code == 204
        assert client.data("GET", path)["forward"] is False
        client.error("PUT", f"{path}/forward", 400, json={"destination": "911"})
        client.error("PUT", f"{path}/forward", 400, json={})

    def test_translation_cnam_and_route_show_in_the_detail(self, client: VoiceTelClient) -> None:
        path = f"/numbers/{client.first_number()}"
        client.data("PUT", f"{path}/translation", json={"translation": "3125550143"})
        client.data("PUT", f"{path}/cnam", json={"enabled": True})
        client.data("PUT", f"{path}/route", json={"route": 8})
        detail = client.data("GET", path)
        assert detail["translated"] == "3125550143"
        assert detail["cnam"] is True
        assert (detail["route"], detail["gateway"]) == (8, "SDN")
        client.error("PUT", f"{path}/cnam", 400, json={"enabled": 1})
        client.error("PUT", f"{path}/route", 400, json={"route": 7})
        client.error("PUT", f"{path}/translation", 400, json={"translation": "abc"})

    def test_lidb_tells_its_success_only_in_carrier_status(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        path = f"/numbers/{client.first_number()}/lidb"
        answer = client.data("PUT", path, json={"cnam": "Acme, Inc."})
        assert answer["cnam"] == "Acme Inc"
        assert answer["carrierStatus"] == "Success"
        assert answer["customerOrderReference"].startswith("2125550100-")
        sandbox.control("fault", provider="voicetel", operation="numbers.lidb", fault="partial")
        assert client.data("PUT", path, json={"cnam": "ACME"})["carrierStatus"] == "Failed"
        client.error("PUT", path, 400, json={"cnam": "A NAME THAT IS TOO LONG"})

    def test_fax_and_sms_are_404_until_set(self, client: VoiceTelClient) -> None:
        added = client.data("GET", "/inventory", params={"tnMask": "212", "quantity": 1})
        number = added["numbers"][0]["number"]
        client.data("POST", "/numbers", 201, json={"number": number})
        path = f"/numbers/{number}"
        for name, body in (
            ("fax", {"email": "fax@example.net"}),
            ("sms", {"type": "webhook", "resource": "https://hooks.example.net/in"}),
        ):
            client.error("GET", f"{path}/{name}", 404)
            client.error("DELETE", f"{path}/{name}", 404)
            assert client.data("PUT", f"{path}/{name}", json=body) == {"number": number, **body}
            assert client.data("GET", f"{path}/{name}") == {"number": number, **body}
            assert client.data("GET", path)[f"{name}Enabled"] is True
            assert client.call("DELETE", f"{path}/{name}").status_code == 204
            client.error("GET", f"{path}/{name}", 404)

    @pytest.mark.parametrize(
        "body",
        [
            {"type": "webhook", "resource": "http://hooks.example.net/in"},
            {"type": "fax", "resource": "x@example.net"},
            {"type": "email", "resource": "nobody"},
            {"type": "sip", "resource": "example.net"},
            {"type": "email"},
        ],
    )
    def test_bad_sms_routes_are_refused(self, client: VoiceTelClient, body: dict[str, str]) -> None:
        client.error("PUT", f"/numbers/{client.first_number()}/sms", 400, json=body)
