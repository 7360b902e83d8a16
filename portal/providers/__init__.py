"""The adapter layer: four wires, one vocabulary. Knows no ORM, no request and no user."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from portal.providers.base import Account, Provider, Runtime
from portal.providers.capabilities import CAPABILITIES

REGISTRY: dict[str, str] = {
    "voip_innovations": "portal.providers.voip_innovations.adapter.VoIPInnovations",
    "voicetel": "portal.providers.voicetel.adapter.VoiceTel",
    "intelepeer": "portal.providers.intelepeer.adapter.IntelePeer",
    "custom_toll_free": "portal.providers.custom_toll_free.adapter.CustomTollFree",
}


@cache
def provider_class(slug: str) -> type[Provider]:
    """Return the adapter class for a slug; raises KeyError for one that is not registered."""
    module, _, name = REGISTRY[slug].rpartition(".")
    return getattr(import_module(module), name)


def get(account: Account, runtime: Runtime) -> Provider:
    """Return the adapter of an account, ready to call."""
    return provider_class(account.slug)(account, runtime)


def offers(slug: str, capability: str) -> bool:
    """Return whether a provider has a capability, by its name in `CAPABILITIES`."""
    protocol = CAPABILITIES[capability]
    members = getattr(protocol, "__protocol_attrs__", None) or {
        name for name in vars(protocol) if not name.startswith("_")
    }
    return all(hasattr(provider_class(slug), name) for name in members)


def offering(capability: str) -> list[str]:
    """Return the slugs of the providers that have a capability, in the order of the registry."""
    return [slug for slug in REGISTRY if offers(slug, capability)]


def why_not(slug: str, capability: str) -> str:
    """Return the sentence why a provider lacks a capability; empty when it has it."""
    if offers(slug, capability):
        return ""
    return provider_class(slug).not_offered[capability]
