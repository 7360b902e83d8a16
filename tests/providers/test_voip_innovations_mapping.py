"""What VoIP Innovations' records mean in our words, read from captured-style replies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import Ownership, SearchCriteria
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.mapping import fields
from portal.providers.voip_innovations.mapping import inventory as mapping
from portal.providers.xml import Record, find_records, parse
from portal.tn import TN

WIRE = Path(__file__).parent / "wire" / "voip_innovations"


def records(name: str, element: str) -> list[Record]:
    """Return the records of a captured reply."""
    return find_records(parse((WIRE / name).read_bytes()), element)


def test_an_audit_tells_the_facts_of_each_number() -> None:
    first, second = mapping.owned_numbers(records("audit_dids.xml", "DID"))
    assert first.tn == "+14355550101"
    assert (first.state_word, first.route_ref, first.tier) == ("assigned", "13550", "1")
    assert (first.state, first.rate_center, first.network) == ("UT", "ST GEORGE", "Onvoy")
    assert first.features == {"t38", "cnam"}
    # Trimmed; forward and failover were not told.
    assert first.values == {"cnam_name": "ACME", "inbound_cnam": "true", "cnam_storage": "true"}
    assert first.details["expireDate"] == "2013-11-25T17:32:48.707"
    assert first.details["has911"] == "true"
    assert second.route_ref == "13551"
    assert second.features == frozenset()
    told = {"cnam_name": "", "inbound_cnam": "false", "cnam_storage": "false"}
    assert second.values == told
    assert "expireDate" not in second.details  # 1900-01-01 means none


def test_the_older_shape_of_a_record_is_read_with_defaults() -> None:
    (number,) = mapping.owned_numbers(records("audit_dids_old_shape.xml", "DID"))
    assert number.tn == "+14355550103"
    assert (number.route_ref, number.network, number.values) == ("", "", {})


@pytest.mark.parametrize(
    ("word", "told"),
    [("true", "true"), ("False", "false"), ("1", "true"), ("0", "false"), ("", None), ("x", None)],
)
def test_the_inbound_lookup_is_told_by_its_flag_and_by_nothing_else(word, told) -> None:
    (number,) = mapping.owned_numbers([{"tn": "4355550101", "cnam": word}])
    assert number.values.get("inbound_cnam") == told


def test_a_query_tells_the_inbound_lookup_too() -> None:
    status = mapping.number_status(records("query_did_assigned.xml", "DID"), TN("+14355550101"))
    assert status.owned is not None
    assert status.owned.values["inbound_cnam"] == "true"


def test_the_dummy_record_of_an_empty_account_is_dropped() -> None:
    assert list(mapping.owned_numbers(records("audit_dids_empty.xml", "DID"))) == []


@pytest.mark.parametrize(
    ("name", "tn", "ownership", "code"),
    [
        ("query_did_assigned.xml", "+14355550101", Ownership.OURS, "100"),
        ("query_did_available.xml", "+14355550104", Ownership.AVAILABLE, "100"),
        ("query_did_not_found.xml", "+14355550100", Ownership.NOT_FOUND, "102420"),
        ("query_did_other_account.xml", "+14355550105", Ownership.FOREIGN, "102235"),
        ("query_did_assigned.xml", "+14355550199", Ownership.UNKNOWN, ""),  # another number
    ],
)
def test_a_query_tells_who_holds_a_number(
    name: str, tn: str, ownership: Ownership, code: str
) -> None:
    status = mapping.number_status(records(name, "DID"), TN(tn))
    assert (status.ownership, status.code) == (ownership, code)
    assert (status.owned is not None) == (ownership == Ownership.OURS)


@pytest.mark.parametrize(
    ("code", "availability", "ownership"),
    [
        ("102220", "Unavailable", Ownership.RESERVED_BY_US),
        ("102230", "Unavailable", Ownership.FOREIGN),
        ("102225", "", Ownership.OURS),
        ("100", "ASSIGNED", Ownership.OURS),
        ("100", "Unavailable", Ownership.UNKNOWN),
        ("100", "", Ownership.UNKNOWN),
        ("102999", "assigned", Ownership.UNKNOWN),
    ],
)
def test_the_code_of_a_query_counts_before_its_word(
    code: str, availability: str, ownership: Ownership
) -> None:
    record = {"tn": "4355550101", "statuscode": code, "availability": availability}
    assert mapping.number_status([record], TN("+14355550101")).ownership == ownership


def test_two_records_that_disagree_tell_nothing() -> None:
    other = {"tn": "4355550101", "availability": "Available", "statuscode": "100"}
    both = [*records("query_did_assigned.xml", "DID"), other]
    assert mapping.number_status(both, TN("+14355550101")).ownership == Ownership.UNKNOWN


def test_a_search_tells_place_tier_and_features_but_no_price() -> None:
    first, second = mapping.offers(records("get_dids.xml", "DIDLocator"))
    assert first.tn == "+14355550104"
    assert (first.rate_center, first.state, first.lata) == ("RICHFIELD", "UT", "660")
    assert (first.tier, first.network) == ("4", "VI")
    assert first.features == {"cnam", "t38", "sms"}
    assert first.monthly_cost is None
    assert second.features == frozenset()


def test_a_toll_free_number_has_no_state_and_no_lata() -> None:
    (offer,) = mapping.offers(records("get_dids_toll_free.xml", "DIDLocator"))
    assert offer.tn.is_toll_free
    assert (offer.state, offer.lata, offer.tier) == ("", "", "")


def test_a_verdict_inside_a_search_is_a_refusal() -> None:
    with pytest.raises(ProviderRefused) as caught:
        list(mapping.offers(records("get_dids_no_criteria_inside.xml", "DID")))
    assert caught.value.code == "302490"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("state", [("UT", "", "", "", 62)]),
        ("rate_center", [("UT", "LOGAN", "", "", 2), ("UT", "RICHFIELD", "", "", 60)]),
        ("lata", [("", "", "660", "", 62)]),
        ("tier", [("", "", "", "0", 7), ("", "", "", "4", 55)]),
    ],
)
def test_counts_are_summed_over_tiers_and_features(by: str, expected: list[Any]) -> None:
    counts = mapping.stock_counts(records("get_did_count.xml", "DIDCount"), by=by)
    assert [(c.state, c.rate_center, c.lata, c.tier, c.count) for c in counts] == expected


@pytest.mark.parametrize("row", [{"didcount": "many"}, {"didcount": "-1"}, {"state": "UT"}])
def test_a_count_that_is_none_is_off_contract(row: Record) -> None:
    with pytest.raises(ProviderProtocolError):
        mapping.stock_counts([row], by="state")


def test_endpoint_groups_become_routes() -> None:
    main, old = mapping.routes(records("audit_endpoint_groups.xml", "EndpointGroup"))
    assert (main.ref, main.name, main.kind) == ("13550", "Main SBC", "endpoint_group")
    assert main.is_active
    assert main.details["ips"] == "198.51.100.10, 198.51.100.11"
    assert not old.is_active


@pytest.mark.parametrize("key", ["id", "endpointgroupid", "groupid", "endpointid", "epg"])
def test_an_endpoint_groups_id_is_found_under_any_of_its_names(key: str) -> None:
    (route,) = mapping.routes([{key: "7", "isactive": "true"}])
    assert (route.ref, route.name, route.is_active) == ("7", "Endpoint group 7", True)


def test_a_group_without_an_id_is_off_contract_and_the_dummy_one_is_none() -> None:
    assert mapping.routes([{"id": "0", "name": ""}, {}]) == []
    with pytest.raises(ProviderProtocolError):
        mapping.routes([{"label": "Main SBC"}])


@pytest.mark.parametrize(
    ("text", "tn"),
    [
        ("4355550101", "+14355550101"),
        ("14355550101", "+14355550101"),
        ("+14355550101", "+14355550101"),
        ("(435) 555-0101", "+14355550101"),
        ("442079460100", "+442079460100"),
        ("011442079460100", "+442079460100"),
    ],
)
def test_numbers_are_read_with_or_without_country_code(text: str, tn: str) -> None:
    assert fields.tn_of({"tn": text}, "auditDIDs") == tn


@pytest.mark.parametrize("text", ["43555501O1", "435", "x", "٤٣٥٥٥٥٠١٠١"])
def test_what_is_no_number_is_off_contract(text: str) -> None:
    with pytest.raises(ProviderProtocolError):
        fields.tn_of({"tn": text}, "auditDIDs")


def test_a_record_without_any_known_field_is_not_taken_for_an_empty_list() -> None:
    with pytest.raises(ProviderProtocolError):
        list(mapping.owned_numbers([{"number": "4355550101"}]))
    assert list(mapping.owned_numbers([{}])) == []


@pytest.mark.parametrize(
    ("criteria", "sent"),
    [
        (SearchCriteria(npa="435", nxx="555"), {"npa": "435", "nxx": "555"}),
        (SearchCriteria(starts="435555"), {"npa": "435", "nxx": "555"}),
        (SearchCriteria(starts="4355"), {"npa": "435"}),
        (SearchCriteria(starts="43", state="ut"), {"state": "UT"}),
        (SearchCriteria(nxx="555", state="UT"), {"state": "UT"}),
        (SearchCriteria(npa="801", starts="435555"), {"npa": "801"}),
        (SearchCriteria(lata="660", tier="4"), {"lata": "660", "tier": "4"}),
        (
            SearchCriteria(rate_center="St George", features=frozenset({"sms", "cnam", "t38"})),
            {"rateCenter": "ST GEORGE", "sms": "true", "cnam": "true", "t38": "true"},
        ),
        (
            SearchCriteria(is_toll_free=True, state="UT", npa="833"),
            {"state": "TF", "npa": "833"},
        ),
        (SearchCriteria(contains="555", city="RICHFIELD"), {}),
    ],
)
def test_criteria_become_the_widest_filter_that_the_wire_can_say(
    criteria: SearchCriteria, sent: dict[str, str]
) -> None:
    values = mapping.stock_filter(criteria).values()
    assert {name: value for name, value in values.items() if value is not None} == sent


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("100", codes.Verdict.DONE),
        ("103220", codes.Verdict.DONE),
        ("104225", codes.Verdict.ASK),
        ("106231", codes.Verdict.ASK),
        ("106241", codes.Verdict.ASK),
        ("106220", codes.Verdict.REFUSED),
        ("106225", codes.Verdict.REFUSED),
        ("104235", codes.Verdict.REFUSED),
        ("104259", codes.Verdict.REFUSED),
        ("104777", codes.Verdict.REFUSED),  # unknown
        ("900", codes.Verdict.UNKNOWN),
        ("", codes.Verdict.UNKNOWN),
    ],
)
def test_the_verdict_of_each_record_code(code: str, verdict: codes.Verdict) -> None:
    assert codes.verdict(code) is verdict


def test_every_published_code_has_words_of_its_own() -> None:
    unknown = codes.words("104777").happened
    assert "104777" in unknown
    published = [*codes.OUTER, "103220", "104225", "104230", "104235", "104250", "104251"]
    published += ["104258", "104259", "106231", "106241", "106420", "102420", "101200"]
    for code in published:
        words = codes.words(code)
        assert "do not know" not in words.happened, code
        assert words.happened.endswith("."), code
        assert words.advice.endswith("."), code


FIELDS = ["tn", "statuscode", "availability", "tier", "endpointid", "didcount", "id", "number"]
MAPPERS: list[Callable[[list[Record]], Any]] = [
    lambda found: list(mapping.owned_numbers(found)),
    lambda found: list(mapping.offers(found)),
    lambda found: mapping.number_status(found, TN("+14355550101")),
    lambda found: mapping.stock_counts(found, by="tier"),
    mapping.routes,
    lambda found: mapping.by_number(found, "assignDID"),
]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=12)), max_size=4))
def test_no_record_however_odd_raises_anything_but_a_provider_error(found: list[Record]) -> None:
    for mapper in MAPPERS:
        with contextlib.suppress(ProviderError):
            mapper(found)


def test_records_are_mapped_one_by_one() -> None:
    def endless() -> Iterator[Record]:
        while True:
            yield {"tn": "4355550101"}

    assert next(mapping.owned_numbers(endless())).tn == "+14355550101"
