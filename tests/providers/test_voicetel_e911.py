"""VoiceTel's emergency records: what is sent, and what each answer means."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from portal.providers.dto import ItemOutcome, Outcome
from portal.providers.dto.e911 import EmergencyAddress
from portal.providers.errors import (
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.voicetel import codes
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import e911 as mapping
from portal.providers.voicetel.methods import e911 as methods
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent

OURS, SECOND = TNS[:2]
ADDRESS = EmergencyAddress(
    address1=" 1 Main Street", address2="Suite 5", city="New York", state="ny", zip="10001"
)
SENT_ADDRESS = {
    "address1": "1 Main Street",
    "address2": "Suite 5",
    "city": "New York",
    "state": "NY",
    "zip": "10001",
}


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def no(faked: Faked, verb: str, path: str, status: int, message: str) -> None:
    """Answer a route with the error envelope."""
    error = {"status": "error", "error": {"code": status, "message": message}}
    answer(faked, verb, path, body=json.dumps(error).encode(), status=status)


def change(provider: VoiceTel) -> ItemOutcome:
    return provider.change_e911(OURS, address=ADDRESS, caller_name="EXAMPLE LLC")


class TestValidating:
    def test_the_answer_is_the_spelling_of_the_validator(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "POST", "e911/validations", "e911_validated.json")
        check = provider.validate_address(ADDRESS, caller_name="has no place here")
        assert (check.is_valid, check.ref) == (True, "4711")
        assert check.address == EmergencyAddress(
            address1="1 MAIN ST",
            address2="STE 5",
            city="NEW YORK",
            state="NY",
            zip="10001",
            plus4="1234",
        )
        assert sent(faked) == ("POST", "e911/validations", SENT_ADDRESS)
        assert runtime.writes() == []

    def test_an_address_that_is_not_valid_is_an_answer(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        no(faked, "POST", "e911/validations", 409, "No such street")
        check = provider.validate_address(ADDRESS)
        assert (check.is_valid, check.code, check.address) == (False, "409", None)
        assert "No such street" in check.message
        assert check.advice

    def test_any_other_refusal_is_no_answer(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "POST", "e911/validations", 400, "Field Required: zip")
        with pytest.raises(ProviderRefused, match="Field Required"):
            provider.validate_address(ADDRESS)

    @pytest.mark.parametrize("ref", [None, "", 0, -1, "x", 1.5])
    def test_an_address_without_an_id_is_off_contract(self, ref: Any) -> None:
        with pytest.raises(ProviderProtocolError):
            mapping.address_check({"addressid": ref, "address1": "1 MAIN ST"})

    @pytest.mark.parametrize(
        "wrong", [{"address1": ""}, {"city": " "}, {"zip": ""}, {"state": "New York"}]
    )
    def test_an_address_that_cannot_be_one_is_never_sent(
        self, provider: VoiceTel, wrong: dict[str, str]
    ) -> None:
        facts = {"address1": "1 A ST", "city": "X", "state": "NY", "zip": "10001", **wrong}
        with pytest.raises(ValueError, match=r"address|state"):
            provider.validate_address(EmergencyAddress(**facts))


class TestSetting:
    def test_a_record_is_made_in_one_step(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "POST", "e911", "e911_record.json", status=201)
        outcome = provider.set_e911(OURS, address=ADDRESS, caller_name=" EXAMPLE LLC ")
        assert outcome.outcome is Outcome.SUCCEEDED
        assert outcome.values["e911_address1"] == "1 MAIN ST"
        payload = {"dn": "2125550142", "callername": "EXAMPLE LLC", **SENT_ADDRESS}
        assert sent(faked) == ("POST", "e911", payload)

    @pytest.mark.parametrize("status", [400, 403, 409])
    def test_a_refusal_is_an_outcome(self, provider: VoiceTel, faked: Faked, status: int) -> None:
        no(faked, "POST", "e911", status, "Sorry")
        outcome = provider.set_e911(OURS, address=ADDRESS, caller_name="EXAMPLE LLC")
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, str(status))
        assert outcome.advice.startswith("911 was not put on the number.")

    def test_an_answer_about_another_number_leaves_it_unknown(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "e911", "e911_record.json", status=201)
        with pytest.raises(ProviderProtocolError, match="may or may not"):
            provider.set_e911(SECOND, address=ADDRESS, caller_name="EXAMPLE LLC")

    def test_a_record_needs_a_name(self, provider: VoiceTel) -> None:
        with pytest.raises(ValueError, match="caller name"):
            provider.set_e911(OURS, address=ADDRESS, caller_name="")


class TestChanging:
    def test_it_is_validated_and_its_id_put_on_the_number(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        answer(faked, "POST", "e911/validations", "e911_validated.json")
        answer(faked, "PUT", "e911/2125550142", "e911_record.json")
        outcome = change(provider)
        assert (outcome.outcome, outcome.values["e911_zip"]) == (Outcome.SUCCEEDED, "10001")
        assert sent(faked, 1) == (
            "PUT",
            "e911/2125550142",
            {"addressid": 4711, "callername": "EXAMPLE LLC"},
        )

    def test_an_address_that_is_not_valid_is_not_put(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        no(faked, "POST", "e911/validations", 409, "No such street")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "409")
        assert outcome.advice.startswith("Nothing was changed.")
        no(faked, "POST", "e911/validations", 400, "Field Required: zip")
        assert change(provider).outcome is Outcome.REFUSED
        assert runtime.writes() == []

    def test_where_it_cannot_be_validated_nothing_was_sent(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "POST", "e911/validations", body=b"<html>")
        with pytest.raises(ProviderUnavailable, match="was not sent"):
            change(provider)
        assert runtime.writes() == []

    def test_a_lost_answer_is_unknown(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "POST", "e911/validations", "e911_validated.json")
        faked.add(
            "PUT", "http://carrier.invalid/v2.2/e911/2125550142", body=requests.ReadTimeout("late")
        )
        with pytest.raises(ProviderTimeout, match="may or may not"):
            change(provider)

    def test_a_foreign_number_costs_no_new_key(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        answer(faked, "POST", "e911/validations", "e911_validated.json")
        no(faked, "PUT", "e911/2125550142", 401, "Unauthorized")
        outcome = change(provider)
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "401")
        assert runtime.fetches == 0


class TestReading:
    def test_a_number_comes_back_with_eleven_digits(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "e911/2125550142", "e911_record.json")
        record = provider.e911_record(OURS)
        assert record is not None
        assert (record.tn, record.caller_name, record.is_active) == (OURS, "EXAMPLE LLC", True)

    def test_a_409_whose_text_says_so_is_no_record(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "GET", "e911/2125550142", 409, "No e911 record for this number")
        assert provider.e911_record(OURS) is None

    def test_any_other_409_never_reads_as_none(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "GET", "e911/2125550142", 409, "Carrier failed")
        with pytest.raises(ProviderRefused, match="Carrier failed"):
            provider.e911_record(OURS)

    def test_a_number_that_is_not_ours_is_refused_under_the_same_key(
        self, provider: VoiceTel, faked: Faked, runtime: RecordingRuntime
    ) -> None:
        no(faked, "GET", "e911/2125550142", 401, "Unauthorized")
        with pytest.raises(ProviderRefused) as caught:
            provider.e911_record(OURS)
        assert not isinstance(caught.value, ProviderAuthError)
        assert (caught.value.code, runtime.fetches) == ("401", 0)

    def test_the_list_leaves_out_what_says_nothing(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "GET", "e911", "e911_records.json")
        first, second = provider.list_e911()
        assert (first.tn, second.tn) == (OURS, SECOND)
        assert (second.caller_name, second.address.address2) == ("EXAMPLE SHOP", "")

    def test_404_is_an_empty_list(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "GET", "e911", 404, "No e911 records found")
        assert list(provider.list_e911()) == []

    def test_a_record_without_its_number_breaks_the_list(
        self, provider: VoiceTel, faked: Faked
    ) -> None:
        body = {"status": "success", "data": {"records": [{"address1": "1 MAIN ST"}]}}
        answer(faked, "GET", "e911", body=json.dumps(body).encode())
        with pytest.raises(ProviderProtocolError):
            list(provider.list_e911())


class TestRemoving:
    def test_it_is_removed(self, provider: VoiceTel, faked: Faked) -> None:
        answer(faked, "DELETE", "e911/2125550142", status=204)
        assert provider.remove_e911(OURS).outcome is Outcome.SUCCEEDED

    def test_it_succeeds_too_where_there_was_none(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "DELETE", "e911/2125550142", 409, "E911 record not found")
        outcome = provider.remove_e911(OURS)
        assert (outcome.outcome, outcome.code) == (Outcome.SUCCEEDED, "409")

    def test_any_other_409_is_a_refusal(self, provider: VoiceTel, faked: Faked) -> None:
        no(faked, "DELETE", "e911/2125550142", 409, "Carrier failed")
        outcome = provider.remove_e911(OURS)
        assert outcome.outcome is Outcome.REFUSED
        assert outcome.advice.startswith("911 was not removed.")


@pytest.mark.parametrize("code", ["409", "401", "400", "403"])
@pytest.mark.parametrize("method", methods.METHODS)
def test_our_own_words_never_say_that_there_is_no_record(method: Any, code: str) -> None:
    happened = codes.status(code, method.name).happened
    assert not codes.says_no_e911(f"{happened} It said: Carrier failed")
    assert codes.says_no_e911(f"{happened} It said: No e911 record")


ANY = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.none())
ROWS = st.dictionaries(
    st.sampled_from(["dn", "addressid", "callername", "address1", "zip", "state", "other"]),
    ANY | st.sampled_from(["12125550142", "2125550142", "10001-1234"]),
    max_size=7,
)


@given(row=ROWS)
def test_no_record_breaks_a_reader(row: dict[str, Any]) -> None:
    for read in (
        lambda: list(mapping.records([row])),
        lambda: mapping.record_of(row, OURS, methods.GET_E911_RECORD),
        lambda: mapping.address_check(row),
    ):
        with contextlib.suppress(ProviderError):
            read()
