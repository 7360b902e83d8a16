"""Support tickets (voicetel.md 11)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class Support:
    """Mixed into the adapter."""

    client: Client
