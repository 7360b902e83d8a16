"""The IntelePeer wire of the sandbox over a real socket: orders, packages and returns."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import INTELEPEER_OTHER, IntelePeerClient

SEARCH, RESERVE = "/v4/carrier/tf", "/v4/carrier/tf/reservations"
OWN, ORDER = "/v4/my/tf", "/v4/my/tf/orders"
PACKAGE, DISCONNECT = "/v4/my/tf/package", "/v4/my/tf/disconnect"


@pytest.fixture
def client(sandbox: RunningSandbox) -> IntelePeerClient:
    return IntelePeerClient(sandbox)


def order_body(**more: Any) -> dict[str, Any]:
    return {"packageID": 30001, "serviceArea": 4, **more}


class TestOrder:
    @pytest.mark.parametrize("name", ["reservationID", "reservations"])
    def test_order_is_pending_and_then_the_number_is_ours(
        self, sandbox: RunningSandbox, client: IntelePeerClient, name: str
    ) -> None:
        sandbox.store.set_setting("intelepeer.order_delay", 60)
        (endpoint,) = client.stock(1)
        hold = client.reserve([endpoint])["reservationID"]
        body = order_body(referenceID="PO-17", **{name: [hold]})
        order = client.body("POST", ORDER, json=body)
        assert order["status"] == "PENDING"
        assert (order["type"], order["source"]) == ("TF Purchase", "API")
        assert (order["accountID"], order["packageID"]) == (1000001, 30001)
        assert order["referenceID"] == "PO-17"
        assert order["completed"] is None
        assert isinstance(order["batchIDs"][0], int)
        assert not client.has(endpoint)
        sandbox.control("clock", advance="61s")
        (row,) = client.own(like=endpoint)
        assert (row["orderID"], row["packageID"]) == (order["orderID"], 30001)

    def test_hold_can_be_used_once_and_only_by_its_owner(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        hold = client.reserve(client.stock(1))["reservationID"]
        body = order_body(reservationID=hold)
        IntelePeerClient(sandbox, INTELEPEER_OTHER).error("POST", ORDER, 409, json=body)
        client.body("POST", ORDER, json=body)
        assert client.error("POST", ORDER, 409, json=body) == "Number(s) not available."

    def test_expired_hold_cannot_be_ordered(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        hold = client.reserve(client.stock(1))["reservationID"]
        sandbox.control("clock", advance="31m")
        client.error("POST", ORDER, 409, json=order_body(reservationID=[hold]))

    @pytest.mark.parametrize("name", ["endpoints", "numbers"])
    def test_numbers_must_be_reserved_before(self, client: IntelePeerClient, name: str) -> None:
        (endpoint,) = client.stock(1)
        wanted = {name: [{"countryCode": "1", "number": endpoint[2:]}]}
        client.error("POST", ORDER, 409, json=order_body(**wanted))
        client.reserve([endpoint])
        assert client.body("POST", ORDER, json=order_body(**wanted))["status"] == "PENDING"

    def test_quantity_lets_the_carrier_choose(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        before = len(client.own())
        client.body("POST", ORDER, json=order_body(quantity=3))
        sandbox.control("clock", advance="5s")
        assert len(client.own()) == before + 3

    @pytest.mark.parametrize(
        ("body", "status", "text"),
        [
            ({"serviceArea": 4, "quantity": 1}, 422, "The 'packageID' parameter is required."),
            ({"packageID": 30001, "quantity": 1}, 422, "The 'serviceArea' parameter is required."),
            (order_body(), 422, "The 'reservationID' parameter is required."),
            (
                order_body(serviceArea=9, quantity=1),
                422,
                "The 'serviceArea' parameter must match one of the following values: 1, 2, 3, 4, 5",
            ),
            (
                order_body(packageID="x", quantity=1),
                422,
                "The 'packageID' parameter must be formatted as a(n) integer.",
            ),
            (
                order_body(packageID=[30001], quantity=1),
                422,
                "The 'packageID' parameter must be scalar.",
            ),
            (
                order_body(notes=5, quantity=1),
                422,
                "The 'notes' parameter must be formatted as a(n) string.",
            ),
            (
                order_body(numbers=[{"countryCode": "44", "number": "8885550101"}]),
                422,
                "The 'countryCode' parameter must match one of the following values: 1",
            ),
            (
                order_body(quantity=1, reservationID=["x"]),
                409,
                "The following parameters are mutually exclusive: 'reservationID', 'quantity'",
            ),
        ],
    )
    def test_misuse_has_its_literal_text(
        self, client: IntelePeerClient, body: dict[str, Any], status: int, text: str
    ) -> None:
        assert client.error("POST", ORDER, status, json=body) == text

    def test_trial_limit(self, sandbox: RunningSandbox, client: IntelePeerClient) -> None:
        owned = len(client.own())
        sandbox.store.set_setting("intelepeer.trial_limit", owned + 2)
        text = client.error("POST", ORDER, 402, json=order_body(quantity=3))
        assert text == "Order too large; trial limit exceeded. Available: 2 seats."
        client.body("POST", ORDER, json=order_body(quantity=2))
        text = client.error("POST", ORDER, 402, json=order_body(quantity=1))
        assert text == f"Order blocked; trial limit realized. Limit: {owned + 2} seats."

    def test_line_cut_after_the_order_leaves_it_done_once(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        (endpoint,) = client.stock(1)
        hold = client.reserve([endpoint])["reservationID"]
        sandbox.control(
            "fault",
            provider="intelepeer",
            operation="my.tf.order",
            fault="drop_after",
            match_tn=endpoint[-4:],
        )
        with pytest.raises(requests.ConnectionError):
            client.call("POST", ORDER, json=order_body(reservationID=[hold]))
        sandbox.control("clock", advance="5s")
        assert client.has(endpoint)
        calls = sandbox.log(provider="intelepeer", operation="my.tf.order", tn=endpoint[2:])
        assert [call["carried_out"] for call in calls] == [True]


class TestChangeAndDisconnect:
    def test_package_changes_after_a_while(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        row = client.own(packageID="30001")[0]
        body = {"packageID": 30003, "endpoints": [row["endpoint"]]}
        order = client.body("POST", PACKAGE, json=body)
        assert (order["type"], order["packageID"]) == ("Change Package", 30003)
        assert client.own(like=row["endpoint"])[0]["packageID"] == 30001
        text = client.error("POST", DISCONNECT, 409, json={"endpoints": [row["endpoint"]]})
        assert text == "One or more numbers is part of a conflicting order."
        sandbox.control("clock", advance="5s")
        assert client.own(like=row["endpoint"])[0]["packageID"] == 30003

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({"endpoints": ["+18885550101"]}, "The 'packageID' parameter is required."),
            ({"packageID": 30001}, "The 'endpoints' parameter is required."),
            (
                {"packageID": "x", "endpoints": ["+18885550101"]},
                "The 'packageID' parameter must be formatted as a(n) integer.",
            ),
            ({"packageID": [1]}, "The 'packageID' parameter must be scalar."),
        ],
    )
    def test_misuse_of_package_has_its_literal_text(
        self, client: IntelePeerClient, body: dict[str, Any], text: str
    ) -> None:
        assert client.error("POST", PACKAGE, 422, json=body) == text

    def test_disconnect_is_accepted_and_takes_effect_later(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        endpoint = client.own()[0]["endpoint"]
        body = {"endpoints": [endpoint], "referenceID": "R-1"}
        order = client.body("POST", DISCONNECT, 202, json=body)
        assert (order["type"], order["status"]) == ("TF Return", "PENDING")
        assert (order["accountID"], order["packageID"]) == (None, None)
        assert client.has(endpoint)
        text = client.error("POST", DISCONNECT, 409, json=body)
        assert text == "One or more numbers is already pending disconnect."
        sandbox.control("clock", advance="5s")
        assert not client.has(endpoint)
        text = client.error("POST", DISCONNECT, 409, json=body)
        assert text == "One or more numbers is not assigned to this account."
        sandbox.control("clock", advance="121d")
        again = IntelePeerClient(sandbox)
        query = {"like": endpoint, "pageSize": "1"}
        assert again.body("GET", SEARCH, params=query)["endpoints"]

    def test_disconnect_asks_for_endpoints_but_not_for_accept(
        self, client: IntelePeerClient
    ) -> None:
        client.session.headers["Accept"] = "*/*"
        text = client.error("POST", DISCONNECT, 422, json={})
        assert text == "The 'endpoints' parameter is required."

    def test_foreign_number_cannot_be_disconnected(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        mine = client.own()[0]["endpoint"]
        theirs = IntelePeerClient(sandbox, INTELEPEER_OTHER).own()[0]["endpoint"]
        text = client.error("POST", DISCONNECT, 409, json={"endpoints": [mine, theirs]})
        assert text == "One or more numbers is not assigned to this account."
        sandbox.control("clock", advance="5s")
        assert client.has(mine)
