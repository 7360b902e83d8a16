"""The Custom Toll Free wire of the sandbox: how numbers end, age and move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import (
    TollFreeClient,
    codes,
    results,
    spare_numbers,
)
from tests.sandbox.tollfree import TollFreeWireAtNoon


class TestDisconnectAndSpare(TollFreeWireAtNoon):
    def test_disconnected_number_ages_and_returns(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        ended = client.today()
        form = {"effective": "NOW", "interceptend": (ended + timedelta(days=30)).isoformat()}
        item = client.item(client.write("disconnect", number=working, **form))
        assert item["status"] == "DISCONNECT"
        assert item["until"] == (ended + timedelta(days=120)).isoformat()
        assert codes(client.write("spare", number=working)) == ["too_early_to_spare"]
        sandbox.control("clock", advance="31d")
        after = client.query(working)
        assert after["status"] == "TRANSITIONAL"
        assert after["statusdate"] == (ended + timedelta(days=30)).isoformat()
        sandbox.control("clock", advance="89d")
        assert client.status(working) == "TRANSITIONAL"
        sandbox.control("clock", advance="1d")
        assert client.status(working) == "SPARE"
        assert client.query(working)["statusdate"] == (ended + timedelta(days=121)).isoformat()

    def test_one_long_leap_gives_the_same_dates(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        ended = client.today()
        client.write("disconnect", number=working, effective="NOW")
        sandbox.control("clock", advance="400d")
        after = client.query(working)
        assert after["status"] == "SPARE"
        assert after["statusdate"] == (ended + timedelta(days=121)).isoformat()

    def test_spare_is_allowed_from_day_45(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        client.write("disconnect", number=working, effective="NOW", interceptend="NOW")
        assert client.status(working) == "TRANSITIONAL"
        sandbox.control("clock", advance="44d")
        assert codes(client.write("spare", number=working)) == ["too_early_to_spare"]
        sandbox.control("clock", advance="1d")
        assert client.item(client.write("spare", number=working))["status"] == "SPARE"

    def test_transitional_number_is_taken_back_by_its_owner_only(
        self, client: TollFreeClient, other: TollFreeClient, working: str
    ) -> None:
        client.write("disconnect", number=working, effective="NOW", interceptend="NOW")
        assert codes(other.reserve(working)) == ["number_unavailable"]
        assert client.item(client.reserve(working))["status"] == "RESERVED"
        assert codes(client.reserve(working)) == ["number_unavailable"]

    def test_future_disconnect_leaves_the_number_working(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        form = {"number": working, "effective": "2026-03-09T12:15Z"}
        assert client.item(client.write("disconnect", **form))["status"] == "WORKING"
        assert client.records(working)[0]["status"] == "PENDING"
        sandbox.control("clock", now="2026-03-09T12:16:00+00:00")
        assert client.status(working) == "DISCONNECT"
        record = results(client.read("retrieve", number=working)).find("record")
        assert record is not None
        assert record.get("status") == "DISCONNECT"
        assert record.find("cad/disconnect") is not None

    @pytest.mark.parametrize(
        ("form", "code"),
        [
            ({}, "missing_parameter"),
            ({"effective": "2026-03-01T12:00Z"}, "invalid_effective_date"),
            ({"effective": "NOW", "interceptend": "2026-12-31"}, "invalid_effective_date"),
            ({"effective": "NOW", "interceptend": "2026-01-01"}, "invalid_effective_date"),
            ({"effective": "NOW", "referral": "yes"}, "invalid_parameter"),
            ({"effective": "NOW", "notes": "x" * 152}, "invalid_parameter"),
        ],
    )
    def test_bad_disconnects_change_nothing(
        self, client: TollFreeClient, working: str, form: dict[str, str], code: str
    ) -> None:
        assert codes(client.write("disconnect", number=working, **form)) == [code]
        assert client.status(working) == "WORKING"

    def test_operations_keep_to_the_status_table(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        spare = spare_numbers(sandbox)[0]
        for command, status in (
            ("spare", "WORKING"),
            ("spare", "ASSIGNED"),
            ("disconnect", "RESERVED"),
            ("disconnect", "ASSIGNED"),
            ("disconnect", "TRANSITIONAL"),
            ("copyrecord", "DISCONNECT"),
            ("copyrecord", "TRANSITIONAL"),
        ):
            form = {"number": client.owned(status), "effective": "NOW", "source": "*SBDEFAULT"}
            assert codes(client.write(command, **form)) == ["invalid_status"], (command, status)
        for command in ("spare", "disconnect", "copyrecord"):
            form = {"number": spare, "effective": "NOW", "source": "*SBDEFAULT"}
            assert codes(client.write(command, **form)) == ["invalid_status"], command

    def test_numbers_of_another_resporg_are_out_of_reach(
        self, other: TollFreeClient, working: str, client: TollFreeClient
    ) -> None:
        for command in ("disconnect", "copyrecord", "changeresporg"):
            form = {"effective": "NOW", "source": "*OTDEFAULT", "newresporg": "OTH02"}
            if command == "changeresporg":
                del form["effective"]
            reply = other.write(command, number=working, **form)
            assert codes(reply) == ["not_controlling_resporg"], command
        assert codes(other.write("spare", number=client.owned("RESERVED"))) == [
            "not_controlling_resporg"
        ]


class TestChangeRespOrg(TollFreeWireAtNoon):
    def test_number_moves_and_pending_records_must_be_checked(
        self, client: TollFreeClient, other: TollFreeClient, working: str
    ) -> None:
        client.copy(working, effective="2026-03-09T12:15Z")
        item = client.item(client.write("changeresporg", number=working, newresporg="OTH02"))
        assert (item["resporg"], item["status"]) == ("OTH02", "WORKING")
        assert codes(client.read("retrieve", number=working)) == ["not_controlling_resporg"]
        assert [row["status"] for row in other.records(working)] == ["MUST CHECK", "ACTIVE"]

    def test_change_on_a_later_day(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        form = {"newresporg": "OTH02", "effective": "2026-03-09"}
        assert (
            client.item(client.write("changeresporg", number=working, **form))["resporg"] == "SBX01"
        )
        sandbox.control("clock", now="2026-03-09T00:01:00+00:00")
        assert client.query(working)["resporg"] == "OTH02"

    @pytest.mark.parametrize(
        ("form", "code"),
        [
            ({}, "missing_parameter"),
            ({"newresporg": "NOONE"}, "invalid_resporg"),
            ({"newresporg": "XYZ99"}, "permission_denied"),
            ({"newresporg": "OTH02", "effective": "2020-01-01"}, "invalid_parameter"),
        ],
    )
    def test_bad_changes(
        self, client: TollFreeClient, working: str, form: dict[str, str], code: str
    ) -> None:
        assert codes(client.write("changeresporg", number=working, **form)) == [code]
        assert client.query(working)["resporg"] == "SBX01"

    def test_spare_number_has_no_resporg_to_change(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        form = {"number": spare_numbers(sandbox)[0], "newresporg": "OTH02"}
        assert codes(client.write("changeresporg", **form)) == ["invalid_status"]
