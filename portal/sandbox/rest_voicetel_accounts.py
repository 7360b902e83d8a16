"""VoiceTel section 2: accounts that are opened, by an administrator or by anyone, and recovery."""

from __future__ import annotations

import json
import re
import secrets
import string
from typing import Any

from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_checks import EMAIL, check_email, check_optional_text, check_text
from portal.sandbox.rest_voicetel_wire import (
    ACCOUNT_FACTS,
    PROVIDER,
    Caller,
    Refused,
    body_of,
    load_account,
    operation,
    require,
    success,
    zulu,
)
from portal.sandbox.store import Store

# The secret opens nothing but this sandbox.
ADMIN_LOGIN, ADMIN_SECRET = "2125550111", "Sandbox9"
USERNAME = re.compile(r"[0-9]{10}")
FIRST_SIGNUP = 1_000_000_001
BAD_EMAIL = "Invalid email address"


@operation(refusal=(409, "Account creation failed"))
def create_account(request: Request, store: Store, caller: Caller) -> Response:
    """POST /account: an administrator opens an account; its password is told this once.

    The two logins may come as integers: the provider's own programs send them so (1.1).
    """
    if not caller.is_admin:
        raise Refused(403, "Admin only")
    body = body_of(request)
    require(body, "username", "name", "email")
    username = _login("username", body["username"])
    name = check_text("name", body["name"])
    email = check_email("email", body["email"])
    master = _login("masterAccount", body.get("masterAccount") or username)
    if load_account(store, username) or (master != username and not load_account(store, master)):
        raise Refused(409, "Account creation failed")
    password = _open(store, username, name=name, email=email, masterAccount=master)
    made = {"username": username, "password": password, "name": name, "email": email}
    return success({**made, "masterAccount": master}, 201)


def _login(name: str, value: object) -> str:
    text = str(value) if type(value) in (int, str) else ""
    if not USERNAME.fullmatch(text):
        raise Refused(400, f"Invalid {name}: must be 10 digits")
    return text


@operation(public=True, refusal=(409, "Account creation failed"))
def sign_up(request: Request, store: Store) -> Response:
    """POST /accounts: anyone opens an account; a mail address has one account only.

    The verification mail of the real one is not sent: the account can be used at once.
    """
    body = body_of(request)
    require(body, "name", "email")
    name = check_text("name", body["name"])
    email = check_email("email", body["email"])
    check_optional_text("promo", body.get("promo"))
    if find_by_email(store, email):
        raise Refused(409, "Email address is already in use")
    username = _next_username(store)
    password = _open(store, username, name=name, email=email)
    return success({"username": username, "password": password, "name": name, "email": email}, 201)


@operation(public=True, refusal=(404, "Email address not found"))
def recover_account(request: Request, store: Store) -> Response:
    """POST /account/recovery: tell that a mail was sent; its 400 has a member `requirement` (1.2).

    No mail is sent, and nothing changes.
    """
    try:
        email = body_of(request).get("email")
    except Refused:
        email = None
    if not isinstance(email, str) or not EMAIL.fullmatch(email):
        beside = {"error": {"requirement": "Must be valid"}}
        raise Refused(400, BAD_EMAIL, beside=beside)
    if find_by_email(store, email) is None:
        raise Refused(404, "Email address not found")
    return success({"message": "Recovery email sent"})


def seed_admin(store: Store) -> None:
    """Open the account of an administrator, who owns no numbers."""
    facts = {"admin": True, "name": "Sandbox Administrator", "email": "admin@example.net"}
    store.execute(
        "INSERT INTO account (provider, login, secret, balance, data) VALUES (?, ?, ?, 500, ?)",
        (PROVIDER, ADMIN_LOGIN, ADMIN_SECRET, json.dumps({**facts, "callerId": ADMIN_LOGIN})),
    )


def find_by_email(store: Store, email: str) -> Caller | None:
    """Return the first account that has a mail address, or None."""
    rows = store.query(
        "SELECT login FROM account WHERE provider = ?"
        " AND lower(json_extract(nullif(data, ''), '$.email')) = ? ORDER BY login",
        (PROVIDER, email.lower()),
    )
    return load_account(store, rows[0]["login"]) if rows else None


def _open(store: Store, username: str, **facts: Any) -> str:
    """Write a new account and return its password.

    It has no money, no numbers, and none of the services that are billed by use.
    """
    password = _new_password()
    services = dict.fromkeys(ACCOUNT_FACTS["services"], False)
    facts |= {"services": services, "created": zulu(store.now()), "callerId": username}
    store.execute(
        "INSERT INTO account (provider, login, secret, balance, data) VALUES (?, ?, ?, 0, ?)",
        (PROVIDER, username, password, json.dumps(facts)),
    )
    return password


def _next_username(store: Store) -> str:
    taken = store.query(
        "SELECT max(CAST(login AS INTEGER)) AS last FROM account"
        " WHERE provider = ? AND login LIKE '1000______'",
        (PROVIDER,),
    )[0]["last"]
    return str(max(FIRST_SIGNUP, (taken or 0) + 1))


def _new_password() -> str:
    """Return ten letters and digits, at least one of each (4)."""
    alphabet = string.ascii_letters + string.digits
    body = "".join(secrets.choice(alphabet) for _ in range(8))
    return body + secrets.choice(string.ascii_letters) + secrets.choice(string.digits)
