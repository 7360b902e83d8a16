"""Wire ⇄ DTO: emergency records, locations and alerts (voip-innovations.md)."""

from __future__ import annotations
