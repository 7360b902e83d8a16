"""The IntelePeer wire of the sandbox: its routes, tables and first contents (intelepeer.md).

Settings: `intelepeer.token_seconds`, `intelepeer.order_delay` (seconds), `intelepeer.trial_limit`
(numbers, empty for none), `intelepeer.v3_shape` (`object` or `array`).
"""

from __future__ import annotations

import json
import random
from functools import partial

from portal.sandbox import rest_intelepeer_orders as orders
from portal.sandbox import rest_intelepeer_stock as stock
from portal.sandbox.http import Request, Response
from portal.sandbox.rest_intelepeer_clock import tick
from portal.sandbox.rest_intelepeer_orders import PACKAGES
from portal.sandbox.rest_intelepeer_wire import PROVIDER, Refused, body_tns, failure
from portal.sandbox.store import Store
from portal.sandbox.wsgi import Route, no_tns

__all__ = ["PROVIDER", "ROUTES", "SCHEMA", "rate_limited", "seed", "tick"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS intelepeer_token (
    token TEXT PRIMARY KEY, login TEXT NOT NULL, expires TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS intelepeer_reservation (
    reservation_id TEXT PRIMARY KEY, login TEXT NOT NULL, reserved TEXT NOT NULL,
    expires TEXT NOT NULL, tns TEXT NOT NULL, ordered INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS intelepeer_reservation_end
    ON intelepeer_reservation (ordered, expires);
CREATE TABLE IF NOT EXISTS intelepeer_order (
    order_id INTEGER PRIMARY KEY, login TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL,
    package_id INTEGER, tns TEXT NOT NULL, created TEXT NOT NULL, due TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS intelepeer_order_due ON intelepeer_order (status, due);
CREATE TABLE IF NOT EXISTS intelepeer_quarantine (tn TEXT PRIMARY KEY, until TEXT NOT NULL);
"""
ACCOUNTS = {
    "sandbox@example.net": (1000001, "Sandbox Voice LLC"),
    "other@example.net": (1000002, "Other Voice LLC"),
}
LABELS = ("Front desk", "Sales", "Support", "Reservations")


def list_own_v3(request: Request, store: Store) -> Response:
    """GET /_rest/v3/my/tf."""
    return stock.list_own(request, store, version="v3")


def list_own_v4(request: Request, store: Store) -> Response:
    """GET /_rest/v4/my/tf."""
    return stock.list_own(request, store, version="v4")


def rate_limited(request: Request) -> Response:
    """Answer 429 in the shape of the other errors; the reference documents none."""
    return failure(Refused(429, "Too Many Requests"))


_get = partial(Route, "GET")
_post = partial(Route, "POST")
V4 = "/_rest/v4"
ROUTES = [
    _post(f"{V4}/authenticate", "authenticate", stock.authenticate, no_tns),
    _get(f"{V4}/carrier/tf", "carrier.tf.search", stock.search_stock, no_tns),
    _post(f"{V4}/carrier/tf/reservations", "carrier.tf.reserve", stock.reserve, body_tns),
    _get("/_rest/v3/my/tf", "my.tf.list", list_own_v3, no_tns),
    _get(f"{V4}/my/tf", "my.tf.list", list_own_v4, no_tns),
    _post(
        f"{V4}/my/tf/orders",
        "my.tf.order",
        orders.create_order,
        body_tns,
        held_tns=orders.reserved_tns,
    ),
    _post(f"{V4}/my/tf/package", "my.tf.package", orders.change_package, body_tns),
    _post(f"{V4}/my/tf/disconnect", "my.tf.disconnect", orders.disconnect, body_tns),
    _get(f"{V4}/my/packages", "my.packages", orders.list_packages, no_tns),
    _get(f"{V4}/my/accounts", "my.accounts", orders.list_accounts, no_tns),
]


def seed(store: Store, rng: random.Random) -> None:
    """Fill in what a fresh sandbox holds: account ids, and packages and labels of own numbers."""
    for login, (account_id, name) in ACCOUNTS.items():
        store.execute(
            "UPDATE account SET data = ? WHERE provider = ? AND login = ?",
            (json.dumps({"accountID": account_id, "name": name}), PROVIDER, login),
        )
    owned = store.query(
        "SELECT tn FROM number WHERE provider = ? AND status = 'owned' ORDER BY tn", (PROVIDER,)
    )
    for row in owned:
        facts: dict[str, object] = {"packageID": rng.choice(list(PACKAGES))}
        if rng.random() < 0.4:
            facts["label"] = rng.choice(LABELS)
        if rng.random() < 0.7:
            facts["orderID"] = 6900000 + rng.randrange(1000) * 10
        if rng.random() < 0.2:
            facts |= {"hasCpaas": True, "webhook": "https://flows.example.net/inbound"}
        store.execute(
            "UPDATE number SET data = ? WHERE provider = ? AND tn = ?",
            (json.dumps(facts), PROVIDER, row["tn"]),
        )
