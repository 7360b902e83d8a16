"""The VoiceTel wire of the sandbox: portability, ports and what time does to them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient

PORTABLE = "2125550113"  # for sale elsewhere, so not VoiceTel's
SECOND = "2125550114"
TOLL_FREE = "8005550113"
FORM = {
    "name": "Example LLC",
    "nameType": "business",
    "authPerson": "Jane Roe",
    "lcBtn": "2125550113",
    "lcAccountNumber": "AC-1",
    "streetNumber": "1",
    "street": "Main",
    "streetType": "ST",
    "city": "New York",
    "state": "NY",
    "zip": "10001",
    "country": "US",
}


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    sandbox.control("setting", key="voicetel.rate_limit", value="off")
    return VoiceTelClient(sandbox)


def check(client: VoiceTelClient, number: str) -> Any:
    return client.data("GET", f"/ports/availability/{number}")


def submit(client: VoiceTelClient, *numbers: str, status: int = 201, **more: Any) -> Any:
    """Check and submit numbers; return the answer's data, or the words of a refusal."""
    for number in numbers:
        check(client, number)
    ask = client.data if status == 201 else client.error
    return ask("POST", "/ports", status, json={**FORM, "did": list(numbers), **more})


def detail(client: VoiceTelClient, pid: str) -> Any:
    return client.data("GET", f"/ports/{pid}")["port"]


def cash(client: VoiceTelClient) -> float:
    return float(client.data("GET", "/account")["cash"])


class TestAvailability:
    def test_geographic_number_of_another_carrier_is_portable(self, client: VoiceTelClient) -> None:
        answer = check(client, PORTABLE)
        assert (answer["number"], answer["portable"]) == (PORTABLE, True)
        assert isinstance(answer["losingCarrier"], str)
        assert re.fullmatch(r"[2-9]\d{2}[2-9]\d{6}", answer["localRoutingNumber"])
        assert isinstance(answer["rateCenterTier"], str)
        assert "reason" not in answer

    def test_toll_free_number_has_neither_carrier_nor_tier(self, client: VoiceTelClient) -> None:
        answer = check(client, TOLL_FREE)
        assert answer == {
            "number": TOLL_FREE,
            "portable": True,
            "losingCarrier": None,
            "localRoutingNumber": None,
            "rateCenterTier": None,
        }

    def test_reason_is_given_when_a_number_is_not_portable(self, client: VoiceTelClient) -> None:
        own = check(client, client.first_number())
        assert (own["portable"], bool(own["reason"])) == (False, True)
        magic = check(client, "2125559908")
        assert (magic["portable"], bool(magic["reason"])) == (False, True)

    @pytest.mark.parametrize("number", ["12125550113", "555", "+12125550113", "abc"])
    def test_number_has_ten_digits(self, client: VoiceTelClient, number: str) -> None:
        client.error("GET", f"/ports/availability/{number}", 400)


class TestSubmission:
    def test_port_costs_six_dollars_a_number_and_opens_a_ticket(
        self, client: VoiceTelClient
    ) -> None:
        before = cash(client)
        made = submit(client, PORTABLE, SECOND)
        assert set(made) == {"pid", "ticket", "loaUrl", "portUrl", "message"}
        assert re.fullmatch(r"[A-Za-z0-9]{5}", made["pid"])
        assert type(made["ticket"]) is int
        assert made["loaUrl"].endswith(f"/a/loa/{made['pid']}/")
        assert made["portUrl"].endswith(f"/a/port/{made['pid']}/")
        assert cash(client) == before - 12
        ticket = client.data("GET", f"/support/tickets/{made['ticket']}")["ticket"]
        assert made["pid"] in ticket["subject"]

    def test_list_and_detail_tell_of_it_by_different_ids(self, client: VoiceTelClient) -> None:
        assert client.data("GET", "/ports") == {"ports": []}
        first, second = submit(client, PORTABLE)["pid"], submit(client, SECOND)["pid"]
        listed = client.data("GET", "/ports")["ports"]
        assert [port["pid"] for port in listed] == [second, first]
        assert re.fullmatch(r"[0-9a-f]{40}", listed[0]["id"])
        assert "foc" not in listed[0]
        assert listed[0]["supportUrl"]
        port = detail(client, first)
        assert port["numbers"] == [PORTABLE]
        assert (port["name"], port["email"]) == ("Example LLC", "sandbox@example.net")
        client.error("GET", f"/ports/{listed[0]['id']}", 404)

    def test_port_of_another_account_is_unknown(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        pid = submit(client, PORTABLE)["pid"]
        VoiceTelClient(sandbox, VOICETEL_OTHER).error("GET", f"/ports/{pid}", 404)

    def test_time_of_creation_has_two_forms(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        pid = submit(client, PORTABLE)["pid"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", detail(client, pid)["createdAt"])
        sandbox.control("setting", key="voicetel.port_times", value="epoch")
        assert type(detail(client, pid)["createdAt"]) is int

    def test_portability_must_be_known_for_an_hour_at_most(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        body = {**FORM, "did": [PORTABLE]}
        assert PORTABLE in client.error("POST", "/ports", 400, json=body)
        check(client, PORTABLE)
        sandbox.control("clock", advance="61m")
        client.error("POST", "/ports", 400, json=body)
        check(client, PORTABLE)
        sandbox.control("clock", advance="59m")
        client.data("POST", "/ports", 201, json=body)

    def test_answer_to_another_account_does_not_count(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        check(VoiceTelClient(sandbox, VOICETEL_OTHER), PORTABLE)
        client.error("POST", "/ports", 400, json={**FORM, "did": [PORTABLE]})

    def test_number_that_is_porting_cannot_be_ported_again(self, client: VoiceTelClient) -> None:
        submit(client, PORTABLE)
        submit(client, PORTABLE, status=400)

    def test_low_balance_is_a_402_and_does_nothing(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.store.execute("UPDATE account SET balance = 11 WHERE provider = 'voicetel'")
        submit(client, PORTABLE, SECOND, status=402)
        assert client.data("GET", "/ports")["ports"] == []
        assert cash(client) == 11
        submit(client, PORTABLE)

    def test_number_that_is_gone_meanwhile_stops_the_whole_port(
        self, client: VoiceTelClient
    ) -> None:
        assert "2125579905" in submit(client, PORTABLE, "2125579905", status=400)
        assert client.data("GET", "/ports")["ports"] == []

    def test_toll_free_and_geographic_numbers_become_two_ports(
        self, client: VoiceTelClient
    ) -> None:
        made = submit(client, TOLL_FREE, PORTABLE)
        assert detail(client, made["pid"])["numbers"] == [TOLL_FREE]
        ports = client.data("GET", "/ports")["ports"]
        assert {detail(client, port["pid"])["numbers"][0] for port in ports} == {
            TOLL_FREE,
            PORTABLE,
        }

    @pytest.mark.parametrize("name", sorted(FORM))
    def test_each_required_member_is_named_when_it_is_missing(
        self, client: VoiceTelClient, name: str
    ) -> None:
        body = {key: text for key, text in FORM.items() if key != name}
        message = client.error("POST", "/ports", 400, json={**body, "did": [PORTABLE]})
        assert message == f"Field Required: {name}"

    @pytest.mark.parametrize(
        "change",
        [
            {"did": []},
            {"did": PORTABLE},
            {"did": [f"1{PORTABLE}"]},
            {"did": [PORTABLE, PORTABLE]},
            {"nameType": "company"},
            {"state": "New York"},
            {"zip": 10001},
            {"streetNumber": 1},
            {"streetPrefix": "North"},
            {"desiredDueDate": "07/04/2026"},
            {"desiredDueDate": "2026-02-30"},
            {"features": {"number": PORTABLE}},
            {"features": [{"routing": {"gatewayId": 4}}]},
            {"features": [{"number": SECOND}]},
            {"features": [{"number": PORTABLE, "routing": {"gatewayId": 7}}]},
            {"features": [{"number": PORTABLE, "routing": {"gatewayId": "4"}}]},
            {"features": [{"number": PORTABLE, "lidb": {"name": "A NAME THAT IS TOO LONG"}}]},
        ],
    )
    def test_bad_requests_do_nothing(self, client: VoiceTelClient, change: dict[str, Any]) -> None:
        before = cash(client)
        submit(client, PORTABLE, status=400, **change)
        assert cash(client) == before
        assert client.data("GET", "/ports")["ports"] == []


class TestClock:
    def test_port_goes_its_way_after_the_letter_is_signed(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        pid = submit(client, PORTABLE)["pid"]
        sandbox.control("clock", advance="30d")
        assert detail(client, pid)["status"] == "LOA Required"
        assert sandbox.control("loa", pid=pid) == {"pid": pid, "status": "Submitted"}
        assert detail(client, pid)["status"] == "Submitted"
        received = sandbox.store.now() + timedelta(
            days=1
        )  # also where the next hour is another day
        sandbox.control("clock", advance="25h")
        port = detail(client, pid)
        assert port["status"] == "FOC Received"
        assert port["foc"] == (received + timedelta(days=7)).strftime("%Y%m%d")
        client.error("GET", f"/numbers/{PORTABLE}", 404)
        sandbox.control("clock", advance="8d")
        assert detail(client, pid)["status"] == "Complete"
        assert client.data("GET", f"/numbers/{PORTABLE}")["route"] == 4

    def test_one_long_step_of_the_clock_takes_every_step_of_the_port(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        gateway = client.data("GET", "/gateways")["gateways"][-1]["id"]
        features = [
            {
                "number": PORTABLE,
                "routing": {"gatewayId": gateway},
                "lidb": {"name": "EXAMPLE LLC"},
                "sms": {"campaignId": "CSBX01B"},
            }
        ]
        made = submit(client, PORTABLE, SECOND, features=features)
        sandbox.control("loa", pid=made["pid"])
        sandbox.control("clock", advance="20d")
        assert detail(client, made["pid"])["status"] == "Complete"
        number = client.data("GET", f"/numbers/{PORTABLE}")
        assert (number["route"], number["carrier"]) == (gateway, 19)
        assert client.data("GET", f"/cnam/{PORTABLE}")["cnam"] == "EXAMPLE LLC"
        state = client.data("GET", f"/numbers/{PORTABLE}/messaging")
        assert state["campaign"]["id"] == "CSBX01B"
        assert client.data("GET", f"/numbers/{SECOND}")["route"] == 4
        threads = client.data("GET", f"/support/tickets/{made['ticket']}/messages")["messages"]
        assert [each["createdAt"] for each in threads] == sorted(
            each["createdAt"] for each in threads
        )
        assert "Port complete" in threads[-1]["body"]

    @pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%dT12:00:00Z"])
    def test_desired_day_is_kept_to_when_it_is_late_enough(
        self, sandbox: RunningSandbox, client: VoiceTelClient, form: str
    ) -> None:
        day = sandbox.store.now() + timedelta(days=30)
        pid = submit(client, PORTABLE, desiredDueDate=day.strftime(form))["pid"]
        sandbox.control("loa", pid=pid)
        sandbox.control("clock", advance="2d")
        assert detail(client, pid)["foc"] == day.strftime("%Y%m%d")

    def test_losing_carrier_rejects_and_the_number_may_be_tried_again(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number = "2125559909"
        pid = submit(client, number)["pid"]
        sandbox.control("loa", pid=pid)
        sandbox.control("clock", advance="40d")
        port = detail(client, pid)
        assert port["status"] == "Rejected"
        assert "account number" in port["message"]
        client.error("GET", f"/numbers/{number}", 404)
        submit(client, number)

    def test_letter_may_sign_itself_after_a_time(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("setting", key="voicetel.loa_minutes", value="30")
        pid = submit(client, PORTABLE)["pid"]
        sandbox.control("clock", advance="29m")
        assert detail(client, pid)["status"] == "LOA Required"
        sandbox.control("clock", advance="2m")
        assert detail(client, pid)["status"] == "Submitted"

    def test_only_a_letter_that_is_waited_for_can_be_signed(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        pid = submit(client, PORTABLE)["pid"]
        sandbox.control("loa", pid=pid)
        for wrong in (pid, "ZZZZZ", ""):
            with pytest.raises(Exception, match="400"):
                sandbox.control("loa", pid=wrong)


class TestPages:
    def test_links_of_a_port_open_and_its_letter_can_be_signed_there(
        self, client: VoiceTelClient
    ) -> None:
        made = submit(client, PORTABLE)
        letter = requests.get(made["loaUrl"], timeout=30)
        assert made["pid"] in letter.text
        assert "<button>" in letter.text
        signed = requests.post(made["loaUrl"], timeout=30)
        assert signed.url == made["loaUrl"]
        assert "<button>" not in signed.text
        assert "Submitted" in requests.get(made["portUrl"], timeout=30).text
        assert detail(client, made["pid"])["status"] == "Submitted"
        assert requests.post(made["loaUrl"], timeout=30).status_code == 409
        link = client.data("GET", "/ports")["ports"][0]["supportUrl"]
        assert PORTABLE in requests.get(link, timeout=30).text

    def test_nothing_else_is_shown(self, sandbox: RunningSandbox) -> None:
        for path in ("loa/ZZZZZ", "port/ZZZZZ", "support/4001"):
            assert requests.get(f"{sandbox.url}/a/{path}/", timeout=30).status_code == 404
