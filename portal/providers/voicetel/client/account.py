"""The account: profile, money, call records, accounts that are opened (voicetel.md 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal
from zoneinfo import available_timezones

from portal.providers.errors import off_contract
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import TN10, Core, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import account as methods
from portal.providers.voicetel.methods.core import Method

EMAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_USERNAME = re.compile(r"[0-9]{10}")
_DIGITS = re.compile(r"[0-9]{1,20}")
_LATEST: Final = 10**11  # seconds; a larger count is one of milliseconds

CreditStatus = Literal["paid", "unpaid"]


class AccountOperations(Core):
    """The operations on the account."""

    def get_account(self) -> Record:
        """Return the account's record with balance and rates; six an hour are allowed."""
        method = methods.GET_ACCOUNT
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            if not {"username", "name", "cash", "rates"} & set(content):
                raise off_contract(method.name, False, "it is no account")
            return content

    def put_account(
        self,
        *,
        timezone: str | None = None,
        notify: bool | None = None,
        notify_threshold: int | None = None,
        caller_id: str | None = None,
        ccs: int | None = None,
        sms: bool | None = None,
        mms: bool | None = None,
        intl: bool | None = None,
        e911: bool | None = None,
    ) -> list[str]:
        """Change what is not None; return the names of the fields that were changed.

        `notify_threshold` is in whole dollars. From `ccs` on only an administrator may.
        """
        if timezone is not None and timezone not in available_timezones():
            raise ValueError(f"there is no time zone {timezone[:60]!r}")
        if caller_id is not None:
            require(TN10, caller_id, "a caller id has ten digits")
        if (notify_threshold or 0) < 0:
            raise ValueError("the balance to warn below is not negative")
        if (ccs or 0) < 0:
            raise ValueError("the count of concurrent calls is not negative")
        wanted: dict[str, Any] = {
            "timezone": timezone,
            "notify": notify,
            "notifyThreshold": notify_threshold,
            "callerId": caller_id,
            "ccs": ccs,
            "sms": sms,
            "mms": mms,
            "intl": intl,
            "e911": e911,
        }
        payload = {name: value for name, value in wanted.items() if value is not None}
        if not payload:
            raise ValueError("nothing to change was given")
        method = methods.PUT_ACCOUNT
        with self._sent(method, payload=payload) as reply:
            updated = (envelope.read_data(reply, method) or {}).get("updated")
            if not isinstance(updated, list):
                raise off_contract(method.name, True, "it does not tell what was changed")
            return [name for name in updated if isinstance(name, str)]

    def post_account(
        self, *, username: str, name: str, email: str, master_account: str = ""
    ) -> Record:
        """Open an account as an administrator; the reply tells its password this once.

        `master_account` is the account that pays, empty: the new one.
        """
        require(_USERNAME, username, "a username has ten digits")
        _require_name(name)
        require(EMAIL, email, "a mail address is needed")
        payload = {"username": username, "name": name, "email": email}
        if master_account:
            require(_DIGITS, master_account, "a billing account has digits only")
            payload["masterAccount"] = master_account
        return self._data(methods.POST_ACCOUNT, payload=payload)

    def get_account_credits(self, status: CreditStatus | None = None) -> list[Record]:
        """Return the credits, newest first: the paid, the unpaid, or all."""
        if status not in (None, "paid", "unpaid"):
            raise ValueError(f"credits are paid or unpaid, not {status!r}")
        params = [("status", status)] if status else []
        return self._list(methods.GET_ACCOUNT_CREDITS, "credits", params=params)

    def get_account_cdr(
        self, *, start: int | None = None, end: int | None = None
    ) -> Iterator[Record]:
        """Yield the call records between two edges as they arrive, newest first; six an hour.

        Seconds since 1970: `start` is the newer edge (default now), `end` the older one (default a
        day ago).
        """
        for edge in (start, end):
            if edge is not None and not 0 <= edge < _LATEST:
                raise ValueError(f"an edge is a count of seconds since 1970, not {edge}")
        if start is not None and end is not None and start < end:
            raise ValueError("`start` is the newer edge and cannot be older than `end`")
        edges = (("start", start), ("end", end))
        params = [(name, str(edge)) for name, edge in edges if edge is not None]
        return self._stream(methods.GET_ACCOUNT_CDR, self.list_wire, name="cdr", params=params)

    def get_account_registration(self) -> Record | None:
        """Return the registered device, None where there is none."""
        method = methods.GET_ACCOUNT_REGISTRATION
        with self._sent(method) as reply:
            return envelope.read_data(reply, method)

    def get_account_recurring_charges(self) -> Record:
        """Return the monthly charges with their sum; six an hour are allowed."""
        method = methods.GET_ACCOUNT_RECURRING_CHARGES
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            envelope.records(content, "charges", method)
            return content

    def get_account_payments(self) -> list[Record]:
        """Return the payments, newest first."""
        return self._list(methods.GET_ACCOUNT_PAYMENTS, "payments")

    def post_account_recovery(self, email: str) -> str:
        """Have the way back into an account mailed to its owner; return the provider's words."""
        require(EMAIL, email, "a mail address is needed")
        content = self._public(methods.POST_ACCOUNT_RECOVERY, {"email": email})
        return str(content.get("message") or "")[:300]

    def post_accounts(self, *, name: str, email: str, promo: str = "") -> Record:
        """Open an account as anybody may; the reply tells its password this once."""
        _require_name(name)
        require(EMAIL, email, "a mail address is needed")
        payload = {"name": name, "email": email}
        if promo:
            payload["promo"] = promo
        return self._public(methods.POST_ACCOUNTS, payload)

    def _public(self, method: Method, payload: Record) -> Record:
        """Return the `data` of an operation that goes without a key."""
        with self._once(method, self.wire, payload=payload) as reply:
            return envelope.read_data(reply, method) or {}


def _require_name(name: str) -> None:
    if not name.strip():
        raise ValueError("a name is needed")
