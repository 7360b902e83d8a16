"""A client of the SOAP wire made by zeep from the WSDL that the sandbox serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import zeep
from zeep.plugins import HistoryPlugin

from tests.sandbox.soap_client import CREDENTIALS, PATH

PORTS = ("APIServiceSoap", "APIServiceSoap12")


class ZeepClient:
    """Calls operations by what the WSDL says of them; `history` keeps the last envelopes."""

    def __init__(self, url: str, credentials: Mapping[str, str] = CREDENTIALS) -> None:
        self.history = HistoryPlugin()
        self.client = zeep.Client(f"{url}{PATH}?wsdl", plugins=[self.history])
        self.credentials = credentials
        self.services = {port: self.client.bind("APIService", port) for port in PORTS}

    def as_account(self, credentials: Mapping[str, str]) -> ZeepClient:
        """Return a client of another account; it shares the WSDL that was read."""
        other = ZeepClient.__new__(ZeepClient)
        other.__dict__.update(self.__dict__, credentials=credentials)
        return other

    def call(self, operation: str, *, port: str = PORTS[0], **args: Any) -> Any:
        """Return the reply of an operation as zeep reads it; flags not given are false, ints 0."""
        return self.services[port][operation](
            **self.credentials, **{**self.needed(operation), **args}
        )

    def code(self, operation: str, **args: Any) -> int:
        """Return the outer verdict."""
        return int(self.call(operation, **args).responseCode)

    def needed(self, operation: str) -> dict[str, Any]:
        """Return the least value of each argument that the WSDL does not let one leave out."""
        element = self.client.get_element(f"{{http://tempuri.org/}}{operation}")
        return {
            name: False if part.type.name == "boolean" else 0
            for name, part in element.type.elements
            if not part.is_optional and name not in CREDENTIALS
        }

    def operations(self) -> Iterator[tuple[str, str]]:
        """Yield port and operation of everything that the WSDL describes."""
        for service in self.client.wsdl.services.values():
            for port in service.ports.values():
                yield from ((port.name, name) for name in port.binding.all())
