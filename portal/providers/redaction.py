"""Taking secrets out of what is stored and shown: by the names of fields, and by their values."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator

from portal.providers.errors import ProviderError

REDACTED = "[redacted]"
SECRET_NAMES = frozenset(
    {"authorization", "password", "secret", "key", "apikey", "token", "login", "username"}
    | {"pin", "authtoken", "cookie", "set-cookie"}
)
# A text may be cut off in the middle of a secret, and a number may stand where a text is meant.
_JSON_SECRET = re.compile(
    r'("(?:password|secret|key|apikey|token|login|username|pin|portOutPin|authToken'
    r'|lcAccountNumber)"\s*:\s*)'
    r'(?:"(?:[^"\\]|\\.)*(?:"|\\?\Z)|-?[0-9][0-9.eE+-]*)',
    re.IGNORECASE | re.DOTALL,
)
_XML_SECRET = re.compile(
    r"<((?:[\w.-]+:)?(?:login|secret|password|authToken|key|pin))(\s[^>]*)?>[^<]*"
    r"(?:</\1>|(?:</?[\w.:-]*)?\Z)",
    re.IGNORECASE,
)
_FORM_SECRET = re.compile(
    r"(^|[?&])((?:password|secret|key|apikey|token|login|username|pin)=)[^&\s]*", re.IGNORECASE
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without secrets: by the names of fields, and by the given values themselves."""
    text = _JSON_SECRET.sub(rf'\1"{REDACTED}"', text)
    text = _XML_SECRET.sub(rf"<\1>{REDACTED}</\1>", text)
    text = _FORM_SECRET.sub(rf"\1\2{REDACTED}", text)
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, REDACTED)
    return text


@contextlib.contextmanager
def redacted_errors(secrets: Iterable[str]) -> Iterator[None]:
    """Take the secrets out of any `ProviderError` that leaves the block.

    Such an error may quote the provider, who may quote the request.
    """
    try:
        yield
    except ProviderError as error:
        error.message = redact(error.message, secrets)
        error.args = (error.message,)
        raise
