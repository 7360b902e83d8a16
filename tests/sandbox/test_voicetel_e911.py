"""The VoiceTel wire of the sandbox: emergency addresses and records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sandbox.rest_voicetel_addresses import normalized
from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient

ADDRESS = {
    "address1": "1 main street",
    "address2": "suite 4",
    "city": "New York",
    "state": "ny",
    "zip": "10001",
}
IN_ORDER = {
    "address1": "1 MAIN ST",
    "address2": "STE 4",
    "city": "NEW YORK",
    "state": "NY",
    "zip": "10001",
}
NAME = "EXAMPLE LLC"


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


@pytest.fixture
def number(sandbox: RunningSandbox, client: VoiceTelClient) -> str:
    """Return a number of the account that has no record yet."""
    number = client.first_number()
    client.call("DELETE", f"/e911/{number}")
    return number


def validate(client: VoiceTelClient, **change: Any) -> Any:
    return client.data("POST", "/e911/validations", json={**ADDRESS, **change})["address"]


@given(st.text())
def test_a_line_in_postal_order_stays_as_it_is(text: str) -> None:
    assert normalized(normalized(text)) == normalized(text)


class TestValidation:
    def test_address_comes_back_in_postal_order_with_an_integer_id(
        self, client: VoiceTelClient
    ) -> None:
        address = validate(client)
        assert type(address.pop("addressid")) is int
        assert address == IN_ORDER
        assert validate(client)["addressid"] != validate(client)["addressid"]

    def test_second_line_may_be_left_out(self, client: VoiceTelClient) -> None:
        body = {name: text for name, text in ADDRESS.items() if name != "address2"}
        assert client.data("POST", "/e911/validations", json=body)["address"]["address2"] == ""

    @pytest.mark.parametrize(
        "change",
        [
            {"address1": "Main Street"},
            {"address1": "12"},
            {"city": "..."},
            {"state": "XX"},
            {"state": "New York"},
            {"zip": "00000"},
            {"zip": "1234"},
        ],
    )
    def test_address_that_cannot_be_is_a_409(
        self, client: VoiceTelClient, change: dict[str, str]
    ) -> None:
        client.error("POST", "/e911/validations", 409, json={**ADDRESS, **change})

    def test_missing_fields_are_named(self, client: VoiceTelClient) -> None:
        body = {"address1": "1 Main St", "state": "NY"}
        message = client.error("POST", "/e911/validations", 400, json=body)
        assert message == "Fields Required: city, zip"
        client.error("POST", "/e911/validations", 400, json={**ADDRESS, "zip": 10001})


class TestRecords:
    def test_record_is_made_listed_read_and_removed(
        self, client: VoiceTelClient, number: str
    ) -> None:
        body = {"dn": number, "callername": NAME, **ADDRESS}
        record = client.data("POST", "/e911", 201, json=body)["record"]
        assert record == {"dn": f"1{number}", "callername": NAME, **IN_ORDER}
        assert client.data("GET", f"/e911/{number}") == {"record": record}
        assert record in client.data("GET", "/e911")["records"]
        reply = client.call("DELETE", f"/e911/{number}")
        assert (reply.status_code, reply.content) == (204, b"")
        client.error("GET", f"/e911/{number}", 409)
        client.error("DELETE", f"/e911/{number}", 409)
        listed = client.data("GET", "/e911")["records"]
        assert f"1{number}" not in [each["dn"] for each in listed]

    def test_validated_address_is_provisioned_by_its_id(
        self, client: VoiceTelClient, number: str
    ) -> None:
        body = {"addressid": validate(client)["addressid"], "callername": NAME}
        record = client.data("PUT", f"/e911/{number}", json=body)["record"]
        assert record == {"dn": f"1{number}", "callername": NAME, **IN_ORDER}
        other = {**body, "addressid": validate(client, address1="9 Elm Road")["addressid"]}
        assert client.data("PUT", f"/e911/{number}", json=other)["record"]["address1"] == "9 ELM RD"

    def test_id_must_be_fresh_and_of_this_account(
        self, sandbox: RunningSandbox, client: VoiceTelClient, number: str
    ) -> None:
        own, foreign = validate(client), validate(VoiceTelClient(sandbox, VOICETEL_OTHER))
        path = f"/e911/{number}"
        for addressid in (foreign["addressid"], 10**9):
            client.error("PUT", path, 409, json={"addressid": addressid, "callername": NAME})
        body = {"addressid": own["addressid"], "callername": NAME}
        client.error("PUT", path, 400, json={**body, "addressid": str(body["addressid"])})
        sandbox.control("clock", advance="61m")
        client.error("PUT", path, 409, json=body)
        sandbox.control("setting", key="voicetel.address_minutes", value="120")
        client.data("PUT", path, json=body)

    def test_foreign_numbers_are_403_for_creation_and_401_elsewhere(
        self, sandbox: RunningSandbox, client: VoiceTelClient, number: str
    ) -> None:
        foreign = VoiceTelClient(sandbox, VOICETEL_OTHER).first_number()
        body = {"dn": foreign, "callername": NAME, **ADDRESS}
        client.error("POST", "/e911", 403, json=body)
        change = {"addressid": validate(client)["addressid"], "callername": NAME}
        for dn in (foreign, f"1{number}", f"+1{number}", "911"):
            client.error("GET", f"/e911/{dn}", 401)
            client.error("PUT", f"/e911/{dn}", 401, json=change)
            client.error("DELETE", f"/e911/{dn}", 401)

    def test_numbers_come_in_with_ten_digits(self, client: VoiceTelClient, number: str) -> None:
        body = {"callername": NAME, **ADDRESS}
        for dn in (f"1{number}", f"+1{number}", int(number)):
            client.error("POST", "/e911", 400, json={**body, "dn": dn})
        assert client.error("POST", "/e911", 400, json=body) == "Field Required: dn"

    def test_bad_address_changes_nothing(self, client: VoiceTelClient, number: str) -> None:
        body = {"dn": number, "callername": NAME, **ADDRESS}
        record = client.data("POST", "/e911", 201, json=body)["record"]
        client.error("POST", "/e911", 409, json={**body, "zip": "00000"})
        assert client.data("GET", f"/e911/{number}")["record"] == record

    def test_empty_list_is_a_404(self, sandbox: RunningSandbox) -> None:
        VoiceTelClient(sandbox, VOICETEL_OTHER).error("GET", "/e911", 404)

    def test_record_goes_with_the_number(self, client: VoiceTelClient, number: str) -> None:
        client.data("POST", "/e911", 201, json={"dn": number, "callername": NAME, **ADDRESS})
        client.call("DELETE", f"/numbers/{number}")
        client.data("POST", "/numbers", 201, json={"number": number})
        client.error("GET", f"/e911/{number}", 409)
