"""Support tickets (voicetel.md 11)."""

from __future__ import annotations

from portal.providers.voicetel.methods.core import Method

METHODS: tuple[Method, ...] = ()
