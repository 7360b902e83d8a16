"""The WSDL of the VoIP Innovations sandbox, as a toolkit that knows nothing else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
import requests
from lxml import etree

from portal.sandbox.server import RunningSandbox
from portal.sandbox.soap_voip_innovations import METHODS
from tests.sandbox.soap_client import CREDENTIALS, GROUP, PATH, SOAP11, SOAP12
from tests.sandbox.zeep_client import PORTS, ZeepClient

NAMESPACE = "http://tempuri.org/"
XSD = "{http://www.w3.org/2001/XMLSchema}"
ENVELOPES = dict(zip(PORTS, (SOAP11, SOAP12), strict=True))
# The 94 of the method list: name, type of the result, and the parameters after login and secret in
# their order. Those without a type are strings; a line that is indented goes on.
METHOD_LIST = """
auditDIDs DIDResponse
queryDID DIDResponse did
getDIDs DIDResponse state lata rateCenter npa nxx tier t38 cnam sms network
assignDID DIDResponse didParams:ArrayOfDIDParam
configDID DIDResponse didParams:ArrayOfDIDParam
releaseDID DIDResponse didParams:ArrayOfDIDParam
reserveDID DIDResponse didParams:ArrayOfDIDParam
getProvisioningHistory Response911 did
audit911 Response911
query911 Response911 did
remove911 Response911 did
insert911 Response911 did address1 address2 city state zip plusFour callerName
update911 Response911 did address1 address2 city state zip plusFour callerName
getDIDCount DIDResponse state lata rateCenter npa nxx tier t38 cnam orderby sms network
isPortable PortResponse tn
getPortDetails PortResponse portId:int
GetCountries IntlResponse
AssignIntlDID IntlResponse cityID:int epgID:int
ReleaseIntlDID IntlResponse tn
SetFaxToEmail FaxToEmailResponse tn email
GetFaxToEmail FaxToEmailResponse tn
RemoveFaxToEmail FaxToEmailResponse tn
GetCNAMDisplay CNAMResponse tn
UpdateCNAMDisplay CNAMResponse tn name
RemoveCNAM CNAMResponse tn
validate911 Response911 address1 address2 city state zip plusFour callerName
Add911Alert Response911 tn email
Remove911Alert Response911 tn email
Query911Alert Response911 tn
UpdateDIDFailover DIDResponse tn failover
GetDIDFailover DIDResponse tn
SetDIDGroup DIDResponse tn groupId:int
CreateDIDGroup DIDResponse name
RemoveDIDGroup DIDResponse tn
GetDIDGroup DIDResponse tn
GetDIDGroups DIDResponse
AuditDIDGroup DIDResponse groupId:int
GetDIDForward DIDResponse tn
SetDIDForward DIDResponse tn forward
RemoveDIDForward DIDResponse tn epgId
AuditIntlDIDs IntlResponse
GetConferenceLine DIDResponse tn
SetConferenceLine DIDResponse tn pin
RemoveConferenceLine DIDResponse tn
GetPrepaidBalance NumericResponse
ConfigFaxToEmailNotifications FaxToEmailResponse tn enabled:boolean
GetInventoryTNs TNResponse didType
GetUnconfiguredTNs TNResponse didType
InventoryDIDs DIDResponse didParams:ArrayOfDIDParam
DeactivateEndpointGroup Response groupid
ActivateEndpointGroup Response groupid
GetPortHistory PortResponse tn
ConfigSMS SMSResponse tn enable:boolean forwardEmail
AuditSMS SMSResponse tn
SendSMS SMSResponse sender recipient message
SendMMS MMSResponse sender recipient message files:ArrayOfMMSFile
AuditClients AuditResponse
AuditEndpointGroups AuditResponse
AuditEndpointGroup AuditResponse groupId:int
AuditConferenceLines AuditResponse
AuditDIDFailovers AuditResponse
AuditDIDForwards AuditResponse
AuditFaxToEmails AuditResponse
getActivePorts PortResponse
ConfigSMSDestination SMSResponse tn destinationType destination authToken
GetAvailableNPAs Response state ratecenter
GetAvailableRateCenters Response state
GetAvailableStates Response
GetScripts ProgrammableTelcoResponse
ProgramDID ProgrammableTelcoResponse did scriptId
UnprogramDID ProgrammableTelcoResponse did endpointGroupId
AddEmailToFax EmailToFaxResponse tn email
GetEmailToFax EmailToFaxResponse tn
RemoveEmailToFax EmailToFaxResponse email
getDIDsExtended DIDResponse state lata rateCenter npa nxx tier t38 cnam sms network
assignDIDExtended DIDResponse didParams:ArrayOfDIDParam
GetSMSCustomers SMS10DLCResponse
GetSMSCampaigns SMS10DLCResponse
AssignToSMSCampaign SMS10DLCResponse tns:ArrayOfString campaignId
RemoveFromSMSCampaign SMS10DLCResponse tns:ArrayOfString
CreateSMSCampaign SMS10DLCResponse customerId description displayName vertical messageFlow
    sampleMsg1 sampleMsg2 subOptIn:boolean subOptOut:boolean subHelp:boolean numPooling:boolean
    directLending:boolean embeddedLink:boolean embeddedPhone:boolean affMarketing:boolean
    ageGated:boolean usecaseId subUsecaseIds
CreateSMSCustomer SMS10DLCResponse customer:SMSCustomer
DeleteSMSCustomer SMS10DLCResponse customerId
DeleteSMSCampaign SMS10DLCResponse campaignId
GetSMSEnumerations SMS10DLCResponse
GetSMSUsecaseOptions SMS10DLCResponse customerId
GetCampaignRejectionReason SMS10DLCResponse campaignId
GetSMSCustomersByTag SMS10DLCResponse tag
RegisterExternalSMSCampaign SMS10DLCResponse campaignId displayName
ResubmitExternalSMSCampaign SMS10DLCResponse campaignId
TriggerSMSOTP SMS10DLCResponse customerId
UpdateSMSCampaign SMS10DLCResponse campaignId helpMessage optOutMessage messageFlow description
    sampleMsg1 sampleMsg2
UpdateSMSCustomer SMS10DLCResponse customer:SMSCustomer
CheckSMSCustomerStatus SMS10DLCResponse customerId
"""
# Those that only clients and older descriptions show.
SECOND_LIST = """
addLocation Response911 did address1 address2 city state zip plusFour callerName
getLocations Response911 did
provisionLocation Response911 did locationId
removeLocation Response911 locationId did
SendSMSWithDLR SMSResponse sender recipient message
UpdateSMSDLR SMSResponse tns:ArrayOfString dlr:boolean
GlobalDIDSearch IntlResponse country city areaCode tollFree:boolean sms:boolean
"""


class Documented(NamedTuple):
    """What a list says of an operation: parameters as name and type."""

    returns: str
    parameters: tuple[tuple[str, str], ...]


def read(text: str) -> dict[str, Documented]:
    """Return the operations of a list by name, in order."""
    found = {}
    for line in text.replace("\n    ", " ").strip().splitlines():
        name, returns, *parts = line.split()
        pairs = (part.partition(":") for part in parts)
        found[name] = Documented(
            returns, tuple((each, kind or "string") for each, _, kind in pairs)
        )
    return found


LISTED, EXTRA = read(METHOD_LIST), read(SECOND_LIST)
EVERY = {**LISTED, **EXTRA}
# What has to be called first, so that there is something to answer.
BEFORE: Mapping[str, str] = {
    "AuditIntlDIDs": "AssignIntlDID",
    "ConfigFaxToEmailNotifications": "SetFaxToEmail",
    "GetCNAMDisplay": "UpdateCNAMDisplay",
    "GetEmailToFax": "AddEmailToFax",
    "GetFaxToEmail": "SetFaxToEmail",
    "RemoveCNAM": "UpdateCNAMDisplay",
    "RemoveConferenceLine": "SetConferenceLine",
    "RemoveDIDForward": "SetDIDForward",
    "RemoveEmailToFax": "AddEmailToFax",
    "RemoveFaxToEmail": "SetFaxToEmail",
    "RemoveFromSMSCampaign": "AssignToSMSCampaign",
    "UnprogramDID": "ProgramDID",
    "getLocations": "addLocation",
    **dict.fromkeys(
        (
            *("query911", "update911", "remove911", "getProvisioningHistory"),
            "Add911Alert",
        ),
        "insert911",
    ),
    **dict.fromkeys(("Query911Alert", "Remove911Alert"), "Add911Alert"),
}
# Arguments that differ from those of the others.
SPECIAL: Mapping[str, Mapping[str, Any]] = {
    "AuditDIDGroup": {"groupId": 1},
    "CreateSMSCustomer": {"customer": {"LegalName": "Widgets LLC", "EntityType": "GOVERNMENT"}},
    "GetCampaignRejectionReason": {"campaignId": "C000002"},
    "GlobalDIDSearch": {"city": "LONDON"},
    "RegisterExternalSMSCampaign": {"campaignId": "CX12345"},
    "SetDIDGroup": {"groupId": 1},
    "TriggerSMSOTP": {"customerId": "B000002"},
    "update911": {"address2": "STE 5"},
}
# What has no answer but a refusal with the arguments above.
REFUSED: Mapping[str, int] = {
    "DeleteSMSCustomer": 900,
    "GetPortHistory": 101,
    "ReleaseIntlDID": 909,
    "ResubmitExternalSMSCampaign": 900,
    "provisionLocation": 910,
}


@pytest.fixture(scope="module")
def wsdl(running: RunningSandbox) -> etree._Element:
    return etree.fromstring(requests.get(f"{running.url}{PATH}?wsdl", timeout=10).content)


@pytest.fixture(scope="module")
def schema(wsdl: etree._Element) -> etree._Element:
    (found,) = wsdl.iter(f"{XSD}schema")
    return found


@pytest.fixture(scope="module")
def validator(schema: etree._Element) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


def fields(schema: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements of a type's or element's sequence."""
    return list(schema.iterfind(f"{path}//{XSD}sequence/{XSD}element"))


def test_the_list_is_whole() -> None:
    assert (len(LISTED), len(EXTRA)) == (94, 7)
    assert {name for name, method in METHODS.items() if not method.is_extra} == set(LISTED)
    assert {name for name, method in METHODS.items() if method.is_extra} == set(EXTRA)


def test_both_ports_have_every_operation(vi: ZeepClient) -> None:
    found = sorted(vi.operations())
    assert found == sorted((port, name) for port in PORTS for name in EVERY)


def test_there_is_no_other_way_in(wsdl: etree._Element) -> None:
    (service,) = wsdl.iterfind("{*}service")
    assert service.get("name") == "APIService"
    assert [port.get("name") for port in service] == list(PORTS)
    assert wsdl.get("targetNamespace") == NAMESPACE
    for operation in wsdl.iterfind("{*}binding/{*}operation"):
        (bound,) = operation.iterfind("{*}operation")
        assert bound.get("soapAction") == NAMESPACE + str(operation.get("name"))
        assert bound.get("style") == "document"
        assert {body.get("use") for body in operation.iter("{*}body")} == {"literal"}


@pytest.mark.parametrize("operation", EVERY)
def test_parameters_and_their_order_are_the_documented_ones(
    schema: etree._Element, operation: str
) -> None:
    assert schema.get("elementFormDefault") == "qualified"
    found = [
        (each.get("name"), str(each.get("type")).partition(":")[2])
        for each in fields(schema, f"{XSD}element[@name='{operation}']")
    ]
    documented = EVERY[operation]
    assert found == [("login", "string"), ("secret", "string"), *documented.parameters]
    (result,) = fields(schema, f"{XSD}element[@name='{operation}Response']")
    assert result.get("name") == f"{operation}Result"
    assert result.get("type") == f"tns:{documented.returns}"


def test_strings_may_be_left_out_and_numbers_may_not(schema: etree._Element) -> None:
    for each in fields(schema, f"{XSD}element"):
        kind = str(each.get("type"))
        is_needed = kind in ("s:int", "s:boolean")
        assert each.get("minOccurs") == str(int(is_needed)), each.get("name")


def test_every_answer_starts_with_the_verdict(schema: etree._Element) -> None:
    for kind in {each.returns for each in EVERY.values()}:
        first, second = fields(schema, f"{XSD}complexType[@name='{kind}']")[:2]
        assert (first.get("name"), first.get("type")) == ("responseCode", "s:int")
        assert (second.get("name"), second.get("type")) == ("responseMessage", "s:string")


@pytest.fixture(scope="module")
def own(running: RunningSandbox, wsdl_client: ZeepClient) -> Mapping[str, Any]:
    """Return arguments by name that suit most operations."""
    running.control("reset")
    sms = wsdl_client.call("AuditSMS").DIDs.SMSDID
    tn = next(did.TN for did in sms if did.CampaignId)
    strings = {
        **dict.fromkeys(("tn", "did"), tn),
        **dict.fromkeys(("groupid", "epgId", "endpointGroupId"), str(GROUP)),
        **dict.fromkeys(("rateCenter", "ratecenter", "city"), "CHICAGO"),
        "sender": f"1{tn}",
        "recipient": "12125550142",
        "message": "Hello",
        "state": "IL",
        "npa": "312",
        "scriptId": "501",
        "forward": "2125550142",
        "customerId": "B000001",
        "campaignId": "C000001",
        "description": "Order updates",
        "messageFlow": "A box at checkout",
        "sampleMsg1": "Your order is on its way",
        "usecaseId": "CUSTOMER_CARE",
        "email": "a@example.net",
        "destinationType": "SIP",
        "tag": "main",
        "zip": "60601",
        "address1": "100 N STATE ST",
        "callerName": "EXAMPLE LLC",
        "name": "EXAMPLE LLC",
    }
    return {
        **strings,
        "groupId": GROUP,
        "cityID": 2501,
        "epgID": 13551,
        "portId": 36001,
        "tns": {"string": [tn]},
        "didParams": {"DIDParam": [{"tn": tn, "epg": GROUP}]},
        "customer": {"CustomerId": "B000001"},
    }


def check(validator: etree.XMLSchema, message: Any, soap: str) -> None:
    """Fail unless an envelope is of this version of SOAP and its content of the schema."""
    envelope = message["envelope"]
    assert envelope.tag == f"{{{soap}}}Envelope"
    (content,) = envelope.find(f"{{{soap}}}Body")
    validator.assertValid(etree.fromstring(etree.tostring(content)))


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("operation", EVERY)
def test_every_operation_is_called_and_its_reply_is_of_the_schema(
    vi: ZeepClient,
    own: Mapping[str, Any],
    validator: etree.XMLSchema,
    operation: str,
    port: str,
) -> None:
    def given(name: str) -> dict[str, Any]:
        wanted = {parameter for parameter, _ in EVERY[name].parameters}
        return {**{each: own[each] for each in wanted & own.keys()}, **SPECIAL.get(name, {})}

    def prepare(name: str) -> None:
        if name in BEFORE:
            prepare(BEFORE[name])
            assert vi.code(BEFORE[name], **given(BEFORE[name])) == 100

    prepare(operation)
    codes = []
    for args in (given(operation), {}):
        reply = vi.call(operation, port=port, **args)
        assert reply.responseMessage
        codes.append(reply.responseCode)
        check(validator, vi.history.last_sent, ENVELOPES[port])
        check(validator, vi.history.last_received, ENVELOPES[port])
    assert codes[0] == REFUSED.get(operation, 100)


@pytest.mark.parametrize("operation", EVERY)
def test_wrong_credentials_are_902_everywhere(
    wsdl_client: ZeepClient, validator: etree.XMLSchema, operation: str
) -> None:
    stranger = wsdl_client.as_account({**CREDENTIALS, "secret": "wrong"})
    assert stranger.code(operation) == 902
    check(validator, wsdl_client.history.last_received, SOAP11)
