"""The Custom Toll Free wire of the sandbox over a real socket: numbers, requests and downloads."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import (
    KEY,
    TollFreeClient,
    codes,
    parse,
    results,
    spare_numbers,
)
from tests.sandbox.tollfree import TollFreeWire


class TestSearch(TollFreeWire):
    def test_word_is_found_where_it_was_asked_for(self, client: TollFreeClient) -> None:
        found = results(client.read("search", vanity="holiday", quantity=5)).findall("item")
        assert found
        for item in found:
            assert item.findtext("number") == "4654329"
            assert item.findtext("vanity") == "HOLIDAY"

    def test_trailing_prefix_and_numeric_narrow(self, client: TollFreeClient) -> None:
        query = {"vanity": "777", "trailing": 0, "prefix": "888;877", "numeric": 1}
        found = results(client.read("search", **query, quantity=50)).findall("item")
        assert found
        assert {str(item.findtext("prefix")) for item in found} <= {"888", "877"}
        assert all(str(item.findtext("number")).endswith("777") for item in found)
        assert all(item.findtext("vanity") == item.findtext("number") for item in found)

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({}, "missing_parameter"),
            ({"vanity": "ab"}, "invalid_parameter"),
            ({"vanity": "abcdefghijklm"}, "invalid_parameter"),
            ({"vanity": "call", "prefix": "212"}, "invalid_parameter"),
            ({"vanity": "call", "quantity": "0"}, "invalid_parameter"),
            ({"vanity": "call", "trailing": "6"}, "invalid_parameter"),
            ({"vanity": "call", "source": "attic"}, "invalid_parameter"),
        ],
    )
    def test_bad_searches_are_refused(
        self, client: TollFreeClient, query: dict[str, Any], code: str
    ) -> None:
        assert codes(client.read("search", **query)) == [code]

    def test_found_numbers_are_locked_for_a_minute(
        self, sandbox: RunningSandbox, client: TollFreeClient, other: TollFreeClient
    ) -> None:
        item = results(client.read("search", vanity="holiday", quantity=1)).find("item")
        assert item is not None
        number = f"{item.findtext('prefix')}{item.findtext('number')}"
        assert codes(other.reserve(number)) == ["number_unavailable"]
        seen = results(other.read("search", vanity="holiday", quantity=50)).findall("item")
        assert number not in [
            f"{each.findtext('prefix')}{each.findtext('number')}" for each in seen
        ]
        sandbox.control("clock", advance="61s")
        assert other.item(other.reserve(number))["resporg"] == "OTH02"

    def test_reverse_lookup_spells(self, client: TollFreeClient) -> None:
        found = results(client.read("reverselookup", number="8004654329"))
        assert "HOLIDAY" in [item.findtext("vanity") for item in found]
        assert codes(client.read("reverselookup", number="2125550142")) == ["invalid_number"]

    def test_answers_of_the_published_api_have_no_request_id(
        self, client: TollFreeClient, number: str
    ) -> None:
        assert parse(client.read("search", vanity="holiday")).find("requestid") is None
        reply = requests.get(
            f"{client.base}/reserve", params={"key": KEY, "number": number}, timeout=30
        )
        assert parse(reply).find("requestid") is None
        assert results(reply).findtext("number") == number
        assert client.query(number)["resporg"] == "SBX01"


class TestReserve(TollFreeWire):
    def test_hold_has_the_documented_item(self, client: TollFreeClient, number: str) -> None:
        item = client.item(client.reserve(number, notes="For Example LLC"))
        assert item == {
            "number": number,
            "result": "OK",
            "status": "RESERVED",
            "resporg": "SBX01",
            "statusdate": client.today().isoformat(),
            "until": (client.today() + timedelta(days=45)).isoformat(),
        }
        assert client.query(number)["notes"] == "For Example LLC"

    def test_contact_is_shown_to_the_owner_only(
        self, client: TollFreeClient, other: TollFreeClient, number: str
    ) -> None:
        client.reserve(number)
        assert client.query(number)["contactname"] == "Jane Roe"
        assert "contactname" not in other.query(number)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"number": "2125550142"}, "invalid_number"),
            ({"number": "888555010"}, "invalid_number"),
            ({"contactname": ""}, "missing_parameter"),
            ({"contactname": "x" * 31}, "invalid_parameter"),
            ({"contactphone": "555-0142"}, "invalid_parameter"),
            ({"notes": "x" * 152}, "invalid_parameter"),
            ({"until": "tomorrow"}, "invalid_parameter"),
            ({"until": "2020-01-01"}, "invalid_parameter"),
            ({"until": "2099-01-01"}, "invalid_parameter"),
            ({"reqref": ""}, "missing_parameter"),
            ({"reqref": "not a reference"}, "invalid_parameter"),
            ({"resporg": "OTH02"}, "permission_denied"),
            ({"resporg": "NOONE"}, "invalid_resporg"),
            ({"resporg": "X"}, "invalid_resporg"),
            ({"key": "WRONG"}, "invalid_key"),
            ({"key": ""}, "missing_parameter"),
        ],
    )
    def test_bad_requests_change_nothing(
        self, client: TollFreeClient, number: str, change: dict[str, str], code: str
    ) -> None:
        reply = client.write(
            "reserve",
            **{
                "number": number,
                "contactname": "Jane Roe",
                "contactphone": "2125550142",
                **change,
            },
        )
        assert codes(reply) == [code]
        assert parse(reply).findtext("requestid", "").startswith("R")
        assert client.status(number) == "SPARE"

    def test_several_numbers_each_have_their_result(
        self, sandbox: RunningSandbox, client: TollFreeClient, other: TollFreeClient
    ) -> None:
        taken, free = spare_numbers(sandbox, 2)
        other.reserve(taken)
        both = f"{taken},{free}"
        items = results(client.reserve("", numbers=both)).findall("item")
        told = {item.findtext("number"): item.findtext("result") for item in items}
        assert told == {taken: "FAILED", free: "OK"}
        assert items[0].findtext("code") == "number_unavailable"
        assert codes(client.reserve("", numbers=both)) == ["number_unavailable"] * 2
        many = ",".join(spare_numbers(sandbox, 11))
        assert codes(client.reserve("", numbers=many)) == ["invalid_parameter"]

    def test_cap_of_held_numbers(self, sandbox: RunningSandbox, client: TollFreeClient) -> None:
        first, second = spare_numbers(sandbox, 2)
        held = sandbox.store.query(
            "SELECT count(*) AS n FROM number WHERE account = ? AND status = 'reserved'", (KEY,)
        )[0]["n"]
        sandbox.store.set_setting("custom_toll_free.hold_cap", held + 1)
        assert client.item(client.reserve(first))["result"] == "OK"
        assert codes(client.reserve(second)) == ["reservation_limit"]

    def test_hold_ends_the_day_after_until(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        until = client.today() + timedelta(days=10)
        client.reserve(number, until=until.isoformat())
        sandbox.control("clock", now=f"{until}T23:59:00+00:00")
        assert client.status(number) == "RESERVED"
        sandbox.control("clock", advance="2m")
        after = client.query(number)
        assert (after["status"], after["resporg"]) == ("SPARE", "")
        assert after["statusdate"] == (until + timedelta(days=1)).isoformat()
        reply = client.write("copyrecord", number=number, source="*SBDEFAULT", effective="NOW")
        assert codes(reply) == ["reservation_expired"]


class TestQuery(TollFreeWire):
    def test_several_numbers_at_once(self, sandbox: RunningSandbox, client: TollFreeClient) -> None:
        numbers = spare_numbers(sandbox, 3)
        items = results(client.read("query", numbers=",".join(numbers))).findall("item")
        assert [item.findtext("number") for item in items] == numbers
        assert codes(client.read("query")) == ["missing_parameter"]

    def test_number_outside_the_stock_works_elsewhere(self, client: TollFreeClient) -> None:
        item = client.query("8009999999")
        assert (item["status"], item["resporg"]) == ("WORKING", "XYZ99")

    def test_change_behind_the_back_is_seen(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        number = client.owned("WORKING")
        sandbox.control(
            "number", provider="custom_toll_free", tn=number, status="foreign", account=""
        )
        assert client.query(number)["resporg"] == "XYZ99"
        sandbox.control("number", provider="custom_toll_free", tn=number, status="gone")
        assert client.status(number) == "UNAVAILABLE"


class TestRespOrgCheck(TollFreeWire):
    def test_xml_and_csv_list_the_same(self, client: TollFreeClient) -> None:
        items = results(client.read("resporgcheck", resporg="SBX01")).findall("item")
        assert len(items) == 40
        reply = client.read("resporgcheck", resporg="SBX01", format="csv")
        assert reply.headers["Content-Type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        assert list(rows[0]) == ["number", "resporg", "status", "statusdate", "until"]
        assert [row["number"] for row in rows] == [item.findtext("number") for item in items]
        statuses = {row["status"] for row in rows}
        assert statuses == {"WORKING", "RESERVED", "ASSIGNED", "DISCONNECT", "TRANSITIONAL"}

    def test_filters(self, client: TollFreeClient) -> None:
        query = {"resporg": "SBX01", "status": "RESERVED,DISCONNECT"}
        items = results(client.read("resporgcheck", **query)).findall("item")
        assert {item.findtext("status") for item in items} == {"RESERVED", "DISCONNECT"}
        since = (client.today() - timedelta(days=15)).isoformat()
        recent = results(client.read("resporgcheck", resporg="SBX01", since=since)).findall("item")
        assert 0 < len(recent) < 40
        assert all(str(item.findtext("statusdate")) >= since for item in recent)

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({}, "missing_parameter"),
            ({"resporg": "OTH02"}, "permission_denied"),
            ({"resporg": "NOONE"}, "invalid_resporg"),
            ({"resporg": "SBX01", "status": "LOST"}, "invalid_parameter"),
            ({"resporg": "SBX01", "format": "pdf"}, "invalid_parameter"),
            ({"resporg": "SBX01", "since": "lately"}, "invalid_parameter"),
        ],
    )
    def test_bad_requests(self, client: TollFreeClient, query: dict[str, str], code: str) -> None:
        assert codes(client.read("resporgcheck", **query)) == [code]

    def test_pending_list_is_downloaded_later(
        self, sandbox: RunningSandbox, client: TollFreeClient, other: TollFreeClient
    ) -> None:
        sandbox.control(
            "fault", provider="custom_toll_free", operation="resporgcheck", fault="pending"
        )
        reply = client.read("resporgcheck", resporg="SBX01", format="csv")
        request_id = parse(reply).findtext("requestid")
        assert parse(reply).findtext("status") == "PENDING"
        sandbox.control("clock", advance="10s")
        told = results(client.read("requeststatus", requestid=request_id))
        url = told.findtext("results/downloadurl")
        assert url
        text = requests.get(url, timeout=30).text
        assert len(list(csv.DictReader(io.StringIO(text)))) == 40
        assert codes(other.read(f"download/{request_id}")) == ["request_not_found"]
