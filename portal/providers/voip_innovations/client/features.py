"""What a number does beside ringing: groups, forwards, fax, caller names, scripts (voip-innovations.md 2.2 to 2.7, 2.13, 2.14)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.core import Core


class Features(Core):
    """The operations of this section."""
