"""VoiceTel section 2: key, profile and money of an account (voicetel.md)."""

from __future__ import annotations

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
    is_faulted,
    operation,
    parameters,
    require,
    success,
)
from portal.sandbox.store import Store

SERVICES = ("sms", "mms", "intl", "e911")
ADMIN_FIELDS = ("ccs", *SERVICES)
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
    """PUT /account: change what a customer may change; the rest is for administrators only."""
    body = body_of(request)
    fields = (*OWN_FIELDS, *ADMIN_FIELDS) if caller.is_admin else OWN_FIELDS
    forbidden = [name for name in ADMIN_FIELDS if name in body and name not in fields]
    if forbidden:
        raise Refused(400, f"Admin only: {', '.join(forbidden)}")
    changes: dict[str, Any] = {name: body[name] for name in fields if name in body}
    if not changes:
        raise Refused(400, f"Fields Required: {', '.join(fields)}")
    for name, value in changes.items():
        _check_change(name, value)
        if name in SERVICES:
            caller.facts["services"][name] = value
        else:
            caller.facts[name] = value
    caller.save(store)
    return success({"updated": list(changes)})


def _check_change(name: str, value: object) -> None:
    """Raise 400 for a value that a field of the account cannot have."""
    if name == "timezone" and (not isinstance(value, str) or value not in available_timezones()):
        raise Refused(400, "Invalid timezone: must be an IANA time zone")
    if name == "callerId":
        check_tn(name, value)
    if name == "notify" or name in SERVICES:
        check_bool(name, value)
    if name in ("notifyThreshold", "ccs"):
        check_int(name, value, low=0, high=1_000_000)


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
    if is_faulted(request, "empty"):
        credits = []
    return success({"credits": sorted(credits, key=lambda credit: credit["date"], reverse=True)})


@operation(refusal=(401, "Account is disabled"))
def list_payments(request: Request, store: Store, caller: Caller) -> Response:
    """GET /account/payments: payments, newest first."""
    payments = sorted(caller.facts["payments"], key=lambda paid: paid["date"], reverse=True)
    return success({"payments": [] if is_faulted(request, "empty") else payments})


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
