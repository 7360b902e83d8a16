"""Wire ⇄ DTO: what one number does beside ringing (voip-innovations.md)."""

from __future__ import annotations
