"""What a provider may do with text messages."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
