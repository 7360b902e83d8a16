"""The types of the VoIP Innovations service, and how they are written (voip-innovations.md 3, 4).

One table serves both the replies and the WSDL, so the two cannot drift apart. The order of the
fields is that of the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
NO_DATE = "1900-01-01T00:00:00"
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SCALARS = ("string", "int", "boolean", "decimal", "dateTime", "base64Binary")
NULLS: Mapping[str, str] = {
    "int": "0",
    "boolean": "false",
    "decimal": "0",
    "dateTime": "0001-01-01T00:00:00",
}

# A type is a scalar, a record, a record or scalar with `[]` (a container), and `?` when nillable.
RECORDS: Mapping[str, str] = {
    "DIDParam": "tn string, cnam string, refId string, epg int",
    "DID": (
        "tn string, availability string, rewrite string, status string, statusCode string,"
        " tier string, refId string, failover string, forward string, cnamName string,"
        " state string, rateCenter string, didGroupId string, Network string, endpointId int,"
        " expireDate dateTime?, has411 boolean, has911 boolean, cnam boolean,"
        " cnamStorageActive boolean, cnamStorageAvailability boolean, t38 boolean"
    ),
    "DIDLocator": (
        "tn string, rateCenter string, state string, tier string, lataId int,"
        " outboundCNAM boolean, t38 boolean, network string, sms boolean"
    ),
    "DIDCount": (
        "didCount string, rateCenter string, state string, tier string, lataId int, cnam boolean,"
        " t38 boolean, sms boolean"
    ),
    "DIDGroup": "Name string, ID int",
    "ConferenceLine": "Enabled boolean, PIN string, TN string",
    "EndpointGroup": (
        "ID int, Name string, Client string, Port string, Prepend string, RateDeck string,"
        " StripPlus boolean, StripCC boolean, International boolean, MTDUsage decimal,"
        " IPs string[], Active boolean"
    ),
    "Client": (
        "ID int, Name string, EndpointGroups int, DIDGroups int, E911Groups int, Usage decimal,"
        " HostedBillingCustomers int, Failovers int, Forwards int, ConferenceLines int,"
        " FaxToEmails int"
    ),
    "DIDFailover": "TN string, FailoverTN string",
    "DIDForward": "TN string, ForwardTN string",
    "FaxToEmail": "TN string, Email string",
    "Country": "name string, abbrev string, cities City[]",
    "City": "name string, id int",
    "IntlDID": "tn string, country string, city string, tier string, status string",
    "ProgrammableTelcoScript": "ID string, Name string",
    "SMSDID": (
        "TN string, Enabled boolean, DestinationType string, Destination string, DLR boolean,"
        " CampaignId string"
    ),
    "MsgDetails": "success string, code string, data string, status string, uuid string",
    "MMSFile": "FileName string, FileContent base64Binary",
    "SMSCustomer": (
        "CustomerId string, LegalName string, DisplayName string, EntityType string,"
        " Vertical string, EIN string, Address string, Phone string, Email string,"
        " Website string, Status string, Tag string"
    ),
    "Campaign": (
        "CampaignId string, CustomerId string, Description string, DisplayName string,"
        " Vertical string, MessageFlow string, SampleMsg1 string, SampleMsg2 string,"
        " SubOptIn boolean, SubOptOut boolean, SubHelp boolean, NumPooling boolean,"
        " DirectLending boolean, EmbeddedLink boolean, EmbeddedPhone boolean,"
        " AffMarketing boolean, AgeGated boolean, UsecaseId string, SubUsecaseIds string,"
        " HelpMessage string, OptOutMessage string, Status string, TNs string[]"
    ),
    "SMSUsecase": "UsecaseId string, Name string",
    "Status911": "code string, description string",
    "DID911": (
        "locationId string, tn string, callerName string, address1 string, address2 string,"
        " city string, state string, zipCode string, latitude string, longitude string,"
        " statusCode string, statusDescription string, activatedTime dateTime?,"
        " dateAdded dateTime?"
    ),
    "VILocation": (
        "locationId string, address1 string, address2 string, city string, state string,"
        " zipCode string, plusFour string, callerName string, latitude string, longitude string,"
        " statusCode string, statusDescription string, orderId string, activatedTime dateTime,"
        " updateTime dateTime"
    ),
    "PortDetail": (
        "id int, status string, endUser string, billingTN string, portingFrom string,"
        " salesRep string, submittedDate dateTime?, focDate dateTime?,"
        " requestedFocDate dateTime?, dids PortDID[], defaultEndpointGroup int?"
    ),
    "PortDID": (
        "tn string, tier string, rateCenter string, state string, lata string,"
        " endpointGroup int, cnam boolean, e911 boolean"
    ),
    "PortHistory": "portId int, tn string, status string, date dateTime?, comment string",
}
# Records that clients send and whose field names nothing public shows.
GUESSED_RECORDS = ("SMSCustomer",)
_VERDICT = "responseCode int, responseMessage string"
_MESSAGE = f"{_VERDICT}, Uuid string, MsgDetails MsgDetails"
RESPONSES: Mapping[str, str] = {
    "DIDResponse": (
        f"{_VERDICT}, DIDs DID[], DIDLocators DIDLocator[], DIDCounts DIDCount[],"
        " DIDGroups DIDGroup[], ConferenceLine ConferenceLine"
    ),
    "CNAMResponse": f"{_VERDICT}, DisplayName string",
    "Response911": (
        f"{_VERDICT}, Statuses Status911[], DID911s DID911[], VILocations VILocation[],"
        " Alerts string[]"
    ),
    "PortResponse": (
        f"{_VERDICT}, PortDetails PortDetail, IsPortable boolean, ActivePorts PortDetail[],"
        " PortHistories PortHistory[]"
    ),
    "FaxToEmailResponse": f"{_VERDICT}, Email string",
    "EmailToFaxResponse": f"{_VERDICT}, Email string, CallerID string",
    "IntlResponse": f"{_VERDICT}, Countries Country[], DIDs IntlDID[], DID IntlDID",
    "SMSResponse": f"{_MESSAGE}, DIDs SMSDID[]",
    "MMSResponse": f"{_MESSAGE}, DIDs SMSDID[]",
    "SMS10DLCResponse": (
        f"{_VERDICT}, Campaigns Campaign[], Customers SMSCustomer[], EntityTypes string[],"
        " Verticals string[], Usecases SMSUsecase[], RejectionReason string"
    ),
    "ProgrammableTelcoResponse": (
        f"{_VERDICT}, ProgrammableTelcoScripts ProgrammableTelcoScript[]"
    ),
    "NumericResponse": f"{_VERDICT}, Amount decimal",
    "TNResponse": f"{_VERDICT}, TNs string[]",
    "Response": f"{_VERDICT}, responseData string[]",
    "AuditResponse": (
        f"{_VERDICT}, Clients Client[], EndpointGroups EndpointGroup[],"
        " ConferenceLines ConferenceLine[], DIDFailovers DIDFailover[],"
        " DIDForwards DIDForward[], FaxToEmails FaxToEmail[]"
    ),
}


@dataclass(frozen=True)
class Field:
    """One element of a type."""

    name: str
    type: str
    is_list: bool = False
    is_nillable: bool = False

    @property
    def is_scalar(self) -> bool:
        return self.type in SCALARS


def parse_fields(text: str) -> tuple[Field, ...]:
    """Read `name type, name type` with the marks `[]` and `?`."""
    found = []
    for part in filter(None, text.split(", ")):
        name, kind = part.strip().split(" ")
        found.append(
            Field(name, kind.removesuffix("?").removesuffix("[]"), "[]" in kind, kind[-1] == "?")
        )
    return tuple(found)


TYPES: Mapping[str, tuple[Field, ...]] = {
    name: parse_fields(text) for name, text in (*RECORDS.items(), *RESPONSES.items())
}


def write(type_name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a record's elements in order, in pieces.

    Strings that are None or missing are left out, other scalars get the null of their type, and
    every container is written, empty or not. A container may be given as an iterator.
    """
    for field in TYPES[type_name]:
        value = values.get(field.name)
        if field.is_list:
            yield from _write_list(field, value or ())
        elif not field.is_scalar:
            yield f"<{field.name}>{''.join(write(field.type, value or {}))}</{field.name}>"
        else:
            yield _write_scalar(field, value)


def _write_list(field: Field, values: Iterable[Any]) -> Iterator[str]:
    is_empty = True
    for value in values:
        if is_empty:
            yield f"<{field.name}>"
            is_empty = False
        inner = _text(value) if field.is_scalar else "".join(write(field.type, value))
        yield f"<{field.type}>{inner}</{field.type}>"
    yield f"<{field.name} />" if is_empty else f"</{field.name}>"


def _write_scalar(field: Field, value: Any) -> str:
    if value is None:
        if field.is_nillable:
            return f'<{field.name} xsi:nil="true" />'
        if field.type not in NULLS:
            return ""
        return f"<{field.name}>{NULLS[field.type]}</{field.name}>"
    text = _text(value)
    return f"<{field.name}>{text}</{field.name}>" if text else f"<{field.name} />"


def eastern(moment: datetime) -> str:
    """Write an aware moment as most of this wire does: US Eastern, no zone, up to three decimals.

    >>> eastern(datetime.fromisoformat("2013-11-25T22:32:48.700+00:00"))
    '2013-11-25T17:32:48.7'
    """
    return _trimmed(moment.astimezone(EASTERN))


def zulu(moment: datetime) -> str:
    """Write an aware moment as VILocation does: UTC and a Z."""
    return f"{_trimmed(moment.astimezone(UTC))}Z"


def _trimmed(moment: datetime) -> str:
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text.rstrip("0").removesuffix(".")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return escape(ILLEGAL.sub("", str(value)))
