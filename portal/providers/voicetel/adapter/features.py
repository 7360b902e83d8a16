"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class Features:
    """Mixed into the adapter."""

    client: Client
