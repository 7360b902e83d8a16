"""Every error that the contract names for an operation is given by it (custom-toll-free.md 7)."""

from __future__ import annotations

import pytest
from lxml import etree

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import OTHER_KEY, TollFreeClient, codes, parse, results, spare_numbers

LATER = "2020-01-01T00:00Z"


@pytest.fixture
def ours(sandbox: RunningSandbox) -> TollFreeClient:
    return TollFreeClient(sandbox)


@pytest.fixture
def theirs(sandbox: RunningSandbox) -> TollFreeClient:
    return TollFreeClient(sandbox, OTHER_KEY)


def foreign(client: TollFreeClient) -> str:
    """Return a working number of the other RespOrg."""
    listed = client.read("resporgcheck", resporg="OTH02", status="WORKING")
    return str(results(listed).findtext("item/number"))


def record_of(client: TollFreeClient, number: str) -> str:
    record = results(client.read("retrieve", number=number)).find("record")
    assert record is not None
    return etree.tostring(record, encoding="unicode")


def test_reserve(ours: TollFreeClient, sandbox: RunningSandbox) -> None:
    (number,) = spare_numbers(sandbox)
    assert codes(ours.reserve(number, resporg="ZZZ99")) == ["invalid_resporg"]
    assert codes(ours.reserve(number, contactname="")) == ["missing_parameter"]
    assert codes(ours.reserve("")) == ["missing_parameter"]
    assert codes(ours.reserve("2125550142")) == ["invalid_number"]
    assert codes(ours.reserve(ours.owned("WORKING"))) == ["number_unavailable"]


def test_spare_and_disconnect(ours: TollFreeClient, theirs: TollFreeClient) -> None:
    number = foreign(theirs)
    held = ours.owned("RESERVED")
    assert codes(theirs.write("spare", number=held)) == ["not_controlling_resporg"]
    form = {"number": number, "effective": "NOW"}
    assert codes(ours.write("disconnect", **form)) == ["not_controlling_resporg"]
    assert codes(ours.write("disconnect", number=held, effective="NOW")) == ["invalid_status"]
    working = ours.owned("WORKING")
    form = {"number": working, "effective": LATER}
    assert codes(ours.write("disconnect", **form)) == ["invalid_effective_date"]


def test_changeresporg(ours: TollFreeClient, sandbox: RunningSandbox) -> None:
    (number,) = spare_numbers(sandbox)
    form = {"number": number, "newresporg": "OTH02"}
    assert codes(ours.write("changeresporg", **form)) == ["invalid_status"]


def test_resporgcheck(ours: TollFreeClient) -> None:
    assert codes(ours.read("resporgcheck", resporg="OTH02")) == ["permission_denied"]
    assert codes(ours.read("resporgcheck", resporg="ZZZ99")) == ["invalid_resporg"]


def test_copyrecord(ours: TollFreeClient, theirs: TollFreeClient, sandbox: RunningSandbox) -> None:
    held, (spare, empty) = ours.owned("RESERVED"), spare_numbers(sandbox, 2)
    assert codes(ours.copy(spare)) == ["invalid_status"]
    assert codes(ours.copy(foreign(theirs))) == ["not_controlling_resporg"]
    assert codes(ours.copy(held, effective=LATER)) == ["invalid_effective_date"]
    results(ours.reserve(empty))
    assert codes(ours.copy(held, source=empty)) == ["record_not_found"]
    working = ours.owned("WORKING")
    form = {"sourceeffective": "2019-01-01T00:00Z", "source": working}
    assert codes(ours.copy(held, **form)) == ["record_not_found"]


def test_updaterecord(ours: TollFreeClient, sandbox: RunningSandbox) -> None:
    working, (spare,) = ours.owned("WORKING"), spare_numbers(sandbox)
    record = record_of(ours, working)
    form = {"number": working, "record": record, "effective": "NOW"}
    assert codes(ours.write("updaterecord", **{**form, "effective": LATER})) == [
        "invalid_effective_date"
    ]
    assert codes(ours.write("updaterecord", **{**form, "number": spare})) == ["invalid_status"]
    change = {**form, "action": "change", "version": "99"}
    assert codes(ours.write("updaterecord", **change)) == ["version_conflict"]
    sandbox.control("fault", provider="custom_toll_free", operation="updaterecord", fault="locked")
    assert codes(ours.write("updaterecord", **form)) == ["record_locked"]


def test_each_answer_has_one_of_three_forms(ours: TollFreeClient) -> None:
    working = ours.owned("WORKING")
    good = parse(ours.read("query", number=working))
    assert [child.tag for child in good] == ["status", "requestid", "results"]
    bad = parse(ours.read("query", number="1"))
    assert [child.tag for child in bad] == ["status", "requestid", "errors"]
    assert [child.tag for child in bad.findall("errors/error")[0]] == ["code", "message", "field"]
