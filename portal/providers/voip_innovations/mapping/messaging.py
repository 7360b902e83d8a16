"""Wire ⇄ DTO: messages, their settings, customers and campaigns (voip-innovations.md)."""

from __future__ import annotations
