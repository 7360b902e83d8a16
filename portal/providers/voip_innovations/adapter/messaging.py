"""Messages, their settings, customers and campaigns."""

from __future__ import annotations

from portal.providers.voip_innovations.client import Client


class Messaging:
    """Mixed into the adapter."""

    client: Client
