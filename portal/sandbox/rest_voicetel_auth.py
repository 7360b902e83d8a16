"""VoiceTel sections 3 and 4: the addresses that may send calls, and how SIP traffic signs in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Caller,
    Refused,
    body_of,
    failure,
    is_faulted,
    operation,
    parameters,
    require,
    success,
)
from portal.sandbox.store import Store

PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}")
AUTH_TYPES = {
    0: "Digest",
    1: "IP list",
    2: "Digest or IP list",
    3: "Digest and IP list",
}
BAD_MASK = "Invalid mask: must be /8, /16, /24, or /32"
NOT_ROUTABLE = "CIDR range must be routable"
RULES: Mapping[str, str] = {
    "password": "Must be 6-10 alphanumeric characters with at least one letter and one number",
    "authType": "Must be 0, 1, 2 or 3",
}
SWITCH_FAILED = "Softswitch update failed"


@operation(refusal=(401, "Account is disabled"))
def list_acl(request: Request, store: Store, caller: Caller) -> Response:
    """GET /acl: the address ranges that may send calls; 404 when there is none."""
    if not caller.facts["acl"] or is_faulted(request, "empty"):
        raise Refused(404, "No ACL entries found")
    return success({"acl": _cidrs(caller.facts["acl"])})


@operation(refusal=(409, "ACL update failed"))
def add_acl(request: Request, store: Store, caller: Caller) -> Response:
    """POST /acl: add address ranges; 409 with what was and was not added if any is refused."""
    body = body_of(request)
    require(body, "acl")
    entries = body["acl"]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(400, "Invalid acl: must be an array of objects with cidr")
    added: list[str] = []
    failed: list[dict[str, str]] = []
    for entry in entries:
        cidr = str(entry.get("cidr", ""))
        reason = cidr_problem(cidr)
        if not reason and (cidr in caller.facts["acl"] or is_faulted(request, "partial")):
            reason = "DB Insert failed"
        if reason:
            failed.append({"cidr": cidr, "reason": reason})
        else:
            added.append(cidr)
            caller.facts["acl"].append(cidr)
    return _finish_acl(store, caller, done={"added": added, "removed": []}, failed=failed)


@operation(refusal=(409, "ACL update failed"))
def remove_acl(request: Request, store: Store, caller: Caller) -> Response:
    """DELETE /acl?cidrs=…: remove address ranges; 409 as for adding."""
    query = parameters(request)
    require(query, "cidrs")
    removed: list[str] = []
    failed: list[dict[str, str]] = []
    for cidr in (part.strip() for part in query["cidrs"].split(",")):
        if cidr in caller.facts["acl"]:
            removed.append(cidr)
            caller.facts["acl"].remove(cidr)
        else:
            failed.append({"cidr": cidr, "reason": cidr_problem(cidr) or "DB delete failed"})
    return _finish_acl(store, caller, done={"removed": removed, "added": []}, failed=failed)


def _finish_acl(
    store: Store, caller: Caller, *, done: dict[str, list[str]], failed: list[dict[str, str]]
) -> Response:
    """Keep the list and answer its first part, or the special 409 body of section 1.2."""
    caller.save(store)
    outcome: dict[str, Any] = {name: _cidrs(entries) for name, entries in done.items()}
    if failed:
        beside = {"data": {**outcome, "failed": failed}}
        return failure(Refused(409, "One or more ACL entries failed", beside=beside))
    first = next(iter(outcome))
    return success({first: outcome[first]})


def _cidrs(entries: list[str]) -> list[dict[str, str]]:
    return [{"cidr": cidr} for cidr in entries]


def cidr_problem(cidr: str) -> str:
    """Return the documented reason why a range is refused, or '' when it is good (3)."""
    _address, slash, mask = cidr.partition("/")
    if not slash or mask not in ("8", "16", "24", "32"):
        return BAD_MASK
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return NOT_ROUTABLE
    return "" if is_routable(network.network_address) else NOT_ROUTABLE


def is_routable(address: ipaddress.IPv4Address) -> bool:
    """Tell whether an address stands for a public one.

    The ranges that are reserved for documentation (RFC 5737) do, so that examples can be used.
    """
    documentation = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    return address.is_global or any(
        address in ipaddress.IPv4Network(network) for network in documentation
    )


@operation(refusal=(401, "Account is disabled"))
def show_auth(request: Request, store: Store, caller: Caller) -> Response:
    """GET /auth: how SIP traffic is authenticated."""
    auth_type = caller.facts["authType"]
    return success(
        {
            "authType": auth_type,
            "authTypeDescription": AUTH_TYPES[auth_type],
            "acl": _cidrs(caller.facts["acl"]),
        }
    )


@operation(refusal=(400, "Nothing to update"))
def change_auth(request: Request, store: Store, caller: Caller) -> Response:
    """PUT /auth: change password and kind of authentication, each by itself.

    When one of two fails, the other is changed all the same: 409 with `updated` and `errors` at
    top level; when nothing can be changed, 400. A new password makes the bearer in use worthless
    (4). The fault `partial` makes the password fail.
    """
    body = body_of(request)
    given = [name for name in ("authType", "password") if body.get(name) is not None]
    if not given:
        raise Refused(400, "Fields Required: password, authType")
    problems = {name: _auth_problem(name, body[name]) for name in given}
    if all(problems.values()):
        name, problem = next(iter(problems.items()))
        raise Refused(400, f"Invalid {name}: {problem}")
    if "password" in given and is_faulted(request, "partial"):
        problems["password"] = SWITCH_FAILED
    updated: list[dict[str, Any]] = []
    if problems.get("authType") == "":
        caller.facts["authType"] = body["authType"]
        caller.save(store)
        updated.append({"field": "authType", "value": body["authType"]})
    if problems.get("password") == "":
        _set_password(store, caller, body["password"])
        updated.append({"field": "password"})
    errors = [{"field": name, "message": text} for name, text in problems.items() if text]
    if errors:
        beside = {"updated": updated, "errors": errors}
        return failure(Refused(409, "One or more updates failed", beside=beside))
    return success({"updated": updated})


def _auth_problem(name: str, value: object) -> str:
    """Return why a field of section 4 cannot be changed to a value, or ''."""
    if name == "password":
        is_good = isinstance(value, str) and PASSWORD.fullmatch(value) is not None
    else:
        is_good = type(value) is int and value in AUTH_TYPES
    return "" if is_good else RULES[name]


def _set_password(store: Store, caller: Caller, password: str) -> None:
    store.execute(
        "UPDATE account SET secret = ? WHERE provider = ? AND login = ?",
        (password, PROVIDER, caller.login),
    )
    store.execute("DELETE FROM voicetel_key WHERE login = ?", (caller.login,))
