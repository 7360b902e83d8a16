"""What the account tells of itself."""

from __future__ import annotations

from portal.providers.dto.features import ClientRecord
from portal.providers.voip_innovations.client import Client
from portal.providers.voip_innovations.mapping import account as mapping


class AccountReads:
    """Mixed into the adapter."""

    client: Client

    def list_clients(self) -> list[ClientRecord]:
        """Return the customers under the account, with what the provider counts of each."""
        return mapping.clients(self.client.audit_clients())
