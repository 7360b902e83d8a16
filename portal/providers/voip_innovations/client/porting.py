"""Portability and port orders (voip-innovations.md 2.12)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.core import Core


class Porting(Core):
    """The operations of this section."""
