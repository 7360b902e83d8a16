"""What VoIP Innovations' records of features mean in our words, read from captured-style replies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto.features import ConferenceLine, Diversion, FaxToEmail, NumberKind
from portal.providers.errors import ProviderError, ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations import codes
from portal.providers.voip_innovations.mapping import account, features, features_fax
from portal.providers.voip_innovations.mapping import features_groups as groups
from portal.providers.voip_innovations.methods import METHODS
from portal.providers.xml import Record, find_records, parse
from portal.tn import TN
from tests.providers.voip_innovations import WIRE

OURS = TN("+14355550101")


def records(name: str, element: str) -> list[Record]:
    """Return the records of a captured reply."""
    return find_records(parse((WIRE / name).read_bytes()), element)


@pytest.mark.parametrize(
    ("name", "operation", "to"),
    [
        ("get_did_forward.xml", "GetDIDForward", "+14355550103"),
        ("get_did_forward_none.xml", "GetDIDForward", None),
        ("get_did_failover.xml", "GetDIDFailover", "+14355550102"),
        ("get_did_failover.xml", "GetDIDForward", None),  # the other diversion does not count
    ],
)
def test_a_record_tells_where_calls_go(name: str, operation: str, to: str | None) -> None:
    assert features.diverted_to(records(name, "DID"), OURS, operation) == to


def test_a_record_of_somebody_elses_number_is_a_refusal() -> None:
    found = records("get_did_failover_other_account.xml", "DID")
    with pytest.raises(ProviderRefused, match="another account") as caught:
        features.diverted_to(found, OURS, "GetDIDFailover")
    assert caught.value.code == "102235"


@pytest.mark.parametrize(
    "found",
    [
        [{"tn": "4355550199", "forward": "4355550103"}],
        [{"tn": "4355550101", "forward": "soon"}],
        [{"forward": "4355550103", "statuscode": "100"}],
        [
            {"tn": "4355550101", "forward": "4355550103"},
            {"tn": "4355550101", "forward": "4355550104"},
        ],
    ],
)
def test_a_forward_that_cannot_be_trusted_is_off_contract(found: list[Record]) -> None:
    with pytest.raises(ProviderProtocolError):
        features.diverted_to(found, OURS, "GetDIDForward")


def test_no_record_is_no_forward() -> None:
    assert features.diverted_to([], OURS, "GetDIDForward") is None
    assert features.diverted_to([{}], OURS, "GetDIDForward") is None


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], ("", "")),
        ([{"tn": "4355550101", "statuscode": "100"}], ("", "")),
        ([{"tn": "4355550101", "statuscode": "102225"}], ("", "")),  # assigned to us
        ([{"tn": "", "statuscode": "102420", "status": "Not found."}], ("102420", "Not found.")),
        ([{"tn": "4355550101", "statuscode": "105221"}], ("105221", "")),
        ([{"tn": "4355550199", "statuscode": "105221"}], ("", "")),
        ([{"tn": "soon", "statuscode": "105221"}], ("", "")),
    ],
)
def test_a_record_inside_a_change_has_a_verdict_of_its_own(
    found: list[Record], verdict: tuple[str, str]
) -> None:
    assert features.inner_verdict(found, OURS) == verdict


def test_audits_of_diversions_name_both_numbers() -> None:
    found = records("audit_did_forwards.xml", "DIDForward")
    first, second = features.diversions(found, "AuditDIDForwards")
    assert first == Diversion(tn=OURS, to=TN("+14355550103"))
    assert second.to == "+14355550104"  # eleven digits here
    (failover,) = features.diversions(
        records("audit_did_failovers.xml", "DIDFailover"), "AuditDIDFailovers"
    )
    assert failover == Diversion(tn=OURS, to=TN("+14355550102"))


def test_an_entry_without_a_target_field_is_off_contract_and_an_empty_one_none() -> None:
    empty = {"tn": "4355550101", "forwardtn": ""}
    assert list(features.diversions([empty, {}], "AuditDIDForwards")) == []
    with pytest.raises(ProviderProtocolError):
        list(features.diversions([{"tn": "4355550101", "to": "4355550103"}], "AuditDIDForwards"))


def test_a_conference_line_is_on_with_a_pin_or_off() -> None:
    found = records("get_conference_line.xml", "ConferenceLine")
    line = features.conference_line(found, OURS, "GetConferenceLine")
    assert line == ConferenceLine(tn=OURS, is_on=True, pin="0142")
    assert "0142" not in repr(line)
    off = features.conference_line([{"enabled": "false"}], OURS, "GetConferenceLine")
    assert off == ConferenceLine(tn=OURS, is_on=False)
    assert features.conference_line([{}], OURS, "GetConferenceLine") is None


@pytest.mark.parametrize(
    "found",
    [
        [{"pin": "0142"}],
        [{"enabled": "true", "tn": "4355550199"}],
        [{"enabled": "true"}, {"enabled": "false"}],
    ],
)
def test_a_line_that_cannot_be_trusted_is_off_contract(found: list[Record]) -> None:
    with pytest.raises(ProviderProtocolError):
        features.conference_line(found, OURS, "GetConferenceLine")


def test_an_audit_of_lines_leaves_the_empty_shell_out() -> None:
    found = records("audit_conference_lines.xml", "ConferenceLine")
    shell = {"enabled": "false", "pin": ""}
    first, second = features.conference_lines([*found, shell, {}])
    assert (first.tn, first.is_on, first.pin) == (OURS, True, "0142")
    assert second.is_on is False
    with pytest.raises(ProviderProtocolError):
        list(features.conference_lines([{"enabled": "true", "number": "4355550101"}]))


def test_fax_addresses_come_as_a_text_or_as_an_array() -> None:
    both = ("fax@example.net", "desk@example.net")
    found = list(features_fax.receivers(records("audit_fax_to_emails.xml", "FaxToEmail")))
    assert found == [
        FaxToEmail(tn=OURS, emails=both),
        FaxToEmail(tn=TN("+14355550102"), emails=both),
    ]
    assert features_fax.addresses("", "GetFaxToEmail") == ()
    with pytest.raises(ProviderProtocolError):
        features_fax.addresses("none", "GetFaxToEmail")
    with pytest.raises(ProviderProtocolError):
        list(features_fax.receivers([{"tn": "4355550101", "address": "fax@example.net"}]))


def test_senders_come_with_the_number_that_is_shown() -> None:
    found = features_fax.senders({"email": "desk@example.net", "callerid": "4355550101"}, OURS)
    assert (found.emails, found.caller_id) == (("desk@example.net",), "4355550101")


def test_groups_have_names_and_the_id_zero_means_none() -> None:
    found = groups.groups(records("get_did_groups.xml", "DIDGroup"), "GetDIDGroups")
    assert [(group.ref, group.name) for group in found] == [("80", "Sales"), ("81", "Night & day")]
    assert groups.groups([{"id": "0", "name": ""}, {}], "GetDIDGroup") == []
    assert groups.groups([{"id": "9", "name": ""}], "GetDIDGroup")[0].name == "Group 9"
    with pytest.raises(ProviderProtocolError):
        groups.groups([{"name": "Sales"}], "GetDIDGroups")


def test_a_group_that_was_made_has_an_id_or_nobody_knows() -> None:
    assert groups.created_group(records("create_did_group.xml", "DIDGroup")).ref == "81"
    for odd in ([], [{"id": "81"}, {"id": "82"}], [{"name": "Night"}]):
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            groups.created_group(odd)


def test_scripts_and_clients_are_found_by_likely_names() -> None:
    (script,) = groups.scripts(records("get_scripts.xml", "ProgrammableTelcoScript"))
    assert (script.ref, script.name) == ("501", "Business hours")
    (other,) = groups.scripts([{"scriptid": "7", "scriptname": "Queue"}])
    assert (other.ref, other.name) == ("7", "Queue")
    (client,) = account.clients(records("audit_clients.xml", "Client"))
    assert (client.ref, client.name) == ("7001", "Example Voice LLC")
    assert client.details == {
        "endpointgroups": "2",
        "didgroups": "1",
        "usage": "12.5000",
        "forwards": "3",
    }
    with pytest.raises(ProviderProtocolError):
        account.clients([{"company": "Example Voice LLC"}])


def test_numbers_abroad_start_with_their_country_code() -> None:
    (number,) = groups.international_numbers(
        records("audit_intl_dids.xml", "IntlDID"), "AuditIntlDIDs"
    )
    assert (number.tn, number.country, number.city) == ("+442079460142", "UNITED KINGDOM", "LONDON")
    assert (number.tier, number.word) == ("1", "Assigned")
    with pytest.raises(ProviderProtocolError):
        list(groups.international_numbers([{"country": "FRANCE"}], "AuditIntlDIDs"))
    with pytest.raises(ProviderProtocolError, match="may or may not"):
        list(groups.international_numbers([{"tn": "x"}], "AssignIntlDID", is_write=True))


def test_ten_digits_are_abroad_only_where_numbers_abroad_were_asked_for() -> None:
    listed = groups.listed_tns(["6531571234"], NumberKind.INTERNATIONAL, "GetInventoryTNs")
    assert list(listed) == ["+6531571234"]
    listed = groups.listed_tns(["4355550101"], NumberKind.LOCAL, "GetInventoryTNs")
    assert list(listed) == ["+14355550101"]
    with pytest.raises(ProviderProtocolError):
        list(groups.listed_tns(["none"], NumberKind.LOCAL, "GetInventoryTNs"))


def test_every_kind_of_number_has_a_word_of_the_provider() -> None:
    assert {groups.did_type(kind) for kind in NumberKind} == {"LOCAL", "TF", "INTL", "ALL"}


def test_what_a_code_means_for_one_operation_is_said_in_full_sentences() -> None:
    for (operation, code), known in codes.FOR_OPERATION.items():
        assert operation in METHODS, operation
        assert codes.outer(code, operation) is known
        assert known.words.happened.endswith(".")
        assert known.words.advice.endswith(".")
    assert codes.words("105221").happened == "The number is not assigned to this account."


FIELDS = ["tn", "statuscode", "forward", "forwardtn", "failover", "enabled", "pin", "email", "id"]
MAPPERS: list[Callable[[list[Record]], Any]] = [
    lambda found: features.diverted_to(found, OURS, "GetDIDForward"),
    lambda found: features.inner_verdict(found, OURS),
    lambda found: list(features.diversions(found, "AuditDIDForwards")),
    lambda found: features.conference_line(found, OURS, "GetConferenceLine"),
    lambda found: list(features.conference_lines(found)),
    lambda found: list(features_fax.receivers(found)),
    lambda found: groups.groups(found, "GetDIDGroups"),
    groups.scripts,
    lambda found: list(groups.members(found)),
    lambda found: list(groups.international_numbers(found, "AuditIntlDIDs")),
    lambda found: list(
        groups.listed_tns([r.get("tn", "") for r in found], NumberKind.ANY, "GetInventoryTNs")
    ),
    account.clients,
]
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["4355550101", "true", "100", "a@b.c"]))


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES), max_size=4))
def test_no_record_however_odd_raises_anything_but_a_provider_error(found: list[Record]) -> None:
    for mapper in MAPPERS:
        with contextlib.suppress(ProviderError):
            mapper(found)


@given(st.text(max_size=30))
def test_every_text_is_a_list_of_addresses_or_off_contract(text: str) -> None:
    with contextlib.suppress(ProviderProtocolError):
        assert all("@" in word for word in features_fax.addresses(text, "GetFaxToEmail"))
