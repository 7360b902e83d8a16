"""Answers with more or fewer fields than documented, whatever the wire.

Both keep the verdict: `add_unknown` only adds, `drop_optional` takes away what no client may rely
on. A body that is neither JSON, an answer in XML nor CSV stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from portal.sandbox.http import Response

Element = etree._Element
Json = Any

RESULTS = "results"  # with the status, the verdict of an answer in plain XML
UNKNOWN_TEXT = "new in this version"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# What no sparse answer lacks, of objects in JSON.
KEPT = frozenset(
    {
        # How a call went.
        "status",
        "data",
        "error",
        "code",
        "message",
        "reason",
        "requirement",
        "result",
        "carrierStatus",
        "token",
        "apikey",
        "hasMore",
        # Which thing an entry is about.
        "number",
        "numbers",
        "endpoint",
        "dn",
        "addressid",
        "tn",
        "pid",
        "id",
        "destination",
        "ani",
        "ticket",
        "port",
        "record",
        "address",
        "customer",
        "accountId",
        # Marked as always there in voicetel.md.
        "paid",
        "date",
        "amount",
        "cidr",
        "field",
        "portable",
        "callername",
        "address1",
        "city",
        "state",
        "zip",
        "key",
        "value",
        "translated",
        "forward",
        "cnam",
        "smsEnabled",
        "faxEnabled",
        "carrier",
        # All that an answer to a write repeats.
        "route",
        "translation",
        "email",
        "resource",
        "type",
        "portOutPin",
        "forwardTo",
        "enabled",
    }
)
KEPT_ENDINGS = ("ID", "Id", "IDs", "Ids")


def add_unknown(response: Response) -> Response:
    """Return an answer with fields that no reference knows, at every level."""
    return _reshaped(response, _extend_json, _extend_xml, _extend_csv)


def drop_optional(response: Response) -> Response:
    """Return an answer without its empty fields and, in JSON, without the optional ones."""
    return _reshaped(response, _thin_json, _thin_xml, lambda body: body)


def _reshaped(
    response: Response,
    change_json: Callable[[Json], Json],
    change_xml: Callable[[Element], None],
    change_csv: Callable[[bytes], bytes],
) -> Response:
    """Change the body as its type asks; a streamed one is gathered first."""
    body = response.body = b"".join(response.chunks())
    kind = response.content_type.partition(";")[0]
    if not body:
        return response
    if kind == "application/json":
        changed = change_json(json.loads(body))
        response.body = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
    elif kind in ("text/xml", "application/soap+xml"):
        response.body = _reshaped_xml(body, change_xml) or body
    elif kind == "text/csv":
        response.body = change_csv(body)
    return response


def _extend_json(value: Json) -> Json:
    if isinstance(value, list):
        return [_extend_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        "unknownFirst": UNKNOWN_TEXT,
        **{name: _extend_json(member) for name, member in value.items()},
        "unknownObject": {"id": 1, "list": [{"name": UNKNOWN_TEXT}, None], "inner": {}},
    }


def _thin_json(value: Json) -> Json:
    if isinstance(value, list):
        return [_thin_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: thinned
        for name, member in value.items()
        if member not in (None, "") and not _is_dropped(name, thinned := _thin_json(member))
    }


def _is_dropped(name: str, member: Json) -> bool:
    """Tell whether a member goes: lists stay, and so do objects that still hold something."""
    if name in KEPT or name.endswith(KEPT_ENDINGS) or isinstance(member, list):
        return False
    return not (isinstance(member, Mapping) and member)


def _reshaped_xml(body: bytes, change: Callable[[Element], None]) -> bytes:
    """Change what an answer says: inside the `…Result` of an envelope, else inside `response`.

    Returns nothing for XML that is no answer, such as a WSDL.
    """
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, huge_tree=True))
    name = etree.QName(root).localname
    if name == "response":
        change(root)
    elif name == "Envelope":
        for result in root.iterfind("{*}Body/*/*"):
            if etree.QName(result).localname.endswith("Result"):
                change(result)
    else:
        return b""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _extend_xml(result: Element) -> None:
    records = [each for each in result.iter(etree.Element) if _is_record(each)]
    for record in dict.fromkeys([result, *records]):
        space = etree.QName(record).namespace
        prefix = f"{{{space}}}" if space else ""
        record.insert(0, _unknown(prefix, "unknownFirst"))
        record.append(_unknown(prefix, "unknownLast"))


def _is_record(element: Element) -> bool:
    """Tell records from lists: a list holds records of one name only."""
    names = {child.tag for child in element}
    if not names:
        return False
    return not (len(names) == 1 and (len(element) > 1 or len(element[0])))


def _unknown(prefix: str, name: str) -> Element:
    element = etree.Element(f"{prefix}{name}")
    etree.SubElement(element, f"{prefix}id").text = "1"
    inner = etree.SubElement(element, f"{prefix}list")
    for _ in range(2):
        etree.SubElement(inner, f"{prefix}unknownItem").text = UNKNOWN_TEXT
    return element


def _thin_xml(result: Element) -> None:
    for element in list(result.iter(etree.Element)):
        parent = element.getparent()
        if parent is None or element is result or len(element) or (element.text or "").strip():
            continue
        if etree.QName(element).localname == RESULTS:
            continue
        if not [name for name in element.attrib if name != NIL]:
            parent.remove(element)


def _extend_csv(body: bytes) -> bytes:
    """Give a table an unknown column at either end; the sandbox writes no quoted cells."""
    return b"".join(b"unknown,%b,unknown\n" % line for line in body.splitlines())
