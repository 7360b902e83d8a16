"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

from portal.providers.voicetel.client.core import Core


class Features(Core):
    """The operations of this section."""
