"""Gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

from portal.providers.voicetel.client.core import Core
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods.network import GET_GATEWAYS


class Network(Core):
    """The operations on where calls go to and come from."""

    def get_gateways(self) -> list[Record]:
        """Return the gateways, the system's own among them (6)."""
        return self._list(GET_GATEWAYS, "gateways")
