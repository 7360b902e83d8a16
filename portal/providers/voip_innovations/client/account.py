"""Balance, clients and endpoint groups (voip-innovations.md 2.14)."""

from __future__ import annotations

from portal.providers.voip_innovations.client.arguments import require_id
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

    def audit_endpoint_group(self, group_id: int) -> list[Record]:
        """Return the EndpointGroup record of one group (3.59); `groupId` is here its id."""
        values = {"groupId": require_id(group_id, "an endpoint group")}
        with self._asked("AuditEndpointGroup", values) as result:
            return self._records(result, "AuditEndpointGroup", "EndpointGroup")

    def activate_endpoint_group(self, groupid: int) -> None:
        """Switch a group on; its id travels as a string, all in lower case (3.51)."""
        group = str(require_id(groupid, "an endpoint group"))
        self._carry_out("ActivateEndpointGroup", {"groupid": group})

    def deactivate_endpoint_group(self, groupid: int) -> None:
        """Switch a group off (3.50)."""
        group = str(require_id(groupid, "an endpoint group"))
        self._carry_out("DeactivateEndpointGroup", {"groupid": group})

    def audit_clients(self) -> list[Record]:
        """Return the Client records (3.57); their fields are assumed, so read them all."""
        with self._asked("AuditClients", {}) as result:
            return self._records(result, "AuditClients", "Client")
