"""A provider that answers at once: what is left of a job's time is the ledger's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from portal.operations import Item, Operation, register
from portal.providers.base import Field, Provider, WireCall, WireReply
from portal.providers.capabilities import CAPABILITIES
from portal.providers.dto import AccountStatus, ItemOutcome


class Instant(Provider):
    """Offers one read, whose exchange is recorded like any other and takes no time."""

    slug: ClassVar[str] = "bench"
    name: ClassVar[str] = "Instant"
    credential_fields: ClassVar[tuple[Field, ...]] = ()
    default_base_url: ClassVar[str] = "http://127.0.0.1:9"
    not_offered: ClassVar[Mapping[str, str]] = {
        name: "It exists for the benchmark only."
        for name in CAPABILITIES
        if name != "credential_check"
    }

    def check_credentials(self) -> AccountStatus:
        """Guard, record, reply and record, as every call on a wire does."""
        self.runtime.guard()
        handle = self.runtime.before_send(
            WireCall(
                operation="instant",
                is_write=False,
                method="GET",
                url=self.account.base_url,
                headers={},
                body="",
            )
        )
        self.runtime.after_reply(handle, WireReply(outcome="answered", status=200))
        return AccountStatus()


@register
class AskInstant(Operation):
    """One read at the instant provider, on the interactive queue."""

    kind, permission = "bench.ask_instant", "portal.test_provideraccount"
    capability = "credential_check"
    queue = "interactive"
    max_attempts = 1

    def title(self, params: Mapping[str, Any], items: Sequence[Item]) -> str:
        """Return the same words each time."""
        return "Instant question"

    def call(self, provider: Instant, run: Any, part: Any) -> Iterator[ItemOutcome]:
        """Ask."""
        provider.check_credentials()
        yield from ()
