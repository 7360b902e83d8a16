"""Why a provider that tells its balance only lacks the rest around account, network and help desk."""

from __future__ import annotations

from typing import Final

_SENTENCES: Final[dict[str, str]] = {
    "account_profile": "{} does not tell what it keeps of the account.",
    "account_settings": "{} lets the account's settings be changed on its own site only.",
    "account_credits": "{} does not list credits.",
    "account_payments": "{} does not list payments.",
    "recurring_charges": "{} does not list monthly charges.",
    "call_records": "{} does not list calls.",
    "registration": "{} does not tell which devices are registered.",
    "account_creation": "{} lets nobody open accounts from here.",
    "account_signup": "{} opens accounts on its own site only.",
    "account_recovery": "{} recovers accounts on its own site only.",
    "gateway_editing": "{} lets routes be made and changed on its own site only.",
    "route_numbers": "{} does not list the numbers of one route; the portal's own list does.",
    "access_list": "{} keeps its list of addresses on its own site only.",
    "device_sign_in": "{} lets the sign-in of devices be changed on its own site only.",
    "name_lookups": "{} does not look up caller names.",
    "routing_lookups": "{} does not look up routing numbers.",
    "support_tickets": "{} takes tickets on its own site and by mail only.",
}


def account_lacking(name: str) -> dict[str, str]:
    """Return the sentences with the provider's name in them."""
    return {capability: text.format(name) for capability, text in _SENTENCES.items()}
