"""VoiceTel: stock, orders and own numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.providers.voicetel.client import Client, OrderedNumber
from portal.providers.voicetel.mapping import features, inventory
from portal.providers.voicetel.methods import inventory as methods
from portal.tn import TN
from tests.providers.calls import Arrange, Example, Refusal, Stage
from tests.providers.calls.voicetel_account import OTHER, by_newcomer, plain

Call = Callable[[Client, str], Any]


def tn_of(number: str) -> TN:
    return TN.from_digits10(number)


def on(make: Callable[[Stage], str], call: Call, *before: Call) -> Arrange:
    """Return a call on a number that `make` gives, for which `before` was done."""

    def arrange(stage: Stage) -> Callable[[Client], Any]:
        number = make(stage)
        for step in before:
            step(stage.helper, number)
        return lambda client: call(client, number)

    return arrange


def porting(stage: Stage) -> str:
    """Return a number of ours that is being ported."""
    return stage.owned(data={"porting": True})


def _order(*makers: Callable[[Stage], str]) -> Arrange:
    def arrange(stage: Stage) -> Callable[[Client], Any]:
        numbers = [OrderedNumber(number=make(stage), route=4) for make in makers]
        key = f"order-{numbers[0].number}"
        return lambda client: inventory.order_verdicts(
            client.post_orders(numbers, idempotency_key=key)
        )

    return arrange


def _search(**filters: Any) -> Arrange:
    return plain(lambda client: list(inventory.offers(client.get_inventory("312", **filters))))


def _count(by: Any, **filters: Any) -> Arrange:
    return plain(
        lambda client: inventory.stock_counts(client.get_inventory_coverage(by, **filters))
    )


def _owned(client: Client, number: str) -> Any:
    found = client.get_number(number)
    return found and inventory.owned_number(found, methods.GET_NUMBER)


def _claim(client: Client, number: str, **fields: Any) -> Any:
    content = client.post_numbers(number, **fields)
    return features.confirmed(content, "route", tn_of(number), methods.POST_NUMBERS)


def _move(client: Client, number: str, *, account: str = OTHER[0], route: int = 4) -> Any:
    content = client.patch_number(number, account_id=int(account), route=route)
    return features.confirmed(content, "accountId", tn_of(number), methods.PATCH_NUMBER)


EXAMPLES = (
    Example(
        operation="GET /v2.2/inventory",
        arrange=_search(),
        holds=lambda offers: offers and all(offer.tn.npa == "312" for offer in offers),
    ),
    Example(
        operation="GET /v2.2/inventory",
        label="with every filter",
        arrange=_search(quantity=1000, province="IL", rate_center="CHICAGO", lata="358"),
        holds=lambda offers: offers and all(offer.state == "IL" for offer in offers),
        still_holds=lambda offers: offers and all(offer.state == "" for offer in offers),
    ),
    Example(
        operation="GET /v2.2/inventory/coverage",
        arrange=_count("state"),
        holds=lambda counts: "IL" in {count.state for count in counts},
        still_holds=lambda counts: counts == [],
    ),
    Example(
        operation="GET /v2.2/inventory/coverage",
        label="with every filter",
        arrange=_count(
            "block", loc_state="IL", city="Chicago", rc_abbre="CHICAGO", npa="312", lata="358"
        ),
        holds=lambda counts: all(count.npa in {"", "312"} for count in counts),
    ),
    Example(
        operation="POST /v2.2/orders",
        arrange=_order(Stage.for_sale, Stage.for_sale),
        holds=lambda verdicts: len(verdicts.ordered) == 2 and not verdicts.failed,
    ),
    Example(
        operation="POST /v2.2/orders",
        label="of which one is gone",
        arrange=_order(Stage.for_sale, Stage.foreign),
        holds=lambda verdicts: (len(verdicts.ordered), len(verdicts.failed)) == (1, 1),
    ),
    Example(
        operation="GET /v2.2/numbers",
        arrange=plain(lambda client: list(inventory.owned_numbers(client.get_numbers()))),
        holds=lambda numbers: len(numbers) > 100,
    ),
    Example(
        operation="GET /v2.2/numbers",
        label="of a newcomer",
        arrange=by_newcomer(lambda client: list(inventory.owned_numbers(client.get_numbers()))),
        holds=lambda numbers: numbers == [],
    ),
    Example(
        operation="GET /v2.2/numbers/{number}",
        arrange=on(Stage.owned, _owned),
        holds=lambda owned: owned.route_ref == "4",
    ),
    Example(
        operation="GET /v2.2/numbers/{number}",
        label="that is not ours",
        arrange=on(Stage.foreign, _owned),
        holds=lambda owned: owned is None,
    ),
    Example(
        operation="POST /v2.2/numbers/{number}/release",
        arrange=on(Stage.owned, lambda client, number: client.post_number_release(number)),
    ),
    Example(
        operation="POST /v2.2/numbers",
        arrange=on(Stage.for_sale, _claim),
        holds=lambda route: route == "4",
    ),
    Example(
        operation="POST /v2.2/numbers",
        label="onto a gateway",
        arrange=on(Stage.for_sale, lambda client, number: _claim(client, number, route=1001)),
        holds=lambda route: route == "1001",
    ),
    Example(
        operation="PATCH /v2.2/numbers/{number}",
        arrange=on(Stage.owned, _move),
        holds=lambda account: account == OTHER[0],
    ),
    Example(
        operation="DELETE /v2.2/numbers/{number}",
        arrange=on(Stage.owned, lambda client, number: client.delete_number(number)),
    ),
)

REFUSALS = (
    Refusal(
        operation="POST /v2.2/orders",
        why="the balance is too low",
        arrange=by_newcomer(
            lambda client: client.post_orders(
                [OrderedNumber(number="3125570001", route=4)], idempotency_key="poor"
            )
        ),
        code="402",
        says="The balance at VoiceTel is too low",
    ),
    Refusal(
        operation="POST /v2.2/numbers/{number}/release",
        why="it is being ported",
        arrange=on(porting, lambda client, number: client.post_number_release(number)),
        code="409",
        says="the number is being ported",
    ),
    Refusal(
        operation="POST /v2.2/numbers",
        why="the balance is too low",
        arrange=by_newcomer(lambda client: client.post_numbers("3125570002")),
        code="402",
        says="The balance at VoiceTel is too low",
    ),
    Refusal(
        operation="POST /v2.2/numbers",
        why="somebody else has it",
        arrange=on(Stage.foreign, _claim),
        code="409",
        says="could not put the number on the account",
    ),
    Refusal(
        operation="PATCH /v2.2/numbers/{number}",
        why="it is not ours",
        arrange=on(Stage.foreign, _move),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="PATCH /v2.2/numbers/{number}",
        why="the gateway is not the other account's",
        arrange=on(Stage.owned, lambda client, number: _move(client, number, route=1001)),
        code="400",
        says="Invalid route",
    ),
    Refusal(
        operation="PATCH /v2.2/numbers/{number}",
        why="there is no such account",
        arrange=on(Stage.owned, lambda client, number: _move(client, number, account="77")),
        code="409",
        says="no such account",
    ),
    Refusal(
        operation="DELETE /v2.2/numbers/{number}",
        why="it is not ours",
        arrange=on(Stage.foreign, lambda client, number: client.delete_number(number)),
        code="404",
        says="does not know it",
    ),
    Refusal(
        operation="DELETE /v2.2/numbers/{number}",
        why="it is being ported",
        arrange=on(porting, lambda client, number: client.delete_number(number)),
        code="409",
        says="Porting in progress",
    ),
)
