"""Balance, clients and endpoint groups (voip-innovations.md 2.14)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.core import Core, judge_result
from portal.providers.xml import Record, find_text


class AccountOperations(Core):
    """The operations on the account as a whole."""

    def get_prepaid_balance(self) -> str:
        """Return the balance as the reply spells it, "" where it tells none (3.45)."""
        with self._asked("GetPrepaidBalance", {}) as result:
            judge_result(result, "GetPrepaidBalance")
            return find_text(result, "amount")

    def audit_endpoint_groups(self) -> list[Record]:
        """Return the EndpointGroup records (3.58); their fields are assumed, so read them all."""
        with self._asked("AuditEndpointGroups", {}) as result:
            return self._records(result, "AuditEndpointGroups", "EndpointGroup")
