"""Answers with more and with fewer fields than documented, on every wire, over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.sandbox import reshape
from portal.sandbox.http import json_response
from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import (
    IntelePeerClient,
    TollFreeClient,
    VoiceTelClient,
    results,
    spare_numbers,
)
from tests.sandbox.soap_client import GROUP, SoapClient, for_sale

SPACE = "{http://tempuri.org/}"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON value that is not one of the unknown ones."""
    if isinstance(value, dict):
        yield value
        for name, member in value.items():
            if name != "unknownObject":
                yield from objects(member)
    elif isinstance(value, list):
        for each in value:
            yield from objects(each)


def set_fault(sandbox: RunningSandbox, kind: str) -> None:
    sandbox.control("fault", provider="*", operation="*", fault=kind)


def result_of(answer: requests.Response, operation: str) -> etree._Element:
    found = etree.fromstring(answer.content).find(f".//{SPACE}{operation}Result")
    assert found is not None
    return found


def test_extra_adds_a_member_to_each_json_object(sandbox: RunningSandbox) -> None:
    client = VoiceTelClient(sandbox)
    set_fault(sandbox, "extra")
    body = client.call("GET", "/numbers").json()
    assert body["status"] == "success"
    assert len(body["data"]["numbers"]) == 160
    for each in objects(body):
        assert next(iter(each)) == "unknownFirst"
        assert each["unknownObject"]["list"]
    assert "unknownFirst" not in str(client.call("GET", "/numbers").json())


def test_extra_keeps_a_json_array_at_the_top_and_carries_the_write_out(
    sandbox: RunningSandbox,
) -> None:
    client = IntelePeerClient(sandbox)
    (endpoint,) = client.stock(1)
    set_fault(sandbox, "extra")
    reply = client.call("POST", "/v4/carrier/tf/reservations", json={"endpoints": [endpoint]})
    (held,) = reply.json()
    assert held["unknownFirst"]
    assert held["endpoints"][0]["geo"]["unknownFirst"]
    (row,) = sandbox.log(operation="carrier.tf.reserve")
    assert (row["carried_out"], row["fault"]) == (True, "extra")


def test_extra_touches_errors_too(sandbox: RunningSandbox) -> None:
    client = VoiceTelClient(sandbox)
    set_fault(sandbox, "extra")
    reply = client.call("GET", "/numbers/2125550100/fax")
    assert reply.status_code == 404
    assert next(iter(reply.json()["error"])) == "unknownFirst"


def test_extra_in_a_soap_answer_stays_inside_the_result(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    (tn,) = for_sale(soap, 1)
    set_fault(sandbox, "extra")
    answer = soap.send("assignDID", didParams={"DIDParam": [{"tn": tn, "epg": GROUP}]})
    root = etree.fromstring(answer.content)
    assert len(root) == len(root[0]) == len(root[0][0]) == 1
    result = result_of(answer, "assignDID")
    records = [result, *result.iter(f"{SPACE}DID")]
    assert len(records) == 2
    for record in records:
        assert record[0].tag == f"{SPACE}unknownFirst"
        assert record[-1].tag == f"{SPACE}unknownLast"
        assert len(record[-1])
    assert [child.tag for child in records[1].getparent()] == [f"{SPACE}DID"]
    assert soap.query(tn)["availability"] == "assigned"


def test_extra_in_a_streamed_soap_answer(sandbox: RunningSandbox, soap: SoapClient) -> None:
    set_fault(sandbox, "extra")
    result = result_of(soap.send("auditDIDs"), "auditDIDs")
    records = list(result.iter(f"{SPACE}DID"))
    assert len(records) == 240
    assert {record[0].tag for record in records} == {f"{SPACE}unknownFirst"}


def test_extra_in_xml_and_csv(sandbox: RunningSandbox) -> None:
    client = TollFreeClient(sandbox)
    set_fault(sandbox, "extra")
    root = etree.fromstring(client.read("query", number=client_number(sandbox)).content)
    assert [child.tag for child in root] == [
        "unknownFirst",
        "status",
        "requestid",
        "results",
        "unknownLast",
    ]
    item = root.find("results/item")
    assert item is not None
    assert (item[0].tag, item[1].tag, item[-1].tag) == ("unknownFirst", "number", "unknownLast")
    set_fault(sandbox, "extra")
    lines = client.read("resporgcheck", resporg="SBX01", format="csv").text.splitlines()
    assert len(lines) > 1
    assert all(line.startswith("unknown,") and line.endswith(",unknown") for line in lines)


def client_number(sandbox: RunningSandbox) -> str:
    return spare_numbers(sandbox)[0]


def test_sparse_leaves_verdict_numbers_and_ids(sandbox: RunningSandbox) -> None:
    client = VoiceTelClient(sandbox)
    (tn,) = spare_numbers(sandbox, provider="voicetel")
    set_fault(sandbox, "sparse")
    reply = client.call("POST", "/orders", json={"numbers": [tn]})
    body = reply.json()
    assert (reply.status_code, body["status"]) == (201, "success")
    assert set(body["data"]) == {"orderId", "numbersOrdered", "failed"}
    set_fault(sandbox, "sparse")
    detail = client.call("GET", f"/numbers/{tn}").json()["data"]
    assert detail["number"] == tn
    assert detail["route"] == 4
    assert "gateway" not in detail
    assert "forwardTo" not in detail
    set_fault(sandbox, "sparse")
    account = client.call("GET", "/account").json()["data"]
    assert "cash" not in account
    assert "timezone" not in account


def test_sparse_drops_null_geography_but_not_whether_there_is_more(
    sandbox: RunningSandbox,
) -> None:
    client = IntelePeerClient(sandbox)
    set_fault(sandbox, "sparse")
    body = client.body("GET", "/v4/carrier/tf", params={"npa": "888"})
    assert isinstance(body["hasMore"], bool)
    assert {tuple(row) for row in body["endpoints"]} == {("endpoint",)}


def test_sparse_xml_loses_what_is_empty_or_nil(sandbox: RunningSandbox, soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    whole = result_of(soap.send("queryDID", did=tn), "queryDID")
    set_fault(sandbox, "sparse")
    thin = result_of(soap.send("queryDID", did=tn), "queryDID")
    empty = [each for each in whole.iter() if not len(each) and not each.text]
    assert empty
    assert len(list(thin.iter())) == len(list(whole.iter())) - len(empty)
    assert thin.findtext(f".//{SPACE}tn") == tn

    client = TollFreeClient(sandbox)
    number = client_number(sandbox)
    assert client.query(number)["resporg"] == ""
    set_fault(sandbox, "sparse")
    assert "resporg" not in client.query(number)
    set_fault(sandbox, "sparse")
    assert results(client.read("search", vanity="222222222222")) is not None


@pytest.mark.parametrize("kind", ["extra", "sparse"])
def test_a_wsdl_and_an_empty_body_stay_as_they_are(
    sandbox: RunningSandbox, soap: SoapClient, kind: str
) -> None:
    whole = requests.get(f"{soap.address}?wsdl", timeout=10).content
    client = VoiceTelClient(sandbox)
    number = client.first_number()
    sandbox.control("fault", provider="*", operation="*", fault=kind, times=2)
    assert requests.get(f"{soap.address}?wsdl", timeout=10).content == whole
    removed = client.call("DELETE", f"/numbers/{number}")
    assert (removed.status_code, removed.content) == (204, b"")


@given(JSON_VALUES)
def test_any_json_can_be_extended_and_read_as_before(value: Any) -> None:
    extended = reshape._extend_json(value)
    assert without_unknown(extended) == value
    assert len(list(objects(extended))) == len(list(objects(value)))


def without_unknown(value: Any) -> Any:
    if isinstance(value, list):
        return [without_unknown(each) for each in value]
    if isinstance(value, dict):
        names = value.keys() - {"unknownFirst", "unknownObject"}
        return {name: without_unknown(value[name]) for name in names}
    return value


@given(JSON_VALUES)
def test_a_sparse_answer_has_nothing_that_was_not_there(value: Any) -> None:
    thin = reshape.drop_optional(json_response(200, {"data": value}))
    again = reshape.drop_optional(thin).body
    assert thin.body == again
    members = {id(each): each for each in objects(reshape._thin_json(value))}.values()
    assert not [each for each in members if {None, ""} & set(map(repr_scalar, each.values()))]


def repr_scalar(value: Any) -> Any:
    """Return a scalar as it is; anything else as something that is neither null nor empty."""
    return value if isinstance(value, str | None) else "not empty"
