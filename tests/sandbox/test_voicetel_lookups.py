"""The VoiceTel wire of the sandbox: caller name, routing number and port-out PIN."""

from __future__ import annotations

import re

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient

SAME_PLACE = ("2125550142", "2125550143")


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    sandbox.control("setting", key="voicetel.rate_limit", value="off")
    return VoiceTelClient(sandbox)


def cash(sandbox: RunningSandbox) -> float:
    rows = sandbox.store.query(
        "SELECT balance FROM account WHERE provider = 'voicetel' AND login = '2125550100'"
    )
    return float(rows[0]["balance"])


class TestName:
    def test_each_lookup_is_billed(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        before = cash(sandbox)
        first = client.data("GET", "/cnam/3125550142")
        assert first["number"] == "3125550142"
        assert isinstance(first["cnam"], str)
        assert client.data("GET", "/cnam/3125550142") == first
        assert cash(sandbox) == pytest.approx(before - 0.01)

    def test_own_name_is_found_again(self, client: VoiceTelClient) -> None:
        number = client.first_number()
        client.data("PUT", f"/numbers/{number}/lidb", json={"cnam": "ROE SUPPLY"})
        assert client.data("GET", f"/cnam/{number}")["cnam"] == "ROE SUPPLY"

    def test_service_and_money_are_needed(self, sandbox: RunningSandbox) -> None:
        body = {"name": "Jane Roe", "email": "jane@example.net"}
        made = VoiceTelClient(sandbox, None).data("POST", "/accounts", 201, json=body)
        fresh = VoiceTelClient(sandbox, {n: made[n] for n in ("username", "password")})
        assert "not enabled" in fresh.error("GET", "/cnam/3125550142", 402)
        sandbox.store.execute("UPDATE account SET balance = 0.004 WHERE provider = 'voicetel'")
        poor = VoiceTelClient(sandbox)
        assert "balance" in poor.error("GET", "/cnam/3125550142", 402)
        assert cash(sandbox) == 0.004

    @pytest.mark.parametrize("number", ["13125550142", "911", "x"])
    def test_number_has_ten_digits(self, client: VoiceTelClient, number: str) -> None:
        client.error("GET", f"/cnam/{number}", 400)
        client.error("GET", f"/lrn/{number}/2125550142", 400)
        client.error("GET", f"/lrn/2125550142/{number}", 400)

    def test_refusal_costs_nothing(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        before = cash(sandbox)
        sandbox.control("fault", provider="voicetel", operation="lookups.cnam", fault="refuse")
        client.error("GET", "/cnam/3125550142", 402)
        assert cash(sandbox) == before


class TestRouting:
    def test_answer_is_all_texts_with_eleven_digits(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        before = cash(sandbox)
        number, ani = SAME_PLACE
        answer = client.data("GET", f"/lrn/{number}/{ani}")
        assert (answer["destination"], answer["ani"]) == (number, ani)
        lrn = answer["lrn"]
        assert set(lrn) == {
            *("lrn", "ocn", "lata", "lec", "lecType"),
            *("city", "state", "rc", "jurisdiction", "local"),
        }
        assert all(isinstance(text, str) for text in lrn.values())
        assert re.fullmatch(r"1[2-9]\d{9}", lrn["lrn"])
        assert (lrn["state"], lrn["jurisdiction"], lrn["local"]) == ("NY", "INTRASTATE", "Y")
        assert cash(sandbox) == pytest.approx(before - 0.002)

    def test_far_call_is_neither_local_nor_within_the_state(self, client: VoiceTelClient) -> None:
        lrn = client.data("GET", "/lrn/2125550142/3125550142")["lrn"]
        assert (lrn["jurisdiction"], lrn["local"]) == ("INTERSTATE", "N")

    def test_toll_free_number_has_no_place(self, client: VoiceTelClient) -> None:
        lrn = client.data("GET", "/lrn/8005550142/2125550142")["lrn"]
        assert (lrn["state"], lrn["rc"], lrn["lata"], lrn["local"]) == ("", "", "", "N")

    def test_carrier_agrees_with_the_portability_check(self, client: VoiceTelClient) -> None:
        number = SAME_PLACE[0]
        lrn = client.data("GET", f"/lrn/{number}/2125550143")["lrn"]
        port = client.data("GET", f"/ports/availability/{number}")
        assert lrn["lec"] == port["losingCarrier"]
        assert lrn["lrn"] == f"1{port['localRoutingNumber']}"
        own = client.first_number()
        assert client.data("GET", f"/lrn/{own}/2125550143")["lrn"]["lec"] != lrn["lec"]

    def test_low_balance_is_a_402(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        sandbox.store.execute("UPDATE account SET balance = 0.001 WHERE provider = 'voicetel'")
        client.error("GET", "/lrn/2125550142/3125550142", 402)


class TestPin:
    def test_pin_has_four_digits(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        number = client.first_number()
        path = f"/numbers/{number}/port-out-pin"
        answer = client.data("PATCH", path, json={"pin": "0042"})
        assert answer == {"number": number, "portOutPin": "0042"}
        for pin in ("42", "00420", "4a2b", 1234, "٠٠٤٢"):
            client.error("PATCH", path, 400, json={"pin": pin})
        assert client.error("PATCH", path, 400, json={}) == "Field Required: pin"
        foreign = VoiceTelClient(sandbox, VOICETEL_OTHER).first_number()
        client.error("PATCH", f"/numbers/{foreign}/port-out-pin", 404, json={"pin": "0042"})

    def test_network_failure_is_a_502(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("fault", provider="voicetel", operation="numbers.pin", fault="refuse")
        path = f"/numbers/{client.first_number()}/port-out-pin"
        client.error("PATCH", path, 502, json={"pin": "0042"})
