"""The account: balance, charges, call records, profile (voicetel.md 2)."""

from __future__ import annotations

from portal.providers.voicetel.client import Client


class AccountOperations:
    """Mixed into the adapter."""

    client: Client
