"""Portability and port orders (voip-innovations.md 2.12)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.providers.dto.porting import Portability, PortHistory, PortRecord
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import porting as mapping
from portal.tn import TN

_PORT_REF = re.compile(r"[1-9][0-9]{0,9}")


class Porting:
    """Mixed into the adapter."""

    client: Client

    def check_portability(self, tn: TN) -> Portability:
        """Return the yes or no of isPortable."""
        return mapping.portability(self.client.is_portable(tn.digits10), tn)

    def list_ports(self) -> Iterator[PortRecord]:
        """Yield the ports that are not complete, with dates and route only; `port` tells the rest."""
        return mapping.ports(self.client.get_active_ports(), "getActivePorts")

    def port(self, ref: str) -> PortRecord | None:
        """Return one port with its numbers."""
        if not _PORT_REF.fullmatch(ref):
            raise ValueError(f"{ref[:40]!r} is not the id of a port")
        return mapping.port(self.client.get_port_details(int(ref)), ref)

    def port_history(self, tn: TN) -> PortHistory:
        """Return the events of a number's ports, and the latest of these."""
        return mapping.port_history(self.client.get_port_history(tn.digits10), tn)
