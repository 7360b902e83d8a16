"""A RespOrg's list of numbers, read as a stream (custom-toll-free.md section 7.8).

The list may hold hundreds of thousands of rows; no more than one row is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from portal.providers import xml
from portal.providers.custom_toll_free import envelope
from portal.providers.custom_toll_free.envelope import Call
from portal.providers.http import ChunkReader, StreamedReply

_HEAD = 16_384  # an ERROR answer is far shorter


def is_row(element: etree._Element) -> bool:
    """Return whether a child of `results` is an `item` with fields, or an empty one."""
    return xml.is_named(element, "item") and (len(element) > 0 or not (element.text or "").strip())


def is_strange(element: etree._Element) -> bool:
    """Return whether something else stands in `results` that says anything: not read as “none”."""
    parent = element.getparent()
    is_inside = parent is not None and xml.is_named(parent, "results")
    return is_inside and bool(xml.local_name(element)) and bool("".join(xml.texts(element)).strip())


class RowStream:
    """The `item` rows of a list answer; iterate once, then look at `is_pending`.

    Iterating raises what the answer stands for if it is an ERROR, and `ProviderProtocolError` when
    it is not complete, also after some rows.
    """

    def __init__(self, reply: StreamedReply, call: Call) -> None:
        self._reply = reply
        self._call = call
        self._head = bytearray()
        self._reader = ChunkReader(xml.without_lead(reply.chunks()))
        self._status = ""
        self._has_results = False
        self.request_id = ""

    @property
    def is_pending(self) -> bool:
        """Whether the provider is still making the list; ask again with `request_id`."""
        return self._status == "PENDING"

    def read(self, size: int = 65536) -> bytes:
        """Return the next bytes for the parser; the first ones are kept to explain a failure."""
        piece = self._reader.read(size)
        if len(self._head) < _HEAD:
            self._head += piece[: _HEAD - len(self._head)]
        return piece

    def __iter__(self) -> Iterator[xml.Record]:
        """Yield the rows as texts by lower-case element names."""
        try:
            if self._reply.status >= 400:
                while len(self._head) < _HEAD and self.read():
                    pass
                self._raise_for_head()
            yield from self._rows()
        except (etree.LxmlError, ValueError) as error:
            if found := envelope.search_errors(bytes(self._head)):
                raise envelope.failure(found, self._call, self._reply.headers) from error
            raise self._broken("the list breaks off or is not readable XML") from error

    def _raise_for_head(self) -> None:
        """Raise what a reply with an error status stands for; its body is short or foreign."""
        envelope.read(
            bytes(self._head), self._call, status=self._reply.status, headers=self._reply.headers
        )
        raise self._broken("the HTTP status and the answer contradict each other")

    def _rows(self) -> Iterator[xml.Record]:
        context = etree.iterparse(
            self, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
        )
        depth = 0
        for event, element in context:
            if event == "start":
                depth += 1
                self._start(element, depth)
                continue
            depth -= 1
            name = xml.local_name(element)
            if depth == 1:
                self._field(name, element)
            elif depth == 2 and self._status not in {"ERROR", "PENDING"}:
                if is_row(element):
                    yield xml.read_record(element)
                    xml.free(element)
                elif is_strange(element):
                    raise self._broken(f"the list holds “{name}”, not numbers")
        root = context.root
        if self._status == "ERROR":
            raise envelope.failure(envelope.read_errors(root), self._call, self._reply.headers)
        if self._status == "SUCCESS" and self._has_results:
            if self._reply.status == 202:
                self._status = "PENDING"
            return
        if self._status != "PENDING":
            raise self._broken("the answer has no status or no results")

    def _start(self, element: etree._Element, depth: int) -> None:
        if depth == 1:
            xml.refuse_dtd(element)
            if not xml.is_named(element, "response"):
                raise self._broken("the answer is not a response of this interface")
        elif depth == 2 and xml.is_named(element, "results"):
            self._has_results = True

    def _field(self, name: str, element: etree._Element) -> None:
        text = (element.text or "").strip()
        if name == "status":
            self._status = text.upper()
        elif name == "requestid":
            self.request_id = text
        elif name == "results" and text:
            raise self._broken("the list is a text")

    def _broken(self, why: str) -> Exception:
        return envelope.unreadable(self._call, self._reply.status, why)
