"""Portability, port orders, port-out PIN (voicetel.md 7.4, 10)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class Porting:
    """Mixed into the adapter."""

    client: Client
