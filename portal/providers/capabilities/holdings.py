"""What a provider may do with numbers as things one holds: groups, programs, other stocks, accounts.

What `features` says of its functions holds here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from portal.providers.dto import ItemOutcome, Offer, OrderRequest, OwnedNumber, SearchCriteria
from portal.providers.dto.features import (
    ClientRecord,
    InternationalNumber,
    NumberGroup,
    NumberKind,
    Script,
)
from portal.tn import TN


@runtime_checkable
class NumberGroups(Protocol):
    """Keep numbers in groups at the provider."""

    def list_groups(self) -> list[NumberGroup]:
        """Return every group of the account."""

    def create_group(self, name: str) -> NumberGroup:
        """Make a group and return it with its reference; raises a `ProviderError` otherwise."""

    def group_of(self, tn: TN) -> NumberGroup | None:
        """Return the group that a number is in."""

    def group_members(self, group_ref: str) -> Iterator[OwnedNumber]:
        """Yield the numbers of a group as a stream."""

    def set_group(self, tn: TN, *, group_ref: str) -> ItemOutcome:
        """Put a number into a group; it leaves the one that it was in."""

    def remove_from_group(self, tn: TN) -> ItemOutcome:
        """Take a number out of its group; the group stays."""


@runtime_checkable
class Scripts(Protocol):
    """Let a program at the provider answer a number's calls."""

    def list_scripts(self) -> list[Script]:
        """Return the account's programs."""

    def program_tn(self, tn: TN, *, script_ref: str) -> ItemOutcome:
        """Give the number's calls to a program."""

    def unprogram_tn(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Give the number's calls back to a route: that one, or the account's default."""


@runtime_checkable
class PersonalInventory(Protocol):
    """Keep numbers of ours without a route, for later."""

    def list_personal(self, kind: NumberKind = NumberKind.ANY) -> Iterator[TN]:
        """Yield the numbers that lie there."""

    def list_unconfigured(self, kind: NumberKind = NumberKind.ANY) -> Iterator[TN]:
        """Yield our numbers that have no route yet, wherever they lie."""

    def move_to_personal(self, tns: Sequence[TN], *, reference: str = "") -> Iterator[ItemOutcome]:
        """Yield one outcome per number: it stays ours and stops to ring.

        Raises as `RouteAssignment.assign_route` when an answer was lost.
        """


@runtime_checkable
class ExtendedSearch(Protocol):
    """Search a stock beside the usual one."""

    def search_extended(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield numbers for sale, as a stream, at least as wide as `criteria` asks."""

    def why_not_searchable_extended(self, criteria: SearchCriteria) -> str:
        """Return a sentence why `criteria` cannot be answered at all, or an empty text."""


@runtime_checkable
class ExtendedOrdering(Protocol):
    """Buy numbers of the stock beside the usual one."""

    def order_extended(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; raises as `NumberOrdering.order_tns`."""


@runtime_checkable
class InternationalNumbers(Protocol):
    """Keep numbers outside the North American plan."""

    def list_international(self) -> Iterator[InternationalNumber]:
        """Yield our numbers abroad."""

    def release_international(self, tn: TN) -> ItemOutcome:
        """Give one back. Cannot be undone."""


@runtime_checkable
class NumberClaim(Protocol):
    """Put a number that we hold at the provider already onto this account."""

    def claim_tn(self, tn: TN, *, route_ref: str = "") -> ItemOutcome:
        """Claim it for a route: that one, or the account's default. It costs the monthly price."""


@runtime_checkable
class NumberTransfer(Protocol):
    """Move a number to another account at the same provider."""

    def transfer_tn(self, tn: TN, *, account_ref: str, route_ref: str) -> ItemOutcome:
        """Move it; `route_ref` is a route of the receiving account. Cannot be undone from here."""


@runtime_checkable
class NumberRemoval(Protocol):
    """Take a number off the account without giving it back to the network."""

    def remove_tn(self, tn: TN) -> ItemOutcome:
        """Remove it. Cannot be undone."""


@runtime_checkable
class ClientList(Protocol):
    """List the customers that the provider keeps under our account."""

    def list_clients(self) -> list[ClientRecord]:
        """Return them with what the provider counts of each."""


CAPABILITIES: dict[str, type] = {
    "number_groups": NumberGroups,
    "scripts": Scripts,
    "personal_inventory": PersonalInventory,
    "extended_search": ExtendedSearch,
    "extended_ordering": ExtendedOrdering,
    "international_numbers": InternationalNumbers,
    "number_claim": NumberClaim,
    "number_transfer": NumberTransfer,
    "number_removal": NumberRemoval,
    "client_list": ClientList,
}
