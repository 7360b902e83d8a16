"""The VoIP Innovations envelope: WSDL, both SOAP versions, tolerant reading, faults, verdicts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from portal.sandbox.server import RunningSandbox
from portal.sandbox.soap_voip_innovations import METHODS
from portal.sandbox.soap_wsdl import TARGET, describe
from tests.sandbox.soap_client import (
    CREDENTIALS,
    GROUP,
    PATH,
    SOAP12,
    SoapClient,
    envelope,
    for_sale,
)

REQUIRED = [
    "getDIDs",
    "getDIDCount",
    "getDIDsExtended",
    "GetAvailableNPAs",
    "GetAvailableRateCenters",
    "GetAvailableStates",
    "auditDIDs",
    "queryDID",
    "GetInventoryTNs",
    "GetUnconfiguredTNs",
    "InventoryDIDs",
    "reserveDID",
    "assignDID",
    "assignDIDExtended",
    "configDID",
    "releaseDID",
    "AuditEndpointGroups",
    "AuditEndpointGroup",
    "ActivateEndpointGroup",
    "DeactivateEndpointGroup",
    "GetPrepaidBalance",
    "SetDIDForward",
    "GetDIDForward",
    "RemoveDIDForward",
    "UpdateDIDFailover",
    "GetDIDFailover",
    "AuditDIDFailovers",
    "AuditDIDForwards",
    "GetCNAMDisplay",
    "UpdateCNAMDisplay",
    "RemoveCNAM",
    "CreateDIDGroup",
    "GetDIDGroups",
    "GetDIDGroup",
    "SetDIDGroup",
    "RemoveDIDGroup",
    "AuditDIDGroup",
]


def test_the_wsdl_file_is_what_the_tables_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == describe(METHODS.values())


def test_the_wsdl_describes_every_operation_at_the_address_asked(sandbox: RunningSandbox) -> None:
    text = requests.get(f"{sandbox.url}{PATH}?WSDL", timeout=10).text
    assert f'location="{sandbox.url}{PATH}"' in text
    root = etree.fromstring(text.encode())
    names = root.xpath("//*[local-name()='portType']/*[local-name()='operation']/@name")
    assert set(REQUIRED) <= set(names)
    assert set(names) == set(METHODS)
    page = requests.get(sandbox.url + PATH, timeout=10)
    assert "reserveDID" in page.text


@pytest.mark.parametrize("port", ["APIServiceSoap", "APIServiceSoap12"])
def test_a_zeep_client_made_from_the_wsdl_works(sandbox: RunningSandbox, port: str) -> None:
    client = zeep.Client(f"{sandbox.url}{PATH}?wsdl")
    service = client.bind("APIService", port)
    found = service.getDIDs(**CREDENTIALS, npa="435", state="UT", sms="true")
    assert found.responseCode == 100
    locator = found.DIDLocators.DIDLocator[0]
    assert (locator.state, locator.lataId, locator.sms) == ("UT", 660, True)

    params = {"DIDParam": [{"tn": locator.tn, "refId": "order-17", "epg": GROUP}]}
    (record,) = service.reserveDID(**CREDENTIALS, didParams=params).DIDs.DID
    assert (record.statusCode, record.tier, record.refId) == ("100", locator.tier, "order-17")
    (record,) = service.assignDID(**CREDENTIALS, didParams=params).DIDs.DID
    assert (record.statusCode, record.endpointId, record.cnam) == ("100", 0, False)
    tns = {did.tn for did in service.auditDIDs(**CREDENTIALS).DIDs.DID}
    assert locator.tn in tns
    assert len(tns) == 241
    assert service.GetPrepaidBalance(**CREDENTIALS).Amount < Decimal("1234.56")
    assert "UT" in service.GetAvailableStates(**CREDENTIALS).responseData.string


def test_every_operation_answers_a_zeep_client(sandbox: RunningSandbox) -> None:
    client = zeep.Client(f"{sandbox.url}{PATH}?wsdl")
    for name, method in METHODS.items():
        needed = {f.name: 0 for f in method.fields if f.type in ("int", "boolean")}
        result = getattr(client.service, name)(**CREDENTIALS, **needed)
        assert isinstance(result.responseCode, int), name
        assert result.responseMessage, name


def outer(answer: requests.Response) -> str:
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content).findtext(".//{*}responseCode") or ""


def test_reading_is_tolerant(soap: SoapClient) -> None:
    backwards = envelope("getDIDCount", {"state": "UT", "nxx": "", **CREDENTIALS})
    assert outer(soap.post(backwards)) == "100"
    prefixed = """<a:Envelope xmlns:a="http://schemas.xmlsoap.org/soap/envelope/"
        xmlns:b="http://tempuri.org/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
        <a:Header/><a:Body><!-- note --><b:getDIDs><b:login>sandbox</b:login>
        <b:secret>sandbox-secret</b:secret><b:npa>312</b:npa><b:nxx i:nil="true"/><b:state/>
        <b:unknown>1</b:unknown></b:getDIDs></a:Body></a:Envelope>"""
    assert outer(soap.post(prefixed)) == "100"
    no_group = {**CREDENTIALS, "didParams": {"DIDParam": {"tn": "2015550100"}}}
    assert outer(soap.post(envelope("releaseDID", no_group))) == "100"


def test_a_misspelt_or_unqualified_element_is_as_good_as_absent(soap: SoapClient) -> None:
    assert outer(soap.post(envelope("getDIDs", {**CREDENTIALS, "NPA": "312"}))) == "302490"
    text = envelope("getDIDs", {**CREDENTIALS, "npa": "312"}).replace("<npa>", '<npa xmlns="">')
    assert outer(soap.post(text)) == "302490"


@pytest.mark.parametrize(
    "credentials",
    [
        {"login": "sandbox", "secret": "wrong"},
        {"login": "nobody", "secret": "sandbox-secret"},
        {"login": "sandbox"},
        {},
    ],
)
def test_wrong_credentials_are_902(sandbox: RunningSandbox, credentials: dict[str, str]) -> None:
    client = SoapClient(sandbox.url, credentials)
    result = client.call("auditDIDs")
    assert (result["responseCode"], result["DIDs"]) == ("902", "")


def test_an_unknown_address_is_901_and_a_fault_can_refuse_credentials(
    sandbox: RunningSandbox, soap: SoapClient
) -> None:
    sandbox.control(
        "setting", key="voip_innovations.allowed_ips", value="198.51.100.7, 203.0.113.9"
    )
    assert soap.call("GetPrepaidBalance")["responseCode"] == "901"
    sandbox.control("setting", key="voip_innovations.allowed_ips", value="198.51.100.7, 127.0.0.1")
    sandbox.control("fault", provider="voip_innovations", operation="*", fault="auth")
    assert soap.call("GetPrepaidBalance")["responseCode"] == "902"
    assert soap.call("GetPrepaidBalance")["responseCode"] == "100"


def faultstring(answer: requests.Response) -> str:
    assert answer.status_code == 500, answer.text
    root = etree.fromstring(answer.content)
    return root.findtext(".//faultstring") or root.findtext(f".//{{{SOAP12}}}Text") or ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (envelope("orderPizza", CREDENTIALS), "no operation orderPizza"),
        (envelope("getdids", CREDENTIALS), "no operation getdids"),
        (envelope("orderPizza", CREDENTIALS, soap=SOAP12), "no operation orderPizza"),
        (envelope("getDIDs", {}).replace("tempuri.org", "example.net"), "no operation getDIDs"),
        ("this is not XML", "not XML"),
        ("", "not XML"),
        ("<a/>", "version mismatch"),
        (envelope("getDIDs", {}).replace("s:Body", "s:Other"), "body is empty"),
        (
            '<!DOCTYPE a [<!ENTITY x "y">]>'
            + envelope("getDIDs", {"login": "&x;"}).split("?>")[1].replace("&amp;", "&"),
            "DTD is prohibited",
        ),
        (envelope("AuditEndpointGroup", {**CREDENTIALS, "groupId": ""}), "correct format"),
        (envelope("AuditEndpointGroup", {**CREDENTIALS, "groupId": "x"}), "correct format"),
        (envelope("AuditEndpointGroup", {**CREDENTIALS, "groupId": 2**40}), "correct format"),
        (
            envelope("assignDID", {**CREDENTIALS, "didParams": {"DIDParam": {"epg": ""}}}),
            "correct format",
        ),
    ],
)
def test_what_cannot_be_read_is_a_soap_fault(soap: SoapClient, body: str, words: str) -> None:
    assert words in faultstring(soap.post(body))


def test_an_external_entity_is_not_fetched(soap: SoapClient) -> None:
    body = '<!DOCTYPE a SYSTEM "file:///etc/hostname">' + envelope("getDIDs", {}).split("?>")[1]
    assert "DTD is prohibited" in faultstring(soap.post(body))


def test_soap_action_is_optional_but_a_wrong_one_is_a_fault(soap: SoapClient) -> None:
    body = envelope("GetPrepaidBalance", CREDENTIALS)
    assert outer(soap.post(body)) == "100"
    assert outer(soap.post(body, SOAPAction='""')) == "100"
    assert outer(soap.post(body, SOAPAction="http://tempuri.org/GetPrepaidBalance")) == "100"
    for wrong in ("http://tempuri.org/getPrepaidBalance", "GetPrepaidBalance"):
        assert "SOAPAction" in faultstring(soap.post(body, SOAPAction=wrong))


def test_soap_12_is_answered_in_kind(soap: SoapClient) -> None:
    answer = soap.post(envelope("GetPrepaidBalance", CREDENTIALS, soap=SOAP12))
    assert answer.headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert etree.fromstring(answer.content).tag == f"{{{SOAP12}}}Envelope"
    faulty = soap.post(envelope("orderPizza", {}, soap=SOAP12))
    assert "<soap:Value>soap:Sender</soap:Value>" in faulty.text


def result_of(answer: requests.Response) -> list[str]:
    root = etree.fromstring(answer.content)
    (result,) = root.xpath("//*[substring(local-name(), string-length(local-name()) - 5)='Result']")
    return [etree.QName(child).localname for child in result]


def test_all_containers_of_the_type_are_sent_in_order(soap: SoapClient) -> None:
    answer = soap.send("getDIDs", npa="312")
    assert answer.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert result_of(answer) == [
        "responseCode",
        "responseMessage",
        "DIDs",
        "DIDLocators",
        "DIDCounts",
        "DIDGroups",
        "ConferenceLine",
    ]
    assert "<DIDs />" in answer.text
    assert "<ConferenceLine><Enabled>false</Enabled></ConferenceLine>" in answer.text
    assert result_of(soap.send("AuditEndpointGroups")) == [
        "responseCode",
        "responseMessage",
        "Clients",
        "EndpointGroups",
        "ConferenceLines",
        "DIDFailovers",
        "DIDForwards",
        "FaxToEmails",
    ]


def test_an_order_record_has_every_field_in_order_and_means_few(soap: SoapClient) -> None:
    (tn,) = for_sale(soap, 1)
    answer = soap.send("reserveDID", didParams={"DIDParam": [{"tn": tn, "refId": "a<b&c"}]})
    (did,) = etree.fromstring(answer.content).iter("{http://tempuri.org/}DID")
    fields: dict[str, Any] = {etree.QName(child).localname: child.text or "" for child in did}
    assert fields["refId"] == "a<b&c"
    assert fields["expireDate"] == "1900-01-01T00:00:00"
    assert (fields["endpointId"], fields["has911"], fields["availability"]) == ("0", "false", "")
    order = [
        "tn",
        "availability",
        "rewrite",
        "status",
        "statusCode",
        "tier",
        "refId",
        "endpointId",
        "expireDate",
    ]
    assert [name for name in fields if name in order] == order
