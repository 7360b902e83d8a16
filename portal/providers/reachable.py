"""Addresses on the public internet, as providers take them: of a gateway, and of who may call."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Final

MASKS: Final = frozenset({8, 16, 24, 32})
_UNROUTABLE: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
)
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_RANGE = re.compile(rf"{_ADDRESS.pattern}/[0-9]{{1,2}}")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{4,253}}\Z){_LABEL}(\.{_LABEL})*\.[A-Za-z]{{2,63}}")
_PORT = re.compile(r"[1-9][0-9]{0,4}")


def require_gateway(text: str) -> None:
    """Raise ValueError with the reason unless a gateway can be there: address or host, ``:port``."""
    host, colon, port = text.partition(":")
    if colon and (not _PORT.fullmatch(port) or int(port) > 65535):
        raise ValueError(f"a port is 1 to 65535, not {port[:20]!r}")
    if _ADDRESS.fullmatch(host):
        try:
            address = IPv4Address(host)
        except AddressValueError as error:
            raise ValueError(f"{host} is no IPv4 address") from error
        if _is_unroutable(address):
            raise ValueError(f"{host} is not public")
    elif not _HOST.fullmatch(host):
        raise ValueError(f"a gateway is an IPv4 address or a host name, not {host[:60]!r}")


def require_range(text: str) -> IPv4Network:
    """Return the range that a text in CIDR form stands for; raises ValueError with the reason."""
    if not _RANGE.fullmatch(text):
        words = "a range is an IPv4 address and a mask, as in 192.0.2.0/24"
        raise ValueError(f"{words}, not {text[:60]!r}")
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"{text} is no range: it must begin where its mask does") from error


def require_public_range(text: str) -> None:
    """Raise ValueError with the reason unless calls may be allowed from a range."""
    network = require_range(text)
    if network.prefixlen not in MASKS:
        raise ValueError(f"a mask is /8, /16, /24 or /32, not that of {text}")
    if _is_unroutable(network.network_address):
        raise ValueError(f"{text} is not public")


def _is_unroutable(address: IPv4Address) -> bool:
    return any(address in network for network in _UNROUTABLE)
