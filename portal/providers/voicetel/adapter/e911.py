"""Emergency records (voicetel.md 5)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class E911:
    """Mixed into the adapter."""

    client: Client
