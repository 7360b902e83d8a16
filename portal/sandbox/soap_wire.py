"""Envelopes of the VoIP Innovations service: read tolerantly, written as ASP.NET does.

See voip-innovations.md 1. An operation is a `Method`; the modules of one section each list theirs.
"""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from portal.sandbox.http import Request, Response
from portal.sandbox.soap_types import GUESSED_RECORDS, TYPES, Field, parse_fields, write
from portal.sandbox.store import Store

PROVIDER = "voip_innovations"
NAMESPACE = "http://tempuri.org/"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CONTENT_TYPES: Mapping[str, str] = {
    SOAP11: "text/xml; charset=utf-8",
    SOAP12: "application/soap+xml; charset=utf-8",
}
BOOLEANS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
PIECE_CHARS = 32 * 1024
BAD_FORMAT = (
    "Server was unable to read request. ---> There is an error in the XML document. --->"
    " Input string was not in a correct format."
)

MESSAGES: Mapping[int, str] = {
    100: "Success",
    101: "No records found",
    900: "An exception occurred while processing the request",
    901: "The calling IP address is not known",
    902: "The user name, password or IP address is incorrect",
    903: "The 911 carrier could not be reached",
    904: "The action ended in an unexpected state",
    905: "The 911 record is locked",
    906: "The 911 record was not found",
    907: "The 911 record is in use by another request, please try again later",
    908: "The reply of the 911 carrier could not be read",
    909: "The number is not assigned to your account",
    910: "The location does not exist",
    911: "The location exists already and is provisioned",
    933: "Outbound CNAM is not available for this number",
    934: "The CNAM display name holds characters that are not allowed",
    940: "The alert address is longer than 150 characters",
    941: "911 is not enabled on this number",
    942: "The alert address is already on this number",
    943: "A number can have ten alert addresses at most",
    944: "The number is not valid",
    948: "The endpoint group does not belong to your account",
    302490: "At least one search criterion is required",
}


class SoapFault(Exception):
    """The envelope cannot be answered: HTTP 500 and a SOAP fault. `side` is Client or Server."""

    def __init__(self, text: str, side: str = "Client") -> None:
        super().__init__(text)
        self.text = text
        self.side = side


class Refused(Exception):
    """The operation answers HTTP 200 with a `responseCode` other than 100.

    `text` replaces the words of the code.
    """

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(text or MESSAGES[code])
        self.code = code
        self.text = text


@dataclass(kw_only=True)
class Reply:
    """What an operation answers: the outer verdict and the containers that are filled.

    `done` lists the numbers that a batch had its effect on; None means all that were asked.
    `message` replaces the words of the code.
    """

    code: int = 100
    containers: Mapping[str, Any] = field(default_factory=dict)
    done: list[str] | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to an operation: who asks, and the arguments by name.

    Strings that were not sent are empty, ints that were not sent are 0, lists are empty.
    """

    store: Store
    account: sqlite3.Row
    args: Mapping[str, Any]
    request: Request

    @property
    def login(self) -> str:
        return str(self.account["login"])

    def text(self, name: str) -> str:
        """Return a string argument without surrounding blanks."""
        return str(self.args[name]).strip()

    def is_faulted(self, kind: str) -> bool:
        """Tell whether a fault of this kind was set for the request."""
        return self.request.fault is not None and self.request.fault.kind == kind

    def strikes(self, kind: str, tn: str) -> bool:
        """Tell whether a fault of this kind is about this number of a batch."""
        fault = self.request.fault
        return fault is not None and fault.kind == kind and (not fault.tns or tn in fault.tns)


@dataclass(frozen=True)
class Method:
    """An operation: its parameters in the order of the WSDL, without `login` and `secret`.

    `is_extra` marks those that stand beside the 94 of the method list.
    """

    name: str
    params: str
    returns: str
    handler: Callable[[Call], Reply]
    is_write: bool = False
    is_extra: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return parse_fields(self.params)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A request that was read: SOAP version by namespace, and the operation's element."""

    version: str
    element: etree._Element

    @property
    def operation(self) -> str:
        return etree.QName(self.element).localname

    def child(self, name: str) -> etree._Element | None:
        """Return an argument's element; a misspelt one is as good as absent."""
        return self.element.find(f"{{{NAMESPACE}}}{name}")

    def text(self, name: str) -> str:
        """Return an argument's text; absent, empty and nil are all empty."""
        child = self.child(name)
        return "" if child is None else child.text or ""


def read_envelope(request: Request) -> Envelope:
    """Return the envelope in a request, read once; raise `SoapFault` when there is none.

    Document types are refused, so neither entities nor external files can do anything.
    """
    found = request.scratch.get("envelope")
    if found is None:
        try:
            found = _parse(request.body)
        except SoapFault as fault:
            found = fault
        request.scratch["envelope"] = found
    if isinstance(found, SoapFault):
        raise found
    envelope: Envelope = found
    return envelope


def _parse(body: bytes) -> Envelope:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapFault("Server was unable to process request. ---> Data is not XML.") from None
    document: Any = root.getroottree().docinfo
    if document.doctype:
        raise SoapFault("Server was unable to read request. ---> DTD is prohibited.")
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in CONTENT_TYPES:
        raise SoapFault("Possible SOAP version mismatch: Envelope namespace was unexpected.")
    content = root.find(f"{{{name.namespace}}}Body")
    if content is None or not len(content):
        raise SoapFault("Server was unable to read request. ---> The SOAP body is empty.")
    return Envelope(version=str(name.namespace), element=content[0])


def read_args(envelope: Envelope, method: Method) -> dict[str, Any]:
    """Return the arguments by name; raise `SoapFault` for a value that is none of its type."""
    return {item.name: _read(envelope.child(item.name), item) for item in method.fields}


def _read(element: etree._Element | None, item: Field) -> Any:
    if item.is_list:
        children = [] if element is None else element.findall(f"{{{NAMESPACE}}}{item.type}")
        if item.type == "string" and element is not None and not children:
            return _divided(element)
        plain = Field(item.type, item.type)
        return [_read(child, plain) for child in children]
    if not item.is_scalar:
        record = {}
        for part in TYPES[item.type]:
            child = None if element is None else _part(element, part.name, item.type)
            record[part.name] = _read(child, part)
        return record
    text = "" if element is None else element.text or ""
    if item.type == "string":
        return text
    if element is None or element.get(f"{{{XSI}}}nil") in ("true", "1"):
        return ABSENT[item.type]
    try:
        return CONVERTERS[item.type](text.strip())
    except (ValueError, KeyError):
        raise SoapFault(BAD_FORMAT) from None


def _divided(element: etree._Element) -> list[str]:
    """Return a list that came as one text: the method list calls `tns` a String (7)."""
    return [part for part in re.split(r"[\s,;]+", element.text or "") if part]


def _part(element: etree._Element, name: str, record: str) -> etree._Element | None:
    """Return a field's element; where its name is our guess, upper and lower case are one."""
    if record not in GUESSED_RECORDS:
        return element.find(f"{{{NAMESPACE}}}{name}")
    wanted = f"{{{NAMESPACE}}}{name}".lower()
    return next((child for child in element if str(child.tag).lower() == wanted), None)


def _integer(text: str) -> int:
    value = int(text) if text.isascii() else int("")
    if not -(2**31) <= value < 2**31:
        raise ValueError(text)
    return value


# Scalars that are not strings: what an absent one is taken as, and how their text is read.
ABSENT: Mapping[str, Any] = {"int": 0, "boolean": False, "base64Binary": b""}
CONVERTERS: Mapping[str, Callable[[str], Any]] = {
    "int": _integer,
    "boolean": BOOLEANS.__getitem__,
    "base64Binary": lambda text: base64.b64decode("".join(text.split()), validate=True),
}


def reply_response(envelope: Envelope, method: Method, reply: Reply) -> Response:
    """Write a reply; containers given as iterators are streamed."""
    values = {
        "responseCode": reply.code,
        "responseMessage": reply.message or MESSAGES[reply.code],
        **reply.containers,
    }
    pieces = _encode(_envelope(envelope.version, method, values))
    is_stream = any(isinstance(value, Iterator) for value in reply.containers.values())
    return Response(
        200,
        pieces if is_stream else b"".join(pieces),
        CONTENT_TYPES[envelope.version],
        {"Cache-Control": "private, max-age=0"},
        carried_out=reply.code == 100 and reply.done != [],
        done=reply.done,
    )


def _envelope(version: str, method: Method, values: Mapping[str, Any]) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{version}" xmlns:xsi="{XSI}"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
        f'<{method.name}Response xmlns="{NAMESPACE}"><{method.name}Result>'
    )
    yield from write(method.returns, values)
    yield f"</{method.name}Result></{method.name}Response></soap:Body></soap:Envelope>"


def _encode(pieces: Iterator[str]) -> Iterator[bytes]:
    """Gather pieces into byte strings of some size."""
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE_CHARS:
            yield "".join(waiting).encode("utf-8")
            waiting, size = [], 0
    yield "".join(waiting).encode("utf-8")


def fault_response(fault: SoapFault, version: str = SOAP11) -> Response:
    """Write a SOAP fault, HTTP 500, in the version that was asked in."""
    text = escape(fault.text)
    if version == SOAP12:
        code = {"Client": "Sender", "Server": "Receiver"}[fault.side]
        inner = (
            f"<soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code><soap:Reason>"
            f'<soap:Text xml:lang="en">{text}</soap:Text></soap:Reason>'
        )
    else:
        inner = (
            f"<faultcode>soap:{fault.side}</faultcode><faultstring>{text}</faultstring><detail />"
        )
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{version}"><soap:Body>'
        f"<soap:Fault>{inner}</soap:Fault></soap:Body></soap:Envelope>"
    )
    return Response(500, body, CONTENT_TYPES[version], carried_out=False)


def is_tn(text: str) -> bool:
    """Tell whether a text is ten bare digits of the North American plan."""
    return len(text) == 10 and text.isascii() and text.isdigit() and text[0] in "23456789"


def without_country(text: str) -> str:
    """Return the ten digits of a number written with its country code 1; other text as it is."""
    return text[1:] if len(text) == 11 and text[0] == "1" else text


def is_email(text: str) -> bool:
    """Tell whether a text looks like one e-mail address."""
    return EMAIL.fullmatch(text) is not None


def list_tns(envelope: Envelope, method: Method) -> Sequence[str]:
    """List the numbers that a request is about, for faults and log."""
    found: list[str] = []
    for item in method.fields:
        if item.type == "DIDParam":
            found += [tn.text or "" for tn in envelope.element.iter(f"{{{NAMESPACE}}}tn")]
        elif item.name in ("tn", "did"):
            found.append(envelope.text(item.name))
        elif item.name in ("sender", "recipient"):
            found.append(without_country(envelope.text(item.name).strip()))
        elif item.name == "tns":
            found += _read(envelope.child("tns"), item)
    return [tn.strip() for tn in found if tn.strip()]
