"""Wire ⇄ DTO: portability and port orders (voip-innovations.md)."""

from __future__ import annotations
