"""Names of callers and routing lookups at VoiceTel (voicetel.md 8, 10)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from portal.providers.dto import Outcome
from portal.providers.dto.lookups import NameLookup, RoutingLookup
from portal.providers.errors import ProviderProtocolError, ProviderUnavailable
from portal.providers.voicetel.adapter import VoiceTel
from portal.providers.voicetel.mapping import features as mapping
from portal.tn import TN
from tests.providers.runtime import RecordingRuntime
from tests.providers.voicetel import TNS, Faked, answer, connected, sent
from tests.providers.voicetel_values import records

TN1 = TNS[0]
PATH = "numbers/2125550142"
FAR = TN("+13125550142")


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[VoiceTel]:
    with connected(runtime) as provider:
        yield provider


def told(**fields: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"number": "2125550142", **fields}}).encode()


class TestCallerName:
    @pytest.mark.parametrize("word", ["Success", "success", "SUCCESS "])
    def test_the_carriers_word_is_the_verdict(
        self, faked: Faked, provider: VoiceTel, word: str
    ) -> None:
        body = told(cnam="EXAMPLE LLC", carrierStatus=word, customerOrderReference="job 17")
        answer(faked, "PUT", f"{PATH}/lidb", body=body)
        outcome = provider.set_caller_name(TN1, name="EXAMPLE LLC", reference="job 17")
        assert sent(faked)[2] == {"cnam": "EXAMPLE LLC", "customerOrderReference": "job 17"}
        assert (outcome.outcome, outcome.provider_ref) == (Outcome.SUCCEEDED, "job 17")
        assert outcome.values == {"cnam_name": "EXAMPLE LLC"}

    def test_stored_and_not_taken_is_refused_and_says_so(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "PUT", f"{PATH}/lidb", "lidb_failed.json")
        outcome = provider.set_caller_name(TN1, name="EXAMPLE LLC")
        assert sent(faked)[2] == {"cnam": "EXAMPLE LLC"}
        assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "Failed")
        assert "VoiceTel stored the name" in outcome.message
        assert "It said: Failed" in outcome.message
        assert outcome.values == {"cnam_name": "EXAMPLE LLC"}

    def test_no_word_is_no_verdict(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "PUT", f"{PATH}/lidb", body=told(cnam="EXAMPLE LLC"))
        outcome = provider.set_caller_name(TN1, name="EXAMPLE LLC")
        assert outcome.outcome is Outcome.UNKNOWN
        assert outcome.advice

    def test_a_refusal_stores_nothing(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "PUT", f"{PATH}/lidb", "fields_required.json", status=400)
        outcome = provider.set_caller_name(TN1, name="EXAMPLE LLC")
        assert (outcome.outcome, outcome.values) == (Outcome.REFUSED, {})

    @pytest.mark.parametrize("name", ["", " ", "SIXTEEN LETTERS!", "A&B", "ÄRZTE", "A" * 16])
    def test_a_name_that_breaks_the_rule_is_not_sent(
        self, runtime: RecordingRuntime, provider: VoiceTel, name: str
    ) -> None:
        with pytest.raises(ValueError, match="15 letters"):
            provider.set_caller_name(TN1, name=name)
        assert runtime.exchanges == []


class TestLookups:
    def test_a_name_is_asked_for_once(
        self, faked: Faked, runtime: RecordingRuntime, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "cnam/3125550142", body=told(number="3125550142", cnam="JANE ROE"))
        assert provider.look_up_name(FAR) == NameLookup(tn=FAR, name="JANE ROE")
        answer(faked, "GET", "cnam/3125550142", body=b"<html>", status=500)
        with pytest.raises(ProviderUnavailable, match="internal error"):
            provider.look_up_name(FAR)
        assert len(runtime.exchanges) == 2

    def test_where_a_call_goes(self, faked: Faked, provider: VoiceTel) -> None:
        answer(faked, "GET", "lrn/3125550142/2125550142", "lrn.json")
        assert provider.look_up_routing(FAR, caller=TN1) == RoutingLookup(
            tn=FAR,
            caller=TN1,
            routing_number="3125550000",
            ocn="9901",
            lata="358",
            carrier="EXAMPLE TELEPHONE",
            carrier_kind="RBOC",
            city="CHICAGO",
            state="IL",
            rate_center="CHICAGO",
            is_interstate=True,
            jurisdiction_word="INTERSTATE",
            is_local=False,
            local_word="N",
        )

    @pytest.mark.parametrize(
        ("jurisdiction", "local", "read"),
        [
            ("INTRASTATE", "Y", (False, True)),
            ("intrastate", "y", (False, True)),
            ("INTERNATIONAL", "?", (None, None)),
            (None, None, (None, None)),
        ],
    )
    def test_words_that_are_new_are_kept(
        self, jurisdiction: Any, local: Any, read: tuple[Any, Any]
    ) -> None:
        content = {"lrn": {"jurisdiction": jurisdiction, "local": local}}
        found = mapping.routing_lookup(content, FAR, TN1)
        assert (found.is_interstate, found.is_local) == read
        assert found.jurisdiction_word == (jurisdiction or "")

    @pytest.mark.parametrize(
        "content",
        [
            {"destination": "2125550143", "lrn": {}},
            {"ani": "2125550143", "lrn": {}},
            {"lrn": {"lrn": "none"}},
        ],
    )
    def test_an_answer_about_something_else_is_off_contract(self, content: dict[str, Any]) -> None:
        with pytest.raises(ProviderProtocolError):
            mapping.routing_lookup(content, FAR, TN1)

    def test_an_answer_without_its_record_is_off_contract(
        self, faked: Faked, provider: VoiceTel
    ) -> None:
        answer(faked, "GET", "lrn/3125550142/2125550142", body=told())
        with pytest.raises(ProviderProtocolError):
            provider.look_up_routing(FAR, caller=TN1)
        answer(faked, "GET", "cnam/3125550142", body=b'{"status":"success","data":{}}')
        with pytest.raises(ProviderProtocolError):
            provider.look_up_name(FAR)


@given(record=records())
def test_no_record_crashes_a_mapping(record: dict[str, Any]) -> None:
    for read in (
        lambda: mapping.stored_name(record, TN1),
        lambda: mapping.name_lookup(record, TN1),
        lambda: mapping.routing_lookup(record, FAR, TN1),
    ):
        with contextlib.suppress(ProviderProtocolError):
            read()
