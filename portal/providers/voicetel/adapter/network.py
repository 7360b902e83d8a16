"""Gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.providers.dto import OwnedNumber, RouteRecord
from portal.providers.dto.network import (
    AccessChange,
    Gateway,
    SignIn,
    SignInChange,
    SignInField,
    SignInMode,
)
from portal.providers.voicetel.client import Client
from portal.providers.voicetel.mapping import network as mapping
from portal.providers.voicetel.methods import network as methods


class Network:
    """Mixed into the adapter."""

    client: Client

    def route(self, route_ref: str) -> RouteRecord | None:
        """Return one gateway, None where the account has none of that id."""
        record = self.client.get_gateway(gateway_id(route_ref))
        return None if record is None else mapping.route(record, methods.GET_GATEWAY)

    def create_gateway(self, gateway: Gateway) -> RouteRecord:
        """Make a gateway; without a limit VoiceTel allows 23 calls at once."""
        if gateway.address is None:
            raise ValueError("a gateway needs an address")
        record = self.client.post_gateways(
            gateway=gateway.address, prefix=gateway.prefix, limit=gateway.limit
        )
        return mapping.route(record, methods.POST_GATEWAYS)

    def change_gateway(self, route_ref: str, changes: Gateway) -> RouteRecord:
        """Change a gateway of one's own; ValueError for one of the system's."""
        record = self.client.put_gateway(
            gateway_id(route_ref),
            gateway=changes.address,
            prefix=changes.prefix,
            limit=changes.limit,
        )
        return mapping.route(record, methods.PUT_GATEWAY)

    def remove_gateway(self, route_ref: str) -> None:
        """Remove a gateway of one's own; refused while numbers are routed to it."""
        self.client.delete_gateway(gateway_id(route_ref))

    def route_numbers(self, route_ref: str) -> Iterator[OwnedNumber]:
        """Yield the numbers that are routed to a gateway."""
        records = self.client.get_gateway_numbers(gateway_id(route_ref))
        return mapping.route_numbers(records, route_ref)

    def access_list(self) -> list[str]:
        """Return the ranges that SIP traffic may come from."""
        return mapping.access_list(self.client.get_acl())

    def allow_addresses(self, cidrs: Sequence[str]) -> AccessChange:
        """Add ranges: public ones, with a mask of 8, 16, 24 or 32 bits."""
        wanted = list(dict.fromkeys(cidrs))
        return mapping.access_change(self.client.post_acl(wanted), wanted, is_removal=False)

    def forbid_addresses(self, cidrs: Sequence[str]) -> AccessChange:
        """Remove ranges."""
        wanted = list(dict.fromkeys(cidrs))
        return mapping.access_change(self.client.delete_acl(wanted), wanted, is_removal=True)

    def sign_in(self) -> SignIn:
        """Return how SIP devices sign in."""
        return mapping.sign_in(self.client.get_auth())

    def change_sign_in(self, *, mode: SignInMode | None = None, password: str = "") -> SignInChange:
        """Change mode, password, or both; the password is the provider account's credential too."""
        asked = []
        if mode is not None:
            asked.append(SignInField.MODE)
        if password:
            asked.append(SignInField.PASSWORD)
        auth_type = None if mode is None else mapping.AUTH_TYPES[mode]
        content = self.client.put_auth(auth_type=auth_type, password=password)
        return mapping.sign_in_change(content, asked)

    def holds_password(self, password: str) -> bool:
        """Tell whether VoiceTel lets the account in with this password; six times an hour."""
        if not password:
            raise ValueError("no password was given")
        return bool(self.client.post_account_api_key(password=password))


def gateway_id(route_ref: str) -> int:
    """Return the number that a gateway's reference stands for; raises ValueError for another text."""
    if not (route_ref.isascii() and route_ref.isdigit() and len(route_ref) <= 10):
        raise ValueError(f"a gateway is named by its number, not by {route_ref[:40]!r}")
    return int(route_ref)
