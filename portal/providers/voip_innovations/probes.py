"""Harmless reads at a live account, and what they say of our assumptions (sections 3, 4, 7)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from lxml import etree

from portal.providers.probing import MOST_RECORDS, Look, Probe, counted
from portal.providers.voip_innovations.description import compare_descriptions
from portal.providers.voip_innovations.mapping import inventory
from portal.providers.voip_innovations.methods import METHODS
from portal.providers.xml import is_named, local_name

_GROUP: Final = "ID Name Client Port Prepend RateDeck StripPlus StripCC International MTDUsage IPs"
_CLIENT: Final = (
    "ID Name EndpointGroups DIDGroups E911Groups Usage HostedBillingCustomers Failovers Forwards"
    " ConferenceLines FaxToEmails"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Where the records of a list should stand, and what they should hold (section 4)."""

    container: str
    record: str
    fields: str = ""
    may_have: str = ""  # known, and not always filled


SHAPES: Final[dict[str, Shape]] = {
    "AuditEndpointGroups": Shape(container="EndpointGroups", record="EndpointGroup", fields=_GROUP),
    "AuditClients": Shape(container="Clients", record="Client", fields=_CLIENT),
    "AuditConferenceLines": Shape(
        container="ConferenceLines", record="ConferenceLine", fields="TN Enabled PIN"
    ),
    "AuditDIDFailovers": Shape(
        container="DIDFailovers", record="DIDFailover", fields="TN FailoverTN"
    ),
    "AuditDIDForwards": Shape(container="DIDForwards", record="DIDForward", fields="TN ForwardTN"),
    "AuditFaxToEmails": Shape(container="FaxToEmails", record="FaxToEmail", fields="TN Email"),
    "AuditSMS": Shape(
        container="DIDs", record="SMSDID", fields="TN Enabled DestinationType Destination DLR"
    ),
    "GetDIDGroups": Shape(container="DIDGroups", record="DIDGroup", fields="Name ID"),
    "GetScripts": Shape(
        container="ProgrammableTelcoScripts", record="ProgrammableTelcoScript", fields="ID Name"
    ),
    "getActivePorts": Shape(
        container="PortDetails",
        record="PortDetail",
        fields="id submittedDate focDate requestedFocDate defaultEndpointGroup",
        may_have="status endUser billingTN portingFrom salesRep dids",
    ),
    "GetSMSCustomers": Shape(container="Customers", record="SMSCustomer"),
    "GetSMSCampaigns": Shape(container="Campaigns", record="Campaign"),
    "AuditIntlDIDs": Shape(
        container="DIDs", record="IntlDID", fields="tn country city tier status"
    ),
    "audit911": Shape(
        container="DID911s",
        record="DID911",
        fields="locationId tn callerName address1 address2 city state zipCode latitude longitude"
        " statusCode statusDescription activatedTime dateAdded",
    ),
}


def _list(operation: str) -> Probe:
    def run(provider: Any, look: Look) -> None:
        found = getattr(provider.client, METHODS[operation].function)()
        count = _count(found)
        look.saw(counted(count, "record"))
        _compare(look, operation, SHAPES[operation])

    return Probe(operation=operation, run=run)


def _count(found: Any) -> int:
    """Return how many records there are, at most `MOST_RECORDS`; the rest is not read."""
    with contextlib.closing(found) if isinstance(found, Iterator) else contextlib.nullcontext():  # type: ignore[type-var]
        return sum(1 for _ in islice(found, MOST_RECORDS))


def _compare(look: Look, operation: str, shape: Shape) -> None:
    """Note where the records stood and what they held; a reply cut at 64 kB is read as it is."""
    text = f"Records <{shape.record}> stand in <{shape.container}>"
    records = [e for e in _elements(look.body) if is_named(e, shape.record.lower()) and len(e)]
    if not records:
        look.assume("3", text, None)
        return
    parent = records[0].getparent()
    where = local_name(parent) if parent is not None else ""
    holds = where == shape.container.lower()
    look.assume("3", text, holds, "" if holds else f"they stand in <{where}>")
    if shape.fields:
        names = {etree.QName(child).localname for record in records[:50] for child in record}
        names -= set(shape.may_have.split())
        look.compare_fields(f"<{shape.record}>", names, shape.fields.split())


def _elements(body: str) -> Iterator[etree._Element]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(body.encode(), parser) if body.strip() else None
    yield from root.iter(etree.Element) if root is not None else ()


def _description(provider: Any, look: Look) -> None:
    compare_descriptions(provider.client.fetch_wsdl(), look)


def _balance(provider: Any, look: Look) -> None:
    status = provider.check_credentials()
    look.saw("no balance told" if status.balance is None else f"balance {status.balance} USD")


def _states(provider: Any, look: Look) -> None:
    entries = provider.client.get_available_states()
    look.saw(f"{len(entries)} states")
    boxes = [e for e in _elements(look.body) if is_named(e, "responsedata")]
    text = "responseData is an array of <string>"
    holds = any(is_named(child, "string") for box in boxes for child in box) if boxes else None
    look.assume("3", text, holds, "one plain text" if holds is False else "")
    states = inventory.coverage_states(entries)
    if states:
        centers = provider.client.get_available_rate_centers(states[0])
        npas = provider.client.get_available_npas(states[0])
        places = f"{counted(len(centers), 'rate center')}, {counted(len(npas), 'area code')}"
        look.saw(f"{states[0]} has {places}")
        look.assume(
            "2.1",
            "GetAvailableNPAs knows the element `ratecenter` in lower case",
            _narrows(provider, states[0], centers, npas),
        )


def _narrows(provider: Any, state: str, centers: list[str], npas: list[str]) -> bool | None:
    """Return whether naming a rate center narrows the area codes; None where it cannot show."""
    if len(npas) < 2 or not centers:
        return None
    return len(provider.client.get_available_npas(state, centers[0])) < len(npas) or None


def _numbers(provider: Any, look: Look) -> None:
    owned = provider.list_owned()
    with contextlib.closing(owned):
        found = list(islice(owned, MOST_RECORDS))
    look.saw(counted(len(found), "number"))
    if not found:
        return
    status = provider.query_tn(found[0].tn)
    look.saw(f"queryDID calls one of them {status.ownership}")
    if status.ownership != "ours":
        look.differ("queryDID does not call a number of the audit ours: see section 5")


def _types(provider: Any, look: Look) -> None:
    count = _count(provider.client.get_inventory_tns("ALL"))
    look.saw(counted(count, "number"))
    boxes = [e for e in _elements(look.body) if is_named(e, "tns")]
    holds = any(is_named(child, "string") for box in boxes for child in box) if count else None
    look.assume("3", "TNs holds <string> elements", holds)


PROBES: Final = (
    Probe(operation="?wsdl", run=_description),
    Probe(operation="GetPrepaidBalance", run=_balance),
    Probe(operation="auditDIDs", run=_numbers),
    Probe(operation="GetAvailableStates", run=_states),
    Probe(operation="GetInventoryTNs", run=_types),
    *(_list(operation) for operation in SHAPES),
)


def decisions(provider: Any) -> list[str]:
    """Return what a person must decide before the account is used."""
    wanted = [
        "Which addresses may call: the API user works only from those bound to it (codes 901, 902).",
        "Whether outbound CNAM, SMS, 10DLC and 911 are ordered with the provider for this account.",
        "Which e-mail or web address receives text messages; a change may take an hour to act.",
    ]
    if not provider.account.setting("endpoint_group"):
        wanted.insert(0, "The default endpoint group, where bought numbers go: none is set.")
    return wanted
