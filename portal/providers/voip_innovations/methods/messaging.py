"""Messages, their settings, customers and campaigns (voip-innovations.md 2.10, 2.11)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = ()
