"""An in-memory `Runtime` for adapter tests: keeps every exchange, budget and token it is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from portal.providers.base import WireCall, WireReply
from portal.providers.errors import ProviderUnavailable


@dataclass
class RecordedExchange:
    """One request and, once it came, its reply, as the ledger would keep them."""

    call: WireCall
    reply: WireReply | None = None

    @property
    def text(self) -> str:
        """Everything that would be stored of the exchange, as one text to look for secrets in."""
        reply = self.reply or WireReply(outcome="")
        return "\n".join(
            [
                self.call.url,
                *(f"{name}: {value}" for name, value in self.call.headers.items()),
                self.call.body,
                reply.body,
                reply.note,
            ]
        )


@dataclass
class RecordingRuntime:
    """Lends an adapter what the portal lends it, without a database.

    Set `unavailable` to a sentence and every call is stopped before it is sent. `spent` counts the
    calls per bucket; a full bucket raises as the portal's does.
    """

    exchanges: list[RecordedExchange] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    spent: Counter[str] = field(default_factory=Counter)
    per_source: set[str] = field(default_factory=set)
    fetches: int = 0
    unavailable: str = ""

    def guard(self) -> None:
        """Raise `ProviderUnavailable` while `unavailable` is set."""
        if self.unavailable:
            raise ProviderUnavailable(self.unavailable)

    def spend(self, bucket: str, *, limit: int, seconds: int, per_source: bool = False) -> None:
        """Count one call; raises `ProviderUnavailable` with `retry_at` when the bucket is full."""
        if self.spent[bucket] >= limit:
            raise ProviderUnavailable(
                "The budget is used up.", retry_at=datetime.now(UTC) + timedelta(seconds=seconds)
            )
        self.spent[bucket] += 1
        if per_source:
            self.per_source.add(bucket)

    def token(self, name: str, *, lifetime: timedelta, fetch: Callable[[], str]) -> str:
        """Return the kept token or fetch it; the lifetime is not looked at."""
        if name not in self.tokens:
            self.fetches += 1
            self.tokens[name] = fetch()
        return self.tokens[name]

    def drop_token(self, name: str, token: str) -> None:
        """Forget the token if it is still the one that was refused."""
        if self.tokens.get(name) == token:
            del self.tokens[name]

    def before_send(self, call: WireCall) -> int:
        """Keep the request; the handle is its position."""
        self.exchanges.append(RecordedExchange(call))
        return len(self.exchanges) - 1

    def after_reply(self, handle: int, reply: WireReply) -> None:
        """Keep the reply; a second one for the same request is a defect."""
        assert self.exchanges[handle].reply is None, "an exchange was completed twice"
        self.exchanges[handle].reply = reply

    @property
    def operations(self) -> list[str]:
        """The wire operations in the order in which they were sent."""
        return [exchange.call.operation for exchange in self.exchanges]

    @property
    def outcomes(self) -> list[str]:
        """The outcome of each exchange, empty for one that is still open."""
        return [e.reply.outcome if e.reply else "" for e in self.exchanges]

    def writes(self) -> list[RecordedExchange]:
        """Return the exchanges that could have changed something at the provider."""
        return [exchange for exchange in self.exchanges if exchange.call.is_write]
