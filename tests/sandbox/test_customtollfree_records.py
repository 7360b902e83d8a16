"""The Custom Toll Free wire of the sandbox: customer records and what the clock does to numbers."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from lxml import etree

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import (
    Element,
    TollFreeClient,
    codes,
    parse,
    results,
    spare_numbers,
)
from tests.sandbox.tollfree import TollFreeWireAtNoon

RECORD = """<record>
  <cad>
    <customer id="C-17" name="Example LLC"/>
    <contact name="Jane Roe" phone="2125550142"/>
    <serviceorder>SO00017</serviceorder>
    <areaofservice><label>*EAST</label></areaofservice>
    <carriers><intra>0288</intra><inter>0222</inter></carriers>
    <destinations><destination number="2125550142" lines="9999" lso="212555"/></destinations>
  </cad>
  <lads><lad label="*EAST" type="AC"><value>212</value><value>201</value></lad></lads>
  <cpr timezone="ET" dst="1">
    <section name="MAIN">
      <columns><column>AC</column><column>CA</column><column>TE</column></columns>
      <row><cell>*EAST</cell><cell>0288</cell><cell>2125550142</cell></row>
      <row><cell>OTHER</cell><cell>0222</cell><cell>#SUB1</cell></row>
    </section>
    <section name="SUB1">
      <columns><column>PC</column><column>TE</column></columns>
      <row><cell>50</cell><cell>2125550143</cell></row>
      <row><cell>50</cell><cell>2125550144</cell></row>
    </section>
  </cpr>
</record>"""


def update(client: TollFreeClient, number: str, **more: Any) -> requests.Response:
    form = {"number": number, "record": RECORD, "effective": "NOW", **more}
    return client.write("updaterecord", **form)


def summary(reply: requests.Response) -> dict[str, str]:
    (record,) = results(reply).findall("record")
    return {child.tag: child.text or "" for child in record}


def fields(reply: requests.Response) -> list[str]:
    assert set(codes(reply)) == {"invalid_record"}
    return [str(each.findtext("field")) for each in parse(reply).findall("errors/error")]


class TestGoingLive(TollFreeWireAtNoon):
    def test_copy_of_a_template_takes_a_quarter_of_an_hour(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        row = summary(client.copy(held))
        assert (row["status"], row["type"], row["parts"]) == ("SENDING", "CAD", "CAD,CPR")
        assert client.status(held) == "ASSIGNED"
        sandbox.control("clock", advance="14m")
        assert client.status(held) == "ASSIGNED"
        sandbox.control("clock", advance="2m")
        assert client.status(held) == "WORKING"
        assert client.records(held)[0]["status"] == "ACTIVE"

    def test_future_record_waits_for_its_time(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        row = summary(client.copy(held, effective="2026-03-09T12:15Z"))
        assert (row["status"], row["effective"]) == ("PENDING", "2026-03-09T12:15Z")
        assert client.status(held) == "ASSIGNED"
        sandbox.control("clock", now="2026-03-09T12:16:00+00:00")
        assert client.records(held)[0]["status"] == "SENDING"
        sandbox.control("clock", now="2026-03-09T12:31:00+00:00")
        assert client.query(held)["status"] == "WORKING"
        assert client.query(held)["statusdate"] == "2026-03-09"

    def test_an_assigned_number_does_not_lose_its_hold(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        client.copy(held, effective="2026-06-01T12:00Z")
        sandbox.control("clock", advance="60d")
        assert client.status(held) == "ASSIGNED"

    def test_assigned_number_is_spare_after_six_months_without_service(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        client.copy(held, effective="2026-03-09T12:15Z")
        sandbox.store.execute("UPDATE ctf_record SET status = 'MUST CHECK' WHERE tn = ?", (held,))
        sandbox.control("clock", advance="183d")
        assert client.status(held) == "ASSIGNED"
        sandbox.control("clock", advance="2d")
        assert client.status(held) == "SPARE"

    def test_newer_record_replaces_the_live_one(
        self, sandbox: RunningSandbox, client: TollFreeClient, working: str
    ) -> None:
        update(client, working)
        assert [row["status"] for row in client.records(working)] == ["SENDING", "ACTIVE"]
        sandbox.control("clock", advance="16m")
        assert [row["status"] for row in client.records(working)] == ["ACTIVE", "OLD"]
        assert client.status(working) == "WORKING"


class TestCopy(TollFreeWireAtNoon):
    def test_template_of_another_entity_is_unknown(self, client: TollFreeClient, held: str) -> None:
        for source in ("*OTDEFAULT", "*SBNOWHERE"):
            assert codes(client.copy(held, source=source)) == ["template_not_found"]
        assert client.status(held) == "RESERVED"

    def test_source_may_be_a_number_of_ours(
        self, client: TollFreeClient, other: TollFreeClient, held: str
    ) -> None:
        assert summary(client.copy(held, source=client.owned("WORKING")))["status"] == "SENDING"
        foreign = results(other.read("resporgcheck", resporg="OTH02", status="WORKING"))
        reply = client.copy(held, source=foreign.findtext("item/number"))
        assert codes(reply) == ["not_controlling_resporg"]
        assert codes(client.copy(held, source="12345")) == ["invalid_number"]
        assert codes(client.copy(held, source=client.owned("RESERVED"))) == ["record_not_found"]

    @pytest.mark.parametrize(
        "effective",
        ["2026-03-02T12:20Z", "2026-03-01T12:15Z", "2026-09-03T12:00Z", "soon", "2026-03-09"],
    )
    def test_effective_time_must_be_good(
        self, client: TollFreeClient, held: str, effective: str
    ) -> None:
        assert codes(client.copy(held, effective=effective)) == ["invalid_effective_date"]

    def test_same_time_twice_needs_overwrite_and_version(
        self, client: TollFreeClient, held: str
    ) -> None:
        when = {"effective": "2026-03-09T12:15Z"}
        version = summary(client.copy(held, **when))["version"]
        assert codes(client.copy(held, **when)) == ["version_conflict"]
        assert codes(client.copy(held, **when, overwrite=1)) == ["missing_parameter"]
        wrong = client.copy(held, **when, overwrite=1, version=99)
        assert codes(wrong) == ["version_conflict"]
        again = summary(client.copy(held, **when, overwrite=1, version=version, source="*SBEAST"))
        assert again["parts"] == "CAD,CPR,LAD"
        assert len(client.records(held)) == 1

    def test_copy_of_a_part_alone_is_invalid_and_does_not_go_live(
        self, client: TollFreeClient, held: str
    ) -> None:
        assert summary(client.copy(held, parts="CPR"))["status"] == "INVALID"
        assert client.status(held) == "RESERVED"
        assert codes(client.copy(held, parts="XYZ")) == ["invalid_parameter"]

    def test_locked_record(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        sandbox.control(
            "fault", provider="custom_toll_free", operation="copyrecord", fault="locked"
        )
        assert codes(client.copy(held)) == ["record_locked"]


class TestUpdate(TollFreeWireAtNoon):
    def test_good_record_is_kept_and_given_back(self, client: TollFreeClient, held: str) -> None:
        assert summary(update(client, held))["parts"] == "CAD,CPR,LAD"
        record = results(client.read("retrieve", number=held)).find("record")
        assert record is not None
        assert record.get("number") == held
        assert record.get("resporg") == "SBX01"
        assert record.get("status") == "SENDING"
        assert record.findtext("cad/serviceorder") == "SO00017"
        assert [each.get("name") for each in record.findall("cpr/section")] == ["MAIN", "SUB1"]
        part = results(client.read("retrieve", number=held, parts="CAD")).find("record")
        assert part is not None
        assert [child.tag for child in part] == ["cad"]

    def test_waiting_record_is_changed_and_deleted(self, client: TollFreeClient, held: str) -> None:
        when = {"effective": "2026-03-09T12:15Z"}
        version = summary(update(client, held, **when))["version"]
        assert codes(update(client, held, **when)) == ["version_conflict"]
        changed = RECORD.replace("SO00017", "SO00018")
        assert codes(update(client, held, **when, action="change", record=changed)) == [
            "missing_parameter"
        ]
        row = summary(
            update(client, held, **when, action="change", record=changed, version=version)
        )
        assert int(row["version"]) == int(version) + 1
        stale = update(client, held, **when, action="delete", version=version)
        assert codes(stale) == ["version_conflict"]
        update(client, held, **when, action="delete", version=row["version"])
        assert client.records(held) == []
        assert client.status(held) == "RESERVED"

    def test_live_record_cannot_be_changed(self, client: TollFreeClient, working: str) -> None:
        live = client.records(working)[0]
        more = {"action": "change", "effective": live["effective"], "version": live["version"]}
        assert codes(update(client, working, **more)) == ["invalid_status"]

    def test_deleting_the_last_record_after_the_hold_makes_spare(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        when = {"effective": "2026-06-01T12:00Z"}
        version = summary(update(client, held, **when))["version"]
        sandbox.control("clock", advance="50d")
        update(client, held, **when, action="delete", version=version)
        assert client.status(held) == "SPARE"

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            ("<label>*EAST</label>", "", "cad/areaofservice"),
            ("<label>*EAST</label>", "<label>*WEST</label>", "cad/areaofservice/label[1]"),
            ("<serviceorder>SO00017</serviceorder>", "", "cad/serviceorder"),
            ("SO00017", "00017", "cad/serviceorder"),
            (
                "<serviceorder>SO00017</serviceorder>",
                "<supplementalform>1234567</supplementalform>",
                "cad/supplementalform",
            ),
            ("<intra>0288</intra><inter>0222</inter>", "", "cad/carriers"),
            ("<intra>0288</intra>", "<intra>288</intra>", "cad/carriers/intra[1]"),
            ('lines="9999"', 'lines="10000"', "cad/destinations/destination[1]"),
            (
                'number="2125550142" lines',
                'number="5550142" lines',
                "cad/destinations/destination[1]",
            ),
            ("<customer", f"<notes>{'x' * 152}</notes><customer", "cad/notes"),
            ('label="*EAST" type="AC"', 'label="*EAST" type="QQ"', "lads/lad[1]"),
            (
                'type="AC"><value>212',
                'type="TI"><value>10:00P-02:00A</value><value>08:00A-05:00P</value><value>08:07A',
                "lads/lad[1]/value[1]",
            ),
            ("<cell>*EAST</cell>", "<cell>*WEST</cell>", "cpr/section[1]/row[1]/cell[1]"),
            ("<cell>OTHER</cell>", "<cell>305</cell>", "cpr/section[1]"),
            (
                "<cell>50</cell><cell>2125550143",
                "<cell>40</cell><cell>2125550143",
                "cpr/section[2]",
            ),
            ("#SUB1", "#SUB2", "cpr"),
            ('name="SUB1"', 'name="SUBSECTION"', "cpr/section[2]"),
            ('name="MAIN"', 'name="SMAIN"', "cpr"),
            ("<record>", '<record number="8005550100">', "@number"),
            ("<record>", '<record resporg="OTH02">', "@resporg"),
        ],
    )
    def test_each_rule_names_its_place(
        self, client: TollFreeClient, held: str, old: str, new: str, field: str
    ) -> None:
        assert old in RECORD
        assert field in fields(update(client, held, record=RECORD.replace(old, new)))
        assert client.status(held) == "RESERVED"

    @pytest.mark.parametrize(
        "text",
        [
            "no xml",
            "<record>",
            '<!DOCTYPE record [<!ENTITY x SYSTEM "file:///etc/passwd">]><record>&x;</record>',
            "<template/>",
        ],
    )
    def test_what_is_no_record_is_refused(
        self, client: TollFreeClient, held: str, text: str
    ) -> None:
        assert fields(update(client, held, record=text)) == ["record"]

    def test_pointer_record_has_no_routing(self, client: TollFreeClient, held: str) -> None:
        start, end = RECORD.index("<lads>"), RECORD.index("</record>")
        pointer = RECORD[:start] + '<pointer template="*SBEAST"/>' + RECORD[end:]
        pointer = pointer.replace("<label>*EAST</label>", "<network>US</network>")
        both = RECORD.replace("<lads>", '<pointer template="*SBEAST"/><lads>')
        assert {"lads", "cpr"} <= set(fields(update(client, held, record=both)))
        assert summary(update(client, held, record=pointer))["type"] == "PAD"


class TestReading(TollFreeWireAtNoon):
    def test_ten_records_to_a_page(
        self, sandbox: RunningSandbox, client: TollFreeClient, held: str
    ) -> None:
        for day in range(10, 22):
            assert summary(client.copy(held, effective=f"2026-03-{day}T12:00Z"))
        first = results(client.read("queryrecord", number=held))
        assert len(first.findall("record")) == 10
        assert first.findtext("more") == "1"
        query = {"number": held, "start": first.findtext("next")}
        second = results(client.read("queryrecord", **query))
        assert len(second.findall("record")) == 2
        assert (second.findtext("more"), second.find("next")) == ("0", None)
        everything: list[Element] = [*first.findall("record"), *second.findall("record")]
        times = [str(record.findtext("effective")) for record in everything]
        assert times == sorted(set(times), reverse=True)
        assert codes(client.read("queryrecord", number=held, start="x")) == ["invalid_parameter"]

    def test_records_are_for_the_owner_only(
        self, sandbox: RunningSandbox, other: TollFreeClient, working: str
    ) -> None:
        for command in ("queryrecord", "retrieve"):
            assert codes(other.read(command, number=working)) == ["not_controlling_resporg"]
            spare = spare_numbers(sandbox)[0]
            assert codes(other.read(command, number=spare)) == ["invalid_status"]

    def test_retrieve_by_time(self, client: TollFreeClient, working: str) -> None:
        client.copy(working, effective="2026-03-09T12:15Z", source="*SBEAST")
        live = results(client.read("retrieve", number=working)).find("record")
        later = results(
            client.read("retrieve", number=working, effective="2026-03-09T12:15Z")
        ).find("record")
        assert live is not None
        assert later is not None
        assert (live.get("status"), later.get("status")) == ("ACTIVE", "PENDING")
        missing = client.read("retrieve", number=working, effective="2026-03-10T12:15Z")
        assert codes(missing) == ["record_not_found"]

    def test_reserved_number_has_no_record_yet(self, client: TollFreeClient, held: str) -> None:
        assert client.records(held) == []
        assert codes(client.read("retrieve", number=held)) == ["record_not_found"]

    def test_templates_of_the_sandbox_pass_its_own_validator(
        self, client: TollFreeClient, held: str
    ) -> None:
        for name in ("*SBDEFAULT", "*SBEAST"):
            client.copy(held, source=name)
            record = results(client.read("retrieve", number=held)).find("record")
            assert record is not None
            reply = update(client, held, record=etree.tostring(record, encoding="unicode"))
            assert summary(reply)["status"] == "SENDING"
