"""The IntelePeer wire of the sandbox over a real socket."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox

LOGIN = {"username": "sandbox@example.net", "password": "sandbox-secret"}
OTHER = {"username": "other@example.net", "password": "other-secret"}
SEARCH, RESERVE = "/v4/carrier/tf", "/v4/carrier/tf/reservations"
OWN, ORDER = "/v4/my/tf", "/v4/my/tf/orders"
PACKAGE, DISCONNECT = "/v4/my/tf/package", "/v4/my/tf/disconnect"


class IntelePeerClient:
    """A bare client: paths below /_rest, a raw token."""

    def __init__(self, sandbox: RunningSandbox, login: dict[str, str] = LOGIN) -> None:
        self.base = f"{sandbox.url}/_rest"
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.session.headers["Authorization"] = self.body("POST", "/v4/authenticate", json=login)[
            "token"
        ]

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=30, **options)

    def body(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        reply = self.call(method, path, **options)
        assert reply.status_code == status, reply.text
        return reply.json()

    def error(self, method: str, path: str, status: int, **options: Any) -> str:
        body = self.body(method, path, status, **options)
        assert set(body) == {"code", "error"}
        assert body["code"] == status
        return str(body["error"])

    def stock(self, count: int) -> list[str]:
        """Return numbers for sale that are not magic."""
        found = self.body("GET", SEARCH, params={"npa": "888"})["endpoints"]
        return [each["endpoint"] for each in found if each["endpoint"][-4:-2] != "99"][:count]

    def reserve(self, endpoints: list[str], **more: Any) -> Any:
        return self.body("POST", RESERVE, json={"endpoints": endpoints, **more})[0]

    def own(self, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body("GET", OWN, params=query)["endpoints"]
        return found

    def has(self, endpoint: str) -> bool:
        return [row["endpoint"] for row in self.own(like=endpoint)] == [endpoint]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> RunningSandbox:
    running.control("reset")
    return running


@pytest.fixture
def client(sandbox: RunningSandbox) -> IntelePeerClient:
    return IntelePeerClient(sandbox)


def magic(sandbox: RunningSandbox, ending: str) -> str:
    rows = sandbox.store.query(
        "SELECT tn FROM number WHERE provider = 'intelepeer' AND status = 'available'"
        " AND tn LIKE ? ORDER BY tn LIMIT 1",
        (f"%{ending}",),
    )
    return f"+1{rows[0]['tn']}"


def order_body(**more: Any) -> dict[str, Any]:
    return {"packageID": 30001, "serviceArea": 4, **more}


class TestToken:
    def test_wrong_password_is_unauthorized(self, client: IntelePeerClient) -> None:
        body = {**LOGIN, "password": "wrong"}
        assert client.error("POST", "/v4/authenticate", 401, json=body) == "Unauthorized"

    def test_both_header_forms_are_understood(self, client: IntelePeerClient) -> None:
        token = client.session.headers["Authorization"]
        client.session.headers["Authorization"] = f"Bearer {token!s}"
        assert client.own()

    def test_no_or_unknown_token_is_unauthorized(self, client: IntelePeerClient) -> None:
        for header in ("", "nonsense", "Bearer nonsense"):
            client.session.headers["Authorization"] = header
            assert client.error("GET", OWN, 401) == "Unauthorized"

    def test_token_runs_out_after_a_day(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        sandbox.control("clock", advance="23h")
        assert client.own()
        sandbox.control("clock", advance="61m")
        assert client.error("GET", OWN, 401) == "Session Expired"
        assert IntelePeerClient(sandbox).own()

    @pytest.mark.parametrize("accept", ["*/*", "text/html", ""])
    def test_accept_must_name_json(self, client: IntelePeerClient, accept: str) -> None:
        client.session.headers["Accept"] = accept
        assert client.error("GET", OWN, 406) == "Not Acceptable"
        assert client.error("POST", "/v4/authenticate", 406, json=LOGIN) == "Not Acceptable"


class TestSearch:
    def test_rows_have_endpoint_and_empty_place(self, client: IntelePeerClient) -> None:
        body = client.body("GET", SEARCH, params={"npa": "888", "pageSize": "3"})
        assert len(body["endpoints"]) == 3
        assert body["hasMore"] is True
        row = body["endpoints"][0]
        assert re.fullmatch(r"\+1888\d{7}", row["endpoint"])
        assert row["geo"] == {"city": None, "country": "US", "stateProvince": None}

    def test_pages_follow_each_other_without_overlap(self, client: IntelePeerClient) -> None:
        whole = client.body("GET", SEARCH, params={"npa": "888", "pageSize": "20"})["endpoints"]
        pages = [
            client.body("GET", SEARCH, params={"npa": "888", "pageSize": "10", "page": page})
            for page in (1, 2)
        ]
        assert pages[0]["endpoints"] + pages[1]["endpoints"] == whole

    def test_area_codes_repeat_as_array_or_plain(self, client: IntelePeerClient) -> None:
        query = [("npa[]", "888"), ("npa[]", "877"), ("pageSize", "100"), ("like", "555")]
        found = client.body("GET", SEARCH, params=query)["endpoints"]
        assert {row["endpoint"][2:5] for row in found} == {"888", "877"}
        assert all("555" in row["endpoint"] for row in found)

    def test_plus_that_was_not_escaped_finds_nothing(self, client: IntelePeerClient) -> None:
        found = client.body("GET", f"{SEARCH}?like=%2B1800&pageSize=1")["endpoints"]
        assert found[0]["endpoint"].startswith("+1800")
        assert client.body("GET", f"{SEARCH}?like=+1800")["endpoints"] == []

    def test_sequential_gives_one_unbroken_run(self, client: IntelePeerClient) -> None:
        query = {"npa": "888", "sequential": "1", "pageSize": "5", "page": "9"}
        body = client.body("GET", SEARCH, params=query)
        numbers = [int(row["endpoint"][2:]) for row in body["endpoints"]]
        assert len(numbers) >= 5
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert body["hasMore"] is False

    @pytest.mark.parametrize(
        ("query", "status", "text"),
        [
            ([], 422, "At least one of the following parameters is required: 'like', 'npa'"),
            ([("npa", "x")], 422, "The 'npa' parameter must be formatted as a(n) numeric."),
            (
                [("npa", "888"), ("page", "two")],
                422,
                "The 'page' parameter must be formatted as a(n) integer.",
            ),
            (
                [("npa", "888"), ("sequential", "yes")],
                422,
                "The 'sequential' parameter must be formatted as a(n) boolean.",
            ),
            ([("like", "8"), ("like", "9")], 422, "The 'like' parameter must be scalar."),
            ([("like[]", "8")], 422, "The 'like' parameter must be scalar."),
            (
                [("like", "8"), ("sequential", "1")],
                409,
                "The following parameters are mutually exclusive: 'like', 'sequential'",
            ),
        ],
    )
    def test_misuse_has_its_literal_text(
        self, client: IntelePeerClient, query: list[tuple[str, str]], status: int, text: str
    ) -> None:
        assert client.error("GET", SEARCH, status, params=query) == text


class TestReserve:
    def test_hold_lasts_thirty_minutes_and_leaves_the_stock(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        endpoints = client.stock(2)
        hold = client.reserve(endpoints)
        assert [row["endpoint"] for row in hold["endpoints"]] == endpoints
        assert uuid.UUID(hold["reservationID"])
        assert hold["reservationID"] == hold["reservationID"].upper()
        assert not set(client.stock(50)) & set(endpoints)
        sandbox.control("clock", advance="29m")
        assert not set(client.stock(50)) & set(endpoints)
        sandbox.control("clock", advance="2m")
        assert set(endpoints) <= set(client.stock(50))

    def test_callers_own_id_is_kept_in_upper_case(self, client: IntelePeerClient) -> None:
        ours = str(uuid.uuid4())
        assert client.reserve(client.stock(1), reservationID=ours)["reservationID"] == ours.upper()

    def test_all_or_nothing_with_the_wrong_reason_phrase(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        taken, free = client.stock(2)
        IntelePeerClient(sandbox, OTHER).reserve([taken])
        reply = client.call("POST", RESERVE, json={"endpoints": [free, taken]})
        assert (reply.status_code, reply.reason) == (409, "Unprocessable Entity")
        assert reply.json() == {"code": 409, "error": "Number(s) not available."}
        assert free in client.stock(2)

    @pytest.mark.parametrize(
        ("body", "status", "text"),
        [
            ({}, 422, "The 'endpoints' parameter is required."),
            (
                {"endpoints": "+18885550101"},
                422,
                "The 'endpoints' parameter must be formatted as a(n) array.",
            ),
            (
                {"endpoints": [{"number": "8885550101"}]},
                422,
                "The '%' parameter is required for each Number object.",
            ),
            (
                {"endpoints": [{"countryCode": "44", "number": "8885550101"}]},
                422,
                "The 'countryCode' parameter must match one of the following values: 1",
            ),
            ({"endpoints": ["8885550101"]}, 409, "Number(s) not available."),
        ],
    )
    def test_misuse_has_its_literal_text(
        self, client: IntelePeerClient, body: dict[str, Any], status: int, text: str
    ) -> None:
        assert client.error("POST", RESERVE, status, json=body) == text

    def test_number_gone_meanwhile(self, sandbox: RunningSandbox, client: IntelePeerClient) -> None:
        text = client.error("POST", RESERVE, 409, json={"endpoints": [magic(sandbox, "9905")]})
        assert text == "Number(s) not available."


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
        IntelePeerClient(sandbox, OTHER).error("POST", ORDER, 409, json=body)
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


class TestOwn:
    def test_one_row_more_when_there_is_a_further_page(self, client: IntelePeerClient) -> None:
        whole = client.own()
        assert len(whole) >= 50
        first = client.body("GET", OWN, params={"pageSize": "10"})
        assert len(first["endpoints"]) == 11
        assert first["hasMore"] is True
        second = client.body("GET", OWN, params={"pageSize": "10", "page": "2"})
        assert second["endpoints"][0] == first["endpoints"][10] == whole[10]
        last = -(-len(whole) // 10)
        end = client.body("GET", OWN, params={"pageSize": "10", "page": last})
        assert len(end["endpoints"]) <= 10
        assert end["hasMore"] is False

    def test_rows_have_the_documented_fields(self, client: IntelePeerClient) -> None:
        row = client.own()[0]
        assert row["accountID"] == 1000001
        assert row["type"] == "LONG"
        assert row["geo"] == {"country": "US", "stateProvince": None}
        assert row["media"]["sms"] is None
        assert row["media"]["voice"]["rx"]["ns"] == "intelepeer.sip"
        assert any("orderID" not in each for each in client.own())

    def test_filters(self, client: IntelePeerClient) -> None:
        whole = client.own()
        label = next(row["label"] for row in whole if "label" in row)
        for query, keep in (
            ({"label": label}, lambda row: row.get("label") == label),
            ({"packageID[]": ["30001", "30002"]}, lambda row: row["packageID"] != 30003),
            ({"hasCpaas": "1"}, lambda row: row["hasCpaas"]),
            (
                {"like": whole[0]["endpoint"][:6]},
                lambda r: r["endpoint"][:6] == whole[0]["endpoint"][:6],
            ),
            (
                {"like[]": [whole[1]["endpoint"], whole[2]["endpoint"]]},
                lambda row: row in whole[1:3],
            ),
        ):
            found = client.own(**query)
            assert found
            assert found == [row for row in whole if keep(row)]

    def test_version_3_knows_no_cpaas_filter_and_has_an_old_shape(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        body = client.body("GET", "/v3/my/tf", params={"hasCpaas": "1"})
        assert body["endpoints"] == client.own()
        sandbox.store.set_setting("intelepeer.v3_shape", "array")
        rows = client.body("GET", "/v3/my/tf", params={"pageSize": "2"})
        assert rows[0]["e164"] == client.own()[0]["endpoint"]

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ([("page", "1"), ("page", "2")], "The 'page' parameter must be scalar."),
            ([("pageSize", "x")], "The 'pageSize' parameter must be formatted as a(n) integer."),
            ([("packageID", "x")], "The 'packageID' parameter must be formatted as a(n) integer."),
            ([("like", "")], "The 'like' parameter must be formatted as a non-empty string."),
            ([("label", "")], "The 'label' parameter must be formatted as a non-empty string."),
        ],
    )
    def test_misuse_has_its_literal_text(
        self, client: IntelePeerClient, query: list[tuple[str, str]], text: str
    ) -> None:
        assert client.error("GET", OWN, 422, params=query) == text


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
        theirs = IntelePeerClient(sandbox, OTHER).own()[0]["endpoint"]
        text = client.error("POST", DISCONNECT, 409, json={"endpoints": [mine, theirs]})
        assert text == "One or more numbers is not assigned to this account."
        sandbox.control("clock", advance="5s")
        assert client.has(mine)


class TestLookups:
    def test_packages(self, client: IntelePeerClient) -> None:
        packages = client.body("GET", "/v4/my/packages")["packages"]
        assert {each["packageID"] for each in packages} == {30001, 30002, 30003}

    def test_accounts_with_and_without_counts(self, client: IntelePeerClient) -> None:
        (plain,) = client.body("GET", "/v4/my/accounts")["accounts"]
        assert plain == {"accountID": 1000001, "name": "Sandbox Voice LLC", "isDeleted": False}
        query = {"countNumbers": "1", "accountID": "1000001"}
        (counted,) = client.body("GET", "/v4/my/accounts", params=query)["accounts"]
        assert counted["tfCount"] == len(client.own())
        query = {"accountID": "1000002"}
        assert client.body("GET", "/v4/my/accounts", params=query)["accounts"] == []

    def test_rate_limit_on_demand_has_the_error_body(
        self, sandbox: RunningSandbox, client: IntelePeerClient
    ) -> None:
        sandbox.control("fault", provider="intelepeer", operation="*", fault="rate_limit")
        assert client.error("GET", OWN, 429) == "Too Many Requests"
