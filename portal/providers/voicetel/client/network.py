"""Gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from portal.providers.errors import off_contract
from portal.providers.http import StreamedReply
from portal.providers.reachable import require_gateway, require_public_range, require_range
from portal.providers.redaction import redact
from portal.providers.rest import clean
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import TOKEN, Core, positive, require
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods import network as methods
from portal.providers.voicetel.methods.core import Method

SYSTEM_GATEWAYS: Final = frozenset({1, 2, 3, 4, 5, 6, 8})  # read-only (6); there is no 7
AUTH_TYPES: Final = (0, 1, 2, 3)
MOST_RANGES: Final = 200  # they travel in an address, which no server takes at any length
_CALLS: Final = range(1, 1001)
_PREFIX = re.compile(r"[0-9]*")
_SIP_PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}")


class Network(Core):
    """The operations on where calls go to and come from."""

    def get_gateways(self) -> list[Record]:
        """Return the gateways, the system's own among them (6)."""
        return self._list(methods.GET_GATEWAYS, "gateways")

    def post_gateways(
        self, *, gateway: str, prefix: str | None = None, limit: int | None = None
    ) -> Record:
        """Make a gateway and return it (6); without a `limit` VoiceTel allows 23 calls at once.

        `gateway` is a public address or a host name, with ``:port`` where it has one; `prefix` are
        digits put before each number.
        """
        payload = _gateway(gateway, prefix, limit)
        return self._data(methods.POST_GATEWAYS, payload=payload)

    def get_gateway(self, gateway_id: int) -> Record | None:
        """Return one gateway, None where the account has none of that id (6)."""
        method = methods.GET_GATEWAY
        with self._sent(method, parts=_part(gateway_id)) as reply:
            return envelope.read_data(reply, method)

    def put_gateway(
        self,
        gateway_id: int,
        *,
        gateway: str | None = None,
        prefix: str | None = None,
        limit: int | None = None,
    ) -> Record:
        """Change what is not None of a gateway of one's own; return it as it is now (6)."""
        payload = _gateway(gateway, prefix, limit)
        if not payload:
            raise ValueError("nothing to change was given")
        return self._data(methods.PUT_GATEWAY, parts=_own(gateway_id), payload=payload)

    def delete_gateway(self, gateway_id: int) -> None:
        """Remove a gateway of one's own (6); refused while numbers are routed to it."""
        self._data(methods.DELETE_GATEWAY, parts=_own(gateway_id))

    def get_gateway_numbers(self, gateway_id: int) -> Iterator[Record]:
        """Yield the numbers that are routed to a gateway as they arrive (6)."""
        return self._stream(methods.GET_GATEWAY_NUMBERS, self.list_wire, parts=_part(gateway_id))

    def get_acl(self) -> list[Record]:
        """Return the ranges of the access list (3); none where it is empty."""
        return self._list(methods.GET_ACL, "acl")

    def post_acl(self, cidrs: Sequence[str]) -> Record:
        """Add ranges to the access list (3); return `added`, and for a 409 `failed` and `message`.

        Only public ranges with a mask of 8, 16, 24 or 32 bits are taken.
        """
        _require_count(cidrs)
        for cidr in cidrs:
            require_public_range(cidr)
        payload = {"acl": [{"cidr": cidr} for cidr in cidrs]}
        method = methods.POST_ACL
        with self._sent(method, payload=payload) as reply:
            return _told(reply, method, "added", inside="data")

    def delete_acl(self, cidrs: Sequence[str]) -> Record:
        """Remove ranges from the access list (3); return as `post_acl`, with `removed`."""
        _require_count(cidrs)
        for cidr in cidrs:
            require_range(cidr)
        method = methods.DELETE_ACL
        with self._sent(method, params=[("cidrs", ",".join(cidrs))]) as reply:
            return _told(reply, method, "removed", inside="data")

    def get_auth(self) -> Record:
        """Return how SIP devices sign in, with the access list (4)."""
        method = methods.GET_AUTH
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            if not {"authType", "authTypeDescription", "acl"} & set(content):
                raise off_contract(method.name, False, "it does not tell how devices sign in")
            return content

    def put_auth(self, *, auth_type: int | None = None, password: str = "") -> Record:
        """Change how SIP devices sign in, their password, or both (4).

        Returns `updated`, and for a 409 `errors` and `message`. A new password is the account's own
        too and makes its key worthless: the key is forgotten, and this client signs in with the new
        password from here on. No exchange shows it.
        """
        payload: dict[str, Any] = {}
        if auth_type is not None:
            if auth_type not in AUTH_TYPES:
                raise ValueError(f"a kind of sign-in is 0, 1, 2 or 3, not {auth_type}")
            payload["authType"] = auth_type
        if password:
            if not _SIP_PASSWORD.fullmatch(password):
                raise ValueError("a password has 6 to 10 letters and digits, at least one of each")
            self._keep_secret(password)
            payload["password"] = password
        if not payload:
            raise ValueError("nothing to change was given")
        method = methods.PUT_AUTH
        with self._sent(method, payload=payload) as reply:
            told = _told(reply, method, "updated", inside="", beside="errors")
            for error in told.get("errors", ()):
                if isinstance(error, dict):  # the provider may quote what it was sent
                    error["message"] = redact(clean(error.get("message")), self._secrets)
            told["message"] = redact(clean(told.get("message")), self._secrets)
        changed = _fields(told["updated"]) - _fields(told.get("errors", ()))
        if password and "password" in changed:
            self._adopt(password)
        return told

    def _adopt(self, password: str) -> None:
        """Forget the key, which died with the old password, and go on with the new one."""
        self.runtime.drop_token(TOKEN, self._key_in_use)
        self._password = password


def _told(
    reply: StreamedReply, method: Method, done: str, *, inside: str, beside: str = "failed"
) -> Record:
    """Return the lists that say what was carried out and what was not, and the message of a 409.

    Raises `ProviderProtocolError` for an answer that has none of them.
    """
    message = ""
    if reply.status == 409:
        message, document = envelope.read_conflict(reply, method)
        holder = document.get(inside) if inside else document
    else:
        holder = envelope.read_data(reply, method)
    names = ("updated",) if done == "updated" else ("added", "removed")
    found = holder if isinstance(holder, dict) else {}
    lists = {n: found[n] for n in (*names, beside) if isinstance(found.get(n), list)}
    if not lists or (reply.status != 409 and done not in lists):
        raise envelope.not_told(method)
    return {done: [], **lists, "message": message}


def _fields(listed: Sequence[Any]) -> set[str]:
    return {clean(one.get("field")).casefold() for one in listed if isinstance(one, dict)}


def _gateway(gateway: str | None, prefix: str | None, limit: int | None) -> Record:
    """Return the members that are given, each as the provider takes it."""
    payload: Record = {}
    if gateway is not None:
        require_gateway(gateway)
        payload["gateway"] = gateway
    if prefix is not None:
        require(_PREFIX, prefix, "a prefix has digits only")
        payload["prefix"] = prefix
    if limit is not None:
        if limit not in _CALLS:
            raise ValueError(f"a gateway takes 1 to 1000 calls at once, not {limit}")
        payload["limit"] = limit
    return payload


def _require_count(cidrs: Sequence[str]) -> None:
    if not 1 <= len(cidrs) <= MOST_RANGES:
        raise ValueError(f"one to {MOST_RANGES} ranges can be sent at once")


def _part(gateway_id: int) -> dict[str, str]:
    return {"id": str(positive(gateway_id, "a gateway id"))}


def _own(gateway_id: int) -> dict[str, str]:
    if gateway_id in SYSTEM_GATEWAYS:
        raise ValueError(f"gateway {gateway_id} is one of the system's own and cannot be changed")
    return _part(gateway_id)
