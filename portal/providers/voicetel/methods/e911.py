"""Emergency records (voicetel.md 5)."""

from __future__ import annotations

from portal.providers.voicetel.methods.core import Method

METHODS: tuple[Method, ...] = ()
