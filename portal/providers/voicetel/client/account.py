"""The account: balance, charges, credits, payments, call records, profile (voicetel.md 2)."""

from __future__ import annotations

from portal.providers.errors import off_contract
from portal.providers.voicetel import envelope
from portal.providers.voicetel.client.core import Core
from portal.providers.voicetel.envelope import Record
from portal.providers.voicetel.methods.account import GET_ACCOUNT


class AccountOperations(Core):
    """The operations on the account."""

    def get_account(self) -> Record:
        """Return the account's record with balance and rates (2); six an hour are allowed."""
        method = GET_ACCOUNT
        with self._sent(method) as reply:
            content = envelope.read_data(reply, method) or {}
            if not {"username", "name", "cash", "rates"} & set(content):
                raise off_contract(method.name, False, "it is no account")
            return content
