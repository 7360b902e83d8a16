"""VoiceTel's records in our words: captured-style replies, odd ones, and what is never guessed."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import OwnedNumber, RouteRecord, SearchCriteria, StockCount
from portal.providers.errors import ProviderProtocolError
from portal.providers.rest import parse, plain
from portal.providers.voicetel import codes
from portal.providers.voicetel.mapping import account, fields, network
from portal.providers.voicetel.mapping import inventory as mapping
from portal.providers.voicetel.methods import inventory as methods
from portal.tn import TN
from tests.providers.voicetel import TNS, WIRE

FIELDS = st.sampled_from(
    [
        "number",
        "route",
        "gateway",
        "forward",
        "forwardTo",
        "cnam",
        "id",
        "count",
        "npa",
        "lata",
        "orderId",
        "amountCharged",
        "numbersOrdered",
        "failed",
        "cash",
        "rates",
        "services",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("2125550142"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.dictionaries(FIELDS, VALUES, max_size=6)


def content(name: str) -> Any:
    return parse((WIRE / name).read_bytes())["data"]


def listed(name: str, member: str) -> list[Any]:
    return [record for record in content(name)[member] if record is not None]


@pytest.mark.parametrize(
    ("criteria", "mask"),
    [
        (SearchCriteria(npa="212"), "212"),
        (SearchCriteria(npa="212", nxx="555"), "212555"),
        (SearchCriteria(starts="2125550"), "2125550"),
        (SearchCriteria(npa="212", starts="2125550"), "2125550"),
        (SearchCriteria(npa="212", nxx="555", starts="21"), "212555"),
        (SearchCriteria(npa="212", starts="415"), "212"),
        (SearchCriteria(starts="212", nxx="555"), "212555"),
        (SearchCriteria(starts="21"), ""),
        (SearchCriteria(nxx="555"), ""),
        (SearchCriteria(state="NY", contains="555"), ""),
    ],
)
def test_leading_digits_become_one_mask(criteria: SearchCriteria, mask: str) -> None:
    assert mapping.mask(criteria) == mask


def test_offers_have_their_place_and_dummies_are_dropped() -> None:
    first, second, bare = mapping.offers(listed("inventory.json", "numbers"))
    assert (first.tn, first.rate_center, first.city, first.state, first.lata) == (
        TNS[0],
        "NWYRCYZN01",
        "New York",
        "NY",
        "132",
    )
    assert (second.rate_center, second.state, second.lata) == ("NWYRCYZN01", "NY", "132")
    assert (bare.tn, bare.state, bare.lata) == (TNS[2], "", "")
    assert {first.monthly_cost, first.setup_cost} == {None}


@pytest.mark.parametrize("number", ["", None, "12", "0125550142", "22125550142", [], "n/a"])
def test_an_offer_without_a_number_is_off_contract(number: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        list(mapping.offers([{"number": number, "city": "New York"}]))


@pytest.mark.parametrize("number", ["2125550142", "12125550142", "+1 (212) 555-0142", 2125550142])
def test_numbers_are_read_in_every_usual_spelling(number: Any) -> None:
    assert [offer.tn for offer in mapping.offers([{"number": number}])] == [TNS[0]]


def test_owned_numbers_tell_route_forwarding_and_features() -> None:
    plain, busy, bare = mapping.owned_numbers(listed("numbers.json", "numbers"))
    assert plain == OwnedNumber(
        tn=TNS[0],
        route_ref="4",
        route_name="DID",
        values={"forward_to": "", "inbound_cnam": "false", "translated_to": ""},
        details={"translated": "2125550142", "carrier": 0, "faxEnabled": False},
    )
    assert busy == OwnedNumber(
        tn=TNS[1],
        route_ref="4107",
        route_name="192.0.2.9:5060",
        features=frozenset({"sms", "cnam"}),
        values={"forward_to": "+13125550111", "inbound_cnam": "true", "translated_to": "100"},
        details={"translated": "100", "carrier": 17, "faxEnabled": True},
    )
    assert bare == OwnedNumber(tn=TNS[2])


def test_forwarding_without_a_target_is_not_told() -> None:
    record = {"number": "2125550142", "forward": True, "forwardTo": None}
    assert mapping.owned_number(record, methods.GET_NUMBER).values == {}


def test_gateways_are_routes_and_the_systems_own_are_marked() -> None:
    user, did, own = network.routes(listed("gateways.json", "gateways"))
    assert (user.ref, user.name, user.is_system) == ("1", "USER", True)
    assert (did.ref, did.name, did.kind) == ("4", "DID", "gateway")
    assert own == RouteRecord(
        ref="4107", name="192.0.2.9:5060", kind="gateway", details={"prefix": "9", "limit": 23}
    )


def test_a_gateway_without_an_id_is_off_contract() -> None:
    with pytest.raises(ProviderProtocolError):
        network.routes([{"gateway": "192.0.2.9"}])
    assert network.routes([{}]) == []


def test_counts_are_sorted_by_place_and_empty_places_left_out() -> None:
    counts = mapping.stock_counts(listed("coverage_state.json", "coverage"))
    assert counts == [StockCount(count=120, state="CA"), StockCount(count=323, state="NY")]
    exchanges = mapping.stock_counts(listed("coverage_npanxx.json", "coverage"))
    assert [(c.rate_center, c.npa, c.nxx, c.count) for c in exchanges] == [
        ("ALBANY", "518", "555", 7),
        ("NWYRCYZN01", "212", "555", 22),
        ("NWYRCYZN01", "212", "556", 3),
    ]


@pytest.mark.parametrize("count", [None, "many", -1, True, "9" * 5000, 1.5])
def test_a_count_that_is_no_number_is_off_contract(count: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        mapping.stock_counts([{"locState": "NY", "count": count}])


def test_the_account_tells_balance_and_rates() -> None:
    status = account.account_status(content("account.json"))
    assert status.balance == Decimal("118.42")
    assert status.name == "Example LLC"
    assert status.details["rates"]["did"] == "0.5"
    assert status.details["services"]["sms"] is True
    json.dumps(status.details)


def test_an_account_without_a_balance_has_none_and_a_strange_one_is_off_contract() -> None:
    assert account.account_status({"username": "2125550100"}).balance is None
    for cash in ("much", "NaN", True, [], "1e999999"):
        with pytest.raises(ProviderProtocolError):
            account.account_status({"cash": cash})


def test_an_order_tells_the_bought_the_failed_and_the_price_of_each() -> None:
    verdicts = mapping.order_verdicts(content("order_partial.json"))
    assert verdicts.ordered == {TNS[0], TNS[2]}
    assert verdicts.failed == {TNS[1]: "No longer available"}
    assert verdicts.charged == Decimal("0.5")
    assert verdicts.order_ref == "1750000000"


def test_what_cannot_be_read_in_an_order_proves_nothing() -> None:
    verdicts = mapping.order_verdicts(
        {"numbersOrdered": [None, {}, "x", "2125550142"], "failed": ["2125550143", 7, {}]}
    )
    assert verdicts.ordered == {TNS[0]}
    assert verdicts.failed == {TNS[1]: ""}
    assert verdicts.charged is None


@given(record=RECORDS)
def test_no_record_raises_anything_but_a_protocol_error(record: dict[str, Any]) -> None:
    for read in (
        lambda: list(mapping.offers([record])),
        lambda: list(mapping.owned_numbers([record])),
        lambda: network.routes([record]),
        lambda: mapping.stock_counts([record]),
        lambda: account.account_status(record),
    ):
        with contextlib.suppress(ProviderProtocolError):
            read()
    mapping.order_verdicts({**record, "failed": [record], "numbersOrdered": [record]})


@given(value=VALUES)
def test_details_always_fit_a_json_column(value: Any) -> None:
    text = json.dumps(plain(value))
    assert "\\u0000" not in text


def test_deep_nesting_in_a_detail_is_cut_off() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    assert json.dumps(plain(deep)) == "[[[[null]]]]"


@pytest.mark.parametrize(
    ("text", "may_be_ours"),
    [
        ("No longer available", False),
        ("Number already on your account", True),
        ("Duplicate number", True),
        ("Invalid route", False),
        ("", False),
        ("Something new", False),
    ],
)
def test_reasons_have_advice_and_some_need_asking(text: str, may_be_ours: bool) -> None:
    reason = codes.reason(text)
    assert reason.may_be_ours is may_be_ours
    assert reason.advice.endswith(".")


def test_every_status_says_what_happened_and_what_to_do() -> None:
    for code in (*codes.STATUSES, "418"):
        words = codes.status(code)
        assert words.happened.endswith(".")
        assert words.advice.endswith(".")


def test_numbers_outside_the_plan_are_not_made_up() -> None:
    assert fields.tn_of({"number": "2125550142"}, methods.GET_NUMBER) == TN("+12125550142")
    with pytest.raises(ProviderProtocolError, match="442079460123"):
        fields.tn_of({"number": "+442079460123"}, methods.GET_NUMBER)
