"""Wire ⇄ DTO: messages, their routing, brands and campaigns (voicetel.md 9, 10)."""

from __future__ import annotations
