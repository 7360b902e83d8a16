"""Emergency records, locations and alerts (voip-innovations.md 2.8, 2.9)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.core import Core


class E911(Core):
    """The operations of this section."""
