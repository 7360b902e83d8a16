"""The wire: one typed function per operation, named after it (voicetel.md sections 1, 2, 6, 7, 10).

Functions check their arguments before anything is sent (ValueError), judge the envelope and return
records as the provider spells them. The fate of each number is in the records; `mapping` reads it.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

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
from portal.providers.voicetel import envelope, methods
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import Method

LIST_SECONDS: Final = 180.0  # GET /numbers gives the whole account in one answer (section 10)
ORDER_BATCH: Final = 100
MAX_QUANTITY: Final = 1000
# A key has no end of its own (1.1); a new one a month keeps a forgotten copy from being of use.
KEY_LIFETIME: Final = timedelta(days=30)
TOKEN: Final = "apikey"  # noqa: S105 - the name under which the key is kept, not the key

CountBy = Literal["state", "city", "rateCenter", "npanxx", "block"]

_TN10 = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_MASK = re.compile(r"[2-9][0-9]{2,9}\*?")
_STATE = re.compile(r"[A-Z]{2}")
_NPA = re.compile(r"[2-9][0-9]{2}")
_LATA = re.compile(r"[0-9]{1,5}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_KEY = re.compile(r"[\x21-\x7e]{8,512}")  # 32 hexadecimal digits; more is let through, not spaces


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedNumber:
    """One number of an order: ten digits, and the id of the gateway that its calls go to."""

    number: str
    route: int

    def __post_init__(self) -> None:
        _require(_TN10, self.number, "a number has ten digits")
        if self.route < 1:
            raise ValueError("a gateway id is positive")


class Client:
    """One account's connection. Two wires, because the list is waited for longer than answers."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._username = account.credentials.get("username", "").strip()
        self._password = account.credentials.get("password", "")
        # A password stands in a body as JSON spells it.
        self._secrets = (self._password, json.dumps(self._password)[1:-1], self._username)
        self.runtime = runtime
        self.wire = Wire(runtime, base_url=account.base_url, secrets=self._secrets)
        self.list_wire = Wire(
            runtime, base_url=account.base_url, secrets=self._secrets, read_seconds=LIST_SECONDS
        )

    def close(self) -> None:
        """Give back the sockets."""
        self.wire.close()
        self.list_wire.close()

    def post_account_api_key(self) -> str:
        """Return the key that every other operation needs (1.1, 2); six an hour are allowed.

        Raises `ProviderAuthError` where username or password is wrong or missing.
        """
        method = methods.POST_API_KEY
        if not self._username or not self._password:
            raise ProviderAuthError(
                "The account has no username or no password. Nothing was sent.",
                operation=method.name,
            )
        payload = {"username": self._username, "password": self._password}
        with self._once(method, self.wire, payload=payload) as reply:
            key = clean((envelope.read_data(reply, method) or {}).get("apikey"))
            if not _KEY.fullmatch(key):
                raise off_contract(method.name, False, "it has no API key")
            return key

    def get_account(self) -> Record:
        """Return the account's record with balance and rates (2); six an hour are allowed."""
        method = methods.GET_ACCOUNT
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            if not {"username", "name", "cash", "rates"} & set(content):
                raise off_contract(method.name, False, "it is no account")
            return content

    def get_gateways(self) -> list[Record]:
        """Return the gateways, the system's own among them (6)."""
        return self._list(methods.GET_GATEWAYS, "gateways")

    def get_inventory(
        self,
        tn_mask: str,
        *,
        quantity: int = 10,
        province: str = "",
        rate_center: str = "",
        lata: str = "",
    ) -> Iterator[Record]:
        """Yield numbers for sale (7.1); the provider keeps an answer for ten minutes.

        `tn_mask` is a prefix of at least three digits, a star at its end allowed.
        """
        _require(_MASK, tn_mask, "a mask is a prefix of three to ten digits")
        if not 1 <= quantity <= MAX_QUANTITY:
            raise ValueError(f"a search asks for 1 to {MAX_QUANTITY} numbers")
        params = [("tnMask", tn_mask), ("quantity", str(quantity))]
        params += _filters(province=(province, _STATE), rateCenter=(rate_center, None))
        params += _filters(lata=(lata, _LATA))
        return self._stream(methods.GET_INVENTORY, self.wire, params=params)

    def get_inventory_coverage(
        self,
        count_by: CountBy,
        *,
        loc_state: str = "",
        city: str = "",
        rc_abbre: str = "",
        npa: str = "",
        lata: str = "",
    ) -> list[Record]:
        """Return how many numbers are for sale per place (7.2); kept for ten minutes too."""
        params: list[tuple[str, str]] = [("countBy", count_by)]
        params += _filters(locState=(loc_state, _STATE), city=(city, None))
        params += _filters(rcAbbre=(rc_abbre, None), npa=(npa, _NPA), lata=(lata, _LATA))
        return self._list(methods.GET_INVENTORY_COVERAGE, "coverage", params=params)

    def post_orders(self, numbers: Sequence[OrderedNumber], *, idempotency_key: str) -> Record:
        """Buy numbers at once; return ids of those ordered and of those that failed (7.3).

        The same key gives the stored answer for 24 hours and neither orders nor charges again.
        `ProviderUnavailable` with code 502: documented as "nothing was written".
        """
        method = methods.POST_ORDERS
        if not 1 <= len(numbers) <= ORDER_BATCH:
            raise ValueError(f"an order has at least one and at most {ORDER_BATCH} numbers")
        _require(_REFERENCE, idempotency_key, "a reference has letters, digits, - and _ only")
        payload = {"numbers": [{"number": n.number, "route": n.route} for n in numbers]}
        headers = {"Idempotency-Key": idempotency_key}
        with self._sent(method, payload=payload, headers=headers) as reply:
            content = envelope.read_data(reply, method) or {}
            lists = [content[name] for name in ("numbersOrdered", "failed") if name in content]
            if not lists or not all(isinstance(listed, list | None) for listed in lists):
                raise off_contract(method.name, True, "it names no numbers")
            return content

    def get_numbers(self) -> Iterator[Record]:
        """Yield every number of the account as it arrives (10); none where it owns none."""
        return self._stream(methods.GET_NUMBERS, self.list_wire)

    def get_number(self, number: str) -> Record | None:
        """Return the record of one number, None where it is not on this account (10)."""
        _require(_TN10, number, "a number has ten digits")
        method = methods.GET_NUMBER
        with self._sent(method, number=number) as reply:
            content = envelope.read_data(reply, method)
            if content is not None and not content.get("number"):
                raise off_contract(method.name, False, "it is no number")
            return content

    def post_number_release(self, number: str) -> None:
        """Give one number back to the network (10). Cannot be undone."""
        _require(_TN10, number, "a number has ten digits")
        method = methods.POST_NUMBER_RELEASE
        with self._sent(method, number=number) as reply:
            envelope.read_data(reply, method)

    def _list(
        self, method: Method, name: str, *, params: Sequence[tuple[str, str]] = ()
    ) -> list[Record]:
        with self._sent(method, params=params) as reply:
            return envelope.records(envelope.read_data(reply, method), name, method)

    def _stream(
        self, method: Method, wire: Wire, *, params: Sequence[tuple[str, str]] = ()
    ) -> Iterator[Record]:
        """Yield the records of `data.numbers` in constant memory; an error where it is cut short."""
        with self._sent(method, wire=wire, params=params) as reply:
            if reply.status == 404 and method.is_empty_on_404:
                envelope.require_not_found(reply, method)
                return
            if reply.status != 200:
                raise envelope.failure(reply, method)
            array = ArrayReader(reply.chunks(), ("data", "numbers"))
            try:
                for record in envelope.only_records(array, method):
                    if "status" in array.others:
                        envelope.require_success(array.others, method)
                    yield record
            except ValueError as error:
                raise not_json(reply) from error
            envelope.require_success(array.others, method)
            if not array.is_found:
                raise off_contract(method.name, False, "it has no list “numbers”")

    @contextlib.contextmanager
    def _sent(
        self, method: Method, *, wire: Wire | None = None, **request: Any
    ) -> Iterator[StreamedReply]:
        """Send one request under the key; once more with a new key when the kept one is refused.

        A 401 means on all these routes that nothing was carried out (1.3), so a write may be
        repeated after it. A key that was fetched for this very call is not fetched again.
        """
        for is_last in (False, True):
            key, is_new = self._key(method)
            with self._once(method, wire or self.wire, key=key, **request) as reply:
                if reply.status != 401:
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
        for wire in (self.wire, self.list_wire):
            wire.secrets = tuple(secret for secret in (*self._secrets, key) if secret)
        return key, bool(fetched)

    @contextlib.contextmanager
    def _once(
        self,
        method: Method,
        wire: Wire,
        *,
        key: str = "",
        number: str = "",
        headers: dict[str, str] | None = None,
        params: Sequence[tuple[str, str]] = (),
        payload: Any = None,
    ) -> Iterator[StreamedReply]:
        authorization = {} if method.is_public else {"Authorization": f"Bearer {key}"}
        try:
            with RESTCaller(wire).send(
                method.name,
                method.verb,
                method.path.replace("{number}", number),
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


def _filters(**values: tuple[str, re.Pattern[str] | None]) -> list[tuple[str, str]]:
    """Return the query parameters of filters that are set; raises ValueError for a bad one."""
    found: list[tuple[str, str]] = []
    for name, (text, pattern) in values.items():
        if not text:
            continue
        if pattern is not None:
            _require(pattern, text, f"{name} is not spelled like that")
        found.append((name, text))
    return found


def _require(pattern: re.Pattern[str], text: str, rule: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(f"{rule}, not {text[:60]!r}")
