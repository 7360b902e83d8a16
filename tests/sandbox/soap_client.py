"""A bare SOAP client: it writes envelopes by hand, so that nothing of a library hides the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import requests
from lxml import etree

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
PATH = "/Services/APIService.asmx"
CREDENTIALS = {"login": "sandbox", "secret": "sandbox-secret"}
OTHER = {"login": "sandbox2", "secret": "sandbox2-secret"}
GROUP = 13550


def plain(element: etree._Element) -> Any:
    """Return an element as text, or as its children by name; containers become lists."""
    if not len(element):
        return element.text or ""
    names = [etree.QName(child).localname for child in element]
    if len(set(names)) == 1 and (len(names) > 1 or _is_container(element, names[0])):
        return [plain(child) for child in element]
    return dict(zip(names, map(plain, element), strict=True))


def _is_container(element: etree._Element, child: str) -> bool:
    name = etree.QName(element).localname
    return name == f"{child}s" or child == "string"


class SoapClient:
    """Calls operations with one account's credentials."""

    def __init__(self, url: str, credentials: Mapping[str, str] = CREDENTIALS) -> None:
        self.address = url + PATH
        self.credentials = credentials
        self.session = requests.Session()

    def post(self, body: str | bytes, **headers: str) -> requests.Response:
        """Send an envelope as it is."""
        content = body.encode("utf-8") if isinstance(body, str) else body
        sent = {"Content-Type": "text/xml; charset=utf-8"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(self.address, content, headers=sent, timeout=30)

    def send(self, operation: str, **args: Any) -> requests.Response:
        """Send an operation and return the HTTP answer."""
        return self.post(
            envelope(operation, {**self.credentials, **args}),
            SOAPAction=f'"http://tempuri.org/{operation}"',
        )

    def call(self, operation: str, **args: Any) -> dict[str, Any]:
        """Send an operation and return its result by element name."""
        answer = self.send(operation, **args)
        assert answer.status_code == 200, answer.text
        root = etree.fromstring(answer.content)
        result = root.find(f".//{{http://tempuri.org/}}{operation}Result")
        assert result is not None, answer.text
        found = plain(result)
        assert isinstance(found, dict)
        return found

    def order(self, operation: str, *tns: str, **facts: Any) -> list[tuple[str, str]]:
        """Send a batch and return (tn, statusCode) of each record."""
        params = [{"tn": tn, **facts} for tn in tns]
        result = self.call(operation, didParams={"DIDParam": params})
        assert result["responseCode"] == "100"
        return [(did["tn"], did["statusCode"]) for did in result["DIDs"]]

    def query(self, tn: str) -> dict[str, Any]:
        """Return the one record of queryDID."""
        (record,) = self.call("queryDID", did=tn)["DIDs"]
        assert isinstance(record, dict)
        return record


def envelope(operation: str, args: Mapping[str, Any], *, soap: str = SOAP11) -> str:
    """Write an envelope; lists repeat their element."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{soap}"><s:Body>'
        f'<{operation} xmlns="http://tempuri.org/">{_write(args)}</{operation}>'
        "</s:Body></s:Envelope>"
    )


def _write(args: Mapping[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in args.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_write(value)}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(_element(name, item) for item in value)
    return f"<{name}>{escape(str(value))}</{name}>"


def for_sale(client: SoapClient, count: int, **criteria: str) -> list[str]:
    """Return the first numbers that a search finds, none of them a magic one."""
    result = client.call("getDIDs", **(criteria or {"npa": "312"}))
    tns = [row["tn"] for row in result["DIDLocators"]]
    return [tn for tn in tns if not tn[6:].startswith("990")][:count]
