"""A customer record and its XML, both ways (custom-toll-free.md section 8). Pure.

Reading is tolerant: unknown elements are passed over, missing ones are empty. Writing gives the
elements of section 8 in its order; what is empty is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from portal.providers import xml
from portal.providers.custom_toll_free import envelope
from portal.providers.custom_toll_free.envelope import Answer
from portal.providers.custom_toll_free.mapping.numbers import is_true
from portal.providers.custom_toll_free.mapping.records import moment, version
from portal.providers.dto.tollfree import (
    AreaOfService,
    CallRouting,
    CustomerRecord,
    Destination,
    Label,
    Section,
)
from portal.providers.errors import off_contract
from portal.tn import TN

_MOST_LINES = 9999


def read_record(answer: Answer) -> CustomerRecord:
    """Return the record of a `retrieve` answer; raises `ProviderProtocolError` without one."""
    results = answer.results
    root = None if results is None else envelope.child(results, "record")
    if root is None:
        raise off_contract(answer.operation, False, "it holds no record")
    cad = _child(root, "cad")
    area = _child(cad, "areaofservice")
    carriers = _child(cad, "carriers")
    customer, contact = _child(cad, "customer"), _child(cad, "contact")
    ending = _child(cad, "disconnect")
    digits = _attribute(root, "number")
    return CustomerRecord(
        tn=TN.from_digits10(digits) if len(digits) == 10 and digits.isascii() else None,
        resporg=_attribute(root, "resporg").upper(),
        effective=moment(_attribute(root, "effective")),
        status=_attribute(root, "status").upper(),
        version=version(_attribute(root, "version")),
        customer_id=_attribute(customer, "id"),
        customer_name=_attribute(customer, "name"),
        contact_name=_attribute(contact, "name"),
        contact_phone=_attribute(contact, "phone"),
        service_order=_text(cad, "serviceorder"),
        supplemental_form=_text(cad, "supplementalform"),
        notes=_text(cad, "notes"),
        area=AreaOfService(
            networks=_texts(area, "network"),
            states=_texts(area, "state"),
            npas=_texts(area, "npa"),
            latas=_texts(area, "lata"),
            labels=_texts(area, "label"),
        ),
        intra_carriers=_texts(carriers, "intra"),
        inter_carriers=_texts(carriers, "inter"),
        destinations=tuple(
            _destination(each) for each in _children(_child(cad, "destinations"), "destination")
        ),
        has_referral=is_true(_attribute(ending, "referral")),
        intercept_end=_attribute(ending, "interceptend"),
        labels=tuple(_label(each) for each in _children(_child(root, "lads"), "lad")),
        routing=_routing(_child(root, "cpr")),
        template=_attribute(_child(root, "pointer"), "template"),
    )


def _destination(element: etree._Element) -> Destination:
    lines = _attribute(element, "lines")
    is_count = lines.isascii() and lines.isdigit() and len(lines) <= 4
    return Destination(
        number=_attribute(element, "number"),
        lines=int(lines) if is_count else _MOST_LINES,
        lso=_attribute(element, "lso"),
        fso=_attribute(element, "fso"),
    )


def _label(element: etree._Element) -> Label:
    return Label(
        name=_attribute(element, "label"),
        kind=_attribute(element, "type").upper(),
        values=_texts(element, "value"),
    )


def _routing(cpr: etree._Element | None) -> CallRouting | None:
    if cpr is None:
        return None
    return CallRouting(
        timezone=_attribute(cpr, "timezone"),
        has_daylight_saving=is_true(_attribute(cpr, "dst") or "1"),
        sections=tuple(
            Section(
                name=_attribute(section, "name"),
                columns=_texts(_child(section, "columns"), "column"),
                rows=tuple(
                    tuple((cell.text or "").strip() for cell in _children(row, "cell"))
                    for row in _children(section, "row")
                ),
            )
            for section in _children(cpr, "section")
        ),
    )


def _children(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [each for each in element if xml.is_named(each, name)]


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _text(element: etree._Element | None, name: str) -> str:
    found = _child(element, name)
    return "" if found is None else (found.text or "").strip()


def _texts(element: etree._Element | None, name: str) -> tuple[str, ...]:
    texts = ((each.text or "").strip() for each in _children(element, name))
    return tuple(text for text in texts if text)


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()


# -- writing --------------------------------------------------------------------------------------


def write_record(record: CustomerRecord) -> str:
    """Return the XML of a record as it is sent; what only the provider tells is left out.

    Raises ValueError for a character that XML cannot hold.
    """
    root = etree.Element("record")
    cad = etree.SubElement(root, "cad")
    _add(cad, "customer", id=record.customer_id, name=record.customer_name)
    _add(cad, "contact", name=record.contact_name, phone=record.contact_phone)
    _add_texts(cad, "serviceorder", [record.service_order])
    _add_texts(cad, "supplementalform", [record.supplemental_form])
    _add_texts(cad, "notes", [record.notes])
    area = etree.SubElement(cad, "areaofservice")
    _add_texts(area, "network", record.area.networks)
    _add_texts(area, "state", record.area.states)
    _add_texts(area, "npa", record.area.npas)
    _add_texts(area, "lata", record.area.latas)
    _add_texts(area, "label", record.area.labels)
    carriers = etree.SubElement(cad, "carriers")
    _add_texts(carriers, "intra", record.intra_carriers)
    _add_texts(carriers, "inter", record.inter_carriers)
    destinations = etree.SubElement(cad, "destinations")
    for each in record.destinations:
        _add(
            destinations,
            "destination",
            number=each.number,
            lines=str(each.lines),
            lso=each.lso,
            fso=each.fso,
        )
    if record.has_referral or record.intercept_end:
        referral = "1" if record.has_referral else "0"
        _add(cad, "disconnect", referral=referral, interceptend=record.intercept_end)
    _write_labels(root, record.labels)
    _write_routing(root, record.routing)
    _add(root, "pointer", template=record.template)
    return etree.tostring(root, encoding="unicode")


def _write_labels(root: etree._Element, labels: Iterable[Label]) -> None:
    lads = None
    for label in labels:
        if lads is None:
            lads = etree.SubElement(root, "lads")
        lad = etree.SubElement(lads, "lad", {"label": label.name, "type": label.kind})
        _add_texts(lad, "value", label.values)


def _write_routing(root: etree._Element, routing: CallRouting | None) -> None:
    if routing is None:
        return
    cpr = etree.SubElement(root, "cpr")
    if routing.timezone:
        cpr.set("timezone", routing.timezone)
    cpr.set("dst", "1" if routing.has_daylight_saving else "0")
    for each in routing.sections:
        section = etree.SubElement(cpr, "section", {"name": each.name})
        _add_texts(etree.SubElement(section, "columns"), "column", each.columns)
        for cells in each.rows:
            row = etree.SubElement(section, "row")
            for cell in cells:  # an empty one holds its column's place
                etree.SubElement(row, "cell").text = cell or None


def _add(parent: etree._Element, tag: str, **attributes: str) -> None:
    """Add an element with the attributes that have a value; none at all where no one has."""
    told = {name: text for name, text in attributes.items() if text}
    if told:
        etree.SubElement(parent, tag, told)


def _add_texts(parent: etree._Element, name: str, texts: Iterable[str]) -> None:
    for text in texts:
        if text:
            etree.SubElement(parent, name).text = text
