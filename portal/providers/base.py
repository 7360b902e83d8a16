"""The provider class, its capabilities and the runtime that the adapters see.

A capability is a Protocol; a provider offers it by having the methods, and lists in `not_offered`
why it lacks the others. System checks portal.E001 and portal.E002 prove both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

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
from portal.tn import TN


@dataclass(frozen=True, kw_only=True, slots=True)
class WireCall:
    """One request about to leave, already redacted: safe to store and to show to staff."""

    operation: str
    is_write: bool
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WireReply:
    """What came back, redacted. `outcome` is one of answered, refused, timeout, unavailable, auth, protocol."""

    outcome: str
    status: int | None = None
    body: str = ""
    size: int = 0  # bytes, also where `body` was cut
    note: str = ""
    seconds: float = 0.0


class Runtime(Protocol):
    """What the portal lends an adapter for one call: budgets, breaker, tokens, the exchange ledger."""

    def guard(self) -> None:
        """Raise `ProviderUnavailable` while the account is paused or its breaker is open."""

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        """Take one call from a budget of `limit` per `seconds`, shared by all workers.

        `per_source` budgets count for the whole installation (the provider counts our address).
        Raises `ProviderUnavailable` with `retry_at` when nothing is left; nothing was sent then.
        """

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        """Return the cached token, or fetch it once under a lock that all workers share."""

    def drop_token(self, name: str, token: str) -> None:
        """Forget the token if it is still `token` (a colleague may have fetched a new one)."""

    def before_send(self, call: WireCall) -> int:
        """Record the exchange, committed, before the bytes leave; return its handle."""

    def after_reply(self, handle: int, reply: WireReply) -> None:
        """Complete the exchange and feed the breaker."""


class Unconnected:
    """A runtime for questions that need no wire; every call through it is a defect."""

    def guard(self) -> None:
        """Raise RuntimeError: nothing may be sent through this runtime."""
        raise RuntimeError("this provider object is not connected")

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        """Raise RuntimeError."""
        self.guard()

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        """Raise RuntimeError."""
        raise RuntimeError("this provider object is not connected")

    def drop_token(self, name: str, token: str) -> None:
        """Raise RuntimeError."""
        self.guard()

    def before_send(self, call: WireCall) -> int:
        """Raise RuntimeError."""
        raise RuntimeError("this provider object is not connected")

    def after_reply(self, handle: int, reply: WireReply) -> None:
        """Raise RuntimeError."""
        self.guard()


UNCONNECTED: Runtime = Unconnected()


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One provider account as an adapter needs it. Credentials do not show in a repr."""

    slug: str
    name: str
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def setting(self, name: str, default: Any = "") -> Any:
        """Return an account setting, or `default` where it is missing or empty."""
        value = self.settings.get(name)
        return default if value in (None, "") else value


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One credential or setting of an account, for the form and for the checks."""

    name: str
    label: str
    help: str = ""
    is_required: bool = True
    default: str = ""
    pattern: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one request of a provider may carry, and how long a hold lasts."""

    order_batch: int = 50
    reserve_batch: int = 50
    release_batch: int = 50
    hold: timedelta | None = None  # None: no hold at the provider, a soft hold only
    calls_per_minute: int = 120  # our own default budget per account


class Provider:
    """Base of the four adapters; a subclass adds capability methods.

    `search_filters` names the `SearchCriteria` fields that the provider applies itself; the rest is
    applied to the answer by `portal.providers.matching`.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    credential_fields: ClassVar[tuple[Field, ...]]
    setting_fields: ClassVar[tuple[Field, ...]] = ()
    limits: ClassVar[Limits] = Limits()
    search_filters: ClassVar[frozenset[str]] = frozenset()
    sells_local: ClassVar[bool] = False
    sells_toll_free: ClassVar[bool] = False
    default_base_url: ClassVar[str]
    not_offered: ClassVar[Mapping[str, str]] = {}

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self.account = account
        self.runtime = runtime

    def close(self) -> None:
        """Give back sockets. Safe to call twice."""


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


CAPABILITIES: dict[str, type] = {
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
