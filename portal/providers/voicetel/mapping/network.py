"""Wire ⇄ DTO: gateways, access list and SIP sign-in (voicetel.md 3, 4, 6)."""

from __future__ import annotations
