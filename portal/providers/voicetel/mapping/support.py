"""Wire ⇄ DTO: support tickets (voicetel.md 11)."""

from __future__ import annotations
