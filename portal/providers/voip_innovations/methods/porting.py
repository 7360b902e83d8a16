"""Portability and port orders (voip-innovations.md 2.12)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = (
    Method(
        name="isPortable",
        section="3.15",
        domain="porting",
        capability="portability_check",
        function="is_portable",
        reads=("porting.portability",),
        sureness="seen",
    ),
    Method(
        name="getPortDetails",
        section="3.16",
        domain="porting",
        capability="port_read",
        function="get_port_details",
        reads=("porting.port",),
        sureness="seen",
    ),
    Method(
        name="GetPortHistory",
        section="3.52",
        domain="porting",
        capability="port_history",
        function="get_port_history",
        reads=("porting.port_history",),
        sureness="assumed",
    ),
    Method(
        name="getActivePorts",
        section="3.64",
        domain="porting",
        capability="port_list",
        function="get_active_ports",
        reads=("porting.ports",),
        sureness="assumed",
    ),
)
