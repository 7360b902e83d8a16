"""What a number does beside ringing (voip-innovations.md 2.2 to 2.7, 2.13, 2.14)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = ()
