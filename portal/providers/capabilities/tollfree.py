"""What a provider may do with toll-free numbers at the registry."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
