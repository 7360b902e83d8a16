"""Messages, their routing, brands and campaigns (voicetel.md 9, 10)."""

from __future__ import annotations

from portal.providers.voicetel.client.core import Core


class Messaging(Core):
    """The operations of this section."""
