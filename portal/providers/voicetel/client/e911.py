"""Emergency records (voicetel.md 5)."""

from __future__ import annotations

from portal.providers.voicetel.client.core import Core


class E911(Core):
    """The operations of this section."""
