"""Wire ⇄ DTO: emergency records (voicetel.md 5)."""

from __future__ import annotations
