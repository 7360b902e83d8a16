"""VoIP Innovations' features: what is sent, letter for letter, and what becomes of each number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.providers.dto import ItemOutcome, Outcome, SearchCriteria
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.client import BATCH
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import TNS, Faked, answer, connected, say, sent

OURS, TO = TN("+14355550101"), TN("+14355550103")
DONE = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
ABROAD = TN("+442079460142")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


CHANGES: list[tuple[str, Callable[[VoIPInnovations], Any], list[tuple[str, Any]]]] = [
    (
        "SetDIDForward",
        lambda p: p.set_forward(OURS, to=TO),
        [("tn", "4355550101"), ("forward", "4355550103")],
    ),
    (
        "RemoveDIDForward",
        lambda p: p.remove_forward(OURS),
        [("tn", "4355550101"), ("epgId", "13550")],
    ),
    (
        "UpdateDIDFailover",
        lambda p: p.set_failover(OURS, to=TO),
        [("tn", "4355550101"), ("failover", "4355550103")],
    ),
    (
        "UpdateDIDFailover",
        lambda p: p.remove_failover(OURS),
        [("tn", "4355550101"), ("failover", None)],  # there, and empty: that removes it
    ),
    (
        "SetConferenceLine",
        lambda p: p.set_conference_line(OURS, pin="00000142"),
        [("tn", "4355550101"), ("pin", "00000142")],
    ),
    ("RemoveConferenceLine", lambda p: p.remove_conference_line(OURS), [("tn", "4355550101")]),
    (
        "UpdateCNAMDisplay",
        lambda p: p.set_caller_name(OURS, name="EXAMPLE LLC 555"),
        [("tn", "4355550101"), ("name", "EXAMPLE LLC 555")],
    ),
    ("RemoveCNAM", lambda p: p.remove_caller_name(OURS), [("tn", "4355550101")]),
    (
        "SetFaxToEmail",
        lambda p: p.set_fax_to_email(OURS, email="fax@example.net"),
        [("tn", "4355550101"), ("email", "fax@example.net")],
    ),
    ("RemoveFaxToEmail", lambda p: p.remove_fax_to_email(OURS), [("tn", "4355550101")]),
    (
        "ConfigFaxToEmailNotifications",
        lambda p: p.set_fax_notifications(OURS, is_on=False),
        [("tn", "4355550101"), ("enabled", "false")],
    ),
    (
        "AddEmailToFax",
        lambda p: p.add_email_to_fax(OURS, email="desk@example.net"),
        [("tn", "4355550101"), ("email", "desk@example.net")],
    ),
    (
        "RemoveEmailToFax",
        lambda p: p.remove_email_to_fax(OURS, email="desk@example.net"),
        [("tn", "4355550101"), ("email", "desk@example.net")],
    ),
    (
        "SetDIDGroup",
        lambda p: p.set_group(OURS, group_ref="81"),
        [("tn", "4355550101"), ("groupId", "81")],
    ),
    ("RemoveDIDGroup", lambda p: p.remove_from_group(OURS), [("tn", "4355550101")]),
    (
        "ProgramDID",
        lambda p: p.program_tn(OURS, script_ref="501"),
        [("did", "4355550101"), ("scriptId", "501")],
    ),
    (
        "UnprogramDID",
        lambda p: p.unprogram_tn(OURS, route_ref="13551"),
        [("did", "4355550101"), ("endpointGroupId", "13551")],
    ),
    (
        "ReleaseIntlDID",
        lambda p: p.release_international(ABROAD),
        [("tn", "442079460142")],
    ),
    (
        "InventoryDIDs",
        lambda p: next(p.move_to_personal([OURS], reference="shelf-1")),
        [
            (
                "didParams",
                [("DIDParam", [("tn", "4355550101"), ("refId", "shelf-1"), ("epg", "0")])],
            )
        ],
    ),
]
IDS = [f"{number} {operation}" for number, (operation, _, _) in enumerate(CHANGES)]


@pytest.mark.parametrize(("operation", "change", "elements"), CHANGES, ids=IDS)
def test_a_change_travels_letter_for_letter_and_succeeds(
    provider: VoIPInnovations,
    faked: Faked,
    runtime: RecordingRuntime,
    operation: str,
    change: Callable[[VoIPInnovations], ItemOutcome],
    elements: list[tuple[str, Any]],
) -> None:
    say(faked, operation, DONE)
    outcome = change(provider)
    assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, "100")
    name, told = sent(faked)
    assert (name, told[2:]) == (operation, elements)
    assert [exchange.call.operation for exchange in runtime.writes()] == [operation]


@pytest.mark.parametrize(("operation", "change", "elements"), CHANGES, ids=IDS)
def test_a_refused_change_tells_code_words_and_advice(
    provider: VoIPInnovations,
    faked: Faked,
    operation: str,
    change: Callable[[VoIPInnovations], ItemOutcome],
    elements: list[tuple[str, Any]],
) -> None:
    refusal = "<responseCode>909</responseCode><responseMessage>Not yours.</responseMessage>"
    say(faked, operation, refusal)
    outcome = change(provider)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "909")
    assert "does not belong to this account" in outcome.message
    assert "Not yours." in outcome.message
    assert outcome.advice == "Nothing was changed. Sync the account and look again."
    assert outcome.values == {}


@pytest.mark.parametrize(("operation", "change", "elements"), CHANGES, ids=IDS)
def test_an_error_of_theirs_leaves_a_change_open(
    provider: VoIPInnovations,
    faked: Faked,
    operation: str,
    change: Callable[[VoIPInnovations], ItemOutcome],
    elements: list[tuple[str, Any]],
) -> None:
    say(faked, operation, "<responseCode>900</responseCode>")
    with pytest.raises(ProviderProtocolError, match="may or may not"):
        change(provider)


@pytest.mark.parametrize(
    ("operation", "change", "values"),
    [
        ("SetDIDForward", lambda p: p.set_forward(OURS, to=TO), {"forward_to": TO}),
        ("RemoveDIDForward", lambda p: p.remove_forward(OURS), {"forward_to": ""}),
        ("UpdateDIDFailover", lambda p: p.set_failover(OURS, to=TO), {"failover_to": TO}),
        ("UpdateDIDFailover", lambda p: p.remove_failover(OURS), {"failover_to": ""}),
        (
            "UpdateCNAMDisplay",
            lambda p: p.set_caller_name(OURS, name=" ACME "),
            {"cnam_name": "ACME"},
        ),
        ("RemoveCNAM", lambda p: p.remove_caller_name(OURS), {"cnam_name": ""}),
        (
            "SetFaxToEmail",
            lambda p: p.set_fax_to_email(OURS, email="fax@example.net"),
            {"fax_email": "fax@example.net"},
        ),
        ("RemoveFaxToEmail", lambda p: p.remove_fax_to_email(OURS), {"fax_email": ""}),
        ("SetDIDGroup", lambda p: p.set_group(OURS, group_ref="81"), {}),
    ],
)
def test_a_change_confirms_what_holds_now(
    provider: VoIPInnovations,
    faked: Faked,
    operation: str,
    change: Callable[[VoIPInnovations], ItemOutcome],
    values: dict[str, str],
) -> None:
    say(faked, operation, DONE)
    assert change(provider).values == values


def test_what_the_reply_repeats_counts_more_than_what_was_sent(
    provider: VoIPInnovations, faked: Faked
) -> None:
    say(faked, "UpdateCNAMDisplay", f"{DONE}<DisplayName>ACME INC       </DisplayName>")
    answer(faked, "set_fax_to_email.xml")
    assert provider.set_caller_name(OURS, name="Acme Inc").values == {"cnam_name": "ACME INC"}
    outcome = provider.set_fax_to_email(OURS, email="FAX@example.net")
    assert outcome.values == {"fax_email": "fax@example.net"}


def test_a_success_whose_containers_are_empty_is_a_success(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "set_did_forward.xml", "update_cnam_display.xml")
    assert provider.set_forward(OURS, to=TO).outcome == Outcome.SUCCEEDED
    assert provider.set_caller_name(OURS, name="ACME").values == {"cnam_name": "ACME"}


def test_a_no_inside_a_yes_is_a_no(provider: VoIPInnovations, faked: Faked) -> None:
    record = (
        "<DIDs><DID><tn>4355550101</tn><status>Held by another.</status>"
        "<statusCode>105230</statusCode></DID></DIDs>"
    )
    say(faked, "SetDIDForward", DONE + record)
    outcome = provider.set_forward(OURS, to=TO)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "105230")
    assert "Held by another." in outcome.message


def test_codes_that_mean_more_under_one_operation_say_so(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "config_fax_notifications_no_records.xml", "update_cnam_display_characters.xml")
    notices = provider.set_fax_notifications(OURS, is_on=True)
    assert (notices.outcome, notices.code) == (Outcome.REFUSED, "101")
    assert "takes no faxes" in notices.message
    assert notices.advice == "Nothing was changed. Set the address that faxes go to first."
    name = provider.set_caller_name(OURS, name="ACME INC")
    assert (name.outcome, name.code) == (Outcome.REFUSED, "934")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: p.set_caller_name(OURS, name="EXAMPLE LLC 5550"),  # 16 characters
        lambda p: p.set_caller_name(OURS, name="ACME & SONS"),
        lambda p: p.set_caller_name(OURS, name="CAFÉ"),
        lambda p: p.set_caller_name(OURS, name=""),
        lambda p: p.set_caller_name(OURS, name="   "),
        lambda p: p.set_conference_line(OURS, pin="123456789"),
        lambda p: p.set_conference_line(OURS, pin="12#4"),
        lambda p: p.set_fax_to_email(OURS, email="fax.example.net"),
        lambda p: p.set_fax_to_email(OURS, email="a@example.net, b@example.net"),
        lambda p: p.add_email_to_fax(OURS, email=""),
        lambda p: p.set_forward(OURS, to=ABROAD),
        lambda p: p.set_failover(ABROAD, to=TO),
        lambda p: p.set_group(OURS, group_ref="Sales"),
        lambda p: p.set_group(OURS, group_ref="0"),
        lambda p: p.program_tn(OURS, script_ref=" "),
        lambda p: list(p.group_members("")),
        lambda p: p.set_route_active("", is_active=True),
        lambda p: list(p.assign_route([OURS], route_ref="13550", reference="x" * 37)),
        lambda p: p.client.get_inventory_tns("EVERYTHING"),
        lambda p: p.client.config_did([]),
        lambda p: p.client.assign_intl_did(city_id=0, epg_id=13550),
        lambda p: p.client.release_intl_did("+442079460142"),
        lambda p: p.search_extended(SearchCriteria(state="UT")),
    ],
)
def test_what_the_wire_cannot_carry_is_never_sent(
    provider: VoIPInnovations, faked: Faked, wrong: Callable[[VoIPInnovations], object]
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wrong(provider)
    assert not faked.calls


def test_without_an_endpoint_group_nothing_is_sent(provider: VoIPInnovations, faked: Faked) -> None:
    outcome = provider.remove_forward(OURS, route_ref="Main SBC")
    assert outcome.outcome == Outcome.REFUSED
    assert "No endpoint group is chosen" in outcome.message
    assert outcome.advice == "Nothing was changed."
    assert provider.unprogram_tn(OURS, route_ref="x").outcome == Outcome.REFUSED
    with pytest.raises(ProviderRefused, match="No endpoint group is chosen"):
        list(provider.assign_route([OURS], route_ref="Main SBC"))
    assert not faked.calls


def test_numbers_are_sent_to_a_group_with_a_verdict_each(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "config_did.xml")
    done, not_ours, closed = provider.assign_route(TNS, route_ref="13551", reference="move-1")
    assert done.outcome == Outcome.SUCCEEDED
    assert (not_ours.outcome, not_ours.code) == (Outcome.REFUSED, "105221")
    assert not_ours.advice == "It was not changed. Sync the account to see what it holds."
    assert closed.advice == "It was not changed. Choose another endpoint group."
    params = dict(sent(faked)[1])["didParams"]
    assert params[0] == (
        "DIDParam",
        [("tn", "4355550104"), ("refId", "move-1"), ("epg", "13551")],
    )


def test_many_numbers_are_sent_in_parts(provider: VoIPInnovations, faked: Faked) -> None:
    for _ in range(2):
        say(faked, "configDID", DONE)
    tns = [TN(f"+1435556{number:04d}") for number in range(BATCH + 1)]
    outcomes = list(provider.assign_route([*tns, tns[0]], route_ref="13551"))
    assert [outcome.tn for outcome in outcomes] == tns
    assert {outcome.outcome for outcome in outcomes} == {Outcome.UNKNOWN}  # none was named
    parts = [dict(sent(faked, number)[1])["didParams"] for number in (0, 1)]
    assert [len(part) for part in parts] == [BATCH, 1]


def test_the_lookup_of_names_keeps_the_endpoint_group(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "query_did_assigned.xml")
    say(
        faked,
        "configDID",
        f"{DONE}<DIDs><DID><tn>4355550101</tn><statusCode>100</statusCode></DID></DIDs>",
    )
    outcome = provider.set_caller_name_lookup(OURS, is_on=True)
    assert (outcome.outcome, outcome.values) == (Outcome.SUCCEEDED, {"inbound_cnam": "true"})
    params = dict(sent(faked, 1)[1])["didParams"]
    assert params == [("DIDParam", [("tn", "4355550101"), ("cnam", "true"), ("epg", "13550")])]


def test_the_lookup_of_names_is_not_sent_for_a_number_of_somebody_else(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "query_did_other_account.xml")
    outcome = provider.set_caller_name_lookup(TN("+14355550105"), is_on=False)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "102235")
    assert len(faked.calls) == 1


def test_each_number_moves_to_the_personal_inventory_by_itself(
    provider: VoIPInnovations, faked: Faked
) -> None:
    answer(faked, "inventory_dids.xml")
    say(faked, "InventoryDIDs", "<responseCode>909</responseCode>")
    first, second = provider.move_to_personal(TNS[:2])
    assert (first.outcome, second.outcome) == (Outcome.SUCCEEDED, Outcome.REFUSED)
    assert [len(dict(sent(faked, n)[1])["didParams"]) for n in (0, 1)] == [1, 1]


def test_the_pin_of_a_conference_is_in_no_exchange(
    provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
) -> None:
    line = "<ConferenceLine><Enabled>true</Enabled><PIN>55500142</PIN></ConferenceLine>"
    say(faked, "SetConferenceLine", DONE + line)
    assert provider.set_conference_line(OURS, pin="55500142").outcome == Outcome.SUCCEEDED
    assert ("pin", "55500142") in sent(faked)[1]
    assert "55500142" not in runtime.exchanges[0].text


def test_a_line_that_stays_off_is_not_a_success(provider: VoIPInnovations, faked: Faked) -> None:
    shell = "<ConferenceLine><Enabled>false</Enabled></ConferenceLine>"
    say(faked, "SetConferenceLine", DONE + shell)
    outcome = provider.set_conference_line(OURS, pin="0142")
    assert outcome.outcome == Outcome.UNKNOWN
    assert "off" in outcome.message
