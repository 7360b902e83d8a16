"""The 74 addresses of the VoiceTel wire, and the numbers that a request to each is about.

Placeholders are named as the reference names them. `PAGES` are beside the API, for people.
"""

from __future__ import annotations

from functools import partial

from portal.sandbox import rest_voicetel_account as account
from portal.sandbox import rest_voicetel_accounts as accounts
from portal.sandbox import rest_voicetel_auth as auth
from portal.sandbox import rest_voicetel_calls as calls
from portal.sandbox import rest_voicetel_campaigns as campaigns
from portal.sandbox import rest_voicetel_e911 as e911
from portal.sandbox import rest_voicetel_features as features
from portal.sandbox import rest_voicetel_gateways as gateways
from portal.sandbox import rest_voicetel_inventory as inventory
from portal.sandbox import rest_voicetel_lookups as lookups
from portal.sandbox import rest_voicetel_messages as messages
from portal.sandbox import rest_voicetel_messaging as messaging
from portal.sandbox import rest_voicetel_numbers as numbers
from portal.sandbox import rest_voicetel_pages as pages
from portal.sandbox import rest_voicetel_ports as ports
from portal.sandbox import rest_voicetel_sms as sms
from portal.sandbox import rest_voicetel_tickets as tickets
from portal.sandbox.http import Request
from portal.sandbox.rest_voicetel_wire import TN10, Handler
from portal.sandbox.wsgi import ListTns, Route, no_tns


def _body_number(name: str) -> ListTns:
    """Return a function that lists the one number that a JSON body names in a member."""

    def listed(request: Request) -> list[str]:
        try:
            body = request.json()
        except ValueError:
            return []
        number = body.get(name) if isinstance(body, dict) else None
        return [number] if isinstance(number, str) else []

    return listed


def _path_number(request: Request) -> list[str]:
    """List the first number that stands in the path."""
    return [part for part in request.path.split("/") if TN10.fullmatch(part)][:1]


def _sent_numbers(request: Request) -> list[str]:
    """List sender and recipient of a message."""
    return _body_number("fromNumber")(request) + _body_number("toNumber")(request)


def _query_number(request: Request) -> list[str]:
    """List the numbers that stand in the query, as one or as a comma list."""
    values = [value for name, value in request.query if name in ("number", "numbers")]
    parts = (part.strip() for value in values for part in value.split(","))
    return [part for part in parts if TN10.fullmatch(part)]


def _route(
    method: str, path: str, operation: str, handler: Handler, tns: ListTns = no_tns
) -> Route:
    return Route(method, f"/v2.2{path}", operation, handler, tns)


_get = partial(_route, "GET")
_post = partial(_route, "POST")
_put = partial(_route, "PUT")
_patch = partial(_route, "PATCH")
_delete = partial(_route, "DELETE")

CHARGES = "/account/recurring-charges"
NUMBER = "/numbers/{number}"
CAMPAIGN = f"{NUMBER}/messaging-campaign"
TICKET = "/support/tickets/{id}"

ACCOUNT = [
    _post("/account/api-key", "account.api_key", account.create_api_key),
    _get("/account", "account.get", account.show_account),
    _put("/account", "account.update", account.change_account),
    _post("/account", "account.create", accounts.create_account),
    _post("/accounts", "account.sign_up", accounts.sign_up),
    _post("/account/recovery", "account.recovery", accounts.recover_account),
    _get("/account/credits", "account.credits", account.list_credits),
    _get("/account/payments", "account.payments", account.list_payments),
    _get("/account/registration", "account.registration", account.show_registration),
    _get("/account/cdr", "account.cdr", calls.list_calls),
    _get(CHARGES, "account.recurring_charges", account.list_recurring_charges),
    _get("/acl", "acl.list", auth.list_acl),
    _post("/acl", "acl.add", auth.add_acl),
    _delete("/acl", "acl.remove", auth.remove_acl),
    _get("/auth", "auth.get", auth.show_auth),
    _put("/auth", "auth.update", auth.change_auth),
    _get("/gateways", "gateways.list", gateways.list_gateways),
    _post("/gateways", "gateways.create", gateways.create_gateway),
    _get("/gateways/{id}", "gateways.get", gateways.show_gateway),
    _put("/gateways/{id}", "gateways.update", gateways.change_gateway),
    _delete("/gateways/{id}", "gateways.delete", gateways.remove_gateway),
    _get("/gateways/{id}/numbers", "gateways.numbers", gateways.list_gateway_numbers),
]
STOCK = [
    _get("/inventory", "inventory.search", inventory.search_inventory),
    _get("/inventory/coverage", "inventory.coverage", inventory.count_inventory),
    _post("/orders", "orders.create", inventory.create_order, inventory.order_tns),
    _get(
        "/ports/availability/{number}",
        "ports.availability",
        ports.check_portability,
        _path_number,
    ),
    _post("/ports", "ports.create", ports.create_port, ports.port_numbers),
    _get("/ports", "ports.list", ports.list_ports),
    _get("/ports/{id}", "ports.get", ports.show_port),
    _get("/cnam/{number}", "lookups.cnam", lookups.look_up_name, _path_number),
    _get("/lrn/{number}/{ani}", "lookups.lrn", lookups.look_up_routing, _path_number),
]
EMERGENCY = [
    _post("/e911/validations", "e911.validate", e911.validate_address),
    _post("/e911", "e911.create", e911.create_record, _body_number("dn")),
    _get("/e911", "e911.list", e911.list_records),
    _get("/e911/{dn}", "e911.get", e911.show_record, _path_number),
    _put("/e911/{dn}", "e911.set", e911.set_record, _path_number),
    _delete("/e911/{dn}", "e911.remove", e911.remove_record, _path_number),
]
NUMBERS = [
    _get("/numbers", "numbers.list", numbers.list_numbers),
    _post("/numbers", "numbers.add", numbers.add_number, _body_number("number")),
    _get(NUMBER, "numbers.get", numbers.show_number, _path_number),
    _patch(NUMBER, "numbers.move", numbers.move_number, _path_number),
    _delete(NUMBER, "numbers.remove", numbers.remove_number, _path_number),
    _post(f"{NUMBER}/release", "numbers.release", numbers.release_number, _path_number),
    _put(f"{NUMBER}/route", "numbers.route", features.set_route, _path_number),
    _put(f"{NUMBER}/cnam", "numbers.cnam", features.set_cnam, _path_number),
    _put(f"{NUMBER}/lidb", "numbers.lidb", features.set_lidb, _path_number),
    _get(f"{NUMBER}/fax", "fax.get", features.show_fax, _path_number),
    _put(f"{NUMBER}/fax", "fax.set", features.set_fax, _path_number),
    _delete(f"{NUMBER}/fax", "fax.remove", features.remove_fax, _path_number),
    _put(f"{NUMBER}/forward", "forward.set", features.set_forward, _path_number),
    _delete(f"{NUMBER}/forward", "forward.remove", features.remove_forward, _path_number),
    _get(f"{NUMBER}/sms", "sms.get", sms.show_sms, _path_number),
    _put(f"{NUMBER}/sms", "sms.set", sms.set_sms, _path_number),
    _delete(f"{NUMBER}/sms", "sms.remove", sms.remove_sms, _path_number),
    _put(f"{NUMBER}/translation", "numbers.translation", features.set_translation, _path_number),
    _patch(f"{NUMBER}/port-out-pin", "numbers.pin", features.set_pin, _path_number),
]
MESSAGING = [
    _get("/numbers/messaging", "messaging.states", messaging.list_states, _query_number),
    _get(f"{NUMBER}/messaging", "messaging.get", messaging.show_state, _path_number),
    _patch(f"{NUMBER}/messaging", "messaging.update", messaging.change_state, _path_number),
    _put(CAMPAIGN, "campaigns.assign", messaging.assign_campaign, _path_number),
    _delete(CAMPAIGN, "campaigns.unassign", messaging.unassign_campaign, _path_number),
    _delete(
        "/numbers/messaging-campaign",
        "campaigns.unassign_bulk",
        messaging.unassign_campaigns,
        _query_number,
    ),
    _post("/messaging/brands", "brands.create", campaigns.create_brand),
    _post("/messaging/campaigns", "campaigns.create", campaigns.create_campaign),
    _get("/messaging/campaigns", "campaigns.list", campaigns.list_campaigns),
    _post("/messages", "messages.send", messages.send_message, _sent_numbers),
    _get("/messages", "messages.list", messages.list_messages, _query_number),
]
SUPPORT = [
    _get("/support/tickets", "tickets.list", tickets.list_tickets),
    _post("/support/tickets", "tickets.create", tickets.create_ticket),
    _get(TICKET, "tickets.get", tickets.show_ticket),
    _put(TICKET, "tickets.update", tickets.change_ticket),
    _delete(TICKET, "tickets.remove", tickets.remove_ticket),
    _get(f"{TICKET}/messages", "tickets.messages", tickets.list_threads),
    _post(f"{TICKET}/replies", "tickets.reply", tickets.add_reply),
]
PAGES = [
    Route("GET", "/a/loa/{pid}/", "pages.loa", pages.show_letter),
    Route("POST", "/a/loa/{pid}/", "pages.sign", pages.sign),
    Route("GET", "/a/port/{pid}/", "pages.port", pages.show_port),
    Route("GET", "/a/support/{ticket}/", "pages.ticket", pages.show_ticket),
]
ROUTES = [*ACCOUNT, *STOCK, *EMERGENCY, *NUMBERS, *MESSAGING, *SUPPORT, *PAGES]
