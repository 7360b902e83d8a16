"""What every IntelePeer route shares: error bodies, tokens, parameter checks (intelepeer.md 1).

The texts are the provider's literal ones. A handler raises `Refused` to answer an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from portal.sandbox.http import Request, Response, json_response
from portal.sandbox.store import Store

PROVIDER = "intelepeer"
E164 = re.compile(r"\+1([2-9]\d{2}[2-9]\d{6})")
PAGE_SIZE_LIMIT = 100
PURCHASE, CHANGE, RETURN = "TF Purchase", "Change Package", "TF Return"

UNAUTHORIZED = "Unauthorized"
SESSION_EXPIRED = "Session Expired"
NOT_ACCEPTABLE = "Not Acceptable"
NOT_AVAILABLE = "Number(s) not available."
NOT_ASSIGNED = "One or more numbers is not assigned to this account."
PENDING_DISCONNECT = "One or more numbers is already pending disconnect."
CONFLICTING_ORDER = "One or more numbers is part of a conflicting order."
NUMBER_OBJECT = "The '%' parameter is required for each Number object."
COUNTRY_CODE = "The 'countryCode' parameter must match one of the following values: 1"

Handler = Callable[..., Response]


class Refused(Exception):
    """An answer that is an error: HTTP status, the provider's text, an odd reason phrase."""

    def __init__(self, status: int, text: str, *, reason: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The login that a request speaks for and the account it belongs to."""

    login: str
    account_id: int
    name: str


def operation(
    *,
    public: bool = False,
    checks_accept: bool = True,
    refusal: tuple[int, str] | None = None,
) -> Callable[[Handler], Handler]:
    """Make a handler of the shape `(request, store, caller)` one that the core can call.

    Answers 406 without `Accept: application/json` (disconnect lists no 406: `checks_accept`),
    401 without a good token, and `refusal`, if given, when a fault tells the operation to refuse. Whatever
    is not a GET runs in one write transaction, which a raised `Refused` rolls back.
    """

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(request: Request, store: Store, **path: str) -> Response:
            try:
                if checks_accept and "application/json" not in request.header("Accept", ""):
                    raise Refused(406, NOT_ACCEPTABLE)
                with nullcontext() if request.method == "GET" else store.transaction():
                    callers = () if public else (find_caller(request, store),)
                    if refusal is not None and is_faulted(request, "refuse"):
                        raise Refused(*refusal)
                    return handler(request, store, *callers, **path)
            except Refused as refused:
                return failure(refused)

        return answer

    return wrap


def failure(refused: Refused) -> Response:
    """Write the error body, which is always `code` and `error` (1)."""
    response = json_response(refused.status, {"code": refused.status, "error": refused.text})
    response.reason = refused.reason
    return response


def is_faulted(request: Request, kind: str) -> bool:
    """Tell whether a fault of this kind was set for the request."""
    return request.fault is not None and request.fault.kind == kind


def load_caller(store: Store, login: str) -> Caller | None:
    """Return the account of a login, or None."""
    rows = store.query(
        "SELECT login, data FROM account WHERE provider = ? AND login = ?", (PROVIDER, login)
    )
    if not rows:
        return None
    facts = json.loads(rows[0]["data"] or "{}")
    return Caller(
        login=rows[0]["login"],
        account_id=int(facts.get("accountID", 0)),
        name=str(facts.get("name", rows[0]["login"])),
    )


def find_caller(request: Request, store: Store) -> Caller:
    """Return who the token speaks for; both header forms, raw and `Bearer`, are understood (1.1).

    Raises 401 `Unauthorized` for no or an unknown token, 401 `Session Expired` for an old one.
    """
    header = request.header("Authorization", "").strip()
    token = header[7:].strip() if header[:7].lower() == "bearer " else header
    rows = store.query("SELECT login, expires FROM intelepeer_token WHERE token = ?", (token,))
    if not rows or is_faulted(request, "auth"):
        raise Refused(401, UNAUTHORIZED)
    if rows[0]["expires"] <= zulu(store.now()):
        raise Refused(401, SESSION_EXPIRED)
    caller = load_caller(store, rows[0]["login"])
    if caller is None:
        raise Refused(401, UNAUTHORIZED)
    return caller


class Parameters:
    """The query of a request: arrays are `name[]=a&name[]=b`, one value may be plain `name=a`."""

    def __init__(self, query: Sequence[tuple[str, str]]) -> None:
        self._query = list(query)

    def many(self, name: str) -> list[str]:
        """Return every value of an array parameter."""
        return [value for key, value in self._query if key in (name, f"{name}[]")]

    def text(self, name: str) -> str | None:
        """Return a scalar, or None when it is missing; raise 422 when it is given as an array."""
        values = self.many(name)
        if len(values) > 1 or any(key == f"{name}[]" for key, _ in self._query):
            raise not_scalar(name)
        return values[0] if values else None

    def integer(self, name: str, default: int, *, high: int = 2**31) -> int:
        """Return an integer between 1 and `high`; values outside are brought to the edge."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[+-]?\d{1,18}", value):
            raise wrong_format(name, "integer")
        return min(max(int(value), 1), high)

    def boolean(self, name: str, kind: str = "boolean") -> bool | None:
        """Return a 0/1 parameter, or None when it is missing; `kind` is the word of the error."""
        value = self.text(name)
        if value not in (None, "0", "1"):
            raise wrong_format(name, kind)
        return None if value is None else value == "1"


def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of the request; what is none counts as an object without members."""
    try:
        body = request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def check_scalars(
    body: Mapping[str, Any], *, integers: Sequence[str], strings: Sequence[str]
) -> None:
    """Raise 422 in the provider's words for members that have the wrong type."""
    for name in (*integers, *strings):
        if isinstance(body.get(name), (list, dict)):
            raise not_scalar(name)
    for name in integers:
        value = body.get(name)
        is_digits = isinstance(value, str) and value.isdecimal()
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not is_digits and not is_integer:
            raise wrong_format(name, "integer")
    for name in strings:
        if body.get(name) is not None and not isinstance(body[name], str):
            raise wrong_format(name, "string")


def require(body: Mapping[str, Any], *names: str) -> None:
    """Raise 422 for the first of the members that is not there."""
    for name in names:
        if body.get(name) in (None, "", []):
            raise required(name)


def required(name: str) -> Refused:
    return Refused(422, f"The '{name}' parameter is required.")


def not_scalar(name: str) -> Refused:
    return Refused(422, f"The '{name}' parameter must be scalar.")


def wrong_format(name: str, kind: str) -> Refused:
    return Refused(422, f"The '{name}' parameter must be formatted as a(n) {kind}.")


def tn_of(endpoint: object) -> str | None:
    """Return the ten digits of an E.164 endpoint, or None when it is not one."""
    match = E164.fullmatch(endpoint) if isinstance(endpoint, str) else None
    return match.group(1) if match else None


def endpoint_list(body: Mapping[str, Any]) -> list[str]:
    """Return the E.164 texts of `endpoints`; raise 422 when it is missing or no array of texts."""
    require(body, "endpoints")
    if not isinstance(body["endpoints"], list):
        raise wrong_format("endpoints", "array")
    for endpoint in body["endpoints"]:
        if not isinstance(endpoint, str):
            raise wrong_format("endpoints", "string")
    return list(body["endpoints"])


def body_tns(request: Request) -> list[str]:
    """List the numbers that a body names, as E.164 texts or as number objects."""
    body = body_of(request)
    entries = body.get("endpoints") or body.get("numbers")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        tn = str(entry.get("number")) if isinstance(entry, dict) else tn_of(entry)
        if tn:
            found.append(tn)
    return found


def geo(*, country: str = "US", with_city: bool = True) -> dict[str, str | None]:
    """Return the `geo` object of a toll-free number: a country and no place."""
    place = {"country": country, "stateProvince": None}
    return {"city": None, **place} if with_city else place


def zulu(moment: datetime) -> str:
    """Write a moment as the wire does: ISO 8601 UTC with Z, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sortable(moment: datetime) -> str:
    """Write a moment in a form that sorts as text, for the tables."""
    return moment.isoformat(timespec="microseconds")
