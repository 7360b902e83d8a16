"""Messages, their settings, customers and campaigns (voip-innovations.md 2.10, 2.11)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.core import Core


class Messaging(Core):
    """The operations of this section."""
