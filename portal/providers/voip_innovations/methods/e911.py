"""Emergency records, locations and alerts (voip-innovations.md 2.8, 2.9)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = ()
