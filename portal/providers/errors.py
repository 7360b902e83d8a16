"""The five ways a provider call can fail. Adapters raise these and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Final

MAYBE_DONE: Final = "It may or may not have been carried out."


class ProviderError(Exception):
    """Base of the five; holds what a person needs to see and what support needs to know.

    `message` is a sentence for a person, without secrets. `code` is the provider's own code or an
    HTTP status as text, empty where there is none. `operation` is the wire operation by its
    documented name.
    """

    def __init__(self, message: str, *, code: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.operation = operation


class ProviderUnavailable(ProviderError):
    """Nothing was carried out: not reachable, breaker open, budget used up, or told to wait.

    `retry_at` is the earliest moment at which trying again makes sense, None if not known.
    """

    def __init__(
        self, message: str, *, code: str = "", operation: str = "", retry_at: datetime | None = None
    ) -> None:
        super().__init__(message, code=code, operation=operation)
        self.retry_at = retry_at


class ProviderTimeout(ProviderError):
    """The request left and no answer came. A write may or may not have been carried out."""


class ProviderRefused(ProviderError):
    """The provider understood and said no. Nothing was carried out."""


class ProviderAuthError(ProviderError):
    """The provider does not accept our credentials or our address. Nothing was carried out."""


class ProviderProtocolError(ProviderError):
    """The reply is not what the contract says. A write may have been carried out."""


def off_contract(operation: str, is_write: bool, what: str) -> ProviderProtocolError:
    """Return the error for a reply that the contract does not know; `what` ends its sentence."""
    tail = f" {MAYBE_DONE}" if is_write else ""
    return ProviderProtocolError(
        f"The provider’s answer could not be understood: {what}.{tail}", operation=operation
    )
