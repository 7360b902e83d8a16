"""Synthetic answers of the lists without paging, in the form of each provider's wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One list: what stands around the records, and a record for each number.

    `record` is the element's name or, for JSON, the path of an item as ijson spells it.
    """

    form: Literal["xml", "json"]
    record: str
    head: str
    tail: str
    write: Callable[[int], str]
    between: str = ""

    def pieces(self, rows: int) -> Iterator[str]:
        """Yield the answer piece by piece."""
        yield self.head
        for turn in range(rows):
            yield (self.between if turn else "") + self.write(turn)
        yield self.tail


def digits(turn: int) -> str:
    """Return ten digits of a number that is a possible one."""
    return f"{220 + turn // 100_000}{200 + turn // 1000 % 100}{turn % 1000:04}"


def toll_free(turn: int) -> str:
    """Return ten digits of a toll-free number."""
    return f"8{('33', '44', '55')[turn // 1_000_000 % 3]}{200 + turn // 10_000}{turn % 10_000:04}"


def _soap(operation: str, container: str, record: str, write: Callable[[int], str]) -> Answer:
    """Return the answer of a VoIP Innovations operation (voip-innovations.md sections 1 and 4)."""
    return Answer(
        form="xml",
        record=record,
        head=(
            f'{_XML}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
            f'<soap:Body><{operation}Response xmlns="http://tempuri.org/"><{operation}Result>'
            f"<responseCode>100</responseCode><responseMessage>Success</responseMessage>"
            f"<{container}>"
        ),
        tail=(
            f"</{container}></{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
        ),
        write=lambda turn: f"<{record}>{write(turn)}</{record}>",
    )


def _json(name: str, write: Callable[[int], dict[str, Any]]) -> Answer:
    """Return the answer of a VoiceTel list (voicetel.md 1.2)."""
    return Answer(
        form="json",
        record=f"data.{name}.item",
        head=f'{{"status":"success","data":{{"{name}":[',
        tail="]}}",
        write=lambda turn: json.dumps(write(turn)),
        between=",",
    )


def _did(turn: int) -> str:
    tn = digits(turn)
    return (
        f"<tn>{tn}</tn><availability>assigned</availability><rewrite>{tn}</rewrite>"
        "<status>Assigned to Main SBC, tier 1</status><statusCode>100</statusCode><tier>1</tier>"
        f"<refId>R{turn}</refId><failover /><forward /><cnamName>EXAMPLE LLC</cnamName>"
        "<state>IL</state><rateCenter>CHICAGO</rateCenter><didGroupId>0</didGroupId>"
        "<Network>VI</Network><endpointId>13550</endpointId>"
        "<expireDate>1900-01-01T00:00:00</expireDate><has411>false</has411><has911>true</has911>"
        "<cnam>true</cnam><cnamStorageActive>false</cnamStorageActive>"
        "<cnamStorageAvailability>true</cnamStorageAvailability><t38>true</t38>"
    )


def _locator(turn: int) -> str:
    return (
        f"<tn>{digits(turn)}</tn><rateCenter>CHICAGO</rateCenter><state>IL</state><tier>1</tier>"
        "<lataId>358</lataId><outboundCNAM>true</outboundCNAM><t38>true</t38>"
        "<network>VI</network><sms>true</sms>"
    )


def _number(turn: int) -> dict[str, Any]:
    tn = digits(turn)
    return {
        "number": tn,
        "route": 4,
        "gateway": "DID",
        "translated": tn,
        "forward": False,
        "forwardTo": None,
        "cnam": turn % 3 == 0,
        "carrier": 0,
        "smsEnabled": turn % 2 == 0,
        "faxEnabled": False,
    }


def _item(turn: int) -> str:
    return (
        f"<item><number>{toll_free(turn)}</number><status>WORKING</status>"
        "<statusdate>2025-01-02</statusdate><until/></item>"
    )


def _did911(turn: int) -> str:
    return (
        f"<locationId>{17_000_000 + turn}</locationId><tn>{digits(turn)}</tn>"
        "<callerName>EXAMPLE LLC          </callerName><address1>100 MAIN ST</address1>"
        "<city>CHICAGO</city><state>IL</state><zipCode>60601-0100</zipCode>"
        "<latitude>41.88</latitude><longitude>-87.63</longitude>"
        "<statusCode>PROVISIONED</statusCode><statusDescription>Active</statusDescription>"
        "<activatedTime>2025-01-02T15:30:00</activatedTime>"
        "<dateAdded>2025-01-02T15:30:00</dateAdded>"
    )


def _smsdid(turn: int) -> str:
    return (
        f"<TN>{digits(turn)}</TN><Enabled>true</Enabled><DestinationType>POST</DestinationType>"
        "<Destination>https://sms.example.net/in</Destination><DLR>false</DLR>"
    )


def _forward(turn: int) -> str:
    return f"<TN>{digits(turn)}</TN><ForwardTN>3125550142</ForwardTN>"


def _fax(turn: int) -> str:
    return f"<TN>{digits(turn)}</TN><Email>fax@example.net</Email>"


def _record(turn: int) -> dict[str, Any]:
    return {
        "dn": f"1{digits(turn)}",
        "callername": "EXAMPLE LLC",
        "address1": "100 MAIN ST",
        "address2": "",
        "city": "CHICAGO",
        "state": "IL",
        "zip": "60601",
    }


ANSWERS: dict[str, Answer] = {
    "auditDIDs": _soap("auditDIDs", "DIDs", "DID", _did),
    "getDIDs": _soap("getDIDs", "DIDLocators", "DIDLocator", _locator),
    "getDIDsExtended": _soap("getDIDsExtended", "DIDLocators", "DIDLocator", _locator),
    "audit911": _soap("audit911", "DID911s", "DID911", _did911),
    "AuditSMS": _soap("AuditSMS", "DIDs", "SMSDID", _smsdid),
    "AuditDIDForwards": _soap("AuditDIDForwards", "DIDForwards", "DIDForward", _forward),
    "AuditFaxToEmails": _soap("AuditFaxToEmails", "FaxToEmails", "FaxToEmail", _fax),
    "GET /v2.2/e911": _json("records", _record),
    "GET /v2.2/numbers": _json("numbers", _number),
    "resporgcheck": Answer(
        form="xml",
        record="item",
        head=(f"{_XML}<response><status>SUCCESS</status><requestid>R0000001</requestid><results>"),
        tail="</results></response>",
        write=_item,
    ),
}
