"""The IntelePeer wire of the sandbox over a real socket."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import INTELEPEER, INTELEPEER_OTHER, IntelePeerClient, spare_numbers

SEARCH, RESERVE = "/v4/carrier/tf", "/v4/carrier/tf/reservations"
OWN, ORDER = "/v4/my/tf", "/v4/my/tf/orders"


@pytest.fixture
def client(sandbox: RunningSandbox) -> IntelePeerClient:
    return IntelePeerClient(sandbox)


class TestToken:
    def test_wrong_password_is_unauthorized(self, client: IntelePeerClient) -> None:
        body = {**INTELEPEER, "password": "wrong"}
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
        assert client.error("POST", "/v4/authenticate", 406, json=INTELEPEER) == "Not Acceptable"


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
        IntelePeerClient(sandbox, INTELEPEER_OTHER).reserve([taken])
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
        (number,) = spare_numbers(sandbox, ending="9905", provider="intelepeer")
        text = client.error("POST", RESERVE, 409, json={"endpoints": [f"+1{number}"]})
        assert text == "Number(s) not available."


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
