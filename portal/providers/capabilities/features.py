"""What a provider may do for one number beside letting it ring."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
