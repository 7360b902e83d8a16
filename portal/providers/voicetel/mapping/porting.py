"""Wire ⇄ DTO: portability, port orders, port-out PIN (voicetel.md 7.4, 10)."""

from __future__ import annotations
