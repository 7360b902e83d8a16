"""Harmless reads at a live account, and what they say of our assumptions (intelepeer.md)."""

from __future__ import annotations

from typing import Any, Final

from portal.providers.errors import ProviderRefused
from portal.providers.intelepeer import listing
from portal.providers.probing import Look, Probe
from portal.providers.probing_json import JSONShape, compare

_OWN: Final = {
    "accountID": "number",
    "endpoint": "text",
    "hasCpaas": "boolean?",
    "label": "text?",
    "orderID": "number?",
    "packageID": "number",
    "type": "text",
    "geo": "object?",
    "media": "object?",
}
_FOR_SALE: Final = {"endpoint": "text", "geo": "object?"}


def _rows(value: Any) -> list[Any]:
    rows = value.get("endpoints", []) if isinstance(value, dict) else value
    return rows if isinstance(rows, list) else []


def _sign_in(provider: Any, look: Look) -> None:
    provider.client.check()
    scheme = provider.account.setting("auth_scheme", "raw")
    look.saw("signed in")
    look.assume("1.1", f"The token travels as “{scheme}”", True)


def _own(provider: Any, look: Look) -> None:
    value = listing.own_numbers(provider.client, page_size=1)
    rows = _rows(value)
    look.saw(f"{len(rows)} rows on a page of one")
    version = provider.client.my_tf_version
    look.assume("9", "Own numbers are listed by version 4 of the route", version == "v4", version)
    shape = JSONShape(path=("endpoints",), fields=_OWN)
    compare(look, "an own number", shape, section="3")
    if isinstance(value, dict) and value.get("hasMore"):
        look.assume("3", "A page holds one row more when there is a further page", len(rows) == 2)


def _stock(provider: Any, look: Look) -> None:
    rows = _rows(provider.client.carrier_tf(npas=["888"], page_size=10))
    look.saw(f"{len(rows)} numbers for sale on the first page of 888")
    shape = JSONShape(path=("endpoints",), fields=_FOR_SALE)
    compare(look, "a number for sale", shape, section="2")


def _packages(provider: Any, look: Look) -> None:
    text = "GET /_rest/v4/my/packages lists the packages"
    try:
        routes = provider.list_routes()
    except ProviderRefused as error:
        look.assume("8", text, False, error.message)
        raise
    look.saw(f"{len(routes)} packages: {', '.join(route.ref for route in routes[:10])}")
    look.assume("8", text, True)


PROBES: Final = (
    Probe(operation="POST /_rest/v4/authenticate", run=_sign_in),
    Probe(operation="GET /_rest/v3/my/tf", run=_own),
    Probe(operation="GET /_rest/v4/carrier/tf", run=_stock),
    Probe(operation="GET /_rest/v4/my/packages", run=_packages),
)


def decisions(provider: Any) -> list[str]:
    """Return what a person must decide before the account is used."""
    wanted = [
        "The service area (1 to 5) of orders: the provider publishes no meaning; ask for it.",
        "Whether numbers are provisioned under the provider’s RespOrg or under your own.",
        "Which address gets the provider’s status mails: no route reads an order’s state.",
    ]
    if not provider.account.setting("package_id"):
        wanted.insert(0, "The default package of bought numbers: none is set.")
    return wanted
