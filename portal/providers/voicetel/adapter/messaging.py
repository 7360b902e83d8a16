"""Messages, their routing, brands and campaigns (voicetel.md 9, 10)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class Messaging:
    """Mixed into the adapter."""

    client: Client
