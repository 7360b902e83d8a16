"""Harmless reads at a live account, and what they say of our assumptions (voicetel.md).

Three of the routes are limited to six calls an hour and address: each costs one of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from portal.providers.errors import ProviderRefused
from portal.providers.probing import MOST_RECORDS, Look, Probe
from portal.providers.probing_json import JSONShape, compare, first_record
from portal.providers.voicetel.methods import METHODS

_GATEWAY: Final = {
    "id": "number",
    "gateway": "text",
    "prefix": "text?",
    "limit": "number?",
    "system": "boolean",
}
_NUMBER: Final = {
    "number": "text",
    "route": "number",
    "gateway": "text?",
    "translated": "text",
    "forward": "boolean",
    "forwardTo": "text?",
    "cnam": "boolean",
    "carrier": "number",
    "smsEnabled": "boolean",
    "faxEnabled": "boolean",
}
_RECORD: Final = {
    "dn": "text",
    "callername": "text",
    "address1": "text",
    "address2": "text?",
    "city": "text",
    "state": "text",
    "zip": "text",
}
_PORT: Final = {
    "id": "text?",
    "pid": "text",
    "status": "text",
    "createdAt": "text?",
    "foc": "text?",
    "message": "text?",
    "supportUrl": "text?",
}
_PAYMENT: Final = {
    "amount": "number",
    "date": "text",
    "payerEmail": "text?",
    "transactionId": "text?",
    "status": "text",
}
_ACCOUNT: Final = {
    "username": "text",
    "name": "text",
    "email": "text?",
    "enabled": "boolean?",
    "created": "text?",
    "timezone": "text?",
    "cash": "number",
    "ccs": "number?",
    "authType": "number?",
    "callerId": "text?",
    "notify": "boolean?",
    "notifyThreshold": "number?",
    "services": "object",
    "rates": "object",
}
LISTS: Final[Mapping[str, JSONShape]] = {
    "GET /v2.2/account/credits": JSONShape(
        path=("data", "credits"), fields={"paid": "boolean", "date": "text", "amount": "number"}
    ),
    "GET /v2.2/account/payments": JSONShape(path=("data", "payments"), fields=_PAYMENT),
    "GET /v2.2/acl": JSONShape(path=("data", "acl"), fields={"cidr": "text"}),
    "GET /v2.2/gateways": JSONShape(path=("data", "gateways"), fields=_GATEWAY),
    "GET /v2.2/numbers": JSONShape(path=("data", "numbers"), fields=_NUMBER),
    "GET /v2.2/e911": JSONShape(path=("data", "records"), fields=_RECORD),
    "GET /v2.2/ports": JSONShape(path=("data", "ports"), fields=_PORT),
    "GET /v2.2/support/tickets": JSONShape(path=("data", "tickets")),
}
NOBODYS: Final = "2125550100"  # a number that no account can hold: its 404 shows the error's shape


def _list(operation: str) -> Probe:
    shape = LISTS[operation]
    what = shape.path[-1]

    def run(provider: Any, look: Look) -> None:
        found = getattr(provider.client, METHODS[operation].function)()
        rows = _count(found)
        more = " and more" if rows == MOST_RECORDS else ""
        look.saw(f"{rows} {what}{more}")
        if shape.fields:
            compare(look, f"a row of {what}", shape, section=METHODS[operation].section)

    return Probe(operation=operation, run=run)


def _count(found: Any) -> int:
    """Return how many rows there are, at most `MOST_RECORDS`; the rest is not read."""
    if isinstance(found, Iterator):
        with contextlib.closing(found):  # type: ignore[type-var]
            return sum(1 for _ in islice(found, MOST_RECORDS))
    return len(found)


def _account(provider: Any, look: Look) -> None:
    status = provider.check_credentials()
    look.saw(f"balance {status.balance} USD")
    record = compare(look, "the account", JSONShape(path=("data",), fields=_ACCOUNT), section="2")
    services = (record or {}).get("services")
    if isinstance(services, dict):
        off = sorted(name for name, is_on in services.items() if is_on is False)
        look.saw(f"services off: {', '.join(off) or 'none'}")


def _error_shape(provider: Any, look: Look) -> None:
    try:
        found = provider.client.get_number(NOBODYS)
    except ProviderRefused as error:
        look.saw(f"{NOBODYS} is refused with {error.code}")
        return
    look.saw(f"{NOBODYS} is {'ours' if found else 'not ours, as expected'}")
    told = first_record(look.body, ("error",))
    if found is not None or told is None:
        look.assume("1.2", "Errors stand in a nested object `error`", None if found else False)
        return
    look.assume("1.2", "Errors stand in a nested object `error`", True)
    code = told.get("code")
    look.assume("1.2", "error.code mirrors the HTTP status", str(code) == "404", f"code {code}")


def _records(provider: Any, look: Look) -> None:
    rows = getattr(provider.client, METHODS["GET /v2.2/e911"].function)()
    count = _count(rows)
    look.saw(f"{count} records")
    record = compare(look, "an E911 record", LISTS["GET /v2.2/e911"], section="5")
    if record:
        dn = str(record.get("dn", ""))
        holds = len(dn) == 11 and dn.startswith("1")
        look.assume("5", "`dn` comes with eleven digits", holds, f"{len(dn)} digits")


def _sign_in(provider: Any, look: Look) -> None:
    getattr(provider.client, METHODS["GET /v2.2/auth"].function)()
    fields = {"authType": "number", "authTypeDescription": "text", "acl": "list?"}
    compare(look, "the SIP sign-in", JSONShape(path=("data",), fields=fields), section="4")
    look.saw("SIP sign-in read")


def _stock(provider: Any, look: Look) -> None:
    rows = provider.client.get_inventory_coverage("state")
    look.saw(f"numbers for sale in {len(rows)} states")
    fields = {"count": "number", "locState": "text"}
    compare(
        look, "a coverage row", JSONShape(path=("data", "coverage"), fields=fields), section="7.2"
    )


PROBES: Final = (
    Probe(operation="GET /v2.2/account", run=_account),
    Probe(operation="GET /v2.2/numbers/{number}", run=_error_shape),
    Probe(operation="GET /v2.2/auth", run=_sign_in),
    Probe(operation="GET /v2.2/inventory/coverage", run=_stock),
    *(_list(operation) for operation in LISTS if operation != "GET /v2.2/e911"),
    Probe(operation="GET /v2.2/e911", run=_records),
)


def decisions(provider: Any) -> list[str]:
    """Return what a person must decide before the account is used."""
    return [
        f"The default gateway of bought numbers: {provider.account.setting('route', '4')} is set.",
        "Whether billed lookups (CNAM, LRN) and messages may be made; each is charged.",
        "Whether port orders may be sent: each number costs 6 USD at submission.",
        "Whether toll-free numbers may be bought: the provider does not say that it sells them.",
    ]
