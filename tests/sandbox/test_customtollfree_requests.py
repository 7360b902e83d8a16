"""The Custom Toll Free wire of the sandbox over a real socket: references, answers that come later, faults."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from lxml import etree

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import (
    TollFreeClient,
    codes,
    parse,
    results,
    spare_numbers,
)
from tests.sandbox.tollfree import TollFreeWire


class TestReferences(TollFreeWire):
    def test_same_reference_gives_the_first_answer_again(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        first = client.reserve(number, reqref="once-1")
        again = client.reserve(number, reqref="once-1")
        assert again.content == first.content
        calls = sandbox.log(provider="custom_toll_free", operation="reserve", tn=number)
        assert [call["carried_out"] for call in calls] == [True, False]
        assert codes(client.reserve(number, reqref="once-1", notes="x")) == ["duplicate_reqref"]

    def test_a_refusal_is_repeated_too(self, client: TollFreeClient, other: TollFreeClient) -> None:
        number = client.owned("WORKING")
        first = other.write("spare", number=number, reqref="no-1")
        assert codes(first) == ["invalid_status"]
        assert other.write("spare", number=number, reqref="no-1").content == first.content

    def test_one_reference_at_once_from_many_is_carried_out_once(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        with ThreadPoolExecutor(6) as pool:
            replies = pool.map(lambda _: client.reserve(number, reqref="race-1"), range(6))
            assert len({reply.content for reply in replies}) == 1
        calls = sandbox.log(provider="custom_toll_free", operation="reserve", tn=number)
        assert sorted(call["carried_out"] for call in calls) == [False] * 5 + [True]

    def test_references_of_two_keys_do_not_meet(
        self, sandbox: RunningSandbox, client: TollFreeClient, other: TollFreeClient
    ) -> None:
        first, second = spare_numbers(sandbox, 2)
        assert client.item(client.reserve(first, reqref="same"))["result"] == "OK"
        assert other.item(other.reserve(second, reqref="same"))["result"] == "OK"

    def test_lost_answer_is_found_by_the_reference(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        (number,) = spare_numbers(sandbox, ending="9903")
        with pytest.raises(requests.ConnectionError):
            client.reserve(number, reqref="lost-1")
        told = results(client.read("requeststatus", reqref="lost-1"))
        assert told.findtext("state") == "COMPLETED"
        assert told.findtext("outcome") == "SUCCESS"
        assert told.findtext("results/item/number") == number
        calls = sandbox.log(provider="custom_toll_free", operation="reserve", tn=number)
        assert [call["carried_out"] for call in calls] == [True]

    def test_request_that_never_arrived_is_not_found(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        (number,) = spare_numbers(sandbox, ending="9907")
        with pytest.raises(requests.ConnectionError):
            client.reserve(number, reqref="lost-2")
        assert codes(client.read("requeststatus", reqref="lost-2")) == ["request_not_found"]
        assert client.status(number) == "SPARE"

    def test_requests_are_forgotten_after_thirty_days_and_are_private(
        self, sandbox: RunningSandbox, client: TollFreeClient, other: TollFreeClient, number: str
    ) -> None:
        client.reserve(number, reqref="old-1")
        assert codes(other.read("requeststatus", reqref="old-1")) == ["request_not_found"]
        assert codes(client.read("requeststatus")) == ["missing_parameter"]
        sandbox.control("clock", advance="31d")
        assert codes(client.read("requeststatus", reqref="old-1")) == ["request_not_found"]


class TestPending(TollFreeWire):
    def test_pending_write_is_done_by_the_clock(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        sandbox.store.set_setting("custom_toll_free.pending_seconds", 60)
        sandbox.control("fault", provider="custom_toll_free", operation="reserve", fault="pending")
        reply = client.reserve(number, reqref="slow-1")
        root = parse(reply)
        assert [child.tag for child in root] == ["status", "requestid"]
        assert root.findtext("status") == "PENDING"
        request_id = root.findtext("requestid")
        told = results(client.read("requeststatus", requestid=request_id))
        assert (told.findtext("state"), told.find("outcome")) == ("PROCESSING", None)
        assert client.status(number) == "SPARE"
        assert client.reserve(number, reqref="slow-1").content == reply.content
        sandbox.control("clock", advance="61s")
        told = results(client.read("requeststatus", requestid=request_id))
        assert told.findtext("state") == "COMPLETED"
        assert told.findtext("results/item/status") == "RESERVED"
        assert client.status(number) == "RESERVED"
        calls = sandbox.log(provider="custom_toll_free", operation="reserve", tn=number)
        assert sum(number in call["done"] for call in calls) == 1

    def test_pending_then_error_changes_nothing(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        sandbox.control(
            "fault", provider="custom_toll_free", operation="*", fault="pending_then_error"
        )
        request_id = parse(client.reserve(number)).findtext("requestid")
        sandbox.control("clock", advance="10s")
        told = results(client.read("requeststatus", requestid=request_id))
        assert (told.findtext("state"), told.findtext("outcome")) == ("FAILED", "ERROR")
        assert told.findtext("errors/error/code") == "sms800_unavailable"
        assert client.status(number) == "SPARE"


class TestFaults(TollFreeWire):
    def test_refused_reserve_says_unavailable(
        self, sandbox: RunningSandbox, client: TollFreeClient
    ) -> None:
        (number,) = spare_numbers(sandbox, ending="9901")
        assert codes(client.reserve(number)) == ["number_unavailable"]
        assert client.status(number) == "SPARE"

    def test_locked_number_is_free_after_a_quarter_of_an_hour(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        sandbox.control("fault", provider="custom_toll_free", operation="reserve", fault="locked")
        assert codes(client.reserve(number)) == ["number_unavailable"]
        sandbox.control("clock", advance="14m")
        assert codes(client.reserve(number)) == ["number_unavailable"]
        sandbox.control("clock", advance="31m")
        assert client.item(client.reserve(number))["result"] == "OK"

    def test_unclosed_errors_are_not_well_formed(
        self, sandbox: RunningSandbox, client: TollFreeClient, number: str
    ) -> None:
        sandbox.control(
            "fault", provider="custom_toll_free", operation="reserve", fault="unclosed_errors"
        )
        reply = client.reserve(number)
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(reply.content)
        assert "<code>number_unavailable</code>" in reply.text
        assert client.status(number) == "SPARE"

    def test_rate_limit_speaks_xml(self, sandbox: RunningSandbox, client: TollFreeClient) -> None:
        sandbox.control("fault", provider="custom_toll_free", operation="*", fault="rate_limited")
        reply = client.read("query", number="8885550101")
        assert reply.status_code == 429
        assert int(reply.headers["Retry-After"]) > 0
        assert etree.fromstring(reply.content).findtext("errors/error/code") == "rate_limited"

    def test_key_refused_on_demand(self, sandbox: RunningSandbox, client: TollFreeClient) -> None:
        sandbox.control("fault", provider="custom_toll_free", operation="query", fault="auth")
        assert codes(client.read("query", number="8885550101")) == ["invalid_key"]
