"""The VoiceTel wire of the sandbox over a real socket: stock, orders and the list of numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import VOICETEL_OTHER, VoiceTelClient, spare_numbers


@pytest.fixture
def client(sandbox: RunningSandbox) -> VoiceTelClient:
    return VoiceTelClient(sandbox)


def search(client: VoiceTelClient, **query: Any) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.data("GET", "/inventory", params=query)["numbers"]
    return found


def plain(client: VoiceTelClient, count: int) -> list[str]:
    """Return numbers for sale that are not magic."""
    found = [each["number"] for each in search(client, tnMask="312", quantity=200)]
    return [tn for tn in found if not tn[6:].startswith("99")][:count]


def magic(sandbox: RunningSandbox, ending: str) -> str:
    """Return a number for sale that stands for a fault."""
    (number,) = spare_numbers(sandbox, ending=ending, provider="voicetel")
    return number


def owned(client: VoiceTelClient) -> set[str]:
    return {each["number"] for each in client.data("GET", "/numbers")["numbers"]}


class TestSearch:
    def test_every_filter_is_kept_to(self, client: VoiceTelClient) -> None:
        first = search(client, tnMask="212", quantity=5)
        assert len(first) == 5
        assert set(first[0]) == {"number", "rateCenter", "city", "province", "lata"}
        assert isinstance(first[0]["lata"], str)
        place = first[0]
        narrowed = search(
            client,
            tnMask=f"{place['number'][:6]}*",
            province=place["province"],
            rateCenter=place["rateCenter"],
            lata=place["lata"],
        )
        assert narrowed
        assert all(each["number"][:6] == place["number"][:6] for each in narrowed)
        assert search(client, tnMask="212", province="CA") == []
        ending = place["number"][-4:]
        assert place in search(client, tnMask=f"212*{ending}")

    def test_default_quantity_is_ten(self, client: VoiceTelClient) -> None:
        assert len(search(client, tnMask="212")) == 10

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({}, "Field Required: tnMask"),
            ({"tnMask": "abc"}, "Invalid tnMask"),
            ({"tnMask": "212", "quantity": "0"}, "Invalid quantity"),
            ({"tnMask": "212", "quantity": "1001"}, "Invalid quantity"),
            ({"tnMask": "212", "quantity": "many"}, "Invalid quantity"),
            ({"tnMask": "212", "province": "New York"}, "Invalid province"),
            ({"tnMask": "212", "lata": "x"}, "Invalid lata"),
        ],
    )
    def test_bad_queries_are_refused(
        self, client: VoiceTelClient, query: dict[str, str], message: str
    ) -> None:
        assert client.error("GET", "/inventory", 400, params=query).startswith(message)

    def test_result_is_kept_for_ten_minutes(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number = plain(client, 1)[0]
        query = {"tnMask": number[:6], "quantity": 1000}
        assert number in [each["number"] for each in search(client, **query)]
        client.data("POST", "/orders", 201, json={"numbers": [number]})
        assert number in [each["number"] for each in search(client, **query)]
        sandbox.control("clock", advance="11m")
        assert number not in [each["number"] for each in search(client, **query)]

    def test_network_failure_is_a_502(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("fault", provider="voicetel", operation="inventory.search", fault="refuse")
        client.error("GET", "/inventory", 502, params={"tnMask": "212"})
        assert search(client, tnMask="212")


class TestCoverage:
    @pytest.mark.parametrize(
        ("dimension", "names"),
        [
            ("state", {"locState"}),
            ("city", {"locState", "city"}),
            ("rateCenter", {"locState", "rcAbbre", "lata"}),
            ("npanxx", {"npa", "nxx", "rcAbbre", "locState"}),
            ("block", {"npa", "nxx", "block", "rcAbbre"}),
        ],
    )
    def test_counts_by_each_dimension(
        self, client: VoiceTelClient, dimension: str, names: set[str]
    ) -> None:
        query = {"countBy": dimension, "npa": "212"}
        rows = client.data("GET", "/inventory/coverage", params=query)["coverage"]
        assert rows
        assert set(rows[0]) == {"count", *names}
        total = sum(row["count"] for row in rows)
        state = {"countBy": "state", "npa": "212"}
        by_state = client.data("GET", "/inventory/coverage", params=state)["coverage"]
        assert total == sum(row["count"] for row in by_state) > 0

    def test_dimension_is_required_and_known(self, client: VoiceTelClient) -> None:
        assert client.error("GET", "/inventory/coverage", 400) == "Field Required: countBy"
        client.error("GET", "/inventory/coverage", 400, params={"countBy": "country"})


class TestOrders:
    def test_order_debits_and_routes(self, client: VoiceTelClient) -> None:
        first, second = plain(client, 2)
        cash = client.data("GET", "/account")["cash"]
        body = {"numbers": [first, {"number": second, "route": 8}]}
        order = client.data("POST", "/orders", 201, json=body)
        assert isinstance(order["orderId"], str)
        assert order["numbersOrdered"] == [first, second]
        assert (order["amountCharged"], order["failed"]) == (1.0, [])
        assert client.data("GET", "/account")["cash"] == cash - 1.0
        assert client.data("GET", f"/numbers/{first}")["route"] == 4
        assert client.data("GET", f"/numbers/{second}")["route"] == 8

    def test_same_key_replays_and_buys_nothing(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number, other = plain(client, 2)
        headers = {"Idempotency-Key": "order-1"}
        first = client.call("POST", "/orders", json={"numbers": [number]}, headers=headers)
        again = client.call("POST", "/orders", json={"numbers": [other]}, headers=headers)
        assert again.status_code == 201
        assert again.json() == first.json()
        assert other not in owned(client)
        log = sandbox.log(provider="voicetel", operation="orders.create")
        assert [call["carried_out"] for call in log] == [True, False]
        sandbox.control("clock", advance="25h")
        later = client.data("POST", "/orders", 201, json={"numbers": [other]}, headers=headers)
        assert later["numbersOrdered"] == [other]

    def test_one_key_at_once_from_many_buys_once(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        (number,) = plain(client, 1)
        headers = {**client.session.headers, "Idempotency-Key": "race-1"}

        def buy(_: int) -> str:
            body = {"numbers": [number]}
            url = f"{client.base}/orders"
            return requests.post(url, json=body, headers=headers, timeout=30).text

        with ThreadPoolExecutor(6) as pool:
            answers = set(pool.map(buy, range(6)))
        assert len(answers) == 1
        calls = sandbox.log(provider="voicetel", operation="orders.create", tn=number)
        assert sorted(call["carried_out"] for call in calls) == [False] * 5 + [True]

    def test_numbers_that_are_gone_come_back_as_failed(self, client: VoiceTelClient) -> None:
        number, fresh = plain(client, 2)
        client.data("POST", "/orders", 201, json={"numbers": [number]})
        order = client.data("POST", "/orders", 201, json={"numbers": [number, fresh]})
        assert order["numbersOrdered"] == [fresh]
        assert order["failed"] == [{"number": number, "reason": "No longer available"}]
        assert order["amountCharged"] == 0.5

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"numbers": []},
            {"numbers": "2125550142"},
            {"numbers": ["+12125550142"]},
            {"numbers": [{"route": 4}]},
            {"numbers": ["2125550142"] * 101},
            {"numbers": [{"number": "2125550142", "route": 99999}]},
        ],
    )
    def test_bad_orders_do_nothing(self, client: VoiceTelClient, body: dict[str, Any]) -> None:
        before = owned(client)
        client.error("POST", "/orders", 400, json=body)
        assert owned(client) == before

    def test_bad_idempotency_key_is_refused(self, client: VoiceTelClient) -> None:
        headers = {"Idempotency-Key": "not a key"}
        body = {"numbers": plain(client, 1)}
        client.error("POST", "/orders", 400, json=body, headers=headers)

    def test_low_balance_is_a_402(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        numbers = plain(client, 2)
        sandbox.store.execute("UPDATE account SET balance = 0.6 WHERE provider = 'voicetel'")
        client.error("POST", "/orders", 402, json={"numbers": numbers})
        assert not owned(client) & set(numbers)
        client.data("POST", "/orders", 201, json={"numbers": numbers[:1]})
        client.error("POST", "/numbers", 402, json={"number": numbers[1]})


class TestFaults:
    def test_line_cut_after_the_order_leaves_it_done_and_replayable(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number = magic(sandbox, "9903")
        headers = {"Idempotency-Key": "lost-1"}
        with pytest.raises(requests.ConnectionError):
            client.call("POST", "/orders", json={"numbers": [number]}, headers=headers)
        assert number in owned(client)
        order = client.data("POST", "/orders", 201, json={"numbers": [number]}, headers=headers)
        assert order["numbersOrdered"] == [number]
        done = [call["done"] for call in sandbox.log(provider="voicetel", tn=number)]
        assert sum(number in each for each in done) == 1

    def test_line_cut_before_the_order_leaves_nothing(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number = magic(sandbox, "9907")
        with pytest.raises(requests.ConnectionError):
            client.call("POST", "/orders", json={"numbers": [number]})
        assert number not in owned(client)

    def test_refused_by_the_network_writes_nothing(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        numbers = [*plain(client, 1), magic(sandbox, "9901")]
        client.error("POST", "/orders", 502, json={"numbers": numbers})
        assert not owned(client) & set(numbers)

    def test_one_of_a_batch_is_gone_meanwhile(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        good, gone = plain(client, 1)[0], magic(sandbox, "9905")
        order = client.data("POST", "/orders", 201, json={"numbers": [good, gone]})
        assert order["numbersOrdered"] == [good]
        assert order["failed"] == [{"number": gone, "reason": "No longer available"}]

    def test_rate_limit_on_demand_speaks_the_envelope(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.control("fault", provider="voicetel", operation="*", fault="rate_limit")
        assert client.error("GET", "/gateways", 429) == "Rate limit exceeded"

    def test_garbage_is_no_json(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        sandbox.control("fault", provider="voicetel", operation="gateways.list", fault="garbage")
        reply = client.call("GET", "/gateways")
        assert reply.status_code == 200
        with pytest.raises(requests.JSONDecodeError):
            reply.json()

    def test_refused_credentials(self, sandbox: RunningSandbox, client: VoiceTelClient) -> None:
        sandbox.control("fault", provider="voicetel", operation="gateways.list", fault="auth")
        client.error("GET", "/gateways", 401)


class TestNumbers:
    def test_list_holds_the_account_and_nobody_else(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        mine, theirs = owned(client), owned(VoiceTelClient(sandbox, VOICETEL_OTHER))
        assert len(mine) > 100
        assert theirs
        assert not mine & theirs

    def test_empty_list_is_a_404(self, sandbox: RunningSandbox) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        for number in owned(other):
            assert other.call("DELETE", f"/numbers/{number}").status_code == 204
        other.error("GET", "/numbers", 404)

    def test_foreign_and_unknown_numbers_are_404(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        foreign = next(iter(owned(VoiceTelClient(sandbox, VOICETEL_OTHER))))
        for number in (foreign, "2125559999", "+12125550142", "12125550142"):
            client.error("GET", f"/numbers/{number}", 404)
        client.error("DELETE", f"/numbers/{foreign}", 404)
        client.error("POST", f"/numbers/{foreign}/release", 409)

    def test_removed_number_returns_to_stock_and_released_one_does_not(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        sandbox.store.set_setting("voicetel.inventory_cache", "off")
        removed, released = sorted(owned(client))[:2]
        assert client.call("DELETE", f"/numbers/{removed}").status_code == 204
        reply = client.call("POST", f"/numbers/{released}/release")
        assert (reply.status_code, reply.content) == (204, b"")
        assert not owned(client) & {removed, released}
        assert search(client, tnMask=removed)
        assert search(client, tnMask=released) == []
        client.error("POST", "/numbers", 409, json={"number": released})

    def test_porting_number_cannot_be_given_up(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        number = client.first_number()
        sandbox.store.execute(
            "UPDATE number SET data = '{\"porting\": true}' WHERE provider = 'voicetel' AND tn = ?",
            (number,),
        )
        client.error("DELETE", f"/numbers/{number}", 409)
        client.error("POST", f"/numbers/{number}/release", 409)
        assert number in owned(client)

    def test_add_takes_from_stock_and_debits_nothing(self, client: VoiceTelClient) -> None:
        number = plain(client, 1)[0]
        cash = client.data("GET", "/account")["cash"]
        added = client.data("POST", "/numbers", 201, json={"number": number})
        assert added == {"number": number, "route": 4}
        assert client.data("GET", "/account")["cash"] == cash
        client.error("POST", "/numbers", 409, json={"number": number})

    def test_move_needs_a_route_of_the_destination(
        self, sandbox: RunningSandbox, client: VoiceTelClient
    ) -> None:
        other = VoiceTelClient(sandbox, VOICETEL_OTHER)
        theirs = other.data("GET", "/gateways")["gateways"][-1]["id"]
        ours = client.data("GET", "/gateways")["gateways"][-1]["id"]
        number = client.first_number()
        path, target = f"/numbers/{number}", 2125550199
        client.error("PATCH", path, 400, json={"accountId": target})
        client.error("PATCH", path, 400, json={"accountId": target, "route": ours})
        client.error("PATCH", path, 409, json={"accountId": 2125550177, "route": 4})
        moved = client.data("PATCH", path, json={"accountId": target, "route": theirs})
        assert moved == {"number": number, "accountId": target, "route": theirs}
        client.error("GET", path, 404)
        assert other.data("GET", path)["route"] == theirs
