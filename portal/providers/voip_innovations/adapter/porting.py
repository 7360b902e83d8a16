"""Portability and port orders."""

from __future__ import annotations

from portal.providers.voip_innovations.client import Client


class Porting:
    """Mixed into the adapter."""

    client: Client
