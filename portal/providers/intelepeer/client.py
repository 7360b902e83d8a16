"""The wire of IntelePeer: one function per operation (intelepeer.md sections 1 to 8).

Arguments are checked before anything is sent (`ValueError`). Functions return the JSON value of the
reply; `mapping` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from portal.providers.base import Account, Runtime
from portal.providers.errors import (
    ProviderAuthError,
    ProviderProtocolError,
    ProviderTimeout,
    ProviderUnavailable,
)
from portal.providers.http import Wire
from portal.providers.intelepeer import envelope
from portal.providers.intelepeer.envelope import Call, Refused
from portal.providers.redaction import redact
from portal.providers.rest import RESTCaller
from portal.tn import TN

Params = list[tuple[str, str]]

MAX_PAGE: Final = 100
MAX_NUMBERS: Final = 100  # unknown to the reference (section 4)
SERVICE_AREAS: Final = (1, 2, 3, 4, 5)
HOLD_FIELDS: Final = ("reservationID", "reservations")  # by example, and by table (section 5)
TOKEN_NAME: Final = "session"  # noqa: S105 (a name, not a token)
TOKEN_LIFETIME: Final = timedelta(hours=23)  # it lives 24 (section 1.1)
_PART = re.compile(r"\+?[0-9]{1,11}", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_LINE = re.compile(r"[^\x00-\x1f\x7f]*")
_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.ASCII | re.IGNORECASE)


def is_email(text: str) -> bool:
    """Return whether a text is one mail address."""
    return _EMAIL.fullmatch(text) is not None


class IntelePeerClient:
    """One account's wire. Signs in by itself, at most twice per call, and shares its token."""

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._runtime = runtime
        self._username = account.credentials.get("username", "")
        self._password = account.credentials.get("password", "")
        self._is_bearer = str(account.setting("auth_scheme", "raw")).lower() == "bearer"
        self.my_tf_version = str(account.setting("my_tf_version", "v4")).lower()
        self._hold_field = str(account.setting("hold_field", HOLD_FIELDS[0]))
        secrets = [self._username, self._password]
        self.wire = Wire(runtime, base_url=account.base_url, secrets=secrets)

    # -- signing in (section 1.1) ---------------------------------------------------------------

    def authenticate(self) -> str:
        """Return a new token; raises `ProviderAuthError` when the login is not accepted."""
        call = Call(operation="POST /_rest/v4/authenticate")
        login = {"username": self._username, "password": self._password}
        with RESTCaller(self.wire).send(
            call.operation, "POST", "/_rest/v4/authenticate", is_write=False, payload=login
        ) as reply:
            value = envelope.read(reply.read_all(), call, status=reply.status)
            token = value.get("token") if isinstance(value, dict) else None
            if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
                raise envelope.unexpected(call, "it holds no token")
        return token

    def _token(self) -> str:
        """Return the shared token; raises `ProviderUnavailable` where a sign-in got no answer.

        Signing in changes nothing, so its loss must not make the call behind it look "sent".
        """
        try:
            return self._runtime.token(TOKEN_NAME, lifetime=TOKEN_LIFETIME, fetch=self.authenticate)
        except (ProviderTimeout, ProviderProtocolError) as error:
            raise ProviderUnavailable(
                f"Signing in at the provider did not work; nothing else was sent. {error.message}",
                code=error.code,
                operation=error.operation,
            ) from error

    # -- stock (sections 2 and 4) ---------------------------------------------------------------

    def carrier_tf(
        self,
        *,
        like: str = "",
        npas: Sequence[str] = (),
        page: int = 1,
        page_size: int = MAX_PAGE,
        is_sequential: bool = False,
    ) -> Any:
        """Return one page of the numbers for sale.

        Needs `like` (a number or a part of it) or area codes; `like` excludes `is_sequential`.
        """
        _check(like or npas, "A search needs a part of the number or an area code.")
        _check(not like or _PART.fullmatch(like), "A part of a number is digits, + before a 1.")
        _check(not (like and is_sequential), "A part of the number excludes neighbouring numbers.")
        is_toll_free = all(re.fullmatch(r"8[0-9]{2}", npa, re.ASCII) for npa in npas)
        _check(is_toll_free, "Toll-free area codes have three digits, the first of them 8.")
        params = [("like", like)] if like else []
        params += _repeated("npa", npas)
        if is_sequential:
            params.append(("sequential", "1"))
        return self._call("GET", "/_rest/v4/carrier/tf", params=params + _page(page, page_size))

    def carrier_tf_reservations(self, tns: Sequence[TN], *, reservation_id: str) -> Any:
        """Hold numbers under our own id, all or none."""
        _check(_UUID.fullmatch(reservation_id), "A hold’s id is a UUID.")
        payload = {"endpoints": _endpoints(tns), "reservationID": reservation_id}
        return self._call("POST", "/_rest/v4/carrier/tf/reservations", payload=payload)

    # -- our numbers (sections 3, 5, 6 and 7) ---------------------------------------------------

    def my_tf_v3(
        self,
        *,
        like: str | Sequence[str] = (),
        label: str | Sequence[str] = (),
        package_ids: Sequence[int] = (),
        page: int = 1,
        page_size: int = MAX_PAGE,
    ) -> Any:
        """Return one page of our numbers, by the documented route.

        One `like` is the start of a number or label, several are whole ones.
        """
        params = _filters(like, label, package_ids) + _page(page, page_size)
        return self._call("GET", "/_rest/v3/my/tf", params=params)

    def my_tf_v4(
        self,
        *,
        like: str | Sequence[str] = (),
        label: str | Sequence[str] = (),
        package_ids: Sequence[int] = (),
        has_cpaas: bool | None = None,
        page: int = 1,
        page_size: int = MAX_PAGE,
    ) -> Any:
        """Return the same by the newer route, which the examples use and which knows SmartFlows."""
        params = _filters(like, label, package_ids)
        if has_cpaas is not None:
            params.append(("hasCpaas", "1" if has_cpaas else "0"))
        return self._call("GET", "/_rest/v4/my/tf", params=params + _page(page, page_size))

    def my_tf_orders(
        self,
        *,
        package_id: int,
        service_area: int,
        reservation_ids: Sequence[str] = (),
        tns: Sequence[TN] = (),
        quantity: int = 0,
        has_own_resporg: bool = False,
        reference_id: str,
        email: str = "",
        notes: str = "",
    ) -> Any:
        """Buy what the holds cover, or `tns` that we hold, or any numbers: exactly one of the three.

        `has_own_resporg` has them provisioned under our RespOrg instead of the carrier's.
        """
        chosen = [bool(reservation_ids), bool(tns), quantity > 0]
        _check(chosen.count(True) == 1, "An order names holds, numbers or a quantity.")
        _check(service_area in SERVICE_AREAS, "The service area is a number from 1 to 5.")
        _check(package_id > 0, "An order needs a package.")
        payload: dict[str, Any] = {"packageID": package_id, "serviceArea": service_area}
        if reservation_ids:
            payload[self._hold_field] = list(reservation_ids)
        elif tns:
            payload["endpoints"] = [{"countryCode": "1", "number": tn.digits10} for tn in tns]
        else:
            payload["quantity"] = quantity
        if has_own_resporg:
            payload["myRespOrg"] = True
        payload |= _described(reference_id, email, notes)
        return self._call("POST", "/_rest/v4/my/tf/orders", payload=payload)

    def my_tf_package(
        self,
        tns: Sequence[TN],
        *,
        package_id: int,
        reference_id: str,
        email: str = "",
        notes: str = "",
    ) -> Any:
        """Put our numbers on another package."""
        _check(package_id > 0, "A change needs a package.")
        payload: dict[str, Any] = {"packageID": package_id, "endpoints": _endpoints(tns)}
        payload |= _described(reference_id, email, notes)
        return self._call("POST", "/_rest/v4/my/tf/package", payload=payload)

    def my_tf_disconnect(
        self, tns: Sequence[TN], *, reference_id: str, email: str = "", notes: str = ""
    ) -> Any:
        """Give our numbers back; there is no way to take that back."""
        payload: dict[str, Any] = {"endpoints": _endpoints(tns)}
        payload |= _described(reference_id, email, notes)
        return self._call("POST", "/_rest/v4/my/tf/disconnect", payload=payload)

    def my_packages(self) -> Any:
        """Return the packages of the account (section 8: seen, not documented)."""
        return self._call("GET", "/_rest/v4/my/packages")

    def my_accounts(
        self, *, counts_numbers: bool = False, page: int = 1, page_size: int = MAX_PAGE
    ) -> Any:
        """Return one page of the accounts that the login may use (section 8: seen)."""
        params = [("countNumbers", "1")] if counts_numbers else []
        return self._call("GET", "/_rest/v4/my/accounts", params=params + _page(page, page_size))

    # -- sending --------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, *, params: Params | None = None, payload: Any = None
    ) -> Any:
        """Send one call; signs in again and repeats it once if the token ran out meanwhile.

        A 401 means that nothing was carried out, so a write may be repeated then.
        """
        call = Call(operation=f"{method} {path}", is_write=payload is not None)
        token = self._token()
        value, is_expired = self._send(call, token, params or [], payload, may_expire=True)
        if is_expired:
            self._runtime.drop_token(TOKEN_NAME, token)
            token = self._token()
            value, _ = self._send(call, token, params or [], payload, may_expire=False)
        return value

    def _send(
        self, call: Call, token: str, params: Params, payload: Any, *, may_expire: bool
    ) -> tuple[Any, bool]:
        """Return the reply's value, and whether it only says that the token ran out."""
        method, _, path = call.operation.partition(" ")
        self.wire.secrets = tuple(filter(None, (self._username, self._password, token)))
        headers = {
            "Content-Type": "application/json",  # also without a body (section 1)
            "Authorization": f"Bearer {token}" if self._is_bearer else token,
        }
        with RESTCaller(self.wire).send(
            call.operation,
            method,
            path,
            is_write=call.is_write,
            params=params,
            headers=headers,
            payload=payload,
        ) as reply:
            body = reply.read_all()
            if may_expire and envelope.is_session_expired(body, reply.status):
                return None, True
            try:
                return envelope.read(body, call, status=reply.status), False
            except ProviderAuthError:
                self._runtime.drop_token(TOKEN_NAME, token)
                raise
            except Refused as error:
                error.words = redact(error.words, self.wire.secrets)
                raise

    def check(self) -> None:
        """Sign in afresh and read one row, so that login and header form are both proven."""
        token = self.authenticate()
        call = Call(operation="GET /_rest/v4/my/tf")
        if self.my_tf_version != "v4":
            call = Call(operation="GET /_rest/v3/my/tf")
        try:
            self._send(call, token, _page(1, 1), None, may_expire=False)
        except Refused as error:
            if error.code != "404":  # another version of the route; the token was accepted
                raise


def _check(holds: object, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _page(page: int, page_size: int) -> Params:
    _check(page >= 1, "Pages are counted from 1.")
    _check(1 <= page_size <= MAX_PAGE, f"A page has 1 to {MAX_PAGE} rows.")
    return [("page", str(page)), ("pageSize", str(page_size))]


def _endpoints(tns: Sequence[TN]) -> list[str]:
    """Return numbers as the wire has them; raises ValueError for none, too many, or foreign ones."""
    _check(1 <= len(tns) <= MAX_NUMBERS, f"A request names 1 to {MAX_NUMBERS} numbers.")
    _check(all(tn.is_nanp for tn in tns), "A number is +1 and ten digits.")
    return [str(tn) for tn in tns]


def _filters(
    like: str | Sequence[str], label: str | Sequence[str], package_ids: Sequence[int]
) -> Params:
    """Return the filters of the own list; an empty text is none."""
    likes, labels = ([each] if isinstance(each, str) else list(each) for each in (like, label))
    _check(all(map(_LINE.fullmatch, likes + labels)), "A filter is one line of text.")
    params = _repeated("like", [text for text in likes if text])
    params += _repeated("label", [text for text in labels if text])
    return params + _repeated("packageID", [str(each) for each in package_ids])


def _repeated(name: str, values: Sequence[str]) -> Params:
    """Return one plain parameter, or several as ``name[]`` (section 1)."""
    return [(name if len(values) == 1 else f"{name}[]", value) for value in values]


def _described(reference_id: str, email: str, notes: str) -> Mapping[str, str]:
    _check(reference_id, "A change needs a reference.")
    _check(_LINE.fullmatch(reference_id), "A reference is one line of text.")
    _check(not email or is_email(email), "Reports go to one e-mail address.")
    described = {"referenceID": reference_id, "email": email, "notes": notes}
    return {name: value for name, value in described.items() if value}
