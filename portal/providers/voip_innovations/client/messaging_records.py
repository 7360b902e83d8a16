"""Reading replies whose containers, records or lists nobody has published (2.10, 2.11, section 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from portal.providers.soap import require_recognised
from portal.providers.voip_innovations.client.core import judge_result
from portal.providers.xml import Record, find_records, find_text, is_named, local_name

_VERDICT: Final = frozenset({"responsecode", "responsemessage"})
# What SMSResponse, MMSResponse and SMS10DLCResponse hold beside each other (section 3).
_NEIGHBOURS: Final = _VERDICT | {"dids", "uuid", "msgdetails", "campaigns", "customers"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a list of unknown shape: the list's name, and names with their texts."""

    group: str
    fields: tuple[tuple[str, str], ...]


def named_records(
    result: etree._Element, operation: str, *, names: tuple[str, ...], container: str
) -> list[Record]:
    """Return the records of the first of `names` that there are, of a read judged a success.

    Raises `ProviderProtocolError` where there are none and the reply is not recognisably empty.
    """
    judge_result(result, operation)
    if not any(find_records(result, name) for name in names):
        others = _NEIGHBOURS - {container.lower()}
        require_recognised(result, operation, container=container, others=others)
    return told_records(result, *names)


def told_records(result: etree._Element, *names: str) -> list[Record]:
    """Return the records of the first of `names` that there are; what says nothing is left out."""
    for name in names:
        if found := [record for record in find_records(result, name) if any(record.values())]:
            return found
    return []


def message_record(result: etree._Element) -> Record:
    """Return what a reply tells of a message: MsgDetails, its uuid and the outer message."""
    details = next(iter(told_records(result, "MsgDetails")), {})
    return {
        **details,
        "uuid": find_text(result, "uuid") or details.get("uuid", ""),
        "responsemessage": find_text(result, "responsemessage"),
    }


def entries(result: etree._Element) -> list[Entry]:
    """Return every text of a reply, verdict apart, as entries of lists; nothing is lost.

    The texts of an element with several of them, each under a name of its own, are one entry; so is
    every text that stands elsewhere.
    """
    found: list[Entry] = []
    for child in _children(result):
        if local_name(child) in _VERDICT:
            continue
        found += _entries_of(child, _name(child))
    return found


def flat_record(result: etree._Element) -> Record:
    """Return every named text of a reply, verdict included; the first of a name counts."""
    record: Record = {}
    for element in result.iterdescendants():
        name = local_name(element)
        if name and not _children(element) and (text := (element.text or "").strip()):
            record.setdefault(name, text)
    return record


def _entries_of(element: etree._Element, group: str) -> Iterator[Entry]:
    children = _children(element)
    if not children:
        if text := (element.text or "").strip():
            yield Entry(group=group, fields=((_name(element), text),))
        return
    leaves = [child for child in children if not _children(child)]
    if len({local_name(leaf) for leaf in leaves}) == len(leaves) > 1:
        pairs = [(_name(leaf), (leaf.text or "").strip()) for leaf in leaves]
        if told := tuple((name, text) for name, text in pairs if text):
            yield Entry(group=group, fields=told)
        children = [child for child in children if _children(child)]
    for child in children:
        yield from _entries_of(child, _name(element))


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if not is_named(child, "")]


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
