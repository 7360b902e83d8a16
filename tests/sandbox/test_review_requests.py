"""Requests as strangers' clients write them: what other toolkits send must be understood too."""

from __future__ import annotations

import pytest
from lxml import etree

from portal.sandbox.server import RunningSandbox
from tests.sandbox.clients import TollFreeClient, results
from tests.sandbox.soap_client import SOAP11, SOAP12, SoapClient

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def prefixed(operation: str, inner: str, soap: str = SOAP11) -> str:
    """Write an envelope whose elements all bear a prefix, as Ruby clients do."""
    return (
        f'<env:Envelope xmlns:env="{soap}" xmlns:tns="http://tempuri.org/" xmlns:xsi="{XSI}">'
        f"<env:Body><tns:{operation}><tns:login>sandbox</tns:login>"
        f"<tns:secret>sandbox-secret</tns:secret>{inner}</tns:{operation}></env:Body></env:Envelope>"
    )


def codes(body: bytes) -> list[str | None]:
    root = etree.fromstring(body)
    return [
        element.text
        for element in root.iter("{*}responseCode", "{*}statusCode", "{*}faultcode", "{*}Value")
    ]


def release(epg: str, version: str) -> str:
    param = f"<tns:DIDParam><tns:tn>3125550114</tns:tn>{epg}</tns:DIDParam>"
    return prefixed("releaseDID", f"<tns:didParams>{param}</tns:didParams>", version)


@pytest.mark.parametrize("version", [SOAP11, SOAP12])
@pytest.mark.parametrize("nil", ["true", "1"])
def test_an_int_that_is_nil_is_as_good_as_absent(soap: SoapClient, version: str, nil: str) -> None:
    answer = soap.post(release(f'<tns:epg xsi:nil="{nil}"/>', version))
    assert answer.status_code == 200
    assert codes(answer.content) == codes(soap.post(release("", version)).content)


@pytest.mark.parametrize("epg", ["<tns:epg/>", '<tns:epg xsi:nil="false"></tns:epg>'])
def test_an_int_that_is_empty_is_a_fault(soap: SoapClient, epg: str) -> None:
    answer = soap.post(release(epg, SOAP11))
    assert (answer.status_code, codes(answer.content)) == (500, ["soap:Client"])


def test_soap_1_2_names_its_action_in_the_content_type(soap: SoapClient) -> None:
    body = prefixed("GetPrepaidBalance", "", SOAP12)
    kind = 'application/soap+xml; charset=utf-8; action="http://tempuri.org/{}"'
    right = soap.post(body, Content_Type=kind.format("GetPrepaidBalance"))
    assert codes(right.content) == ["100"]
    wrong = soap.post(body, Content_Type=kind.format("getPrepaidBalance"))
    assert (wrong.status_code, codes(wrong.content)) == (500, ["soap:Sender"])


def test_a_queried_number_tells_its_facts_in_the_documented_order(
    sandbox: RunningSandbox,
) -> None:
    client = TollFreeClient(sandbox)
    for status in ("WORKING", "RESERVED"):
        (item,) = results(client.read("query", number=client.owned(status))).findall("item")
        names = [field.tag for field in item]
        assert names[:4] == ["number", "resporg", "status", "statusdate"]
