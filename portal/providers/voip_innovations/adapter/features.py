"""What one number does beside ringing."""

from __future__ import annotations

from portal.providers.voip_innovations.client import Client


class Features:
    """Mixed into the adapter."""

    client: Client
