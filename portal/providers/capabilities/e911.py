"""What a provider may do about emergency records."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
