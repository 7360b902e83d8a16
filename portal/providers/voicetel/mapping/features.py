"""Wire ⇄ DTO: what a number does beside ringing; lookups (voicetel.md 8, 10)."""

from __future__ import annotations
