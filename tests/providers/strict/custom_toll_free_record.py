"""The XML of a customer record, as section 8 of custom-toll-free.md has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from tests.providers.strict.rules import ANY, Flag, Rule, Text, Whole

Element = etree._Element
SAMPLE = (
    '<record number="8885550101" resporg="ABC01" effective="2025-01-02T15:30Z" status="ACTIVE"'
    ' version="3"><cad><customer id="C-17" name="Example LLC"/>'
    '<contact name="Jane Roe" phone="2125550142"/><serviceorder>SO00017</serviceorder>'
    "<supplementalform/><notes/><areaofservice><network/><state/><npa/><lata/>"
    "<label>*EAST</label></areaofservice><carriers><intra>0288</intra><inter>0222</inter>"
    '</carriers><destinations><destination number="2125550142" lines="9999" lso="212555" fso=""/>'
    '</destinations></cad><lads><lad label="*EAST" type="AC"><value>212</value>'
    '<value>201</value></lad></lads><cpr timezone="ET" dst="1"><section name="MAIN"><columns>'
    "<column>AC</column><column>CA</column><column>TE</column></columns>"
    "<row><cell>*EAST</cell><cell>0288</cell><cell>2125550142</cell></row>"
    "<row><cell>OTHER</cell><cell>0222</cell><cell>2125550143</cell></row>"
    "</section></cpr></record>"
)
LABEL = Text(pattern=r"\*[A-Za-z0-9]{1,7}")
CIC = Text(pattern=r"[0-9]{4}")
TEN_DIGITS = Text(pattern=r"[0-9]{10}")
SECTION = Text(pattern=r"[MS][A-Za-z0-9]{0,7}")
CONDITIONS = ("ST", "AC", "LT", "NX", "SD", "TD", "DT", "DA", "TI", "PC")
RESULTS = ("CA", "AN", "TE", "GT")
# Which children and attributes an element may have; text of leaves is judged in `LEAVES`.
CHILDREN: Mapping[str, str] = {
    "record": "cad lads cpr pointer",
    "cad": (
        "customer contact serviceorder supplementalform notes areaofservice carriers destinations"
        " disconnect"
    ),
    "areaofservice": "network state npa lata label",
    "carriers": "intra inter",
    "destinations": "destination",
    "lads": "lad",
    "lad": "value",
    "cpr": "section",
    "section": "columns row",
    "columns": "column",
    "row": "cell",
}
ATTRIBUTES: Mapping[str, Mapping[str, Rule]] = {
    "record": {
        "number": Text(pattern=r"8(00|33|44|55|66|77|88)[2-9][0-9]{6}"),
        "resporg": Text(pattern=r"[A-Z0-9]{5}"),
        "effective": Text(pattern=r"NOW|\d{4}-\d{2}-\d{2}T\d{2}:(00|15|30|45)Z"),
        "status": ANY,
        "version": Whole(),
    },
    "customer": {"id": ANY, "name": ANY},
    "contact": {"name": Text(most=30), "phone": TEN_DIGITS},
    "destination": {
        "number": TEN_DIGITS,
        "lines": Whole(least=1, most=9999),
        "lso": Text(pattern=r"[0-9]{6}"),
        "fso": ANY,
    },
    "lad": {
        "label": LABEL,
        "type": Text(enum=("AC", "DT", "LT", "NX", "ST", "TI", "TE", "TD", "SD")),
    },
    "cpr": {"timezone": ANY, "dst": Flag()},
    "section": {"name": SECTION},
    "pointer": {"template": LABEL},
    "disconnect": {"referral": Flag(), "interceptend": ANY},
}
LEAVES: Mapping[str, Rule] = {
    "serviceorder": Text(pattern=r"[A-Za-z][A-Za-z0-9]{3,11}[A-Za-z]?"),
    "supplementalform": Text(pattern=r"[A-Za-z0-9]{1,6}"),
    "notes": Text(most=151),
    "intra": CIC,
    "inter": CIC,
    "label": LABEL,
    "column": Text(enum=CONDITIONS + RESULTS),
}


class Record(Rule):
    """The text of a record that is to be filed."""

    def check(self, value: Any) -> Iterator[str]:
        if "<!DOCTYPE" in value:
            yield "a document type"
            return
        try:
            root = etree.fromstring(value.encode())
        except etree.XMLSyntaxError as error:
            yield f"no XML: {error}"
            return
        if root.tag != "record":
            yield f"root {root.tag}"
            return
        yield from _structure(root)
        yield from _whole(root)


def _structure(element: Element) -> Iterator[str]:
    """Judge the names of children and attributes, and the values of both."""
    rules = ATTRIBUTES.get(element.tag, {})
    for name, value in element.attrib.items():
        if name not in rules:
            yield f"unknown attribute {name} of {element.tag}"
        elif value:
            yield from (f"{element.tag}/@{name}: {each}" for each in rules[name].check_text(value))
    if element.tag in LEAVES and element.text:
        yield from (f"{element.tag}: {each}" for each in LEAVES[element.tag].check(element.text))
    allowed = CHILDREN.get(element.tag, "").split()
    for child in element:
        if child.tag not in allowed:
            yield f"unknown element {child.tag} in {element.tag}"
        else:
            yield from _structure(child)


def _whole(root: Element) -> Iterator[str]:
    """Judge what the validator of section 8 asks of a record with routing."""
    cad = root.find("cad")
    if cad is None:
        yield "no cad"
        return
    if not any(each.text for each in cad.findall("areaofservice/*")):
        yield "no area of service"
    if not (cad.findtext("serviceorder") or cad.findtext("supplementalform")):
        yield "neither serviceorder nor supplementalform"
    if not any(each.text for each in cad.findall("carriers/*")):
        yield "no carrier"
    defined = {lad.get("label") for lad in root.iter("lad")}
    used = [each.text for each in [*root.iter("label"), *root.iter("cell")]]
    for label in used:
        if label and label.startswith("*") and label not in defined:
            yield f"label {label} is not defined"
    if root.find("pointer") is not None and root.find("cpr") is not None:
        yield "a pointer beside a cpr"
    for section in root.iter("section"):
        yield from _section(section)


def _section(section: Element) -> Iterator[str]:
    """Judge the rows of a section: as many cells as columns, the last row for all others."""
    columns = [each.text for each in section.findall("columns/column")]
    rows = [[each.text or "" for each in row.findall("cell")] for row in section.findall("row")]
    for row in rows:
        if len(row) != len(columns):
            yield f"{len(row)} cells under {len(columns)} columns"
    if rows and columns and columns[0] in CONDITIONS and rows[-1][0] != "OTHER":
        yield f"section {section.get('name')} does not end with OTHER"
