"""What a provider may tell and change about the account itself."""

from __future__ import annotations

CAPABILITIES: dict[str, type] = {}
