"""The provider's published WSDL beside the one that we write requests from.

The service reads a misspelt element as absent and may then answer for "all" (section 7): so names
and types are compared before an operation with assumed names is first used.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from lxml import etree

from portal.providers.errors import off_contract
from portal.providers.probing import Look
from portal.providers.voip_innovations.client import WSDL
from portal.providers.voip_innovations.methods import METHODS

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
Fields = dict[str, str]  # name → type, in the order of the schema


def compare_descriptions(theirs: bytes, look: Look) -> None:
    """Note how the published description differs from ours, operation by operation.

    Raises `ProviderProtocolError` for what is no XML document.
    """
    try:
        live, ours = read_requests(theirs), _ours()
    except etree.LxmlError as error:
        raise off_contract("?wsdl", False, "it is no XML document") from error
    look.saw(f"{len(live)} operations described")
    if not live:
        look.differ("the description names no operation that we can read")
        return
    for name in sorted(set(live) - set(ours)):
        known = "we do not call it" if name in METHODS else "we do not know it"
        look.differ(f"{name}({', '.join(live[name])}) is offered and {known}")
    for name, fields in ours.items():
        is_assumed = METHODS[name].sureness == "assumed" if name in METHODS else False
        text = f"{name} takes {', '.join(fields) or 'nothing'}"
        if name not in live:
            look.differ(f"{name} is not described")
            continue
        differences = _differences(fields, live[name])
        for difference in differences:
            look.differ(f"{name}: {difference}")
        if is_assumed or differences:
            look.assume(METHODS[name].section, text, not differences, "; ".join(differences))


def _differences(ours: Fields, theirs: Fields) -> list[str]:
    found = [f"we send {name}, which it does not have" for name in ours if name not in theirs]
    found += [f"it has {name}, which we do not send" for name in theirs if name not in ours]
    found += [
        f"{name} is {theirs[name]}, we send {ours[name]}"
        for name in ours
        if name in theirs and ours[name] != theirs[name]
    ]
    return found


def read_requests(wsdl: bytes) -> dict[str, Fields]:
    """Return the elements of each operation's request, login and secret left out."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(wsdl, parser)
    found: dict[str, Fields] = {}
    for element in root.iterfind(f".//{_XS}schema/{_XS}element"):
        name = element.get("name", "")
        if name.endswith("Response") or element.find(f"{_XS}complexType") is None:
            continue
        fields = {
            child.get("name", ""): child.get("type", "").rpartition(":")[2]
            for child in element.iterfind(f"{_XS}complexType/{_XS}sequence/{_XS}element")
        }
        if {"login", "secret"} <= set(fields):
            found[name] = {n: t for n, t in fields.items() if n not in {"login", "secret"}}
    return found


@cache
def _ours() -> dict[str, Fields]:
    return read_requests(WSDL.read_bytes())
