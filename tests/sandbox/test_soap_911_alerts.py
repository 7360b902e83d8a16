"""VoIP Innovations 2.9: who hears of 911 calls."""

from __future__ import annotations

import pytest

from portal.sandbox.server import RunningSandbox
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale
from tests.sandbox.zeep_client import ZeepClient

ADDRESS = {
    "address1": "12 Main Street",
    "city": "Chicago",
    "state": "IL",
    "zip": "60601",
    "callerName": "EXAMPLE LLC",
}
EMAIL = "desk@example.net"
OPERATIONS = ("Add911Alert", "Remove911Alert", "Query911Alert")


@pytest.fixture
def bare(vi: ZeepClient, soap: SoapClient) -> str:
    """Return a number just bought, without 911."""
    (found,) = for_sale(soap, 1)
    soap.order("assignDID", found, epg=GROUP)
    return found


@pytest.fixture
def tn(vi: ZeepClient, bare: str) -> str:
    """Return a number with 911."""
    assert vi.code("insert911", did=bare, **ADDRESS) == 100
    return bare


def alerts(vi: ZeepClient, tn: str) -> list[str]:
    reply = vi.call("Query911Alert", tn=tn)
    if reply.responseCode == 101:
        assert reply.Alerts is None
        return []
    assert reply.responseCode == 100
    return list(reply.Alerts.string)


def args(operation: str, tn: str, email: str = EMAIL) -> dict[str, str]:
    return {"tn": tn} if operation == "Query911Alert" else {"tn": tn, "email": email}


def test_addresses_come_as_one_string_with_commas(vi: ZeepClient, tn: str) -> None:
    assert alerts(vi, tn) == []
    assert vi.code("Add911Alert", tn=tn, email=EMAIL) == 100
    assert vi.code("Add911Alert", tn=tn, email=" 3125550142@text.example.com ") == 100
    assert alerts(vi, tn) == [f"{EMAIL},3125550142@text.example.com"]
    assert vi.code("Remove911Alert", tn=tn, email=EMAIL.upper()) == 100
    assert alerts(vi, tn) == ["3125550142@text.example.com"]
    assert vi.code("Remove911Alert", tn=tn, email=EMAIL) == 101


@pytest.mark.parametrize("empty", [{"email": ""}, {}])
def test_no_address_removes_them_all(vi: ZeepClient, tn: str, empty: dict[str, str]) -> None:
    for name in ("a", "b"):
        vi.call("Add911Alert", tn=tn, email=f"{name}@example.net")
    assert vi.code("Remove911Alert", tn=tn, **empty) == 100
    assert alerts(vi, tn) == []
    assert vi.code("Remove911Alert", tn=tn, **empty) == 101


def test_an_address_has_150_characters_at_most(vi: ZeepClient, tn: str) -> None:
    longest = f"{'a' * 138}@example.net"
    assert len(longest) == 150
    assert vi.code("Add911Alert", tn=tn, email=f"a{longest}") == 940
    assert alerts(vi, tn) == []
    assert vi.code("Add911Alert", tn=tn, email=longest) == 100
    assert alerts(vi, tn) == [longest]


def test_an_address_is_there_once(vi: ZeepClient, tn: str) -> None:
    vi.call("Add911Alert", tn=tn, email=EMAIL)
    assert vi.code("Add911Alert", tn=tn, email=EMAIL) == 942
    assert vi.code("Add911Alert", tn=tn, email=EMAIL.title()) == 942
    assert alerts(vi, tn) == [EMAIL]


def test_ten_addresses_are_enough(vi: ZeepClient, tn: str) -> None:
    codes = [vi.code("Add911Alert", tn=tn, email=f"a{n}@example.net") for n in range(11)]
    assert codes == [100] * 10 + [943]
    assert alerts(vi, tn)[0].count(",") == 9


@pytest.mark.parametrize("wrong", ["", "desk", "desk@", "@example.net", "a@b.c,d@e.f", "a b@c.de"])
def test_what_is_no_address_is_refused(vi: ZeepClient, tn: str, wrong: str) -> None:
    assert vi.code("Add911Alert", tn=tn, email=wrong) == 900
    assert alerts(vi, tn) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_911_it_is_941(vi: ZeepClient, bare: str, operation: str) -> None:
    assert vi.code(operation, **args(operation, bare)) == 941
    vi.call("addLocation", did=bare, **ADDRESS)
    assert vi.code(operation, **args(operation, bare)) == 941


def test_alerts_go_with_911_but_outlive_a_bad_update(vi: ZeepClient, tn: str) -> None:
    vi.call("Add911Alert", tn=tn, email=EMAIL)
    vi.call("update911", did=tn, **{**ADDRESS, "address1": "0 Main"})
    assert vi.code("Query911Alert", tn=tn) == 941
    vi.call("update911", did=tn, **ADDRESS)
    assert alerts(vi, tn) == [EMAIL]
    vi.call("remove911", did=tn)
    assert vi.code("Query911Alert", tn=tn) == 941
    vi.call("insert911", did=tn, **ADDRESS)
    assert alerts(vi, tn) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_numbers_of_others_and_no_numbers(
    vi: ZeepClient, vi_other: ZeepClient, operation: str
) -> None:
    theirs = vi_other.call("audit911").DID911s.DID911[0].tn
    assert vi.code(operation, **args(operation, theirs)) == 909
    assert vi.code(operation, **args(operation, "3129119999")) == 909
    assert vi.code(operation, **args(operation, "555")) == 944


def test_some_numbers_have_alerts_from_the_start(vi: ZeepClient) -> None:
    tns = [row.tn for row in vi.call("audit911").DID911s.DID911]
    found = [vi.call("Query911Alert", tn=tn) for tn in tns]
    assert sum(reply.responseCode == 100 for reply in found) == 4


def test_faults(sandbox: RunningSandbox, vi: ZeepClient, tn: str) -> None:
    fault = {"provider": "voip_innovations", "operation": "Add911Alert"}
    sandbox.control("fault", **fault, fault="refuse")
    assert vi.code("Add911Alert", tn=tn, email=EMAIL) == 900
    sandbox.control("fault", **fault, fault="partial")
    assert vi.code("Add911Alert", tn=tn, email=EMAIL) == 909
    assert alerts(vi, tn) == []
    vi.call("Add911Alert", tn=tn, email=EMAIL)
    sandbox.control("fault", **{**fault, "operation": "Query911Alert"}, fault="empty")
    assert alerts(vi, tn) == []
    assert alerts(vi, tn) == [EMAIL]
