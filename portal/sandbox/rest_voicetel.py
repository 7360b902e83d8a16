"""The VoiceTel wire of the sandbox: its routes, tables and first contents (voicetel.md).

Paths, envelopes, status codes and quirks are those of the provider's reference; what the
reference leaves open is said where it is decided. Settings (docs/sandbox.md): `rate_limit`,
`inventory_cache`, `support_account` (`on` or `off`), `address_minutes`, `campaign_hours`,
`loa_minutes`, `port_days` and `port_times`, each after `voicetel.`.
"""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import timedelta

from portal.sandbox import rest_voicetel_campaigns as campaigns
from portal.sandbox import rest_voicetel_e911 as e911
from portal.sandbox import rest_voicetel_messages as messages
from portal.sandbox import rest_voicetel_ports_clock as ports_clock
from portal.sandbox import rest_voicetel_sms as sms
from portal.sandbox import rest_voicetel_tickets as tickets
from portal.sandbox.http import Request, Response
from portal.sandbox.rest_voicetel_accounts import seed_admin
from portal.sandbox.rest_voicetel_records import change_number
from portal.sandbox.rest_voicetel_routes import ROUTES
from portal.sandbox.rest_voicetel_wire import (
    PROVIDER,
    Refused,
    failure,
    load_account,
    stamp,
    zulu,
)
from portal.sandbox.store import Store

__all__ = ["PROVIDER", "ROUTES", "SCHEMA", "rate_limited", "seed", "tick"]

TABLES = """
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
SCHEMA = "".join(
    (
        TABLES,
        *(part.SCHEMA for part in (campaigns, e911, messages, ports_clock, sms, tickets)),
    )
)
OURS, OTHER = "2125550100", "2125550199"
FIRST_GATEWAY = 1001
FIRST_TICKET = 4001
CAMPAIGNS = ("CSBX01A", "CSBX01B")


def rate_limited(request: Request) -> Response:
    """Answer 429 in the error envelope, for the fault `rate_limit`."""
    return failure(Refused(429, "Rate limit exceeded"))


def tick(store: Store) -> None:
    """Let ports and tickets go on that have waited long enough."""
    ports_clock.tick(store)
    tickets.tick(store)


def seed(store: Store, rng: random.Random) -> None:
    """Fill in what a fresh sandbox holds: facts of the accounts, a gateway, features of numbers."""
    for row in store.query("SELECT login, data FROM account WHERE provider = ?", (PROVIDER,)):
        facts = {**_account_facts(store, rng, row["login"]), **json.loads(row["data"] or "{}")}
        store.execute(
            "UPDATE account SET data = ? WHERE provider = ? AND login = ?",
            (json.dumps(facts), PROVIDER, row["login"]),
        )
    _seed_gateways(store)
    _seed_features(store, rng)
    _seed_messaging(store, rng)
    _seed_emergency(store, rng)
    _seed_tickets(store)
    seed_admin(store)


def _account_facts(store: Store, rng: random.Random, login: str) -> dict[str, object]:
    """Return names, allowed address, registration and money of an account; ours has more."""
    now = store.now()
    is_ours = login == OURS
    uri = f"sip:{login}@198.51.100.7:5060"
    credits = ((5, 25.0), (40, 100.0), (75, 100.0))
    payments = ((3, 50.0, "Pending"), (38, 100.0, "Completed"), (73, 100.0, "Completed"))
    return {
        "name": "Sandbox Voice LLC" if is_ours else "Other Voice LLC",
        "email": "sandbox@example.net" if is_ours else "other@example.net",
        "callerId": login,
        "acl": ["198.51.100.7/32"] if is_ours else [],
        "registration": {"agent": "Sandbox SIP/1.0", "uri": uri} if is_ours else None,
        "credits": [
            {"paid": back > 20, "date": zulu(now - timedelta(days=back)), "amount": amount}
            for back, amount in credits
        ],
        "payments": [
            {
                "amount": amount,
                "date": zulu(now - timedelta(days=back)),
                "payerEmail": "payments@example.net",
                "transactionId": f"{rng.getrandbits(60):015X}",
                "status": status,
            }
            for back, amount, status in payments
        ],
    }


def _seed_gateways(store: Store) -> None:
    """Give the first account two trunks and the second one trunk, with ids from 1001."""
    trunks = (
        (OURS, "198.51.100.20:5060", ""),
        (OURS, "sip.example.net", "9"),
        (OTHER, "203.0.113.20:5060", ""),
    )
    for gateway_id, (login, gateway, prefix) in enumerate(trunks, start=FIRST_GATEWAY):
        store.execute(
            "INSERT INTO voicetel_gateway (id, login, gateway, prefix, calls)"
            " VALUES (?, ?, ?, ?, 23)",
            (gateway_id, login, gateway, prefix),
        )


def _seed_features(store: Store, rng: random.Random) -> None:
    """Give some numbers of the first account routes, forwards and mail boxes of their own."""
    for row in _numbers(store, OURS):
        facts: dict[str, object] = {"route": rng.choice((4, 4, FIRST_GATEWAY, FIRST_GATEWAY + 1))}
        if rng.random() < 0.15:
            facts["forwardTo"] = "2125550142"
        if rng.random() < 0.1:
            facts["fax"] = "fax@example.net"
        if rng.random() < 0.2:
            facts["sms"] = sms.keep_route(store, OURS, "email", "sms@example.net")
        if rng.random() < 0.3:
            facts["cnam"] = True
        store.execute(
            "UPDATE number SET data = ? WHERE provider = ? AND tn = ?",
            (json.dumps(facts), PROVIDER, row["tn"]),
        )


def _seed_messaging(store: Store, rng: random.Random) -> None:
    """Bring in a brand with a campaign on each network, some numbers of them, and messages."""
    brand = (OURS, "BSANDBX", "Sandbox Voice LLC", "Appointments and notices")
    store.execute("INSERT INTO voicetel_brand VALUES (?, ?, ?, ?)", brand)
    now = store.now()
    for campaign_id in CAMPAIGNS:
        about = (brand[1], "Appointment reminders", "T", zulu(now), stamp(now))
        store.execute(
            "INSERT INTO voicetel_campaign VALUES (?, ?, ?, ?, ?, ?, ?)",
            (OURS, campaign_id, *about),
        )
    members = [row for row in _numbers(store, OURS) if rng.random() < 0.3]
    for row in members:
        campaign_id = rng.choice(CAMPAIGNS)
        carrier = campaigns.outbound_carrier(campaign_id)
        change_number(store, row, campaign=campaign_id, carrier=carrier)
    messages.seed_messages(store, members[0]["tn"], OURS)


def _seed_emergency(store: Store, rng: random.Random) -> None:
    """Give some numbers an emergency record."""
    for row in _numbers(store, OURS):
        if rng.random() < 0.4:
            street = {"address1": f"{rng.randrange(1, 900)} MAIN ST", "address2": ""}
            place = {"city": row["city"].upper(), "state": row["state"], "zip": "10001"}
            change_number(store, row, e911={"callername": "SANDBOX VOICE LLC", **street, **place})


def _seed_tickets(store: Store) -> None:
    """Open a ticket for each of two accounts, ours with an answer; ids begin at `FIRST_TICKET`."""
    store.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('voicetel_ticket', ?)",
        (FIRST_TICKET - 1,),
    )
    for login, subject in ((OURS, "One-way audio"), (OTHER, "Invoice copy")):
        owner = load_account(store, login)
        if owner is not None:
            tickets.open_ticket(store, owner, subject=subject, message=f"{subject}: please help.")
    answer = "Please send us the call id of an example."
    tickets.add_staff_message(store, FIRST_TICKET, answer, at=store.now())


def _numbers(store: Store, login: str) -> list[sqlite3.Row]:
    """Return the numbers of an account with place and facts, in order."""
    return store.query(
        "SELECT tn, data, city, state FROM number"
        " WHERE provider = ? AND account = ? AND status = 'owned' ORDER BY tn",
        (PROVIDER, login),
    )
