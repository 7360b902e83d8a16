"""Portability, port orders, port-out PIN (voicetel.md 7.4, 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.providers.errors import off_contract
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import TN10, Core, require
from portal.providers.voicetel.client.porting_form import PortForm
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import porting as methods

_PID = re.compile(r"[A-Za-z0-9]{5}")
_PIN = re.compile(r"[0-9]{4}")


class Porting(Core):
    """The operations of this section."""

    def get_ports_availability(self, number: str) -> Record:
        """Return whether a number can be ported; a yes unlocks its port for an hour."""
        require(TN10, number, "a number has ten digits")
        method = methods.GET_AVAILABILITY
        content = self._data(method, parts={"number": number})
        if "portable" not in content:
            raise off_contract(method.name, False, "it says neither yes nor no")
        return content

    def post_ports(self, form: PortForm) -> Record:
        """Submit a port: 6 dollars for each number are taken at once. Never sent twice.

        Returns what names the port; the letter of authority is outstanding then.
        """
        return self._data(methods.POST_PORTS, payload=form.payload())

    def get_ports(self) -> Iterator[Record]:
        """Yield the ports of the account as they arrive, the newest first."""
        return self._stream(methods.GET_PORTS, self.list_wire, name="ports")

    def get_port(self, pid: str) -> Record | None:
        """Return one port by its five characters, None where the account has no such port."""
        require(_PID, pid, "a port has five letters and digits")
        method = methods.GET_PORT
        with self._sent(method, parts={"id": pid}) as reply:
            content = envelope.read_data(reply, method)
            if content is None:
                return None
            if not isinstance(content.get("port"), dict):
                raise off_contract(method.name, False, "it has no port")
            found: Record = content["port"]
            return found

    def patch_number_port_out_pin(self, number: str, *, pin: str) -> Record:
        """Set the four digits that a gaining carrier has to name (10)."""
        require(TN10, number, "a number has ten digits")
        if not _PIN.fullmatch(pin):
            raise ValueError("a PIN has four digits")
        method = methods.PATCH_PORT_OUT_PIN
        return self._data(method, parts={"number": number}, payload={"pin": pin})
