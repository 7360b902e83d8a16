"""VoiceTel sections 2, 3 and 4: account, IP allow-list, SIP authentication (voicetel.md)."""

from __future__ import annotations

import ipaddress
import re
import secrets
from typing import Any
from zoneinfo import available_timezones

from portal.sandbox import accounts
from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Caller,
    Refused,
    body_of,
    check_bool,
    check_int,
    check_tn,
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
ADMIN_FIELDS = ("ccs", "sms", "mms", "intl", "e911")
OWN_FIELDS = ("timezone", "notify", "notifyThreshold", "callerId")
SUMMARY_FIELDS = (
    "name",
    "email",
    "enabled",
    "created",
    "timezone",
    "ccs",
    "authType",
    "callerId",
    "notify",
    "notifyThreshold",
    "services",
    "rates",
)
BAD_MASK = "Invalid mask: must be /8, /16, /24, or /32"
NOT_ROUTABLE = "CIDR range must be routable"


@operation(public=True, limited="api-key", refusal=(401, "Invalid username or password"))
def create_api_key(request: Request, store: Store) -> Response:
    """POST /account/api-key: exchange username and password for the bearer key.

    The key stays the same until the password changes; no rotation exists (1.1).
    """
    body = body_of(request)
    require(body, "username", "password")
    login, password = str(body["username"]), str(body["password"])
    if is_faulted(request, "auth") or accounts.find(store, PROVIDER, login, password) is None:
        raise Refused(401, "Invalid username or password")
    keys = store.query("SELECT apikey FROM voicetel_key WHERE login = ?", (login,))
    apikey = keys[0]["apikey"] if keys else secrets.token_hex(16)
    if not keys:
        store.execute("INSERT INTO voicetel_key (apikey, login) VALUES (?, ?)", (apikey, login))
    return success({"apikey": apikey})


@operation(limited="account", refusal=(401, "Account is disabled"))
def show_account(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account: the account with its balance `cash` in dollars."""
    summary = {name: caller.facts[name] for name in SUMMARY_FIELDS}
    return success({"username": caller.login, **summary, "cash": round(caller.balance, 2)})


@operation(refusal=(400, "Account could not be updated"))
def change_account(request: Request, store: Store, caller: Caller) -> Response:
    """PUT /account: change what a customer may change; administrators' fields are refused."""
    body = body_of(request)
    forbidden = [name for name in ADMIN_FIELDS if name in body]
    if forbidden:
        raise Refused(400, f"Admin only: {', '.join(forbidden)}")
    changes: dict[str, Any] = {name: body[name] for name in OWN_FIELDS if name in body}
    if not changes:
        raise Refused(400, f"Fields Required: {', '.join(OWN_FIELDS)}")
    if "timezone" in changes and changes["timezone"] not in available_timezones():
        raise Refused(400, "Invalid timezone: must be an IANA time zone")
    if "notify" in changes:
        check_bool("notify", changes["notify"])
    if "notifyThreshold" in changes:
        check_int("notifyThreshold", changes["notifyThreshold"], low=0, high=1_000_000)
    if "callerId" in changes:
        check_tn("callerId", changes["callerId"])
    caller.facts.update(changes)
    caller.save(store)
    return success({"updated": list(changes)})


@operation(refusal=(400, "Invalid status"))
def list_credits(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/credits: credits, newest first, with an optional filter `status`."""
    status = parameters(request).get("status", "")
    if status not in ("", "paid", "unpaid"):
        raise Refused(400, "Invalid status: must be paid or unpaid")
    credits = [
        credit
        for credit in caller.facts["credits"]
        if not status or credit["paid"] == (status == "paid")
    ]
    return success({"credits": sorted(credits, key=lambda credit: credit["date"], reverse=True)})


@operation(refusal=(401, "Account is disabled"))
def list_payments(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/payments: payments, newest first."""
    payments = sorted(caller.facts["payments"], key=lambda paid: paid["date"], reverse=True)
    return success({"payments": payments})


@operation(refusal=(404, "Not registered"))
def show_registration(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/registration: the SIP device that is registered; 404 when none is."""
    registration = caller.facts["registration"]
    if not registration:
        raise Refused(404, "Not registered")
    return success(registration)


@operation(limited="recurring-charges", refusal=(401, "Account is disabled"))
def list_recurring_charges(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/recurring-charges: what the account pays each month, in dollars."""
    owned = store.query(
        "SELECT count(*) AS owned FROM number WHERE provider = ? AND account = ?"
        " AND status = 'owned'",
        (PROVIDER, caller.login),
    )[0]["owned"]
    rate = caller.facts["rates"]["did"]
    charges = [{"amount": round(owned * rate, 2), "description": f"{owned} DID numbers"}]
    if caller.facts["ccs"]:
        ccs = caller.facts["ccs"]
        charges.append({"amount": round(ccs * 1.0, 2), "description": f"{ccs} concurrent calls"})
    total = round(sum(charge["amount"] for charge in charges), 2)
    return success({"charges": charges, "total": total})


@operation(refusal=(401, "Account is disabled"))
def list_acl(request: Request, store: Store, caller: Caller) -> Response:
    """GET /acl: the address ranges that may send calls; 404 when there is none."""
    if not caller.facts["acl"]:
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
    """PUT /auth: change password and kind of authentication.

    A new password makes the bearer in use worthless (4). The fault `partial` keeps the old
    password and answers the 409 body in which `updated` and `errors` stand at top level.
    """
    body = body_of(request)
    if body.get("password") is None and body.get("authType") is None:
        raise Refused(400, "Fields Required: password, authType")
    password, auth_type = body.get("password"), body.get("authType")
    if password is not None and not PASSWORD.fullmatch(str(password)):
        raise Refused(400, "Invalid password: 6 to 10 letters and digits, at least one of each")
    updated: list[dict[str, Any]] = []
    if auth_type is not None:
        auth_type = check_int("authType", auth_type, low=0, high=3)
        caller.facts["authType"] = auth_type
        updated.append({"field": "authType", "value": auth_type})
    caller.save(store)
    if password is not None and not is_faulted(request, "partial"):
        store.execute(
            "UPDATE account SET secret = ? WHERE provider = ? AND login = ?",
            (str(password), PROVIDER, caller.login),
        )
        store.execute("DELETE FROM voicetel_key WHERE login = ?", (caller.login,))
        updated.append({"field": "password"})
    if is_faulted(request, "partial"):
        errors = [{"field": "password", "message": "Softswitch update failed"}]
        beside = {"updated": updated, "errors": errors}
        return failure(Refused(409, "One or more fields failed", beside=beside))
    return success({"updated": updated})
