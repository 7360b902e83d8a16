"""Reading IntelePeer's replies: JSON, or an error body with code and text (intelepeer.md section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.providers import rest
from portal.providers.errors import (
    MAYBE_DONE,
    ProviderAuthError,
    ProviderError,
    ProviderProtocolError,
    ProviderRefused,
)
from portal.providers.intelepeer import codes


class Refused(ProviderRefused):
    """A refusal together with the provider's own `words`, by which alone it can be told apart."""

    def __init__(self, message: str, *, code: str, operation: str, words: str) -> None:
        super().__init__(message, code=code, operation=operation)
        self.words = words


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What the reader must know of the request to judge its reply."""

    operation: str
    is_write: bool = False


def error_words(body: bytes) -> str:
    """Return the text of an error body, "" if the body is not one."""
    try:
        value = rest.parse(body)
    except ValueError:
        return ""
    return rest.clean(value.get("error")) if isinstance(value, dict) else ""


def is_session_expired(body: bytes, status: int) -> bool:
    """Return whether a reply only says that the token ran out (section 1.1)."""
    return status == 401 and error_words(body).lower() == "session expired"


def read(body: bytes, call: Call, *, status: int) -> Any:
    """Return the JSON value of a 2xx reply.

    Raises `ProviderAuthError` for 401, `Refused` for another 4xx with an error body (a read's 404
    also without one), and `ProviderProtocolError` for everything else.
    """
    if 200 <= status < 300:
        try:
            return rest.parse(body)
        except ValueError as error:
            raise unexpected(call, "it is not readable JSON") from error
    words = error_words(body)
    if status == 401:
        raise ProviderAuthError(
            codes.sentence(words or "Unauthorized"), code="401", operation=call.operation
        )
    if words or (status == 404 and not call.is_write):
        message = codes.sentence(words)
        if call.is_write:
            message = f"{message} Nothing was changed."
        raise Refused(message, code=str(status), operation=call.operation, words=words)
    raise unexpected(call, "it is an error without the documented text", code=str(status))


def unexpected(call: Call, why: str, *, code: str = "") -> ProviderError:
    """Return the exception for a reply that is not what the reference says."""
    tail = f" {MAYBE_DONE}" if call.is_write else ""
    return ProviderProtocolError(
        f"The provider’s reply could not be understood: {why}.{tail}",
        code=code,
        operation=call.operation,
    )
