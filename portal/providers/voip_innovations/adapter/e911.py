"""Emergency records, locations and alerts."""

from __future__ import annotations

from portal.providers.voip_innovations.client import Client


class E911:
    """Mixed into the adapter."""

    client: Client
