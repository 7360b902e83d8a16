"""What every VoiceTel route shares: envelopes, bearer keys, field checks, limits (voicetel.md 1).

A handler raises `Refused` to answer an error; `operation` turns that into the error envelope and,
unless the route is public, finds the account of the bearer first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from portal.sandbox.http import Request, Response, json_response
from portal.sandbox.store import Store

PROVIDER = "voicetel"
TN10 = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{2}[0-9]{4}")
HOURLY_LIMIT = 6
DEFAULT_ROUTE = 4

Handler = Callable[..., Response]
Facts = dict[str, Any]

ACCOUNT_FACTS: Mapping[str, Any] = {
    "name": "Sandbox Voice LLC",
    "email": "sandbox@example.net",
    "enabled": True,
    "created": "2025-03-01T09:00:00Z",
    "timezone": "America/New_York",
    "ccs": 25,
    "authType": 0,
    "callerId": "2125550100",
    "notify": True,
    "notifyThreshold": 20,
    "services": {
        "sms": True,
        "mms": True,
        "e911": True,
        "intl": False,
        "cnam": True,
        "rcid": False,
        "bypassMedia": False,
        "dialer": False,
    },
    "rates": {
        "did": 0.5,
        "sms": 0.01,
        "mms": 0.02,
        "cnam": 0.005,
        "lrn": 0.002,
        "fax": 0.02,
        "nibble": 0.01,
        "tfAdj": 0.01,
        "intlMax": 0.5,
    },
    "acl": [],
    "credits": [],
    "payments": [],
    "registration": None,
}


class Refused(Exception):
    """An answer that is an error: HTTP status, message, and what stands beside the error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        beside: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.beside = dict(beside or {})
        self.headers = dict(headers or {})


@dataclass(kw_only=True)
class Caller:
    """The account that a request speaks for; `facts` is its JSON, written back by `save`.

    The balance (USD) is never written from here: `debit` changes it in the database.
    """

    login: str
    balance: float
    facts: Facts = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        return bool(self.facts.get("admin"))

    def save(self, store: Store) -> None:
        store.execute(
            "UPDATE account SET data = ? WHERE provider = ? AND login = ?",
            (json.dumps(self.facts), PROVIDER, self.login),
        )

    def debit(self, store: Store, amount: float) -> None:
        store.execute(
            "UPDATE account SET balance = round(balance - ?, 4) WHERE provider = ? AND login = ?",
            (amount, PROVIDER, self.login),
        )


def success(payload: Any, status: int = 200) -> Response:
    """Wrap a payload in the success envelope (1.2)."""
    return json_response(status, {"status": "success", "data": payload})


def no_content() -> Response:
    """Answer 204 with an empty body (1.2)."""
    return Response(204, b"", "application/json")


def failure(refused: Refused) -> Response:
    """Wrap a refusal in the error envelope; `code` mirrors the HTTP status (1.2)."""
    error: dict[str, Any] = {"code": refused.status, "message": refused.message}
    beside = dict(refused.beside)
    error.update(beside.pop("error", {}))
    response = json_response(refused.status, {"status": "error", "error": error, **beside})
    response.headers.update(refused.headers)
    return response


def operation(
    *, public: bool = False, limited: str = "", refusal: tuple[int, str] = (400, "Request refused")
) -> Callable[[Handler], Handler]:
    """Make a handler of the shape `(request, store, caller, *path)` one that the core can call.

    `limited` names the route for the six-per-hour limit (1.4); `refusal` is the answer when a
    fault tells the operation to refuse, in the words and with a status that the route documents.
    A public handler gets no caller; parts of the path come in their order. Whatever is not a GET
    runs in one write transaction, which a raised `Refused` rolls back.
    """

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(request: Request, store: Store, **path: str) -> Response:
            try:
                if limited:
                    count_call(request, store, limited)
                if is_faulted(request, "refuse"):
                    raise Refused(*refusal)
                with nullcontext() if request.method == "GET" else store.transaction():
                    callers = () if public else (find_caller(request, store),)
                    return handler(request, store, *callers, *path.values())
            except Refused as refused:
                return failure(refused)

        return answer

    return wrap


def is_faulted(request: Request, kind: str) -> bool:
    """Tell whether a fault of this kind was set for the request."""
    return request.fault is not None and request.fault.kind == kind


def faulted_tns(request: Request, kind: str) -> frozenset[str]:
    """Return the numbers of the request that a fault of this kind is about."""
    fault = request.fault
    return frozenset(fault.tns) if fault is not None and fault.kind == kind else frozenset()


def load_account(store: Store, login: str) -> Caller | None:
    """Return an account with the defaults of the sandbox filled in, or None."""
    rows = store.query(
        "SELECT login, balance, data FROM account WHERE provider = ? AND login = ?",
        (PROVIDER, login),
    )
    if not rows:
        return None
    facts = {**json.loads(json.dumps(ACCOUNT_FACTS)), **json.loads(rows[0]["data"] or "{}")}
    return Caller(login=rows[0]["login"], balance=float(rows[0]["balance"]), facts=facts)


def find_caller(request: Request, store: Store) -> Caller:
    """Return the account of the bearer key; raise 401 for a missing, unknown or outdated one."""
    scheme, _, key = request.header("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and not is_faulted(request, "auth"):
        rows = store.query("SELECT login FROM voicetel_key WHERE apikey = ?", (key.strip(),))
        caller = load_account(store, rows[0]["login"]) if rows else None
        if caller is not None:
            return caller
    raise Refused(401, "Unauthorized")


def count_call(request: Request, store: Store, route: str) -> None:
    """Count a call of a limited route by source address; raise 429 for the seventh in an hour.

    The document leaves open whether the routes share a bucket; each has its own here (1.4).
    Setting `voicetel.rate_limit` = `off` lifts the limit.
    """
    if store.setting("voicetel.rate_limit", "on") == "off":
        return
    now = store.now()
    with store.transaction():
        store.execute("DELETE FROM voicetel_hit WHERE at <= ?", (stamp(now - timedelta(hours=1)),))
        hits = store.query(
            "SELECT at FROM voicetel_hit WHERE route = ? AND remote = ? ORDER BY at",
            (route, request.remote),
        )
        if len(hits) < HOURLY_LIMIT:
            store.execute(
                "INSERT INTO voicetel_hit (route, remote, at) VALUES (?, ?, ?)",
                (route, request.remote, stamp(now)),
            )
            return
    wait = datetime.fromisoformat(hits[0]["at"]) + timedelta(hours=1) - now
    raise Refused(
        429, "Rate limit exceeded", headers={"Retry-After": str(max(1, int(wait.total_seconds())))}
    )


def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of the request; raise 400 for anything else, half characters too."""
    try:
        body = request.json()
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError:
        raise Refused(400, "Request body must be valid JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "Request body must be a JSON object")
    return body


def parameters(request: Request) -> dict[str, str]:
    """Return the query string as a dictionary; of a repeated name the last value counts."""
    return dict(request.query)


def require(fields: Mapping[str, Any], *names: str) -> None:
    """Raise 400 in the provider's words unless each field is there and not empty (1.2)."""
    missing = [name for name in names if fields.get(name) in (None, "")]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise Refused(400, f"Field{plural} Required: {', '.join(missing)}")


def is_tn(text: object) -> bool:
    """Tell whether a value is a ten-digit number as the schema wants it."""
    return isinstance(text, str) and TN10.fullmatch(text) is not None


def check_tn(name: str, text: object) -> str:
    if not is_tn(text):
        raise Refused(400, f"Invalid {name}: must be a 10-digit number")
    return str(text)


def check_int(name: str, value: object, *, low: int, high: int) -> int:
    """Return a JSON integer; raise 400 outside the range, and for digits in quotes."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(400, f"Invalid {name}: must be an integer from {low} to {high}")
    return value


def check_bool(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused(400, f"Invalid {name}: must be true or false")
    return value


def stamp(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC, in a form that sorts as text."""
    return moment.isoformat(timespec="microseconds")


def zulu(moment: datetime) -> str:
    """Write a moment as the wire does: ISO 8601 with Z, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
