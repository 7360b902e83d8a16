"""The VoIP Innovations wire of the sandbox: one address, its tables and first contents.

See voip-innovations.md. Settings: `voip_innovations.allowed_ips` (addresses divided by commas;
calls from elsewhere get 901) and those of `soap_orders`.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import escape

from portal.sandbox import (
    accounts,
    soap_10dlc,
    soap_911,
    soap_911_alerts,
    soap_conference,
    soap_endpoint_groups,
    soap_fax,
    soap_features,
    soap_international,
    soap_inventory,
    soap_locations,
    soap_messages,
    soap_orders,
    soap_porting,
    soap_scripts,
    soap_search,
    soap_sms,
)
from portal.sandbox.http import Request, Response
from portal.sandbox.soap_records import stamp
from portal.sandbox.soap_wire import (
    NAMESPACE,
    PROVIDER,
    SOAP11,
    Call,
    Envelope,
    Method,
    Refused,
    Reply,
    SoapFault,
    fault_response,
    list_tns,
    read_args,
    read_envelope,
    reply_response,
)
from portal.sandbox.store import Store
from portal.sandbox.wsgi import Route

__all__ = ["METHODS", "PROVIDER", "ROUTES", "SCHEMA", "seed", "tick"]

PATH = "/Services/APIService.asmx"
_ACTION = re.compile(r";\s*action\s*=\s*(\"[^\"]*\"|[^\s;]*)", re.IGNORECASE)
OWN_SCHEMA = """
CREATE TABLE IF NOT EXISTS vi_endpoint_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL,
    client TEXT NOT NULL, ips TEXT NOT NULL, tiers TEXT NOT NULL, usage REAL NOT NULL,
    strips_country_code INTEGER NOT NULL, is_international INTEGER NOT NULL,
    is_active INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS vi_did_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL);
"""
SECTIONS = (
    soap_search,
    soap_inventory,
    soap_orders,
    soap_features,
    soap_endpoint_groups,
    soap_scripts,
    soap_international,
    soap_911,
    soap_911_alerts,
    soap_locations,
    soap_porting,
    soap_fax,
    soap_conference,
    soap_sms,
    soap_10dlc,
    soap_messages,
)
# A section may bring `SCHEMA`, `seed(store, rng)` and `tick(store)` of its own.
SCHEMA = OWN_SCHEMA + "".join(getattr(section, "SCHEMA", "") for section in SECTIONS)
METHODS: Mapping[str, Method] = {
    method.name: method for section in SECTIONS for method in section.METHODS
}
# id, account, name, addresses, tiers it takes (empty: all), is active, takes other countries
GROUPS = (
    (13550, "sandbox", "Main SBC", "198.51.100.10 198.51.100.11", "", 1, 0),
    (13551, "sandbox", "Backup SBC", "203.0.113.10", "", 1, 1),
    (13552, "sandbox", "Fax Gateway", "198.51.100.30", "0 1", 1, 0),
    (13553, "sandbox", "Old PBX", "198.51.100.40", "", 0, 0),
    (14550, "sandbox2", "Other SBC", "203.0.113.99", "", 1, 1),
)
DID_GROUPS = (("sandbox", "Sales"), ("sandbox", "Support"), ("sandbox2", "Theirs"))
NAMES = ("EXAMPLE LLC", "EXAMPLE SALES", "EXAMPLE CARE")


def _operation(request: Request) -> str:
    """Name the operation that the body asks for; `unknown` where there is none."""
    try:
        name = read_envelope(request).operation
    except SoapFault:
        return "unknown"
    return name if name in METHODS else "unknown"


def _tns(request: Request) -> list[str]:
    method = METHODS.get(_operation(request))
    return list(list_tns(read_envelope(request), method)) if method else []


def _is_write(request: Request) -> bool:
    method = METHODS.get(_operation(request))
    return method is not None and method.is_write


def answer(request: Request, store: Store) -> Response:
    """Answer a SOAP call; SOAPAction is not needed, but a wrong one is a fault."""
    version = SOAP11
    try:
        envelope = read_envelope(request)
        version = envelope.version
        method = _find_method(request, envelope)
        args = read_args(envelope, method)
        with store.transaction() if method.is_write else nullcontext():
            reply = _run(request, store, envelope, method, args)
        return reply_response(envelope, method, reply)
    except SoapFault as fault:
        return fault_response(fault, version)


def _action(request: Request) -> str:
    """Return the action: a header of its own in SOAP 1.1, part of the content type in 1.2."""
    header = request.header("SOAPAction")
    if not header:
        found = _ACTION.search(request.header("Content-Type"))
        header = found[1] if found else ""
    return header.strip().strip('"')


def _find_method(request: Request, envelope: Envelope) -> Method:
    action = _action(request)
    name = envelope.operation
    method = METHODS.get(name)
    is_ours = (envelope.element.tag == f"{{{NAMESPACE}}}{name}") and method is not None
    if action and (not is_ours or action != NAMESPACE + name):
        raise SoapFault(f"Server did not recognize the value of HTTP Header SOAPAction: {action}.")
    if method is None or not is_ours:
        raise SoapFault(
            "Unable to handle request without a valid action parameter."
            f" There is no operation {name}."
        )
    return method


def _run(
    request: Request, store: Store, envelope: Envelope, method: Method, args: dict[str, Any]
) -> Reply:
    """Check who calls, then run the operation; a refusal undoes nothing, for it did nothing."""
    account = accounts.find(store, PROVIDER, envelope.text("login"), envelope.text("secret"))
    allowed = str(store.setting(f"{PROVIDER}.allowed_ips")).replace(" ", "")
    if allowed and request.remote not in allowed.split(","):
        return Reply(code=901)
    if account is None or (request.fault is not None and request.fault.kind == "auth"):
        return Reply(code=902)
    call = Call(store=store, account=account, args=args, request=request)
    if call.is_faulted("refuse") and "didParams" not in args:
        return Reply(code=900)
    if call.is_faulted("partial") and "didParams" not in args:
        return Reply(code=909)
    try:
        return method.handler(call)
    except Refused as refused:
        return Reply(code=refused.code, message=refused.text)


def describe(request: Request, store: Store) -> Response:
    """GET: the WSDL under `?wsdl`, otherwise a page with the operations."""
    if any(name.lower() == "wsdl" for name, _ in request.query):
        text = _wsdl().replace("{address}", escape(request.base_url() + PATH, {'"': "&quot;"}))
        return Response(200, text, "text/xml; charset=utf-8")
    names = "".join(f"<li>{name}" for name in sorted(METHODS))
    page = f"<!doctype html><title>APIService</title><h1>APIService</h1><ul>{names}</ul>"
    return Response(200, page, "text/html; charset=utf-8")


@lru_cache(maxsize=1)
def _wsdl() -> str:
    source = resources.files("portal.sandbox").joinpath("wsdl/voip_innovations.wsdl")
    return source.read_text(encoding="utf-8")


ROUTES = [
    Route("POST", PATH, _operation, answer, _tns, _is_write),
    Route("GET", PATH, "describe", describe),
]


def tick(store: Store) -> None:
    """Let reservations of 30 minutes run out, and what the sections have running."""
    now = stamp(store.now())
    due = "provider = ? AND status = 'reserved' AND held_until <> '' AND held_until <= ?"
    if store.query(f"SELECT 1 FROM number WHERE {due} LIMIT 1", (PROVIDER, now)):  # noqa: S608
        store.execute(
            "UPDATE number SET status = 'available', held_by = '', held_until = '',"  # noqa: S608
            f" changed_at = ? WHERE {due}",
            (now, PROVIDER, now),
        )
    for section in SECTIONS:
        if hasattr(section, "tick"):
            section.tick(store)


def seed(store: Store, rng: random.Random) -> None:
    """Fill in what a fresh sandbox holds: groups, and the configuration of owned numbers."""
    for group_id, account, name, ips, tiers, is_active, is_international in GROUPS:
        client = soap_endpoint_groups.CLIENTS[account][1]
        group = (group_id, account, name, client, ips, tiers, group_id / 100)
        store.execute(
            "INSERT INTO vi_endpoint_group (id, account, name, client, ips, tiers, usage,"
            " strips_country_code, is_international, is_active)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*group, 1 - is_international, is_international, is_active),
        )
    for account, name in DID_GROUPS:
        store.execute("INSERT INTO vi_did_group (account, name) VALUES (?, ?)", (account, name))
    bought = datetime(2025, 1, 6, 15, 30)  # noqa: DTZ001 - the wire's times have no zone
    for row in store.query(
        "SELECT tn, account, cnam FROM number WHERE provider = ? AND status = 'owned' ORDER BY tn",
        (PROVIDER,),
    ):
        is_first = row["account"] == "sandbox"
        facts: dict[str, Any] = {
            "epg": rng.choice((13550, 13550, 13550, 13551)) if is_first else 14550,
            "expires": (bought + timedelta(hours=rng.randrange(8000))).isoformat(),
            "refId": f"start-{rng.randrange(1000):03d}",
        }
        if is_first:
            facts |= _features(rng, has_cnam=bool(row["cnam"]))
        store.execute(
            "UPDATE number SET data = ? WHERE provider = ? AND tn = ?",
            (json.dumps(facts), PROVIDER, row["tn"]),
        )
    for section in SECTIONS:
        if hasattr(section, "seed"):
            section.seed(store, random.Random(section.__name__))  # noqa: S311


def _features(rng: random.Random, *, has_cnam: bool) -> dict[str, Any]:
    """Draw what an owned number of the first account has set."""
    facts: dict[str, Any] = {"dip": rng.random() < 0.5}
    chance = rng.random()
    if chance < 0.04:
        facts["epg"] = 0
    elif chance < 0.12:
        facts |= {"epg": 0, "forward": "2125550142"}
    if rng.random() < 0.1:
        facts["failover"] = "2125550143"
    if rng.random() < 0.3:
        facts["didGroup"] = rng.choice((1, 2))
    if has_cnam and rng.random() < 0.5:
        facts["cnamName"] = rng.choice(NAMES)
    return facts
