"""The 74 operations of VoiceTel 2.2.10, from voicetel.md sections 1 to 11."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.providers.strict.check import Dialect, Headers
from tests.providers.strict.routes import Operation, Seen
from tests.providers.strict.rules import Text
from tests.providers.strict.voicetel_account import ACCOUNT
from tests.providers.strict.voicetel_messaging import MESSAGING, SUPPORT
from tests.providers.strict.voicetel_numbers import INVENTORY, NUMBERS
from tests.providers.strict.voicetel_services import SERVICES

OPERATIONS: Sequence[Operation] = (
    *ACCOUNT,
    *SERVICES,
    *INVENTORY,
    *NUMBERS,
    *MESSAGING,
    *SUPPORT,
)
BEARER = Text(pattern=r"Bearer [0-9a-f]{32}")


def _headers(operation: Operation, seen: Seen) -> Iterator[str]:
    """Judge the headers of every call (1.1): JSON both ways, a bearer off the public routes."""
    yield from Headers.accepts(seen, "application/json")
    if operation.body is not None:
        yield from Headers.content_type(seen, "application/json")
    if operation.is_public:
        yield from Headers.absent(seen, "authorization")
    else:
        yield from Headers.matches(seen, "authorization", BEARER)
    if "idempotency-key" not in operation.headers:
        yield from Headers.absent(seen, "idempotency-key")


DIALECT = Dialect(
    name="voicetel",
    operations=OPERATIONS,
    headers=_headers,
    wrap=lambda operation, payload: {"status": "success", "data": payload},
)
