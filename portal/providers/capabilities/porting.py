"""What a provider may do about numbers that move between carriers."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
