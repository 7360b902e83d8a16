"""Customer records of Custom Toll Free: read, written, judged, copied, saved, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.providers.custom_toll_free import codes
from portal.providers.custom_toll_free.adapter import CustomTollFree
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping import customer, numbers, records, rules
from portal.providers.dto import Outcome
from portal.providers.dto.tollfree import (
    AreaOfService,
    CallRouting,
    CustomerRecord,
    Destination,
    Label,
    RecordPart,
    Section,
    TollFreeStep,
)
from portal.providers.errors import ProviderProtocolError, ProviderRefused
from portal.tn import TN
from tests.providers.custom_toll_free import (
    TN_ONE,
    TN_TWO,
    Faked,
    answer,
    connected,
    error,
    read_wire,
    say,
    sent,
    wire,
)
from tests.providers.runtime import RecordingRuntime
from tests.providers.strict.custom_toll_free_record import Record

SOON = datetime(2030, 1, 2, 15, 30, tzinfo=UTC)
RECORD = replace(
    customer.read_record(read_wire("retrieve.xml", operation="retrieve")),
    tn=None,
    resporg="",
    effective=None,
    status="",
    version=None,
)
EAST = Label(name="*EAST", kind="AC", values=("212",))
WORDS = st.text(st.characters(codec="ascii", categories=("Lu", "Nd")), min_size=1, max_size=8)
RECORDS = st.builds(
    CustomerRecord,
    customer_name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"))),
    notes=WORDS,
    service_order=WORDS,
    area=st.builds(AreaOfService, states=st.lists(WORDS).map(tuple), labels=st.just(("*EAST",))),
    intra_carriers=st.lists(WORDS).map(tuple),
    destinations=st.lists(
        st.builds(Destination, number=WORDS, lines=st.integers(1, 9999), lso=WORDS)
    ).map(tuple),
    labels=st.lists(
        st.builds(Label, name=WORDS, kind=WORDS, values=st.lists(WORDS).map(tuple))
    ).map(tuple),
    routing=st.none()
    | st.builds(
        CallRouting,
        timezone=WORDS,
        has_daylight_saving=st.booleans(),
        sections=st.lists(
            st.builds(
                Section,
                name=WORDS,
                columns=st.lists(WORDS).map(tuple),
                rows=st.lists(st.lists(WORDS | st.just("")).map(tuple)).map(tuple),
            )
        ).map(tuple),
    ),
    template=st.just("") | WORDS,
)


@pytest.fixture
def provider(runtime: RecordingRuntime) -> Iterator[CustomTollFree]:
    with connected(runtime) as provider:
        yield provider


# -- reading and writing --------------------------------------------------------------------------


def test_a_record_is_read_whole() -> None:
    record = customer.read_record(read_wire("retrieve.xml", operation="retrieve"))
    assert (record.tn, record.resporg, record.version) == (TN_ONE, "ABC01", 3)
    assert (record.status, record.effective) == ("ACTIVE", datetime(2025, 1, 2, 15, 30, tzinfo=UTC))
    assert (record.customer_id, record.contact_phone) == ("C-17", "2125550142")
    assert record.service_order == "SO00017"
    assert record.area == AreaOfService(labels=("*EAST",))
    assert (record.intra_carriers, record.inter_carriers) == (("0288",), ("0222", "0333"))
    assert record.destinations == (
        Destination(number="2125550142", lines=9999, lso="212555"),
        Destination(number="2125550143", lines=9999),
    )
    assert record.labels == (Label(name="*EAST", kind="AC", values=("212", "201")),)
    assert record.routing is not None
    assert [section.name for section in record.routing.sections] == ["MAIN", "SUB1"]
    assert record.routing.sections[0].rows[2] == ("OTHER", "", "0222", "#SUB1")
    assert not rules.problems(record)


def test_a_pointer_record_has_a_template_only() -> None:
    record = customer.read_record(read_wire("retrieve_pointer.xml", operation="retrieve"))
    assert (record.template, record.routing, record.labels) == ("*ABNAME", None, ())
    assert not rules.problems(record)


def test_an_answer_without_a_record_is_off_contract() -> None:
    with pytest.raises(ProviderProtocolError):
        customer.read_record(read_wire("disconnect.xml", operation="retrieve"))


def read_back(text: str) -> CustomerRecord:
    results = etree.Element("results")
    results.append(etree.fromstring(text))
    return customer.read_record(Answer(operation="retrieve", request_id="", results=results))


@given(RECORDS)
def test_what_is_written_reads_as_it_was(record: CustomerRecord) -> None:
    assert read_back(customer.write_record(record)) == record


@given(RECORDS)
def test_judging_a_record_never_fails(record: CustomerRecord) -> None:
    for problem in rules.problems(record):
        assert problem.path
        assert problem.message.endswith(".")


def test_a_good_record_is_written_by_the_contract() -> None:
    assert not list(Record().check(customer.write_record(RECORD)))


def test_what_xml_cannot_hold_is_not_sent(provider: CustomTollFree, faked: Faked) -> None:
    with pytest.raises(ValueError, match="XML"):
        provider.save_record(TN_ONE, replace(RECORD, notes="\x00"), reference="job-1")
    assert not sent(faked)


# -- rules ----------------------------------------------------------------------------------------


def section(**changes: Any) -> CallRouting:
    usual = Section(
        name="MAIN",
        columns=("AC", "CA", "TE"),
        rows=(("*EAST", "0288", "2125550142"), ("OTHER", "0222", "2125550143")),
    )
    return CallRouting(sections=(replace(usual, **changes),))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"service_order": ""}, "cad/serviceorder"),
        ({"service_order": "1234"}, "cad/serviceorder"),
        ({"service_order": "A234567890123"}, "cad/serviceorder"),
        ({"supplemental_form": "1234567"}, "cad/supplementalform"),
        ({"area": AreaOfService()}, "cad/areaofservice"),
        ({"area": AreaOfService(labels=("*WEST",))}, "cad/areaofservice/label[1]"),
        ({"notes": "n" * 152}, "cad/notes"),
        ({"contact_name": "J" * 31}, "cad/contact/@name"),
        ({"contact_phone": "555-0142"}, "cad/contact/@phone"),
        ({"intra_carriers": (), "inter_carriers": ()}, "cad/carriers"),
        ({"inter_carriers": ("0222", "222")}, "cad/carriers/inter[2]"),
        ({"destinations": (Destination(number="5550142"),)}, "cad/destinations/destination[1]"),
        (
            {"destinations": (Destination(number="2125550142", lines=0),)},
            "cad/destinations/destination[1]",
        ),
        ({"labels": (EAST, EAST)}, "lads/lad[2]"),
        ({"labels": (EAST, replace(EAST, name="WEST"))}, "lads/lad[2]"),
        ({"labels": (EAST, replace(EAST, name="*W", kind="XX"))}, "lads/lad[2]"),
        ({"labels": (EAST, replace(EAST, name="*W", values=()))}, "lads/lad[2]"),
        (
            {"labels": (EAST, *(Label(name=f"*D{n}", kind="DT", values=("1",)) for n in "123"))},
            "lads",
        ),
        (
            {"labels": (EAST, Label(name="*T", kind="TI", values=("09:00A-09:10A",)))},
            "lads/lad[2]/value[1]",
        ),
        ({"routing": section(name="SUB")}, "cpr"),
        ({"routing": section(name="MAINMAINX")}, "cpr/section[1]"),
        ({"routing": section(columns=("CA", "AC", "TE"))}, "cpr/section[1]/columns"),
        ({"routing": section(columns=("AC", "XX", "TE"))}, "cpr/section[1]/columns"),
        ({"routing": section(rows=(("OTHER", "0222"),))}, "cpr/section[1]/row[1]"),
        (
            {"routing": section(rows=(("OTHER", "22", "2125550142"),))},
            "cpr/section[1]/row[1]/cell[2]",
        ),
        ({"routing": section(rows=(("*EAST", "0222", "2125550142"),))}, "cpr/section[1]"),
        ({"routing": section(rows=(("OTHER", "0222", "#SUB1"),))}, "cpr/section[1]"),
        (
            {"routing": section(columns=("PC", "TE"), rows=(("60", ""), ("30", "")))},
            "cpr/section[1]",
        ),
        ({"template": "*ABNAME"}, "cpr"),
        ({"template": "NAME", "routing": None, "labels": ()}, "pointer/@template"),
    ],
)
def test_each_rule_names_the_place(changes: dict[str, Any], path: str) -> None:
    found = rules.problems(replace(RECORD, **changes))
    assert path in [problem.path for problem in found], found


def test_halves_make_a_hundred() -> None:
    halves = section(columns=("PC", "TE"), rows=(("50", "2125550142"), ("50", "2125550143")))
    assert not rules.problems(replace(RECORD, routing=halves))


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("08:00A-05:00P", True),
        ("12:00A-11:45P", True),
        ("06:00P-12:00A", True),
        ("10:00P-06:00A", False),
        ("13:00A-02:00P", False),
        ("8-5", False),
    ],
)
def test_time_ranges(text: str, is_good: bool) -> None:
    assert (rules.time_range_problem(text) == "") is is_good


# -- lists ----------------------------------------------------------------------------------------


def test_the_records_of_a_number_come_page_by_page(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "queryrecord", "queryrecord.xml", "copyrecord.xml")
    first, second, third = provider.list_records(TN_ONE)
    assert (first.status, first.version, first.parts) == ("ACTIVE", 3, {"CAD", "CPR", "LAD"})
    assert first.effective == datetime(2025, 1, 2, 15, 30, tzinfo=UTC)
    assert (second.status, second.version) == ("PENDING", None)
    assert third.status == "SENDING"
    assert [fields.get("start") for _, _, fields in sent(faked)] == [None, "c2"]


def test_a_list_of_records_without_end_is_an_error(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "queryrecord", "queryrecord.xml")
    with pytest.raises(ProviderProtocolError, match="come to an end"):
        list(provider.list_records(TN_ONE))


def test_a_number_without_a_record_has_none(provider: CustomTollFree, faked: Faked) -> None:
    say(faked, "retrieve", error("record_not_found"))
    assert provider.read_record(TN_ONE, effective=SOON, parts={RecordPart.ROUTING}) is None
    assert sent(faked)[0][2]["parts"] == "CPR"
    say(faked, "retrieve", error("not_controlling_resporg"))
    with pytest.raises(ProviderRefused):
        provider.read_record(TN_ONE)


# -- changes --------------------------------------------------------------------------------------


def test_a_template_is_copied_onto_numbers_as_their_route(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "copyrecord", "copyrecord.xml", "pending.xml")
    done, waiting = provider.assign_route([TN_ONE, TN_TWO], route_ref="*ABEAST", reference="job-1")
    assert (done.outcome, done.code) == (Outcome.SUCCEEDED, "SENDING")
    assert "about 15 minutes" in done.message
    assert (waiting.outcome, waiting.provider_ref) == (Outcome.PENDING, "R0000003")
    first, second = (fields for _, _, fields in sent(faked))
    assert (first["source"], first["effective"]) == ("*ABEAST", "NOW")
    assert first["reqref"] == numbers.step_reference("job-1", TollFreeStep.COPY_RECORD, [TN_ONE])
    assert first["reqref"] != second["reqref"]


def test_without_a_reference_each_change_has_one_of_its_own(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "copyrecord", "copyrecord.xml", "copyrecord.xml")
    for _ in range(2):
        list(provider.assign_route([TN_ONE], route_ref="*ABEAST"))
    first, second = (fields["reqref"] for _, _, fields in sent(faked))
    assert first != second


def test_a_record_that_the_registry_finds_invalid_is_a_refusal_with_advice(
    provider: CustomTollFree, faked: Faked
) -> None:
    answer(faked, "copyrecord", "copyrecord_invalid.xml")
    outcome = provider.copy_record(
        TN_ONE,
        source=TN_TWO,
        reference="job-1",
        effective=SOON,
        source_effective=SOON,
        parts=[RecordPart.LABELS, RecordPart.ADMINISTRATION],
        replaces_version=2,
    )
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "INVALID")
    assert "routed as before" in outcome.message
    assert outcome.advice
    assert outcome.record is not None
    assert outcome.record.version == 2
    fields = sent(faked)[0][2]
    assert (fields["parts"], fields["overwrite"], fields["version"]) == ("CAD,LAD", "1", "2")


def test_every_mistake_that_the_registry_names_is_told(
    provider: CustomTollFree, faked: Faked
) -> None:
    say(faked, "updaterecord", wire("error_invalid_record.xml"))
    outcome = provider.save_record(TN_ONE, RECORD, reference="job-1", effective=SOON)
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "invalid_record")
    assert len(outcome.problems) > 1
    assert all(problem.path for problem in outcome.problems)
    assert "Nothing was changed." in outcome.message


def test_a_record_that_breaks_the_rules_is_not_sent(provider: CustomTollFree, faked: Faked) -> None:
    bad = replace(RECORD, service_order="")
    outcome = provider.save_record(TN_ONE, bad, reference="job-1")
    assert (outcome.outcome, outcome.code) == (Outcome.REFUSED, "invalid_record")
    assert [problem.path for problem in outcome.problems] == ["cad/serviceorder"]
    assert provider.record_problems(bad) == outcome.problems
    assert not sent(faked)


def test_a_record_is_created_changed_and_deleted(provider: CustomTollFree, faked: Faked) -> None:
    answer(faked, "updaterecord", "copyrecord.xml", "copyrecord.xml", "copyrecord_invalid.xml")
    provider.save_record(TN_ONE, RECORD, reference="job-1", effective=SOON)
    provider.save_record(TN_ONE, RECORD, reference="job-2", effective=SOON, replaces_version=3)
    gone = provider.delete_record(TN_ONE, RECORD, reference="job-3", effective=SOON, version=4)
    assert (gone.outcome, gone.message) == (Outcome.SUCCEEDED, "The record was deleted.")
    told = [fields for _, _, fields in sent(faked)]
    assert [(f["action"], f.get("version")) for f in told] == [
        ("create", None),
        ("change", "3"),
        ("delete", "4"),
    ]
    assert read_back(told[0]["record"]) == RECORD


@pytest.mark.parametrize("status", [*codes.RECORD_PROGRESS, *codes.RECORD_TROUBLE, "NEW WORD"])
def test_every_state_of_a_record_has_words(status: str) -> None:
    results = etree.fromstring(
        f"<results><record><status>{status}</status><version>1</version></record></results>"
    )
    told = Answer(operation="copyrecord", request_id="R1", results=results)
    outcome = records.changed(TN_ONE, told, "The record was copied.")
    assert outcome.code == status
    assert (outcome.outcome == Outcome.SUCCEEDED) is (status in codes.RECORD_PROGRESS)
    assert (outcome.outcome == Outcome.REFUSED) is (status in codes.RECORD_TROUBLE)
    assert bool(outcome.advice) is (outcome.outcome != Outcome.SUCCEEDED)
    assert outcome.message.endswith(".")


def test_an_answer_that_shows_no_record_is_unknown() -> None:
    told = read_wire("disconnect.xml", operation="copyrecord", is_write=True)
    assert records.changed(TN_ONE, told, "").outcome == Outcome.UNKNOWN


def test_numbers_off_the_registry_are_refused_before_anything_is_sent(
    provider: CustomTollFree, faked: Faked
) -> None:
    local = TN("+12125550142")
    outcomes = [
        provider.copy_record(local, source="*ABEAST", reference="job-1"),
        provider.save_record(local, RECORD, reference="job-1"),
        provider.make_spare(local, reference="job-1"),
    ]
    assert {outcome.code for outcome in outcomes} == {"invalid_number"}
    assert not sent(faked)
