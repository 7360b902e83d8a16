"""Reading XML that providers send: safely, and by local names without regard to case.

No DTD, no entities, no network; `etree.LxmlError` is what every function here may raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

Record = dict[str, str]  # lower-case local names → stripped texts; null and empty are both ""

_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*")  # the mark of UTF-8, and blanks
_LOCAL_NAMES: dict[str, str] = {}  # a list of 200,000 records has the same twenty names


def parse(body: bytes) -> etree._Element:
    """Return the root of a small XML document; raises `etree.LxmlError`, also for any DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(_without_lead(body), parser)
    refuse_dtd(root)
    return root


def without_lead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a document without the blanks before it: no parser takes a declaration after blanks."""
    for chunk in chunks:
        if rest := _without_lead(chunk):
            yield rest
            break
    yield from chunks


def _without_lead(body: bytes) -> bytes:
    lead = _LEAD.match(body)
    return body[lead.end() :] if lead else body


def refuse_dtd(element: etree._Element) -> None:
    """Raise `etree.LxmlError` if the document of an element has a document type."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise etree.LxmlError("a document type is not accepted")


def local_name(element: etree._Element) -> str:
    """Return an element's name without namespace in lower case; "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def is_named(element: etree._Element, name: str) -> bool:
    """Return whether an element bears a lower-case local name."""
    return local_name(element) == name


def find_text(element: etree._Element, name: str) -> str:
    """Return the text of the first element of that name below `element`, "" if there is none."""
    wanted = name.lower()
    for child in element.iterdescendants():
        if is_named(child, wanted):
            return _text(child)
    return ""


def find_records(result: etree._Element, name: str) -> list[Record]:
    """Return all records of a name anywhere below `result`, whatever their container.

    A record has child elements, or is empty; a leaf of the same name inside a record is its field.
    An element that holds whole records of its own name is their container.
    """
    wanted = name.lower()
    found: list[Record] = []
    stack = list(reversed(result))
    while stack:
        element = stack.pop()
        is_record = is_named(element, wanted) and not _holds_records(element, wanted)
        if is_record and (len(element) or not (element.text or "").strip()):
            found.append(read_record(element))
        else:
            stack.extend(reversed(element))
    return found


def _holds_records(element: etree._Element, wanted: str) -> bool:
    return any(len(child) and is_named(child, wanted) for child in element)


def read_record(element: etree._Element) -> Record:
    """Return an element's children as texts; the texts of a nested list are joined with commas."""
    record: Record = {}
    names = _LOCAL_NAMES
    for child in element:
        tag = child.tag
        name = names[tag] if tag in names else _learn_name(child)
        if not name:
            continue
        text = child.text
        if len(child):
            text = _text(child)
        elif text:
            text = text.strip()
        record[name] = text or ""
    return record


def _learn_name(element: etree._Element) -> str:
    name = local_name(element)
    if name and len(_LOCAL_NAMES) < 5000:  # a reply with invented names must not fill the memory
        _LOCAL_NAMES[str(element.tag)] = name
    return name


def _text(element: etree._Element) -> str:
    """Return the text of an element, comments left out; the items of a list joined with commas."""
    is_list = any(isinstance(child.tag, str) for child in element)
    return (", " if is_list else "").join(text for t in texts(element) if (text := t.strip()))


def texts(element: etree._Element) -> list[str]:
    """Return every piece of text in an element, comments left out, in document order."""
    return [str(text) for text in cast("list[str]", element.xpath(".//text()"))]


def spellings(name: str) -> list[str]:
    """Return a name in the spellings that the parser's own, quick filter looks for."""
    variants = {name, name.lower(), name.upper(), name.capitalize(), name[0].lower() + name[1:]}
    variants.add(name[0].upper() + name[1:])
    return [f"{{*}}{variant}" for variant in sorted(variants)]


def free(element: etree._Element) -> None:
    """Empty a record that was read, and drop its neighbours before it from the tree."""
    element.clear()
    parent = element.getparent()
    if parent is None:
        return
    while (before := element.getprevious()) is not None and before.tag == element.tag:
        parent.remove(before)
