"""Gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class Network:
    """Mixed into the adapter."""

    client: Client
