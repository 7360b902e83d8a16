"""Support tickets (voicetel.md 11)."""

from __future__ import annotations

from portal.providers.voicetel.client.core import Core


class Support(Core):
    """The operations of this section."""
