"""How one request is sent: the key all workers share, budgets, envelopes (voicetel.md section 1).

The functions of the sections stand in the neighbour modules, one mixin each.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from portal.providers.base import Account, Runtime
from portal.providers.errors import (
    ProviderAuthError,
    ProviderProtocolError,
    ProviderTimeout,
    ProviderUnavailable,
    off_contract,
)
from portal.providers.http import StreamedReply, Wire
from portal.providers.rest import ArrayReader, RESTCaller, clean, not_json
from portal.providers.voicetel import envelope
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import core as methods
from portal.providers.voicetel.methods.account import POST_API_KEY
from portal.providers.voicetel.methods.core import Method

LIST_SECONDS: Final = 180.0  # GET /numbers gives the whole account in one answer (section 10)
# A key has no end of its own (1.1); a new one a month keeps a forgotten copy from being of use.
KEY_LIFETIME: Final = timedelta(days=30)
TOKEN: Final = "apikey"  # noqa: S105 - the name under which the key is kept, not the key

TN10: Final = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
STATE: Final = re.compile(r"[A-Z]{2}")
_KEY = re.compile(r"[\x21-\x7e]{8,512}")  # 32 hexadecimal digits; more is let through, not spaces


class Core:
    """One account's connection. Two wires, because the list is waited for longer than answers."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._username = account.credentials.get("username", "").strip()
        self._password = account.credentials.get("password", "")
        self._secrets: tuple[str, ...] = ()
        self._key_in_use = ""
        self.runtime = runtime
        self.wire = Wire(runtime, base_url=account.base_url)
        self.list_wire = Wire(runtime, base_url=account.base_url, read_seconds=LIST_SECONDS)
        self._keep_secret(self._password, self._username)

    def close(self) -> None:
        """Give back the sockets."""
        self.wire.close()
        self.list_wire.close()

    def post_account_api_key(self, *, password: str = "") -> str:
        """Return the key that every other operation needs (1.1, 2); six an hour are allowed.

        Raises `ProviderAuthError` where username or password is wrong or missing. A `password` that
        is only tried, and refused, gives "": it says nothing of the account's own.
        """
        method = POST_API_KEY
        is_trial = bool(password)
        password = password or self._password
        self._keep_secret(password)
        if not self._username or not password:
            raise ProviderAuthError(
                "The account has no username or no password. Nothing was sent.",
                operation=method.name,
            )
        payload = {"username": self._username, "password": password}
        with self._once(method, self.wire, payload=payload) as reply:
            if is_trial and reply.status == 401:
                reply.read_all()
                return ""
            key = clean((envelope.read_data(reply, method) or {}).get("apikey"))
            if not _KEY.fullmatch(key):
                raise off_contract(method.name, False, "it has no API key")
            return key

    def _list(
        self,
        method: Method,
        name: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        parts: Mapping[str, str] | None = None,
    ) -> list[Record]:
        """Return the records of ``data.{name}``; none where 404 means an empty list."""
        with self._sent(method, params=params, parts=parts) as reply:
            content = envelope.read_data(reply, method)
            return [] if content is None else envelope.records(content, name, method)

    def _data(self, method: Method, **request: Any) -> Record:
        """Return the `data` of one request; {} where the operation answers without a body.

        `request` takes `parts` (of the path), `params`, `payload` and `headers`.
        """
        with self._sent(method, **request) as reply:
            return envelope.read_data(reply, method) or {}

    def _stream(
        self,
        method: Method,
        wire: Wire,
        *,
        name: str = "numbers",
        params: Sequence[tuple[str, str]] = (),
        parts: Mapping[str, str] | None = None,
    ) -> Iterator[Record]:
        """Yield the records of ``data.{name}`` in constant memory; an error where it is cut short."""
        with self._sent(method, wire=wire, params=params, parts=parts) as reply:
            if reply.status == 404 and method.is_empty_on_404:
                envelope.require_not_found(reply, method)
                return
            if reply.status != 200:
                raise envelope.failure(reply, method)
            array = ArrayReader(reply.chunks(), ("data", name))
            try:
                for record in envelope.only_records(array, method):
                    if "status" in array.others:
                        envelope.require_success(array.others, method)
                    yield record
            except ValueError as error:
                raise not_json(reply) from error
            envelope.require_success(array.others, method)
            if not array.is_found:
                raise off_contract(method.name, False, f"it has no list “{name}”")

    @contextlib.contextmanager
    def _sent(
        self, method: Method, *, wire: Wire | None = None, **request: Any
    ) -> Iterator[StreamedReply]:
        """Send one request under the key; once more with a new key when the kept one is refused.

        A 401 means on every route that nothing was carried out (1.3), so a write may be repeated
        after it; where it is about the item, it is handed over and no key is fetched. A key that was fetched for this very call is not fetched again.
        """
        for is_last in (False, True):
            key, is_new = self._key(method)
            with self._once(method, wire or self.wire, key=key, **request) as reply:
                if reply.status != 401 or method.not_ours_on_401:
                    yield reply
                    return
                if is_last or is_new:
                    raise envelope.failure(reply, method)
                reply.read_all()
            self.runtime.drop_token(TOKEN, key)

    def _key(self, method: Method) -> tuple[str, bool]:
        """Return the key all workers share, and whether it was fetched just now."""
        fetched: list[str] = []

        def fetch() -> str:
            fetched.append(self.post_account_api_key())
            return fetched[0]

        try:
            key = self.runtime.token(TOKEN, lifetime=KEY_LIFETIME, fetch=fetch)
        except (ProviderTimeout, ProviderProtocolError) as error:
            if not method.is_write:
                raise
            raise ProviderUnavailable(
                f"Signing in at VoiceTel failed, so nothing was sent. ({error.message})",
                code=error.code,
                operation=error.operation,
            ) from error
        self._keep_secret(key)
        self._key_in_use = key
        return key, bool(fetched)

    def _keep_secret(self, *texts: str) -> None:
        """Let no exchange from here on show these texts, nor the way in which JSON spells them."""
        spelled = (spelling for text in texts for spelling in (text, json.dumps(text)[1:-1]))
        self._secrets = tuple(dict.fromkeys((*self._secrets, *filter(None, spelled))))
        for wire in (self.wire, self.list_wire):
            wire.secrets = self._secrets

    @contextlib.contextmanager
    def _once(
        self,
        method: Method,
        wire: Wire,
        *,
        key: str = "",
        parts: Mapping[str, str] | None = None,
        headers: dict[str, str] | None = None,
        params: Sequence[tuple[str, str]] = (),
        payload: Any = None,
    ) -> Iterator[StreamedReply]:
        path = method.path
        for name, text in (parts or {}).items():
            path = path.replace(f"{{{name}}}", text)
        authorization = {} if method.is_public else {"Authorization": f"Bearer {key}"}
        try:
            with RESTCaller(wire).send(
                method.name,
                method.verb,
                path,
                is_write=method.is_write,
                params=params,
                headers={**authorization, **(headers or {})},
                payload=payload,
                expect_5xx=method.nothing_done_on,
                spend=self._spender(method),
            ) as reply:
                yield reply
        except ProviderUnavailable as error:
            if error.code == "429" and error.retry_at is None:  # Retry-After may be missing (1.4)
                wait = methods.BUDGET_SECONDS // methods.BUDGET_CALLS if method.is_budgeted else 60
                error.retry_at = datetime.now(UTC) + timedelta(seconds=wait)
            raise

    def _spender(self, method: Method) -> Callable[[], None] | None:
        """Return what takes a call from the route's budget; the provider counts our address."""
        if not method.is_budgeted:
            return None
        return lambda: self.runtime.spend(
            method.name,
            limit=methods.BUDGET_CALLS,
            seconds=methods.BUDGET_SECONDS,
            per_source=True,
        )


def filters(**values: tuple[str, re.Pattern[str] | None]) -> list[tuple[str, str]]:
    """Return the query parameters of filters that are set; raises ValueError for a bad one."""
    found: list[tuple[str, str]] = []
    for name, (text, pattern) in values.items():
        if not text:
            continue
        if pattern is not None:
            require(pattern, text, f"{name} is not spelled like that")
        found.append((name, text))
    return found


def require(pattern: re.Pattern[str], text: str, rule: str) -> None:
    """Raise ValueError with the rule unless the whole text fits the pattern."""
    if not pattern.fullmatch(text):
        raise ValueError(f"{rule}, not {text[:60]!r}")


def positive(value: int, what: str) -> int:
    """Return a whole number; raises ValueError with its name unless it is positive."""
    if value < 1:
        raise ValueError(f"{what} is positive, not {value}")
    return value
