"""The VoiceTel wire of the sandbox: its routes, tables and first contents (voicetel.md).

Paths, envelopes, status codes and quirks are those of the provider's reference; what the
reference leaves open is said where it is decided. Settings: `voicetel.rate_limit` and
`voicetel.inventory_cache` (`on` or `off`).
"""

from __future__ import annotations

import json
import random
from datetime import timedelta

from portal.sandbox import rest_voicetel_account as account
from portal.sandbox import rest_voicetel_features as features
from portal.sandbox import rest_voicetel_gateways as gateways
from portal.sandbox import rest_voicetel_inventory as inventory
from portal.sandbox import rest_voicetel_numbers as numbers
from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_wire import PROVIDER, TN10, Handler, Refused, failure, zulu
from portal.sandbox.store import Store
from portal.sandbox.wsgi import ListTns, Route, no_tns

__all__ = ["PROVIDER", "ROUTES", "SCHEMA", "rate_limited", "seed"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS voicetel_key (apikey TEXT PRIMARY KEY, login TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS voicetel_hit (route TEXT, remote TEXT, at TEXT);
CREATE INDEX IF NOT EXISTS voicetel_hit_route ON voicetel_hit (route, remote, at);
CREATE TABLE IF NOT EXISTS voicetel_gateway (
    id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, gateway TEXT NOT NULL,
    prefix TEXT NOT NULL, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS voicetel_cache (query TEXT PRIMARY KEY, at TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS voicetel_order (
    order_id TEXT PRIMARY KEY, login TEXT, idempotency_key TEXT, at TEXT, body TEXT);
CREATE INDEX IF NOT EXISTS voicetel_order_key ON voicetel_order (login, idempotency_key);
"""
FIRST_GATEWAY = 1001


def _body_number(request: Request) -> list[str]:
    """List the one number that a JSON body names in `number`."""
    try:
        body = request.json()
    except ValueError:
        return []
    number = body.get("number") if isinstance(body, dict) else None
    return [number] if isinstance(number, str) else []


def _path_number(request: Request) -> list[str]:
    """List the number that stands in the path."""
    return [part for part in request.path.split("/") if TN10.fullmatch(part)]


def rate_limited(request: Request) -> Response:
    """Answer 429 in the error envelope, for the fault `rate_limit`."""
    return failure(Refused(429, "Rate limit exceeded"))


def _route(
    method: str, path: str, operation: str, handler: Handler, tns: ListTns = no_tns
) -> Route:
    return Route(method, f"/v2.2{path}", operation, handler, tns)


NUMBER = "/numbers/{number}"
ROUTES = [
    _route("POST", "/account/api-key", "account.api_key", account.create_api_key),
    _route("GET", "/account", "account.get", account.show_account),
    _route("PUT", "/account", "account.update", account.change_account),
    _route("GET", "/account/credits", "account.credits", account.list_credits),
    _route("GET", "/account/payments", "account.payments", account.list_payments),
    _route("GET", "/account/registration", "account.registration", account.show_registration),
    _route(
        "GET",
        "/account/recurring-charges",
        "account.recurring_charges",
        account.list_recurring_charges,
    ),
    _route("GET", "/acl", "acl.list", account.list_acl),
    _route("POST", "/acl", "acl.add", account.add_acl),
    _route("DELETE", "/acl", "acl.remove", account.remove_acl),
    _route("GET", "/auth", "auth.get", account.show_auth),
    _route("PUT", "/auth", "auth.update", account.change_auth),
    _route("GET", "/gateways", "gateways.list", gateways.list_gateways),
    _route("POST", "/gateways", "gateways.create", gateways.create_gateway),
    _route("GET", "/gateways/{gateway_id}", "gateways.get", gateways.show_gateway),
    _route("PUT", "/gateways/{gateway_id}", "gateways.update", gateways.change_gateway),
    _route("DELETE", "/gateways/{gateway_id}", "gateways.delete", gateways.remove_gateway),
    _route(
        "GET",
        "/gateways/{gateway_id}/numbers",
        "gateways.numbers",
        gateways.list_gateway_numbers,
    ),
    _route("GET", "/inventory", "inventory.search", inventory.search_inventory),
    _route("GET", "/inventory/coverage", "inventory.coverage", inventory.count_inventory),
    _route("POST", "/orders", "orders.create", inventory.create_order, inventory.order_tns),
    _route("GET", "/numbers", "numbers.list", numbers.list_numbers),
    _route("POST", "/numbers", "numbers.add", numbers.add_number, _body_number),
    _route("GET", NUMBER, "numbers.get", numbers.show_number, _path_number),
    _route("PATCH", NUMBER, "numbers.move", numbers.move_number, _path_number),
    _route("DELETE", NUMBER, "numbers.remove", numbers.remove_number, _path_number),
    _route("POST", f"{NUMBER}/release", "numbers.release", numbers.release_number, _path_number),
    _route("PUT", f"{NUMBER}/route", "numbers.route", features.set_route, _path_number),
    _route("PUT", f"{NUMBER}/cnam", "numbers.cnam", features.set_cnam, _path_number),
    _route("PUT", f"{NUMBER}/lidb", "numbers.lidb", features.set_lidb, _path_number),
    _route("GET", f"{NUMBER}/fax", "fax.get", features.show_fax, _path_number),
    _route("PUT", f"{NUMBER}/fax", "fax.set", features.set_fax, _path_number),
    _route("DELETE", f"{NUMBER}/fax", "fax.remove", features.remove_fax, _path_number),
    _route("PUT", f"{NUMBER}/forward", "forward.set", features.set_forward, _path_number),
    _route("DELETE", f"{NUMBER}/forward", "forward.remove", features.remove_forward, _path_number),
    _route("GET", f"{NUMBER}/sms", "sms.get", features.show_sms, _path_number),
    _route("PUT", f"{NUMBER}/sms", "sms.set", features.set_sms, _path_number),
    _route("DELETE", f"{NUMBER}/sms", "sms.remove", features.remove_sms, _path_number),
    _route(
        "PUT",
        f"{NUMBER}/translation",
        "numbers.translation",
        features.set_translation,
        _path_number,
    ),
]


def seed(store: Store, rng: random.Random) -> None:
    """Fill in what a fresh sandbox holds: facts of the accounts, a gateway, features of numbers."""
    now = store.now()
    for row in store.query("SELECT login, data FROM account WHERE provider = ?", (PROVIDER,)):
        is_first = row["login"] == "2125550100"
        facts = {
            "name": "Sandbox Voice LLC" if is_first else "Other Voice LLC",
            "email": "sandbox@example.net" if is_first else "other@example.net",
            "callerId": row["login"],
            "acl": ["198.51.100.7/32"] if is_first else [],
            "registration": (
                {"agent": "Sandbox SIP/1.0", "uri": f"sip:{row['login']}@198.51.100.7:5060"}
                if is_first
                else None
            ),
            "credits": [
                {"paid": back > 20, "date": zulu(now - timedelta(days=back)), "amount": amount}
                for back, amount in ((5, 25.0), (40, 100.0), (75, 100.0))
            ],
            "payments": [
                {
                    "amount": amount,
                    "date": zulu(now - timedelta(days=back)),
                    "payerEmail": "payments@example.net",
                    "transactionId": f"{rng.getrandbits(60):015X}",
                    "status": status,
                }
                for back, amount, status in (
                    (3, 50.0, "Pending"),
                    (38, 100.0, "Completed"),
                    (73, 100.0, "Completed"),
                )
            ],
        }
        facts.update(json.loads(row["data"] or "{}"))
        store.execute(
            "UPDATE account SET data = ? WHERE provider = ? AND login = ?",
            (json.dumps(facts), PROVIDER, row["login"]),
        )
    _seed_gateways(store)
    _seed_features(store, rng)


def _seed_gateways(store: Store) -> None:
    """Give the first account two trunks and the second one trunk, with ids from 1001."""
    trunks = (
        ("2125550100", "198.51.100.20:5060", ""),
        ("2125550100", "sip.example.net", "9"),
        ("2125550199", "203.0.113.20:5060", ""),
    )
    for gateway_id, (login, gateway, prefix) in enumerate(trunks, start=FIRST_GATEWAY):
        store.execute(
            "INSERT INTO voicetel_gateway (id, login, gateway, prefix, calls)"
            " VALUES (?, ?, ?, ?, 23)",
            (gateway_id, login, gateway, prefix),
        )


def _seed_features(store: Store, rng: random.Random) -> None:
    """Give some numbers of the first account routes, forwards and mail boxes of their own."""
    owned = store.query(
        "SELECT tn FROM number WHERE provider = ? AND account = ? AND status = 'owned' ORDER BY tn",
        (PROVIDER, "2125550100"),
    )
    for row in owned:
        facts: dict[str, object] = {"route": rng.choice((4, 4, FIRST_GATEWAY, FIRST_GATEWAY + 1))}
        if rng.random() < 0.15:
            facts["forwardTo"] = "2125550142"
        if rng.random() < 0.1:
            facts["fax"] = "fax@example.net"
        if rng.random() < 0.2:
            facts["sms"] = {"type": "email", "resource": "sms@example.net"}
        if rng.random() < 0.3:
            facts["cnam"] = True
        store.execute(
            "UPDATE number SET data = ? WHERE provider = ? AND tn = ?",
            (json.dumps(facts), PROVIDER, row["tn"]),
        )
