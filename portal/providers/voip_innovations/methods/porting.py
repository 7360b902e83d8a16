"""Portability and port orders (voip-innovations.md 2.12)."""

from __future__ import annotations

from portal.providers.catalogue import WireMethod as Method

METHODS: tuple[Method, ...] = ()
