"""What a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations

from portal.providers.voicetel.methods.core import Method

METHODS: tuple[Method, ...] = ()
