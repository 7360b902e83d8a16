"""The provider class, and the runtime that the adapters see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol

from portal.providers.catalogue import WireMethod


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
    list_page: int | None = None  # numbers in one answer of the full list; None: all in one
    hold: timedelta | None = None  # None: no hold at the provider, a soft hold only
    calls_per_minute: int = 120  # our own default budget per account


class Provider:
    """Base of the four adapters; a subclass adds capability methods.

    `search_filters` names the `SearchCriteria` fields that the provider applies itself; the rest is
    applied to the answer by `portal.providers.matching`. `methods` is the provider's catalogue.
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
    methods: ClassVar[Mapping[str, WireMethod]] = {}

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self.account = account
        self.runtime = runtime

    def close(self) -> None:
        """Give back sockets. Safe to call twice."""
