"""What a provider may offer around stock and owned numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from portal.providers.dto import (
    AccountStatus,
    ItemOutcome,
    NumberStatus,
    Offer,
    OrderRequest,
    OwnedNumber,
    RouteRecord,
    SearchCriteria,
    StockCount,
)
from portal.providers.probing import Probed
from portal.tn import TN


@runtime_checkable
class CredentialCheck(Protocol):
    """Prove that the credentials work, with the cheapest harmless read."""

    def check_credentials(self) -> AccountStatus:
        """Return what the provider tells of the account; raises `ProviderAuthError` if refused."""


@runtime_checkable
class NumberSearch(Protocol):
    """Search the provider's stock."""

    def search(self, criteria: SearchCriteria) -> Iterator[Offer]:
        """Yield numbers for sale, as a stream, at least as wide as `criteria` asks."""

    def why_not_searchable(self, criteria: SearchCriteria) -> str:
        """Return a sentence why this provider cannot answer `criteria` at all, or an empty text."""


@runtime_checkable
class StockCounts(Protocol):
    """Count the provider's stock by place."""

    def stock_counts(self, criteria: SearchCriteria, *, by: str) -> list[StockCount]:
        """Return counts grouped by `by`: one of `stock_groupings`."""

    stock_groupings: tuple[str, ...]


@runtime_checkable
class CoverageLists(Protocol):
    """List where the provider has numbers at all."""

    def coverage_states(self) -> list[str]:
        """Return two-letter states."""

    def coverage_rate_centers(self, state: str) -> list[str]:
        """Return the rate centers of a state."""

    def coverage_npas(self, state: str, rate_center: str = "") -> list[str]:
        """Return the area codes of a state or of one of its rate centers."""


@runtime_checkable
class NumberQuery(Protocol):
    """Ask about one number: the question that settles every lost answer."""

    def query_tn(self, tn: TN) -> NumberStatus:
        """Return who holds `tn`; `Ownership.UNKNOWN` where the reply does not tell."""


@runtime_checkable
class NumberReservation(Protocol):
    """Hold numbers at the provider for a while."""

    def reserve_tns(
        self, tns: Sequence[TN], *, reference: str, contact_name: str = "", contact_phone: str = ""
    ) -> Iterator[ItemOutcome]:
        """Yield one outcome per number with `expires_at`; at most `Limits.reserve_batch` at once."""


@runtime_checkable
class NumberOrdering(Protocol):
    """Buy numbers."""

    def order_tns(self, request: OrderRequest) -> Iterator[ItemOutcome]:
        """Yield one outcome per number as it becomes known.

        Raises `ProviderTimeout` or `ProviderProtocolError` when the answer was lost: numbers without
        an outcome yet may then have been bought.
        """


@runtime_checkable
class NumberRelease(Protocol):
    """Give numbers back. Cannot be undone at any provider."""

    def release_tns(self, tns: Sequence[TN], *, reference: str) -> Iterator[ItemOutcome]:
        """Yield one outcome per number; at most `Limits.release_batch` at once."""


@runtime_checkable
class InventoryList(Protocol):
    """List all numbers that the account owns."""

    def list_owned(self) -> Iterator[OwnedNumber]:
        """Yield every owned number as a stream in constant memory.

        Raises a `ProviderError` when the list turns out incomplete, also after some rows.
        """


@runtime_checkable
class RouteList(Protocol):
    """List where calls can be sent."""

    def list_routes(self) -> list[RouteRecord]:
        """Return endpoint groups, gateways, packages or templates of the account."""


@runtime_checkable
class SelfCheck(Protocol):
    """Make the harmless reads and tell what works and which of our assumptions hold."""

    def probe(self) -> Iterator[Probed]:
        """Yield what each read showed, as it is made; a call that fails is a finding."""

    def decisions(self) -> list[str]:
        """Return sentences of what a person must decide before the account is used."""


CAPABILITIES: dict[str, type] = {
    "self_check": SelfCheck,
    "credential_check": CredentialCheck,
    "number_search": NumberSearch,
    "stock_counts": StockCounts,
    "coverage_lists": CoverageLists,
    "number_query": NumberQuery,
    "number_reservation": NumberReservation,
    "number_ordering": NumberOrdering,
    "number_release": NumberRelease,
    "inventory_list": InventoryList,
    "route_list": RouteList,
}
