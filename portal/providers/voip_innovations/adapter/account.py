"""What the account tells of itself."""

from __future__ import annotations

from portal.providers.voip_innovations.client import Client


class AccountReads:
    """Mixed into the adapter."""

    client: Client
