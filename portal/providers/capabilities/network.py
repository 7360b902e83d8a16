"""What a provider may change about where calls come from and go to.

Writes raise ValueError for what the wire cannot carry, before anything is sent, `ProviderRefused`
for a plain no, and `ProviderTimeout` or `ProviderProtocolError` where nobody knows what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from portal.providers.dto import OwnedNumber, RouteRecord
from portal.providers.dto.network import AccessChange, Gateway, SignIn, SignInChange, SignInMode


@runtime_checkable
class GatewayEditing(Protocol):
    """Make, change and remove gateways of one's own."""

    def create_gateway(self, gateway: Gateway) -> RouteRecord:
        """Make a gateway; its address is needed. Sending it twice may make two."""

    def change_gateway(self, route_ref: str, changes: Gateway) -> RouteRecord:
        """Change what is not None; return the gateway as it is now."""

    def remove_gateway(self, route_ref: str) -> None:
        """Remove a gateway; refused while numbers are routed to it."""


@runtime_checkable
class RouteNumbers(Protocol):
    """List the numbers of one route."""

    def route_numbers(self, route_ref: str) -> Iterator[OwnedNumber]:
        """Yield them as a stream; raises `ProviderRefused` where there is no such route."""


@runtime_checkable
class AccessList(Protocol):
    """Keep the list of addresses that calls may come from."""

    def access_list(self) -> list[str]:
        """Return the ranges in CIDR form, none where the list is empty."""

    def allow_addresses(self, cidrs: Sequence[str]) -> AccessChange:
        """Add ranges; part of them may fail while the rest is added."""

    def forbid_addresses(self, cidrs: Sequence[str]) -> AccessChange:
        """Remove ranges; part of them may fail while the rest is removed."""


@runtime_checkable
class DeviceSignIn(Protocol):
    """Choose how devices sign in, and their password."""

    def sign_in(self) -> SignIn:
        """Return how devices sign in."""

    def change_sign_in(self, *, mode: SignInMode | None = None, password: str = "") -> SignInChange:
        """Change one or both; the two may fail apart from each other.

        Where the password is also the account's credential, this object goes on with the new one;
        everybody else needs it from `SignInChange.has_new_credential` on. After a lost answer
        `holds_password` tells which one holds.
        """

    def holds_password(self, password: str) -> bool:
        """Tell whether the account has this password; asking may be limited to a few times."""


CAPABILITIES: dict[str, type] = {
    "gateway_editing": GatewayEditing,
    "route_numbers": RouteNumbers,
    "access_list": AccessList,
    "device_sign_in": DeviceSignIn,
}
