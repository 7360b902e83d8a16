"""Portability and port orders (voip-innovations.md 2.12). No operation submits or changes a port."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from portal.providers.soap import require_recognised
from portal.providers.voip_innovations.client.arguments import require_id
from portal.providers.voip_innovations.client.core import Core, judge_result, require_digits
from portal.providers.xml import Record, find_records, find_text, local_name, read_record

# The type has one record in `PortDetails`; how several are held is not known (section 3). So a
# record is whatever bears one of these names and holds no other of them.
_DETAIL: Final = frozenset({"portdetail", "portdetails", "activeport", "activeports"})
_EVENT: Final = frozenset({"porthistory", "porthistories"})
_BESIDE: Final = frozenset({"responsecode", "responsemessage", "isportable", "dids"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PortDetail:
    """One PortDetail: its own fields, and the PortDID records in it."""

    fields: Record
    dids: list[Record] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPorts:
    """What GetPortHistory tells. `is_portable` is the text of IsPortable, "" where it is missing."""

    events: list[Record]
    details: list[PortDetail]
    is_portable: str


class Porting(Core):
    """The operations of this section."""

    def is_portable(self, tn: str) -> Record:
        """Return code, text and IsPortable for a number (3.15)."""
        require_digits(tn)
        names = ("responsecode", "responsemessage", "isportable")
        with self._asked("isPortable", {"tn": tn}) as result:
            judge_result(result, "isPortable")
            return {name: find_text(result, name) for name in names}

    def get_port_details(self, port_id: int) -> list[PortDetail]:
        """Return the port of an id (3.16); [] for "no records", or an empty shell with id 0."""
        require_id(port_id, "the id of a port")
        with self._asked("getPortDetails", {"portId": port_id}) as result:
            judge_result(result, "getPortDetails")
            found = _details(result)
            if not found:
                _require_empty(result, "getPortDetails", _DETAIL)
            return found

    def get_active_ports(self) -> list[PortDetail]:
        """Return the ports that are not complete (3.64), with ids, dates and endpoint group only."""
        values = self._signed({})
        with self._list_soap.call("getActivePorts", values, is_write=False) as result:
            judge_result(result, "getActivePorts")
            return _listed(result, "getActivePorts")

    def get_port_history(self, tn: str) -> FoundPorts:
        """Return the events and the ports of a number (3.52); both empty where there was none."""
        require_digits(tn)
        with self._asked("GetPortHistory", {"tn": tn}) as result:
            judge_result(result, "GetPortHistory")
            found = FoundPorts(
                events=[read_record(element) for element in _innermost(result, _EVENT)],
                details=_details(result),
                is_portable=find_text(result, "isportable"),
            )
            if not found.events:
                _require_empty(result, "GetPortHistory", _EVENT)
            return found


def _listed(result: etree._Element, operation: str) -> list[PortDetail]:
    """Return the ports of a reply; raises `ProviderProtocolError` where something else may be one.

    An empty shell stands in `PortDetails` also where the ports, if any, stand elsewhere; only a
    list of its own beside it, and empty, says that there are none.
    """
    found = _details(result)
    if not found:
        _require_empty(result, operation, _DETAIL)
    has_list = any(local_name(element) in _DETAIL - {"portdetails"} for element in result)
    if not has_list and not any(detail.fields.get("id", "").strip("0") for detail in found):
        require_recognised(result, operation, container="", others=_DETAIL | _EVENT | _BESIDE)
    return found


def _details(result: etree._Element) -> list[PortDetail]:
    found: list[PortDetail] = []
    for element in _innermost(result, _DETAIL):
        fields = read_record(element)
        fields.pop("dids", None)
        found.append(PortDetail(fields=fields, dids=find_records(element, "PortDID")))
    return found


def _innermost(result: etree._Element, names: frozenset[str]) -> list[etree._Element]:
    """Return the elements of these names that have children and hold no other of them."""
    named = [e for e in result.iterdescendants() if local_name(e) in names and len(e) > 0]
    return [
        e for e in named if not any(local_name(inner) in names for inner in e.iterdescendants())
    ]


def _require_empty(result: etree._Element, operation: str, names: frozenset[str]) -> None:
    """Raise `ProviderProtocolError` unless a result without records is recognisably empty."""
    found = [local_name(element) for element in result if local_name(element) in names]
    require_recognised(
        result,
        operation,
        container=found[0] if found else min(names),
        others=(_DETAIL | _EVENT | _BESIDE) - names,
    )
