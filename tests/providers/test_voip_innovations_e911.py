"""VoIP Innovations' 911: what is sent, letter for letter, and what each answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import EmergencyAddress
from portal.providers.errors import (
    ProviderProtocolError,
    ProviderUnavailable,
)
from portal.providers.voip_innovations.adapter import VoIPInnovations
from portal.providers.voip_innovations.mapping import e911 as mapping
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voip_innovations import Faked, answer, connected, say, sent

OURS, THEIRS = TN("+14355550101"), TN("+14355550107")
DONE = "<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
ADDRESS = EmergencyAddress(
    address1="12 North Main & 1st", address2="Suite 5", city="St George", state="ut", zip="84770"
)
SENT_ADDRESS = [
    ("address1", "12 North Main & 1st"),
    ("address2", "Suite 5"),
    ("city", "St George"),
    ("state", "UT"),
    ("zip", "84770"),
]


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoIPInnovations]:
    with connected(runtime) as provider:
        yield provider


@pytest.fixture
def faked() -> Iterator[Faked]:
    """Play the carrier; here each prepared answer must be asked for."""
    with Faked() as faked:
        yield faked


def statuses(*codes: str) -> str:
    """Return a good outer verdict and one Status911 for each code."""
    inner = "".join(
        f"<Status911><code>{c}</code><description>{c}.</description></Status911>" for c in codes
    )
    return f"{DONE}<Statuses>{inner}</Statuses>"


def change(provider: VoIPInnovations) -> ItemOutcome:
    return provider.change_e911(OURS, address=ADDRESS, caller_name="ACME INC")


class TestRequests:
    def test_an_address_goes_with_its_number_first_and_its_name_last(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "insert_911.xml")
        outcome = provider.set_e911(OURS, address=ADDRESS, caller_name=" ACME INC ")
        assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, "100")
        operation, elements = sent(faked)
        assert operation == "insert911"
        assert elements[2:] == [
            ("did", "4355550101"),
            *SENT_ADDRESS,
            ("callerName", "ACME INC"),
        ]

    def test_zip_plus_four_goes_in_two_elements(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "validate_911.xml")
        address = EmergencyAddress(address1="1 A ST", city="X", state="UT", zip="84770-3059")
        assert provider.validate_address(address).is_valid
        assert sent(faked)[1][-2:] == [("zip", "84770"), ("plusFour", "3059")]

    CALLS: list[tuple[str, Callable[[VoIPInnovations], Any], list[tuple[str, Any]]]] = [
        (
            "Add911Alert",
            lambda p: p.add_e911_alert(OURS, email="desk@example.net "),
            [("tn", "4355550101"), ("email", "desk@example.net")],
        ),
        (
            "Remove911Alert",
            lambda p: p.remove_e911_alert(OURS, email="desk@example.net"),
            [("tn", "4355550101"), ("email", "desk@example.net")],
        ),
        (
            "Remove911Alert",
            lambda p: p.remove_e911_alerts(OURS),
            [("tn", "4355550101"), ("email", None)],  # there, and empty: that removes them all
        ),
    ]

    @pytest.mark.parametrize(("operation", "call", "elements"), CALLS)
    def test_an_alert_is_named_by_number_and_address(
        self,
        provider: VoIPInnovations,
        faked: Faked,
        operation: str,
        call: Callable[[VoIPInnovations], ItemOutcome],
        elements: list[tuple[str, Any]],
    ) -> None:
        say(faked, operation, DONE)
        assert call(provider).outcome is Outcome.SUCCEEDED
        assert sent(faked)[0] == operation
        assert sent(faked)[1][2:] == elements

    def test_the_old_operations_name_number_and_location_in_their_odd_orders(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "provisionLocation", statuses("100"))
        answer(faked, "remove_location.xml")
        provider.provision_e911_location(OURS, location_ref="17000003")
        removed = provider.remove_e911_location(OURS, location_ref="17000003")
        assert removed.code == "205100"
        assert sent(faked, 0)[1][2:] == [("did", "4355550101"), ("locationId", "17000003")]
        assert sent(faked, 1)[1][2:] == [("locationId", "17000003"), ("did", "4355550101")]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"address1": " "},
            {"city": ""},
            {"state": "Utah"},
            {"zip": "8477"},
            {"zip": "84770-30"},
            {"plus4": "305"},
        ],
    )
    def test_an_address_that_cannot_be_one_is_never_sent(
        self, provider: VoIPInnovations, wrong: dict[str, str]
    ) -> None:
        facts = {"address1": "1 A ST", "city": "X", "state": "UT", "zip": "84770", **wrong}
        for call in (provider.set_e911, provider.change_e911):
            with pytest.raises(ValueError, match=r"address|state|ZIP"):
                call(OURS, address=EmergencyAddress(**facts), caller_name="ACME")

    @pytest.mark.parametrize(
        "email", ["", "desk", "a@b.example,c@d.example", f"{'x' * 150}@y.example"]
    )
    def test_an_alert_address_that_cannot_be_one_is_never_sent(
        self, provider: VoIPInnovations, email: str
    ) -> None:
        for call in (provider.add_e911_alert, provider.remove_e911_alert):
            if call == provider.remove_e911_alert and len(email) > 150:
                continue  # one that is there already may be taken off, however long
            with pytest.raises(ValueError, match=r"address"):
                call(OURS, email=email)

    def test_a_record_needs_a_name_and_a_number_of_the_plan(
        self, provider: VoIPInnovations
    ) -> None:
        with pytest.raises(ValueError, match="caller name"):
            provider.set_e911(OURS, address=ADDRESS, caller_name=" ")
        with pytest.raises(ValueError, match="North American"):
            provider.set_e911(TN("+442079460142"), address=ADDRESS, caller_name="ACME")
        with pytest.raises(ValueError, match="reference"):
            provider.provision_e911_location(OURS, location_ref="17 or 18")


class TestChanging:
    """A bad address takes the old one away, so none is sent on a guess."""

    def test_it_is_validated_right_before(self, provider: VoIPInnovations, faked: Faked) -> None:
        answer(faked, "validate_911.xml", "update_911.xml")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, "100")
        assert [sent(faked, n)[0] for n in (0, 1)] == ["validate911", "update911"]
        assert sent(faked, 0)[1][2:] == [*SENT_ADDRESS, ("callerName", "ACME INC")]

    def test_an_address_that_is_not_valid_is_not_sent(
        self, provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "validate_911_invalid.xml")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "101")
        assert outcome.message == "Address is not valid"
        assert "keeps its address" in outcome.advice
        assert runtime.writes() == []

    def test_where_it_cannot_be_validated_nothing_was_sent(
        self, provider: VoIPInnovations, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        say(faked, "validate911", "<surprise />")
        with pytest.raises(ProviderUnavailable, match="was not sent"):
            change(provider)
        say(faked, "validate911", "<responseCode>944</responseCode>")
        assert change(provider).outcome is Outcome.REFUSED
        assert runtime.writes() == []

    def test_a_bad_address_says_that_the_old_one_is_gone(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        answer(faked, "validate_911.xml", "update_911_invalid.xml")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "INVALID")
        assert "old address is gone" in outcome.advice
        assert "Read the record back" in outcome.advice

    @pytest.mark.parametrize("code", ["905", "906", "907", "909", "911", "944"])
    def test_a_refusal_of_the_number_leaves_the_old_address(
        self, provider: VoIPInnovations, faked: Faked, code: str
    ) -> None:
        answer(faked, "validate_911.xml")
        say(faked, "update911", f"<responseCode>{code}</responseCode>")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, code)
        assert outcome.advice.startswith("The address was not changed.")

    @pytest.mark.parametrize("code", ["101", "910", "999"])
    def test_any_other_refusal_leaves_it_unknown(
        self, provider: VoIPInnovations, faked: Faked, code: str
    ) -> None:
        answer(faked, "validate_911.xml")
        inner = f"<responseCode>{code}</responseCode><responseMessage>No.</responseMessage>"
        say(faked, "update911", inner)
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.UNKNOWN, code)
        assert "Nothing was carried out" not in outcome.message
        assert "No." in outcome.message
        assert "old address is gone" in outcome.advice


class TestVerdicts:
    WORDS = [
        ("insert911", ("100",), Outcome.SUCCEEDED, "100"),
        ("insert911", ("PROVISIONED",), Outcome.SUCCEEDED, "PROVISIONED"),
        ("insert911", ("INVALID",), Outcome.REFUSED, "INVALID"),
        ("insert911", ("invalid",), Outcome.REFUSED, "INVALID"),
        ("insert911", ("GEOCODED",), Outcome.UNKNOWN, "GEOCODED"),
        ("insert911", ("100", "INVALID"), Outcome.UNKNOWN, "INVALID"),
        ("insert911", ("205999",), Outcome.REFUSED, "205999"),
        ("insert911", ("",), Outcome.UNKNOWN, ""),
        ("insert911", ("205100",), Outcome.UNKNOWN, "205100"),
        ("update911", ("205200", "100"), Outcome.SUCCEEDED, "100"),
        ("update911", ("205100",), Outcome.UNKNOWN, "205100"),
        ("remove911", ("205200",), Outcome.SUCCEEDED, "205200"),
        ("remove911", ("206200",), Outcome.SUCCEEDED, "206200"),
        ("remove911", ("205100", "205200"), Outcome.SUCCEEDED, "205100"),
        ("remove911", ("PROVISIONED",), Outcome.UNKNOWN, "PROVISIONED"),
        ("remove911", ("907",), Outcome.REFUSED, "907"),
        ("provisionLocation", ("INVALID",), Outcome.REFUSED, "INVALID"),
        ("removeLocation", ("205100",), Outcome.SUCCEEDED, "205100"),
    ]

    @pytest.mark.parametrize(("operation", "told", "verdict", "code"), WORDS)
    def test_the_fate_stands_in_the_records(
        self, operation: str, told: tuple[str, ...], verdict: Outcome, code: str
    ) -> None:
        records = [{"code": c, "description": f"{c}."} for c in told]
        outcome = mapping.outcome(records, operation, OURS)
        assert (outcome.tn, outcome.outcome, outcome.code) == (OURS, verdict, code)
        assert outcome.message
        assert bool(outcome.advice) is (verdict is not Outcome.SUCCEEDED)

    def test_a_success_without_a_verdict_is_off_contract(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "remove911", f"{DONE}<Statuses />")
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.remove_e911(OURS)

    def test_a_refusal_of_the_call_is_an_outcome(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "remove911", "<responseCode>909</responseCode>")
        outcome = provider.remove_e911(OURS)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "909")
        assert outcome.advice.startswith("911 was not removed.")

    def test_an_error_of_theirs_leaves_a_change_unknown(
        self, provider: VoIPInnovations, faked: Faked
    ) -> None:
        say(faked, "insert911", "<responseCode>903</responseCode>")
        with pytest.raises(ProviderProtocolError, match="could not reach its 911 carrier"):
            provider.set_e911(OURS, address=ADDRESS, caller_name="ACME")
